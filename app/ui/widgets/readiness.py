"""Get a page ready before it is first shown: its parts take their look in small turns. Main thread.

Qt gives parts their look when they are shown: all at once, while somebody waits for the page.
"""

from __future__ import annotations

from typing import Final

import shiboken6
from PySide6.QtCore import QElapsedTimer, QObject
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.ui.viewmodels.pace import Pace

TURN_MS: Final = 4
PAUSE_MS: Final = 20
"""Between two turns the window answers keys and paints."""


class Readiness(QObject):
    """Readies one page, a few parts per turn."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._left: list[QWidget] = []
        self._pace = Pace(self._turn, self, PAUSE_MS)

    def begin(self) -> None:
        """Ready the page soon, unless it is on the screen anyway."""
        self._left = [] if self._page.isVisible() else self._page.findChildren(QWidget)
        self._pace.ask()

    def _turn(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        while self._left and clock.elapsed() < TURN_MS:
            part = self._left.pop()
            if not shiboken6.isValid(part):
                continue
            part.ensurePolished()
            if isinstance(part, QAbstractButton) and not part.icon().isNull():
                part.icon().pixmap(part.iconSize(), part.devicePixelRatioF())  # the theme keeps it
        if self._left:
            self._pace.ask()
