"""A dictated note in the making: sections, caret, and every action taken back exactly. Pure.

The marks that the recognizer wrote stay; a spoken mark takes the place of the one before it, so
"No chest pain." and "comma" give "No chest pain,". Any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from app.clinical.dictation import (
    Action,
    GoTo,
    Insert,
    InsertMacro,
    NewLine,
    NewParagraph,
    NextField,
    ScratchThat,
    Undo,
    is_heard_twice,
)
from app.clinical.wording import STOPWORDS
from app.domain.vocabulary import Macro

_STOPS: Final = ".,:;?!"
_CLOSING: Final = frozenset(_STOPS)
_TIGHT: Final = frozenset(".,:;?!)%\u201d/")
"""Marks without a blank before them."""
_OPEN: Final = ("(", "\u201c", "/", "\n", " ")
"""After these no blank is wanted."""
_ENDS: Final = (".", "?", "!", "\n", ".\u201d", "?\u201d")
"""After these a sentence begins."""


@dataclass(frozen=True, slots=True)
class Field:
    """One section: its key and the text so far."""

    key: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Where a phrase was written, so that "scratch that" finds it."""

    at: int
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Dictation:
    """The note, where the caret stands, and how it came so far.

    Attributes:
        fields: the sections in order; at least one.
        at: index of the section with the caret.
        caret: characters before the caret in that section.
        macros: what "insert" knows.
        phrases: where the phrases between pauses were written, oldest first.
        before: the note before the last action, None at the beginning. Several "scratch that" in
            a row are one action: one "undo that" brings all of it back.
        taken: the last action, if it took something back.
    """

    fields: tuple[Field, ...]
    at: int = 0
    caret: int = 0
    macros: tuple[Macro, ...] = ()
    phrases: tuple[Phrase, ...] = field(default=(), repr=False)
    before: Dictation | None = field(default=None, repr=False, compare=False)
    taken: ScratchThat | Undo | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The text of the section with the caret."""
        return self.fields[self.at].text

    def placed(self, at: int, caret: int) -> Dictation:
        """Return the note with the caret elsewhere, as a person put it; not an action."""
        caret = min(max(caret, 0), len(self.fields[at].text))
        return replace(self, at=at, caret=caret)

    def edited(self, fields: Sequence[Field], at: int, caret: int) -> Dictation:
        """Return the note as a person changed it by hand; "undo that" brings it back."""
        return Dictation(tuple(fields), at, caret, self.macros, (), self)

    def apply(self, actions: Sequence[Action]) -> Dictation:
        """Return the note after some actions in turn."""
        note = self
        for action in actions:
            note = note.after(action)
        return note

    def after(self, action: Action) -> Dictation:
        """Return the note after one action; the same one when it is no new action."""
        if is_heard_twice(self.taken, action):
            return self
        note = self._changed_by(action)
        taken = action if isinstance(action, ScratchThat | Undo) else None
        return note if note is self else replace(note, taken=taken)

    def _changed_by(self, action: Action) -> Dictation:
        match action:
            case Undo():
                return self.before or self
            case ScratchThat():
                return self._scratched()
            case NextField():
                return self._moved(min(self.at + 1, len(self.fields) - 1))
            case GoTo(section):
                keys = [each.key for each in self.fields]
                return self._moved(keys.index(section)) if section in keys else self
            case Insert() | NewLine() | NewParagraph() | InsertMacro():
                return self._written(self._piece(action))
            case _:
                assert_never(action)

    def _piece(self, action: Insert | NewLine | NewParagraph | InsertMacro) -> str:
        match action:
            case NewLine():
                return "\n"
            case NewParagraph():
                return "\n\n"
            case InsertMacro(name):
                return next((each.text for each in self.macros if each.name == name), "")
            case Insert(text):
                return text
            case _:
                assert_never(action)

    def _moved(self, at: int) -> Dictation:
        return replace(self, at=at, caret=len(self.fields[at].text), before=self)

    def _written(self, piece: str) -> Dictation:
        if not piece:
            return self
        left, right = self.text[: self.caret], self.text[self.caret :]
        kept = left[:-1] if piece in _CLOSING and left[-1:] in _CLOSING else left
        if "\n" in piece[:1]:
            kept = kept.rstrip(" ")
        put = _fitted(kept, piece, right)
        note = self.changed(len(kept), self.caret, put)
        if piece in _TIGHT or not piece.strip():
            return note
        phrase = Phrase(self.at, len(kept), put.rstrip(_STOPS))
        return replace(note, phrases=(*note.phrases, phrase))

    def _scratched(self) -> Dictation:
        if not self.phrases:
            return self
        last = self.phrases[-1]
        text = self.fields[last.at].text
        end = last.start + len(last.text)
        if text[last.start : end] != last.text:
            return self
        end += len(text[end:]) - len(text[end:].lstrip(_STOPS))
        there = replace(self, at=last.at, caret=end, phrases=self.phrases[:-1])
        origin = self.before if isinstance(self.taken, ScratchThat) else self
        return replace(there.changed(last.start, end, ""), before=origin or self)

    def changed(self, start: int, end: int, put: str) -> Dictation:
        """Return the note with a text in the place of another; the caret goes behind it."""
        text = f"{self.text[:start]}{put}{self.text[end:]}"
        fields = tuple(
            replace(each, text=text) if index == self.at else each
            for index, each in enumerate(self.fields)
        )
        moved = len(put) - (end - start)
        phrases = tuple(
            replace(each, start=each.start + moved)
            if each.at == self.at and each.start >= end
            else each
            for each in self.phrases
        )
        return replace(self, fields=fields, caret=start + len(put), phrases=phrases, before=self)


def _fitted(left: str, piece: str, right: str) -> str:
    """Return a piece with the blanks and the capital it needs between two texts."""
    if not piece.strip():
        return piece
    is_begun = bool(left) and not left.endswith(_OPEN)
    blank = " " if is_begun and piece[0] not in _TIGHT else ""
    is_open = piece in {"(", "\u201c", "/"}
    behind = " " if right and right[0].isalnum() and not is_open else ""
    return f"{blank}{_cased(left, piece)}{behind}"


def _cased(left: str, piece: str) -> str:
    is_start = not left.strip() or left.rstrip(" (\u201c").endswith(_ENDS)
    if is_start:
        return piece[0].upper() + piece[1:]
    first = piece.split(maxsplit=1)[0].strip(".,;:?!")
    is_plain = first.lower() in STOPWORDS and first not in {"I", "I'm", "I've", "I'll", "I'd"}
    return piece[0].lower() + piece[1:] if is_plain else piece
