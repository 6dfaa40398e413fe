"""The inbox brings results and events to the thread that runs it."""

from __future__ import annotations

import threading

import pytest

from app.foundation.inbox import Inbox
from app.foundation.jobs import Lane, Pool


def test_the_inbox_serves_the_main_thread() -> None:
    pool = Pool()
    got: list[tuple[object, threading.Thread]] = []
    inbox = Inbox(lambda event: got.append((event, threading.current_thread())))

    def fail() -> None:
        raise ValueError

    def done(result: str) -> None:
        got.append((result, threading.current_thread()))

    inbox.deliver(pool.submit(lambda: "result"), object(), done, print)
    inbox.deliver(pool.submit(fail), object(), print, lambda error: done(type(error).__name__))
    pool.submit(inbox.publish, "event")
    inbox.run_until(lambda: len(got) == 3, timeout_s=10)
    assert {what for what, _ in got} == {"result", "ValueError", "event"}
    assert {thread for _, thread in got} == {threading.main_thread()}
    pool.close()


def test_waiting_for_what_never_comes_ends() -> None:
    inbox = Inbox(print)
    with pytest.raises(TimeoutError):
        inbox.run_until(lambda: False, timeout_s=0.02)


def test_events_keep_their_order() -> None:
    got: list[object] = []
    inbox = Inbox(got.append)

    def publish_all() -> None:
        for number in range(300):
            inbox.publish(number)

    publisher = threading.Thread(target=publish_all)
    publisher.start()
    inbox.run_until(lambda: len(got) == 300, timeout_s=10)
    publisher.join()
    assert got == list(range(300))


def test_a_cancelled_future_calls_nobody() -> None:
    lane, release = Lane("vault"), threading.Event()
    got: list[object] = []
    inbox = Inbox(got.append)
    lane.submit(release.wait, 10)
    waiting = lane.submit(print)
    inbox.deliver(waiting, object(), got.append, got.append)
    assert waiting.cancel()
    release.set()
    lane.close()
    inbox.publish("end")
    inbox.run_until(lambda: bool(got), timeout_s=10)
    assert got == ["end"]
