"""Auto-texts: pieces of text behind a shortcut, with fields to fill. Pure; any thread.

A field stands in double brackets: `[[side]]`, with a default `[[dose:5 mg]]`, with choices
`[[left|right]]` or both a name and choices `[[side:left|right]]`. A default counts only when a
person accepts it, so what is left in brackets is unfilled, and signing refuses it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.draft import Claim, Section
from app.domain.vocabulary import Macro

SHORTCUT: Final = re.compile(r"[.;/\\]?[A-Za-z0-9][A-Za-z0-9_-]{0,29}")
LONGEST_TEXT: Final = 4000
"""Letters of one auto-text."""

_FIELD: Final = re.compile(r"\[\[([^\[\]\n]{0,300})\]\]")
_STRAY: Final = re.compile(r"\[\[|\]\]")
_NAMED: Final = re.compile(r"\s*([^\W\d][\w /-]*?)\s*:(.*)")
_SENTENCE_END: Final = re.compile(r"(?<=[.?!])\s+")
_LEAST_LITERAL: Final = 8
"""Letters and digits outside of fields. With fewer, a line of the clinician's own could look like
an auto-text; it would then be labelled as a macro, which is the lesser word."""
_BEFORE_CARET: Final = re.compile(r"(?<!\S)\S{1,31}$")


@dataclass(frozen=True, slots=True)
class Field:
    """A place to fill.

    Attributes:
        start, end: characters of the text, brackets included.
        name: what is asked for; empty for a bare list of choices.
        default: proposed; empty without one.
        choices: what to choose from; empty where anything may be typed.
        is_broken: brackets without their partner. They must go before signing, too.
    """

    start: int
    end: int
    name: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class AutoText:
    """A text behind a shortcut."""

    shortcut: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A text after an edit: what is selected now; `first == last` is a caret."""

    text: str
    first: int
    last: int


class AutoTexts:
    """The auto-texts of a clinician. Shortcuts do not mind capitals; the later of two counts."""

    def __init__(self, texts: Iterable[AutoText]) -> None:
        self._texts: Mapping[str, AutoText] = {each.shortcut.casefold(): each for each in texts}

    @classmethod
    def of(cls, macros: Iterable[Macro]) -> AutoTexts:
        """Return what a clinician taught; a macro without a shortcut is found by its name."""
        return cls(AutoText(each.shortcut or each.name, each.name, each.text) for each in macros)

    @property
    def all(self) -> tuple[AutoText, ...]:
        """All of them, by shortcut."""
        return tuple(self._texts[each] for each in sorted(self._texts))

    def find(self, shortcut: str) -> AutoText | None:
        """Return the auto-text of a shortcut, None if there is none."""
        return self._texts.get(shortcut.casefold())

    def starting(self, letters: str) -> tuple[AutoText, ...]:
        """Return those whose shortcut begins so: for a list while typing."""
        wanted = letters.casefold()
        return tuple(each for each in self.all if each.shortcut.casefold().startswith(wanted))

    def expand(self, text: str, caret: int) -> Edited | None:
        """Put the text of the shortcut that ends at the caret in its place.

        Returns:
            The new text with its first field selected, else the caret behind what was put in;
            None when the word before the caret is no shortcut.
        """
        word = _BEFORE_CARET.search(text[:caret])
        found = self.find(word[0]) if word else None
        if word is None or found is None:
            return None
        edited = text[: word.start()] + found.text + text[caret:]
        end = word.start() + len(found.text)
        first = next((each for each in fields(edited) if word.start() <= each.start < end), None)
        return Edited(edited, first.start, first.end) if first else Edited(edited, end, end)


class Wording:
    """Knows the lines and sentences of auto-texts again, whatever stands in their fields."""

    def __init__(self, macros: Iterable[Macro]) -> None:
        found = {part for each in macros for part in pieces(each.text)}
        self._patterns = [made for each in sorted(found) if (made := _pattern(each)) is not None]

    def is_known(self, line: str) -> bool:
        """Return whether a line of a note is one of an auto-text, its fields filled or not."""
        plain = _plain(line)
        return any(each.fullmatch(plain) for each in self._patterns)


def pieces(text: str) -> tuple[str, ...]:
    """Return the lines of a text and their sentences; a field is never cut."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        if line.strip():
            found[line.strip()] = None
            found |= dict.fromkeys(sentences_of(line))
    return tuple(found)


def sentences_of(line: str) -> tuple[str, ...]:
    """Return the sentences of a line. A stop inside of a field ends none."""
    hidden = _FIELD.sub(lambda match: "x" * len(match[0]), line)
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(hidden)), len(line)]
    cut = (line[first:last].strip() for first, last in itertools.pairwise(starts))
    return tuple(each for each in cut if each)


def _pattern(piece: str) -> re.Pattern[str] | None:
    """Return what a piece may read like; None for one that would fit anything."""
    literal = [_plain(each) for each in _FIELD.split(piece)[::2]]
    if sum(each.isalnum() for each in "".join(literal)) < _LEAST_LITERAL:
        return None
    return re.compile(".{0,300}?".join(re.escape(each) for each in literal))


def _plain(text: str) -> str:
    """Return a text without what dictation and typing change: case, blanks, a stop at the end."""
    return re.sub(r"\s+", " ", text.casefold().rstrip(" .").lstrip("-\u2022* "))


def fields(text: str) -> tuple[Field, ...]:
    """Return the fields of a text in order, without broken ones."""
    return tuple(_field(match) for match in _FIELD.finditer(text))


def unfilled(text: str) -> tuple[Field, ...]:
    """Return what signing must refuse: open fields, and brackets that lost their partner."""
    whole = fields(text)
    rest = _FIELD.sub(lambda match: " " * len(match[0]), text)
    stray = (Field(match.start(), match.end(), is_broken=True) for match in _STRAY.finditer(rest))
    return tuple(sorted((*whole, *stray), key=lambda each: each.start))


def unfilled_claims(sections: Iterable[Section]) -> tuple[Claim, ...]:
    """Return the claims of a draft that have something left to fill, in reading order."""
    return tuple(each for section in sections for each in section.claims if unfilled(each.text))


def next_field(text: str, caret: int) -> Field | None:
    """Return the first field behind the caret, else the first of all; None without fields."""
    found = fields(text)
    return next((each for each in found if each.start >= caret), found[0] if found else None)


def previous_field(text: str, caret: int) -> Field | None:
    """Return the last field that begins before the caret, else the last of all."""
    found = fields(text)
    before = [each for each in found if each.start < caret]
    return before[-1] if before else found[-1] if found else None


def fill(text: str, field: Field, value: str | None = None) -> Edited:
    """Put a value into a field and select the next one.

    Args:
        text: the text the field was found in.
        field: of `fields(text)`.
        value: None accepts the default, or the first choice.
    """
    if value is None:
        value = field.default or next(iter(field.choices), "")
    edited = text[: field.start] + value + text[field.end :]
    caret = field.start + len(value)
    following = next((each for each in fields(edited) if each.start >= caret), None)
    if following is None:
        return Edited(edited, caret, caret)
    return Edited(edited, following.start, following.end)


def _field(match: re.Match[str]) -> Field:
    inner = match[1]
    named = _NAMED.fullmatch(inner)
    name, value = (named[1], named[2]) if named else ("", inner)
    if "|" in value:
        choices = tuple(dict.fromkeys(part for each in value.split("|") if (part := each.strip())))
        return Field(match.start(), match.end(), name, "", choices)
    if named:
        return Field(match.start(), match.end(), name, value.strip())
    return Field(match.start(), match.end(), inner.strip())
