"""Bring results and events home to the GUI thread: the window's door between threads.

Workers never hold a widget. They hold a number; the courier keeps, on the GUI thread,
what that number stands for. Its Qt-free twin: `app/foundation/inbox.py`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

R = TypeVar("R")


class Courier(QObject):
    """Deliver futures and events on the thread the courier was made on.

    Signals:
        event_arrived: an `app.domain.events.Event`, on the GUI thread, in order.
    """

    event_arrived = Signal(object)
    _arrived = Signal(int)
    _published = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parcels: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        queued = Qt.ConnectionType.QueuedConnection
        self._arrived.connect(self._hand_over, queued)
        self._published.connect(self.event_arrived, queued)

    def publish(self, event: object) -> None:
        """Hand `event` to the GUI thread. Any thread."""
        with contextlib.suppress(RuntimeError):  # the window is gone; nobody listens
            self._published.emit(event)

    def deliver(
        self,
        future: Future[R],
        owner: object,
        done: Callable[[R], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Call `done` or `failed` later, unless `owner` is a dead QObject by then.

        GUI thread only. A cancelled future calls neither.
        """

        def hand_over() -> None:
            if future.cancelled() or not shiboken6.isValid(owner):
                return
            if (error := future.exception()) is None:
                done(future.result())
            else:
                failed(error)

        number = next(self._numbers)
        self._parcels[number] = hand_over
        future.add_done_callback(lambda _: self._ring(number))

    def _ring(self, number: int) -> None:
        with contextlib.suppress(RuntimeError):
            self._arrived.emit(number)

    def _hand_over(self, number: int) -> None:
        self._parcels.pop(number)()
