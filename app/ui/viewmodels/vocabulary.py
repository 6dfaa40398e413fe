"""What a clinician taught the program to write: terms, replacements, macros. Main thread."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.vocabulary import MOST_HOTWORDS, Macro, Replacement, Vocabulary
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener
from app.workflow.auto_texts import refusal

if TYPE_CHECKING:
    from app.workflow.services import Services

Row = tuple[str, ...]


class EntryKind(enum.Enum):
    """The three lists."""

    TERMS = "terms"
    REPLACEMENTS = "replacements"
    MACROS = "macros"


class VocabularyModel(Listener):
    """Loads the lists and keeps each change at once.

    Signals:
        changed: `vocabulary` is another.
    """

    changed = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.vocabulary = Vocabulary()

    def load(self) -> None:
        """Read the lists."""
        self.ask(self._services.teaching.vocabulary, self._take)

    def clear(self) -> None:
        """Hold nothing of anybody."""
        self._take(Vocabulary())

    def rows(self, kind: EntryKind) -> list[Row]:
        """Return a list as rows of text."""
        kept = self.vocabulary
        if kind is EntryKind.TERMS:
            return [(each,) for each in kept.terms]
        if kind is EntryKind.REPLACEMENTS:
            return [(each.spoken, each.written) for each in kept.replacements]
        return [(each.name, each.shortcut, each.text) for each in kept.macros]

    def refusal(self, kind: EntryKind, place: int | None, row: Row) -> str:
        """Say why a row cannot be kept; empty when it can.

        Args:
            kind: which list.
            place: the row it replaces; None for a new one.
            row: what was typed.
        """
        needed = row if kind is not EntryKind.MACROS else (row[0], row[2])
        if not all(each.strip() for each in needed):
            return _("Fill in every field.")
        if kind is EntryKind.MACROS and (words := self._auto_text_refusal(place, row)):
            return words
        first = row[0].strip().lower()
        others = [each for at, each in enumerate(self.rows(kind)) if at != place]
        if any(each[0].lower() == first for each in others):
            return _("“{text}” is in the list already.").format(text=row[0].strip())
        return ""

    def _auto_text_refusal(self, place: int | None, row: Row) -> str:
        """Say why an auto-text cannot be kept: a shortcut or a field with a mistake."""
        name, shortcut, text = (each.strip() for each in row)
        if words := refusal(Macro(name, text, shortcut)):
            return f"{words[0].upper()}{words[1:]}."
        others = [each for at, each in enumerate(self.rows(EntryKind.MACROS)) if at != place]
        if shortcut and any(each[1].lower() == shortcut.lower() for each in others):
            return _("The shortcut “{text}” is taken.").format(text=shortcut)
        return ""

    def put(self, kind: EntryKind, place: int | None, row: Row) -> None:
        """Keep a row that is not refused."""
        rows, made = self.rows(kind), tuple(each.strip() for each in row)
        if place is None:
            rows.append(made)
        else:
            rows[place] = made
        self._save(kind, rows)

    def remove(self, kind: EntryKind, place: int) -> None:
        """Take a row out."""
        rows = self.rows(kind)
        del rows[place]
        self._save(kind, rows)

    @property
    def note(self) -> str:
        """What is to be known of the number of terms."""
        count = len(self.vocabulary.terms)
        if count > MOST_HOTWORDS:
            text = _("{count} terms. Fewer work better: {most} are listened for at a time.")
            return text.format(count=count, most=MOST_HOTWORDS)
        text = _("Up to {most} terms help to hear them right; with more, less is gained.")
        return text.format(most=MOST_HOTWORDS)

    def _save(self, kind: EntryKind, rows: list[Row]) -> None:
        if kind is EntryKind.TERMS:
            made = replace(self.vocabulary, terms=tuple(each[0] for each in rows))
        elif kind is EntryKind.REPLACEMENTS:
            replacements = tuple(Replacement(each[0], each[1]) for each in rows)
            made = replace(self.vocabulary, replacements=replacements)
        else:
            macros = tuple(Macro(each[0], each[2], each[1]) for each in rows)
            made = replace(self.vocabulary, macros=macros)
        self._take(made)
        self.ask(
            lambda: self._services.teaching.save_vocabulary(made),
            lambda _none: None,
            self._on_refused,
        )

    def _on_refused(self, error: BaseException) -> None:
        self.trouble_arose.emit(error)
        self.load()  # show what is truly kept

    def _take(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.changed.emit()


def terms_in(text: str) -> tuple[str, ...]:
    """Return the words of a list typed with commas, semicolons or lines between them.

    >>> terms_in("metoprolol, Dr. Okafor;; metoprolol")
    ('metoprolol', 'Dr. Okafor')
    """
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    found = [" ".join(each.split()) for each in parts]
    return tuple(dict.fromkeys(each for each in found if each))
