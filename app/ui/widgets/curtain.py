"""What stands in front of a covered window goes out of sight, and comes back with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget

HARMLESS: Final = frozenset({"mainWindow", "compactRecorder", "guide", "shortcutSheet"})
"""Names of windows that hold nothing of a patient, or are covered themselves."""
NOBODY: Final = "showsNobody"
"""A property of other windows that hold nothing of a patient."""

PASSING: Final = frozenset({Qt.WindowType.Popup, Qt.WindowType.ToolTip})
"""Kinds of windows that do not come back."""

LOOK_MS: Final = 200
"""How soon a window that opens without the focus is hidden; one with the focus is at once."""


@dataclass(frozen=True, slots=True)
class _Hidden:
    window: QWidget
    modality: Qt.WindowModality


class Curtain(QObject):
    """Hides dialogs, menus and hints while it is drawn; also those that open meanwhile."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden: list[_Hidden] = []
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self._look)

    def draw(self) -> None:
        """Hide what stands open."""
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        QToolTip.hideText()
        for each in QApplication.topLevelWidgets():
            self._hide(each)
        self._timer.start()

    def open(self) -> None:
        """Show again what was hidden."""
        hidden = self._take()
        for each in hidden:
            if shiboken6.isValid(each.window):
                each.window.setWindowModality(each.modality)
                each.window.show()

    def drop(self) -> None:
        """End what was hidden: nobody comes back to it."""
        for each in self._take():
            if shiboken6.isValid(each.window):
                if isinstance(each.window, QDialog):
                    each.window.reject()
                if each.window.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose):
                    each.window.deleteLater()

    def _look(self) -> None:
        """Hide what opened meanwhile. Menus and hints that open now are of what may be seen."""
        if self._timer.isActive():
            for each in QApplication.topLevelWidgets():
                if each.windowType() not in PASSING:
                    self._hide(each)

    def _hide(self, window: QWidget) -> None:
        is_open = window.isVisible() and window.isWindow()
        if is_open and window.objectName() not in HARMLESS and not window.property(NOBODY):
            if window.windowType() not in PASSING:
                self._hidden.append(_Hidden(window, window.windowModality()))
            window.hide()

    def _take(self) -> list[_Hidden]:
        self._timer.stop()
        hidden, self._hidden = self._hidden, []
        return hidden
