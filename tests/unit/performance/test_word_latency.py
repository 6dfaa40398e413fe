"""From what was published, and when, to the latency of each word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE
from app.domain.events import PartialHeard, SegmentFinished, WordsCommitted
from app.domain.ids import RecordingId, RecordingKeyId, SegmentId, UserId, WordId
from app.domain.ports import RecordingPlan
from app.domain.transcript import Segment, Word
from tests.performance.chain import Heard, Said
from tests.performance.clips import Clip, Placed, Turn
from tests.performance.reference_words import SpokenWord, in_order, sounding_end, windows
from tests.performance.word_latency import Place, latencies

BEGAN_S = 1_000.0
"""When the first sample left the device. The clip begins 1 s later, and 1.5 s into the journal."""
CLIP = Clip("clip", Path("clip.flac"), (Turn("left knee hurts", 0.0, 3.0),))
PLACE = Place(
    Placed(CLIP, SAMPLE_RATE, 3 * SAMPLE_RATE),
    round(1.5 * SAMPLE_RATE),
    lambda sample: BEGAN_S + sample / SAMPLE_RATE,
)


def spoken(text: str, start_s: float, end_s: float) -> SpokenWord:
    return SpokenWord(text, round(start_s * SAMPLE_RATE), round(end_s * SAMPLE_RATE))


def word(number: int, text: str, start_s: float, end_s: float) -> Word:
    """Return a word at seconds of the clip."""
    at = PLACE.first
    start, end = (at + round(each * SAMPLE_RATE) for each in (start_s, end_s))
    return Word(WordId(f"w{number}"), text, start, end)


WORDS = [spoken("left", 0.0, 0.5), spoken("knee", 0.5, 1.0), spoken("hurts", 1.0, 2.0)]
LEFT, RIGHT = word(1, "Left", 0.0, 0.5), word(1, "right", 0.0, 0.5)
KNEE, HURTS = word(2, "knee", 0.5, 1.0), word(3, "hurts.", 1.0, 2.0)


def heard(*said: tuple[float, object]) -> Heard:
    """Return what was published at seconds after the clip's first sample left the device."""
    plan = RecordingPlan(RecordingId("r"), 0, UserId("u"), RecordingKeyId("k"), b"", "")
    found = Heard(plan, b"")
    found.said += [Said(BEGAN_S + 1.0 + at_s, event) for at_s, event in said]
    return found


def final(*words: Word) -> SegmentFinished:
    return SegmentFinished(Segment(SegmentId("s1"), "", words=words))


def test_each_word_has_the_time_from_its_last_sample_to_its_text() -> None:
    found = latencies(
        heard(
            (0.9, PartialHeard((LEFT,))),
            (1.7, PartialHeard((LEFT, KNEE))),
            (2.0, WordsCommitted((LEFT, KNEE))),
            (4.0, final(LEFT, KNEE, HURTS)),
        ),
        PLACE,
        WORDS,
    )
    assert found.seen == pytest.approx([0.4, 0.7, 2.0])
    assert sorted(found.committed) == pytest.approx([1.0, 1.5, 2.0])
    assert found.final == pytest.approx([3.5, 3.0, 2.0])
    assert found.settled == pytest.approx([2.0])
    assert found.paused == pytest.approx([2.0])


def test_a_turn_is_over_where_the_reference_is_silent_for_a_second() -> None:
    words = [spoken("left", 0.0, 0.5), spoken("knee", 0.5, 0.8), spoken("hurts", 1.9, 2.0)]
    found = latencies(heard((4.0, final(LEFT, KNEE, HURTS))), PLACE, words)
    assert found.paused == pytest.approx([3.2, 2.0])


def test_a_wrong_word_is_not_seen_until_it_is_right_but_its_place_is_committed() -> None:
    found = latencies(
        heard((1.0, PartialHeard((RIGHT,))), (2.0, WordsCommitted((RIGHT,))), (3.0, final(LEFT))),
        PLACE,
        WORDS[:1],
    )
    assert found.seen == pytest.approx([2.5])
    assert found.committed == pytest.approx([1.5])


def test_a_lost_word_has_no_latency() -> None:
    found = latencies(heard((2.0, final(LEFT, HURTS))), PLACE, WORDS)
    assert (len(found.seen), len(found.committed), len(found.final)) == (2, 2, 2)


def test_a_word_that_was_said_seconds_later_stands_for_none_that_was_lost() -> None:
    later = word(4, "now", 4.5, 5.0)
    found = latencies(heard((6.0, final(LEFT, KNEE, later))), PLACE, WORDS)
    assert found.final == pytest.approx([5.5, 5.0])


def test_words_of_another_clip_do_not_count() -> None:
    later = Word(
        WordId("w9"), "knee", PLACE.first + 9 * SAMPLE_RATE, PLACE.first + 10 * SAMPLE_RATE
    )
    found = latencies(heard((11.0, final(later))), PLACE, WORDS)
    assert not found.final


def test_a_word_is_over_when_its_last_loud_sound_is() -> None:
    pcm = np.zeros(SAMPLE_RATE, np.int16)
    pcm[:4_000] = 8_000
    assert sounding_end(pcm, 0, SAMPLE_RATE) == 4_000
    assert sounding_end(pcm, 0, 3_000) == 3_000
    assert sounding_end(pcm, 500, 510) == 510


def test_turns_are_grouped_into_windows_and_none_is_lost() -> None:
    turns = [Turn(str(i), 10.0 * i, 10.0 * i + 9) for i in range(7)] + [Turn("long", 80.0, 140.0)]
    groups = list(windows(turns))
    assert [each for group in groups for each in group] == turns
    assert [len(group) for group in groups] == [2, 2, 2, 1, 1]
    assert in_order(WORDS)
    assert not in_order([WORDS[2], WORDS[0]])
