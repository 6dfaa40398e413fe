"""Spoken punctuation and commands: what a final utterance of a dictation wants done. Pure.

A command acts only when the utterance is nothing else, or when it stands between pauses of 250 ms
(SPEECH.md section 5): "menstrual period" and "a period of time" are text. Unknown names after "go
to" and "insert" are text too. Any thread.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from app.clinical.spoken_numbers import is_number_word
from app.clinical.written import write
from app.clinical.written_doses import is_unit
from app.domain.audio import SAMPLE_RATE, Span
from app.domain.transcript import Word
from app.domain.vocabulary import Replacement

PAUSE: Final = SAMPLE_RATE // 4
"""250 ms in samples: SPEECH.md section 5."""
LEAST_SAID: Final = PAUSE
"""A command that is shorter has no sound of its own: a decode put it into silence, where words are
squeezed (`engine_host/utterances.py`). A synthetic voice takes 0.96 s to say "scratch that"."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Write a text or a mark at the caret."""

    text: str


@dataclass(frozen=True, slots=True)
class NewLine:
    """Begin a line."""


@dataclass(frozen=True, slots=True)
class NewParagraph:
    """Begin a paragraph: an empty line between."""


@dataclass(frozen=True, slots=True)
class NextField:
    """Go to the end of the next section."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Go to the end of a section; `section` is its key."""

    section: str


