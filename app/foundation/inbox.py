"""The courier's twin without Qt: the same port for the command line and for tests.

The thread that calls `run_until` is the main thread.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

R = TypeVar("R")


class Inbox:
    """Deliver futures and events on the thread that runs `run_until`.

    Args:
        on_event: receives each published event, in order; usually `bus.dispatch`.
    """

    def __init__(self, on_event: Callable[[object], object]) -> None:
        self._on_event = on_event
        self._waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()

    def publish(self, event: object) -> None:
        """Hand `event` to the main thread. Any thread."""
        self._waiting.put(lambda: self._on_event(event))

    def deliver(
        self,
        future: Future[R],
        owner: object,  # noqa: ARG002 - part of the port; without Qt no owner dies early
        done: Callable[[R], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Call `done` or `failed` later. Main thread only. A cancelled future calls neither."""

        def hand_over() -> None:
            if future.cancelled():
                return
            if (error := future.exception()) is None:
                done(future.result())
            else:
                failed(error)

        future.add_done_callback(lambda _: self._waiting.put(hand_over))

    def run_until(self, is_over: Callable[[], bool], timeout_s: float) -> None:
        """Hand over what arrives until `is_over()`.

        Raises:
            TimeoutError: it was not over within `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        while not is_over():
            try:
                hand_over = self._waiting.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            hand_over()
