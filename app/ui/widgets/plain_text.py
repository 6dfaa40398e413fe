"""Text boxes that hand out plain text only: EXPORT.md 3. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget
from typing_extensions import override

from app.ui.clipboard import guarded


def plain_data(text: str) -> QMimeData:
    """Return text with its paragraph marks as line feeds, guarded and in no other flavor."""
    return guarded(text.replace("\u2029", "\n").replace("\u2028", "\n").replace("\xa0", " "))


class PlainTextEdit(QPlainTextEdit):
    """A text box for typing."""

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        return plain_data(self.textCursor().selectedText())


class ReadingBox(QTextEdit):
    """A text box for reading, with formats inside and plain text outside. No drag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.viewport().setAcceptDrops(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        return plain_data(self.textCursor().selectedText())


class LineBox(PlainTextEdit):
    """Edits one claim: Enter keeps, Esc leaves, and it grows with its text.

    Signals:
        kept: the text.
        left: nothing is to change.
    """

    kept = Signal(str)
    left = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_over = False
        self.setPlainText(text)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

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
        """End editing once."""
        if self._is_over:
            return
        self._is_over = True
        if keep:
            self.kept.emit(self.toPlainText().strip())
        else:
            self.left.emit()

    def _grow(self) -> None:
        lines = max(1, int(self.document().size().height()))
        frame = self.contentsMargins().top() + self.contentsMargins().bottom()
        margin = 2 * int(self.document().documentMargin())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margin + frame + 12)
