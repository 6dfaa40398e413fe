"""Lanes keep order and drop nothing; the pool drops what has not begun."""

from __future__ import annotations

import threading

import pytest

from app.foundation.jobs import Lane, Pool


def test_a_lane_keeps_order_and_drops_nothing_when_closed() -> None:
    lane = Lane("vault")
    done: list[int] = []
    for number in range(200):
        lane.submit(done.append, number)
    lane.close()
    assert done == list(range(200))
    with pytest.raises(RuntimeError):
        lane.submit(done.append, 0)


def test_a_lane_is_one_thread_with_its_name() -> None:
    lane = Lane("vault")
    names = {lane.submit(lambda: threading.current_thread().name).result(10) for _ in range(20)}
    lane.close()
    assert names == {"vault_0"}


def test_a_closed_pool_cancels_what_has_not_begun_and_waits_for_the_rest() -> None:
    pool, begun, release = Pool(1), threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        release.wait(10)
        return "done"

    first = pool.submit(work)
    second = pool.submit(work)
    assert begun.wait(10)
    closing = threading.Thread(target=pool.close)
    closing.start()
    while not second.cancelled():
        assert closing.is_alive()
    release.set()
    closing.join()
    assert first.result(0) == "done"
    assert second.cancelled()
    with pytest.raises(RuntimeError):
        pool.submit(work)


def test_an_error_stays_in_its_future() -> None:
    pool = Pool()

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        pool.submit(fail).result(10)
    pool.close()
