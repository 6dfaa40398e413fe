"""Sound waits in order, is joined where it has no gap, and is counted."""

from __future__ import annotations

from app.domain.audio import SAMPLE_RATE
from app.engine_host.feed import Feed
from app.engines.wire import Frame


def put(feed: Feed, session: int, at_sample: int, count: int) -> None:
    feed.take(Frame("audio", {"session": session, "at_sample": at_sample}, bytes(2 * count)))


def test_blocks_without_a_gap_are_one_and_of_a_second_or_so() -> None:
    feed = Feed()
    for i in range(30):
        put(feed, 1, 1_600 * i, 1_600)
    put(feed, 1, 90_000, 1_600)
    sizes = []
    while (block := feed.next(1)) is not None:
        sizes.append(block.end - block.at_sample)
    assert sum(sizes) == 31 * 1_600
    assert max(sizes) <= SAMPLE_RATE + 1_600
    assert sizes[-1] == 1_600


def test_a_pause_is_no_lag() -> None:
    feed = Feed()
    put(feed, 1, 0, 1_600)
    put(feed, 1, 3_600 * SAMPLE_RATE, 1_600)
    assert feed.waiting == 3_200
    feed.next(1)
    assert feed.waiting == 1_600


def test_sound_of_an_earlier_session_is_dropped() -> None:
    feed = Feed()
    put(feed, 1, 0, 1_600)
    put(feed, 2, 0, 800)
    assert feed.next(1) is not None
    assert feed.next(1) is None
    put(feed, 3, 7, 400)
    block = feed.next(3)
    assert block is not None
    assert (block.at_sample, feed.waiting) == (7, 0)