@dataclass(frozen=True, slots=True)
class ScratchThat:
    """Take back the last phrase between pauses.

    Attributes:
        said: where it was said, None when nobody knows.
    """

    said: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last action, whatever it was; `said` as in `ScratchThat`."""

    said: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class InsertMacro:
    """Write the text of a macro at the caret; `name` as the clinician named it."""

    name: str


Action: TypeAlias = (
    Insert | NewLine | NewParagraph | NextField | GoTo | ScratchThat | Undo | InsertMacro
)


def is_heard_twice(earlier: Action | None, later: Action) -> bool:
    """Whether a command that takes something back is the one before it, heard once more.

    A decode may stutter ("Scratch that. Scratch that." of one that was said), and one that comes
    later may write once more what one before it wrote. A command acts once for each time it is
    said: one that no pause sets apart from the same one before it, or that is over too soon, is
    not. Who does mean two says it again. Commands that take nothing away do no harm.
    """
    match earlier, later:
        case (ScratchThat(said=first), ScratchThat(said=second)) | (
            Undo(said=first),
            Undo(said=second),
        ) if first is not None and second is not None:
            return second.start - first.end < PAUSE or second.end - second.start < LEAST_SAID
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Utterance:
    """One final utterance.

    Attributes:
        words: with times on the audio clock.
        silence_before, silence_after: samples without speech around it. A long turn that was
            cut has none at the cut.
    """

    words: tuple[Word, ...]
    silence_before: int = SAMPLE_RATE
    silence_after: int = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Names:
    """What commands may name: section titles and keys, macros, and the words to write instead.

    Attributes:
        sections: spoken title to key: "assessment" to "assessment".
        macros: names of macros.
        replacements: the clinician's, for the written forms.
    """

    sections: Mapping[str, str]
    macros: tuple[str, ...] = ()
    replacements: tuple[Replacement, ...] = ()


_MARKS: Final = {
    "period": ".", "full stop": ".", "comma": ",", "colon": ":", "semicolon": ";",
    "semi colon": ";", "question mark": "?", "exclamation mark": "!", "exclamation point": "!",
    "open parenthesis": "(", "close parenthesis": ")", "open paren": "(", "close paren": ")",
    "open quote": "\u201c", "close quote": "\u201d", "open quotes": "\u201c",
    "close quotes": "\u201d", "slash": "/", "percent sign": "%",
}  # fmt: skip
_COMMANDS: Final[Mapping[str, Action]] = {
    "new line": NewLine(), "newline": NewLine(), "new paragraph": NewParagraph(),
    "next field": NextField(), "scratch that": ScratchThat(), "undo that": Undo(),
    **{spoken: Insert(mark) for spoken, mark in _MARKS.items()},
}  # fmt: skip
_LONGEST: Final = 2
"""Words of the longest fixed command."""
_LARGE: Final = frozenset({"hundred", "thousand"})
_GOING_ON: Final = _LARGE | {"point", "and"}
_ENDS: Final = (".", "?", "!", ",", ";", ":")
_STRIPPED: Final = ".,;:?!\"'()-"


def read(utterance: Utterance, names: Names, language: str = "en") -> tuple[Action, ...]:
    """Return what an utterance wants done, in order.

    Args:
        utterance: what was said.
        names: what commands may name.
        language: what was spoken; forms are written in English only.
    """
    whole = _commands(utterance.words, names)
    if whole is not None:
        return whole
    actions: list[Action] = []
    for phrase, is_apart in _phrases(utterance):
        commands = _commands(phrase, names) if is_apart else None
        text = " ".join(word.text for word in phrase)
        if language == "en":
            text = write(phrase, names.replacements)[0]
        actions += commands if commands is not None else [Insert(text)]
    return tuple(actions)


def _phrases(utterance: Utterance) -> list[tuple[tuple[Word, ...], bool]]:
    """Return the phrases between pauses, and whether there is a pause on both sides of each."""
    words = utterance.words
    cuts = [
        index
        for index in range(1, len(words))
        if words[index].start - words[index - 1].end >= PAUSE
        and not _is_slashed(words, index)
        and not _is_counted(words, index)
    ]
    edges = [0, *cuts, len(words)]
    return [
        (
            words[first:last],
            (first > 0 or utterance.silence_before >= PAUSE)
            and (last < len(words) or utterance.silence_after >= PAUSE),
        )
        for first, last in itertools.pairwise(edges)
    ]


def _is_counted(words: Sequence[Word], index: int) -> bool:
    """Whether a pause is inside of a number: "zero point" and "five milligrams"."""
    raw, text = words[index - 1].text, _heard(words[index - 1]).split("-")[-1]
    if raw[-1:] in _ENDS or not (is_number_word(text) or text in _GOING_ON):
        return False
    following = _heard(words[index])
    is_number = is_number_word(following.split("-")[0])
    if text == "and":
        return is_number and index > 1 and _heard(words[index - 2]) in _LARGE
    return is_number or following in _LARGE | {"point"} or is_unit(following)


def _is_slashed(words: Sequence[Word], index: int) -> bool:
    """Whether a pause is inside of "one hundred two, slash, eighty" or "ten, percent sign"."""
    if _heard(words[index]) == "percent" and is_number_word(_heard(words[index - 1])):
        return index + 1 < len(words) and _heard(words[index + 1]) == "sign"
    for slash in (index - 1, index):
        if _heard(words[slash]) == "slash" and 0 < slash < len(words) - 1:
            around = (_heard(words[slash - 1]), _heard(words[slash + 1]))
            return all(is_number_word(each.split("-")[0]) for each in around)
    return False


def _commands(words: Sequence[Word], names: Names) -> tuple[Action, ...] | None:
    """Return the commands if the words are commands and nothing else."""
    heard = [_heard(word) for word in words]
    actions: list[Action] = []
    index = 0
    while index < len(heard):
        action, size = _command(heard, index, names)
        if action is None:
            return None
        if isinstance(action, ScratchThat | Undo):
            action = replace(action, said=Span(words[index].start, words[index + size - 1].end))
        actions.append(action)
        index += size
    return tuple(actions)


def _command(heard: Sequence[str], index: int, names: Names) -> tuple[Action | None, int]:
    for size in range(_LONGEST, 0, -1):
        fixed = _COMMANDS.get(" ".join(heard[index : index + size]))
        if fixed and index + size <= len(heard):
            return fixed, size
    if list(heard[index : index + 2]) == ["go", "to"]:
        titles = {_plain(title): GoTo(key) for title, key in names.sections.items()}
        return _named(heard, index, 2, titles)
    if heard[index] == "insert":
        return _named(heard, index, 1, {_plain(name): InsertMacro(name) for name in names.macros})
    return None, 0


def _named(
    heard: Sequence[str], index: int, size: int, known: Mapping[str, Action]
) -> tuple[Action | None, int]:
    """Return the longest known name after a command; "the" before it and "section" after it go."""
    start = index + size
    start += heard[start : start + 1] == ["the"]
    for last in range(len(heard), start, -1):
        action = known.get(" ".join(heard[start:last]))
        if action is not None:
            is_said = heard[last : last + 1] in (["section"], ["macro"])
            return action, last + is_said - index
    return None, 0


def _heard(word: Word) -> str:
    return word.text.lower().replace("\u2019", "'").strip(_STRIPPED)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
