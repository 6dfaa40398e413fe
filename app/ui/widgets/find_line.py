"""A line to look for words in a text: Enter goes on, Shift+Enter back, Esc leaves. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.field_icons import FieldIcons
from app.ui.widgets.parts import set_kind
from app.ui.widgets.plain_text import LineEdit


class FindLine(LineEdit):
    """Looks in one text box. What is found is selected there, and shown.

    Signals:
        left: the person wants back to the text.
    """

    left = Signal()

    def __init__(self, box: QTextEdit) -> None:
        super().__init__()
        self.setObjectName("findSaid")
        self.setAccessibleName(_("Find in the transcript"))
        self.setPlaceholderText(_("Find…"))
        FieldIcons(self).offer_clear(gives_way=True)
        self.setMaximumWidth(theme.current().span(28))
        self._box = box
        self.textChanged.connect(lambda _text: self.look_for(from_here=True))
        self.hide()

    def look_for(self, *, is_backward: bool = False, from_here: bool = False) -> bool:
        """Select the next place with these words, around the end if need be; or say there is none.

        Args:
            is_backward: the one before.
            from_here: what is selected now may be it.
        """
        words = self.text()
        flags = QTextDocument.FindFlag(0)
        if is_backward:
            flags = QTextDocument.FindFlag.FindBackward
        cursor = self._box.textCursor()
        if from_here:
            cursor.setPosition(cursor.selectionStart())
        document = self._box.document()
        found = document.find(words, cursor, flags) if words else QTextCursor()
        if found.isNull() and words:
            edge = QTextCursor(document)
            if is_backward:
                edge.movePosition(QTextCursor.MoveOperation.End)
            found = document.find(words, edge, flags)
        if not found.isNull():
            self._box.setTextCursor(found)
            self._box.ensureCursorVisible()
        is_missing = found.isNull() and bool(words)
        set_kind(self, "kind", "missing" if is_missing else "")
        self.setAccessibleDescription(_("Nothing found.") if is_missing else "")
        return not found.isNull()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.look_for(is_backward=is_shifted)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        """Keep Enter and Esc: the page has shortcuts on them, too."""
        kept = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}
        is_key = isinstance(event, QKeyEvent) and event.key() in kept
        if is_key and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)
