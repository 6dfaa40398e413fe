"""Gather many small changes into one painting. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer

PAINT_MS: Final = 50
"""Streams are painted at most this often: ARCHITECTURE.md, "Threads"."""


class Pace(QObject):
    """Runs an action once, a moment after it was first asked for."""

    def __init__(
        self, action: Callable[[], object], parent: QObject, interval_ms: int = PAINT_MS
    ) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(action)

    def ask(self) -> None:
        """See to it that the action runs within the interval."""
        if not self._timer.isActive():
            self._timer.start()

    def ask_again(self) -> None:
        """Ask, and start the wait anew: for typing."""
        self._timer.start()

    def slow_to(self, interval_ms: int) -> None:
        """Wait this long from the next time on it is asked."""
        if not self._timer.isActive():
            self._timer.setInterval(interval_ms)

    def stop(self) -> None:
        """Forget what was asked."""
        self._timer.stop()
