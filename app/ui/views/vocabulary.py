"""Settings, second page: words the program should know, and how they are written. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.vocabulary import EntryKind
from app.ui.views.entry import EntryDialog
from app.ui.widgets.entry_list import EntryList
from app.ui.widgets.parts import Label, frame, label, wrapped

if TYPE_CHECKING:
    from app.ui.viewmodels.vocabulary import VocabularyModel

_FIELDS: Final = {
    EntryKind.TERMS: (("Word or name", False),),
    EntryKind.REPLACEMENTS: (("When you say", False), ("Write", False)),
    EntryKind.MACROS: (("Name", False), ("Shortcut", False), ("Text", True)),
}
"""Names of the fields in English, and whether they are long; `_()` them when shown."""


class VocabularyPage(QWidget):
    """Three lists."""

    def __init__(self, model: VocabularyModel) -> None:
        super().__init__()
        self.setObjectName("vocabularyPage")
        self._model = model
        self.lists: dict[EntryKind, EntryList] = {}
        self._note = wrapped("", "muted", 0.92)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(each * theme.UNIT for each in (3, 3, 3, 3)))
        column.setSpacing(2 * theme.UNIT)
        terms = _("Drugs, places, names of colleagues: words that come up in your visits.")
        swaps = _("What is written when you say something. You see in the text what was said.")
        macros = _(
            "Say “insert” and the name when you dictate, or type the shortcut and Tab. Fields to "
            "fill stand in double brackets: [[side]], [[dose:5 mg]], [[left|right]]."
        )
        column.addWidget(self._card(EntryKind.TERMS, _("Terms"), terms, self._note))
        column.addWidget(self._card(EntryKind.REPLACEMENTS, _("Replacements"), swaps))
        column.addWidget(self._card(EntryKind.MACROS, _("Auto-texts"), macros))
        column.addStretch(1)
        model.changed.connect(self._show)
        self._show()

    def _card(self, kind: EntryKind, title: str, why: str, note: Label | None = None) -> QWidget:
        columns = tuple(_(name) for name, _long in _FIELDS[kind])
        made = EntryList(kind.value, title, columns)
        made.add_asked.connect(lambda: self._ask(kind, None))
        made.edit_asked.connect(lambda place: self._ask(kind, place))
        made.remove_asked.connect(lambda place: self._model.remove(kind, place))
        self.lists[kind] = made
        column = QVBoxLayout()
        column.setSpacing(theme.UNIT)
        column.addWidget(label(title, factor=1.1, strong=True))
        column.addWidget(wrapped(why, "muted"))
        column.addWidget(made)
        if note is not None:
            column.addWidget(note)
        return frame("card", column, (3, 2, 3, 2))

    def _show(self) -> None:
        for kind, each in self.lists.items():
            each.show_rows(self._model.rows(kind))
        self._note.setText(self._model.note)

    def _ask(self, kind: EntryKind, place: int | None) -> None:
        fields = tuple((_(name), is_long) for name, is_long in _FIELDS[kind])
        dialog = EntryDialog(_title(kind, place), fields, self)
        if place is not None:
            dialog.show_texts(self._model.rows(kind)[place])
        dialog.refusal = lambda row: self._model.refusal(kind, place, row)
        dialog.given.connect(lambda row: self._model.put(kind, place, row))
        dialog.open()


def _title(kind: EntryKind, place: int | None) -> str:
    new = {
        EntryKind.TERMS: _("New term"),
        EntryKind.REPLACEMENTS: _("New replacement"),
        EntryKind.MACROS: _("New auto-text"),
    }
    old = {
        EntryKind.TERMS: _("Edit the term"),
        EntryKind.REPLACEMENTS: _("Edit the replacement"),
        EntryKind.MACROS: _("Edit the auto-text"),
    }
    return new[kind] if place is None else old[kind]
