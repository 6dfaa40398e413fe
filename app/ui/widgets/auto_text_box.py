"""A text box that expands auto-texts and leads through their fields. Main thread.

Tab expands the shortcut before the caret, else selects the next field; Shift+Tab the one before.
Down on a field offers its choices or its default. A shortcut that begins with a mark (`.knee`)
expands by a blank, too; one of letters alone does not, because it could be a word.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QMenu, QPlainTextEdit
from typing_extensions import override

from app.foundation.i18n import _
from app.ui.widgets.plain_text import LineBox, PlainTextEdit
from app.workflow.auto_texts import (
    AutoTexts,
    Edited,
    Field,
    fields,
    fill,
    next_field,
    previous_field,
)

_MARKS: Final = ".;/\\"
_Finder: TypeAlias = Callable[[str, int], Field | None]
_OURS: Final = {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}


class FieldKeys:
    """The keys of auto-texts, for any plain text box.

    Args:
        box: whose text is changed.
        texts: of the clinician.
    """

    def __init__(self, box: QPlainTextEdit, texts: AutoTexts) -> None:
        self._box = box
        self._texts = texts

    def take(self, event: QKeyEvent) -> bool:
        """Do what a key means for auto-texts; return whether it meant anything."""
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_Tab and not modifiers:
            return self._expand() or self._go(next_field)
        if key == Qt.Key.Key_Backtab:
            return self._go(previous_field)
        if key == Qt.Key.Key_Space and not modifiers:
            return self._expand(needs_mark=True)
        if key == Qt.Key.Key_Down and not modifiers:
            return self._offer()
        return False

    def leave(self, *, is_ahead: bool) -> None:
        """Go on to the next widget, or back: Tab had nothing to do here.

        A box that takes Tab itself refuses to be left by it, so it takes none for a moment.
        """
        self._box.setTabChangesFocus(True)
        self._box.focusNextPrevChild(is_ahead)
        self._box.setTabChangesFocus(False)

    def select_first(self) -> bool:
        """Select the first field; return whether there is one."""
        found = fields(self._text)
        if found:
            self._select(found[0].start, found[0].end)
        return bool(found)

    @property
    def _text(self) -> str:
        return self._box.toPlainText()

    def _expand(self, *, needs_mark: bool = False) -> bool:
        cursor = self._box.textCursor()
        if cursor.hasSelection():
            return False
        text = self._text
        words = text[: cursor.position()].split()
        is_marked = bool(words) and words[-1][0] in _MARKS
        if needs_mark and not is_marked:
            return False
        edited = self._texts.expand(text, cursor.position())
        if edited is not None:
            self._put(edited)
        return edited is not None

    def _go(self, find: _Finder) -> bool:
        cursor = self._box.textCursor()
        is_ahead = find is next_field
        found = find(self._text, cursor.selectionEnd() if is_ahead else cursor.selectionStart())
        if found is None:
            return False
        self._select(found.start, found.end)
        return True

    def _offer(self) -> bool:
        """Show what may stand in the selected field."""
        field = self._selected()
        choices = field.choices or (field.default,) if field is not None else ()
        if field is None or not choices[0]:
            return False
        menu = QMenu(self._box)
        menu.setObjectName("fieldChoices")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in choices:
            menu.addAction(each, partial(self._fill, field, each))
        corner = self._box.cursorRect().bottomLeft()
        menu.popup(self._box.viewport().mapToGlobal(corner))
        return True

    def _fill(self, field: Field, value: str) -> None:
        self._put(fill(self._text, field, value))

    def _selected(self) -> Field | None:
        cursor = self._box.textCursor()
        span = (cursor.selectionStart(), cursor.selectionEnd())
        return next((each for each in fields(self._text) if (each.start, each.end) == span), None)

    def _put(self, edited: Edited) -> None:
        cursor = self._box.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(edited.text)
        self._select(edited.first, edited.last)

    def _select(self, first: int, last: int) -> None:
        cursor = self._box.textCursor()
        cursor.setPosition(first)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        self._box.setTextCursor(cursor)


class AutoTextLine(LineBox):
    """Edits one statement, with auto-texts."""

    def __init__(self, text: str, texts: AutoTexts) -> None:
        super().__init__(text)
        self.keys = FieldKeys(self, texts)
        self.setTabChangesFocus(False)
        self.setToolTip(_("Tab: expand an auto-text, next field. Down: its choices."))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keys.take(event):
            event.accept()
        elif event.key() in _OURS:
            self.keys.leave(is_ahead=event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)


class AutoTextArea(PlainTextEdit):
    """A box for several lines, with auto-texts."""

    def __init__(self, texts: AutoTexts) -> None:
        super().__init__()
        self.keys = FieldKeys(self, texts)
        self.setToolTip(_("Tab: expand an auto-text, next field. Down: its choices."))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keys.take(event):
            event.accept()
        elif event.key() in _OURS:
            self.keys.leave(is_ahead=event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)
