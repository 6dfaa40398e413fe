"""A small line over some words of the transcript, to type what was truly said. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.plain_text import LineEdit


class WordEditor(LineEdit):
    """Enter keeps, Esc leaves, so does going elsewhere without a change.

    Signals:
        kept: the text, when it is another.
        left: nothing is to change.
    """

    kept = Signal(str)
    left = Signal()

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setObjectName("wordEditor")
        self.setProperty("kind", "word")
        self.setAccessibleName(_("Correct “{text}”").format(text=text))
        self.setToolTip(_("Enter keeps, Esc leaves"))
        self._before = text
        self._is_over = False
        self.setFont(theme.current().font())
        self.selectAll()

    def wanted_width(self) -> int:
        """Return a width with room for some more letters."""
        text = self.text() + "M" * 6
        return self.fontMetrics().horizontalAdvance(text) + 2 * theme.UNIT

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.finish(keep=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.finish(keep=False)
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        """Keep Enter and Esc for the line: the page has shortcuts on them, too."""
        kept = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}
        is_key = isinstance(event, QKeyEvent) and event.key() in kept
        if is_key and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reasons = {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}
        if event.reason() not in reasons:
            self.finish(keep=True)

    def finish(self, keep: bool) -> None:
        """End once."""
        if self._is_over:
            return
        self._is_over = True
        text = " ".join(self.text().split())
        if keep and text != self._before:
            self.kept.emit(text)
        else:
            self.left.emit()
