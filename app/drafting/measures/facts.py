"""Whether a note holds a fact of a clinician's checklist. Pure; any thread.

Words, ideas of the lexicon, quantities and denials are compared, not meanings, so the answer is
sometimes wrong. How often is measured: tests/performance/fact_matching.py compares it with facts
that a person looked up in notes, and decision 023 tells the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.negation import Polarity
from app.clinical.quantities import Quantity, agree
from app.clinical.wording import WORD, word_set
from app.drafting.reading import Element, Reading, read

COVERED: Final = 0.6
"""Share of a fact's weight that neighboring lines must hold."""
NEAR: Final = 3
"""Lines that are read together: a fact may be spread over a question and what follows."""
_CLINICAL: Final = 2.0
_WORD: Final = 1.0
_SOFT: Final = 0.25
"""Weights of an idea of the lexicon or a quantity, another word, and a word that says little."""
_ROOT: Final = 5
"""Letters two words must share from their beginning to be one family: "urine", "urinary"."""
_TAIL: Final = 4
"""Letters that may differ behind the root, in the longer word."""
_SOFT_WORDS: Final = word_set(
    "taken take takes taking took use used uses using use feel feels feeling felt recent recently "
    "start started starts begin began notice noticed particularly mainly normal normally usual "
    "usually problem problems history happen happened previous previously other else way still "
    "abit have had has male female bad been being change changed changes symptom symptoms "
    "significant medical regular able unable come came try tries confirm often ok well lot"
)
_SHORTHAND: Final = {
    "e+d": "eating and drinking", "nkda": "no allergies", "sob": "short of breath",
    "upsi": "unprotected sex", "w": "with", "fh": "family history", "cocp": "combined pill",
    "mh": "medical history", "nil": "no", "cp": "chest pain", "lmp": "last period",
    "menstrual": "period", "pv": "vaginal", "bp": "blood pressure", "gp": "doctor",
    "abdo": "abdominal", "bottom": "lower", "intercourse": "sex", "partner": "boyfriend",
    "oe": "on examination", "hx": "history", "c/o": "complains of", "urti": "cold",
    "cannabis": "weed", "eyesight": "vision", "eyes": "vision", "bm": "bowels",
}  # fmt: skip
"""How checklists and notes shorten or vary what is said; both sides are put in the same words."""
_JOINED: Final = re.compile(r"(?<=[a-z])\s*/\s*(?=[a-z])", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[a-z]+(?:[+/][a-z]\b)?|[^a-z]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NoteLines:
    """A note that was read, line by line; made once for all facts."""

    windows: tuple[tuple[Reading, ...], ...]


class FactMatcher:
    """Looks facts up in notes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def note(self, lines: Sequence[str]) -> NoteLines:
        """Read a note."""
        rows = [self._read(line) for line in lines if line.strip()]
        firsts = range(max(1, len(rows) - NEAR + 1)) if rows else ()
        return NoteLines(tuple(tuple(rows[first : first + NEAR]) for first in firsts))

    def holds(self, note: NoteLines, fact: str) -> bool:
        """Return whether neighboring lines of a note hold a fact. Without content none is held."""
        return self.share(note, fact) >= COVERED

    def share(self, note: NoteLines, fact: str) -> float:
        """Return how much of a fact the best neighboring lines hold, 0 to 1.

        Either side of a slash will do: "bad/severe".
        """
        wordings = _JOINED.split(fact) if len(WORD.findall(fact)) <= NEAR + 1 else [fact]
        return max(self._share(note, self._read(each)) for each in wordings)

    def _read(self, text: str) -> Reading:
        return read(_plain(text), self._lexicon)

    def _share(self, note: NoteLines, fact: Reading) -> float:
        weights = [(each, self._weight(each)) for each in fact.elements]
        exact = len(fact.quantities) + len(fact.sides)
        total = sum(weight for _, weight in weights) + _CLINICAL * exact
        if not total:
            return 0.0
        best = 0.0
        for window in note.windows:
            sides = {each.side for reading in window for each in reading.sides}
            if sides and fact.sides and not any(each.side in sides for each in fact.sides):
                continue  # it speaks of the other side
            held = sum(weight for each, weight in weights if _is_told(each, window))
            held += sum(_CLINICAL for each in fact.quantities if _is_counted(each, window))
            held += sum(_CLINICAL for each in fact.sides if each.side in sides)
            best = max(best, held)
        return best / total

    def _weight(self, element: Element) -> float:
        if element.kind is not None and element.kind is not Kind.WORD:
            return _CLINICAL
        is_soft = element.text.lower() in _SOFT_WORDS
        return _SOFT if is_soft or self._lexicon.is_only("soft", element.text) else _WORD


def _plain(text: str) -> str:
    parts = _TOKEN.findall(text)
    return "".join(_SHORTHAND.get(part.lower(), part) for part in parts)


def _is_told(element: Element, window: Sequence[Reading]) -> bool:
    """Whether the lines speak of it and do not say the opposite."""
    marks = [mark for reading in window for mark in _marks(element, reading)]
    if not marks and len(element.stems) > 1:
        stems = {stem for reading in window for stem in reading.stems}
        return all(_has(stems, stem) for stem in element.stems)
    if element.polarity is Polarity.OPEN or element.kind is None:
        return bool(marks)
    return any(mark is Polarity.OPEN or mark is element.polarity for mark in marks)


def _marks(element: Element, reading: Reading) -> list[Polarity]:
    return [each.polarity for each in reading.elements if _is_same(element, each)]


def _is_same(first: Element, second: Element) -> bool:
    """Whether two elements name one thing: an idea, or words of one family."""
    if first.name == second.name:
        return True
    if len(first.stems) > 1 and not set(first.stems) <= set(second.stems):
        return False
    return any(_is_family(one, other) for one in first.stems for other in second.stems)


def _is_counted(quantity: Quantity, window: Sequence[Reading]) -> bool:
    return any(agree(quantity, each) for reading in window for each in reading.quantities)


def _has(stems: set[str], wanted: str) -> bool:
    return wanted in stems or any(_is_family(wanted, each) for each in stems)


@lru_cache(maxsize=100_000)
def _is_family(first: str, second: str) -> bool:
    """Whether two stems are forms of one word: the same, or the same long beginning."""
    if first == second:
        return True
    short, long = sorted((first, second), key=len)
    return (
        len(short) >= _ROOT
        and long.startswith(short[: max(_ROOT, len(short) - 2)])
        and len(long) - len(short) <= _TAIL
    )
