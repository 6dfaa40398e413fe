"""Lowers the privacy screen over the pages, and lifts it again. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.widgets.curtain import Curtain

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.views.privacy import PrivacyPage


class Cover(QObject):
    """What is to be shown or said meanwhile waits until somebody comes back.

    Signals:
        told: words and weight for the status line.
    """

    told = Signal(str, str)

    def __init__(
        self, pages: QStackedWidget, page: PrivacyPage, recorder: RecorderModel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pages, self._page, self._recorder = pages, page, recorder
        self._below: QWidget = page
        self._untold: tuple[str, str] | None = None
        self._curtain = Curtain(self)

    @property
    def is_down(self) -> bool:
        """Whether the privacy screen is shown."""
        return self._pages.currentWidget() is self._page

    def go(self, page: QWidget) -> None:
        """Show a page, or have it stand there when the screen is lifted."""
        if self.is_down:
            self._below = page
        else:
            self._pages.setCurrentWidget(page)

    def tell(self, words: str, weight: str) -> None:
        """Say what came of a step, now or later: it may name a patient. The last one is kept."""
        if self.is_down:
            self._untold = (words, weight)
        else:
            self.told.emit(words, weight)

    def lower(self) -> None:
        """Let nothing be read; recorder and engines work on."""
        self._below = self._pages.currentWidget() or self._page
        self._curtain.draw()
        self._recorder.guard(is_guarded=True)
        self._pages.setCurrentWidget(self._page)
        self._page.enter()

    def lift(self) -> None:
        """Let all be as it was."""
        untold = self._untold
        self._leave()
        self._pages.setCurrentWidget(self._below)
        self._curtain.open()
        if untold is not None:
            self.told.emit(*untold)

    def drop(self) -> None:
        """The window is locked: nothing comes back."""
        self._leave()
        self._curtain.drop()

    def _leave(self) -> None:
        self._untold = None
        self._recorder.guard(is_guarded=False)
        self._page.clear()
