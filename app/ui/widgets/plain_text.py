"""Text boxes that hand out plain text only: EXPORT.md 3. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLineEdit, QMenu, QPlainTextEdit, QTextEdit, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui.clipboard import guarded, hand_out
from app.ui.viewmodels.idle import tell_written


def plain_data(text: str) -> QMimeData:
    """Return text with its paragraph marks as line feeds, guarded and in no other flavor."""
    return guarded(text.replace("\u2029", "\n").replace("\u2028", "\n").replace("\xa0", " "))


class LineEdit(QLineEdit):
    """A field whose copies are guarded like all others: Qt's own copy past every guard."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self._cut()
        else:
            super().keyPressEvent(event)

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        tell_written(self.window().windowHandle())

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setObjectName("fieldMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        has_text = self.hasSelectedText()
        can_copy = has_text and self.echoMode() is QLineEdit.EchoMode.Normal
        for words, handler, is_possible in (
            (_("Cut") + "\tCtrl+X", self._cut, can_copy and not self.isReadOnly()),
            (_("Copy") + "\tCtrl+C", self._copy, can_copy),
            (_("Paste") + "\tCtrl+V", self.paste, not self.isReadOnly()),
            (_("Select all") + "\tCtrl+A", self.selectAll, bool(self.text())),
        ):
            menu.addAction(words, handler).setEnabled(is_possible)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        if self.hasSelectedText() and self.echoMode() is QLineEdit.EchoMode.Normal:
            hand_out(self.selectedText())

    def _cut(self) -> None:
        if self.hasSelectedText() and not self.isReadOnly():
            self._copy()
            self.del_()


class PlainTextEdit(QPlainTextEdit):
    """A text box for typing."""

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        tell_written(self.window().windowHandle())

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
