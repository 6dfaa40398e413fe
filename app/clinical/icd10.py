"""Looks up ICD-10-CM codes for words that a person searches for. It suggests nothing unasked.

Loaded once, off the main thread, when the look-up is turned on; nothing changes afterwards, so any
thread may search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from app.clinical.icd10_scoring import LIGHT_WORDS, NameScores, Scores
from app.clinical.icd10_table import IcdEntry, IcdTable, dotted, read_table
from app.clinical.icd10_words import Vocabulary, words_of

SHORT_FORMS: Final = "short_forms.tsv"
_LONGEST_QUERY: Final = 200
_LONGEST_PHRASE: Final = 4
_TERM_FACTOR: Final = 0.98
"""A title before a further term of the same likeness."""
_OTHER: Final = 0.03
"""What titles that begin with "Other" lose: they are for what has no name of its own."""
_BILLABLE: Final = 0.02
"""What a code that can be used as it is gains over a heading."""
_CODE: Final = re.compile(r"[A-Za-z]\d[0-9A-Za-z]?(?:\.?[0-9A-Za-z]{0,4})")


@dataclass(frozen=True, slots=True)
class IcdHit:
    """A code that was found.

    Attributes:
        term: what was found, when it is not the title.
        score: 0 to about 1, comparable within one search.
    """

    entry: IcdEntry
    term: str
    score: float


class IcdIndex:
    """Finds codes by words, with slips of the pen, and by codes.

    Args:
        table: all codes; `release` tells the clinician which.
        short_forms: what people write, and words of ICD-10-CM for it.
    """

    def __init__(self, table: IcdTable, short_forms: Mapping[str, str]) -> None:
        self.release = table.release
        self._rows = table.rows
        self._places = {each.code: place for place, each in enumerate(table.rows)}
        self._short_forms = {words_of(short): words_of(long) for short, long in short_forms.items()}
        self._names = [name for row in table.rows for name in (row.title, *row.terms)]
        sizes = [1 + len(row.terms) for row in table.rows]
        self._starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
        self._factors = np.full(len(self._names), _TERM_FACTOR)
        self._factors[self._starts] = 1.0
        self._extra = np.asarray(
            [
                _BILLABLE * row.entry.is_billable - _OTHER * row.title.startswith("Other")
                for row in table.rows
            ]
        )
        self._scores = NameScores(self._names)
        self._vocabulary = Vocabulary(self._scores.words)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `codes.tsv.xz` and `short_forms.tsv` beside it.

        Raises:
            OSError: a file is missing. They are part of the installation.
            CorruptError: the table is damaged.
        """
        lines = (path.parent / SHORT_FORMS).read_text(encoding="utf-8").splitlines()
        pairs = (each.partition("\t") for each in lines if not each.startswith("#"))
        return cls(read_table(path), {short: long for short, _, long in pairs if long})

    def search(self, text: str, limit: int = 20) -> tuple[IcdHit, ...]:
        """Return the codes that fit best, the best first.

        Args:
            text: words, abbreviations or the beginning of a code, as a person typed them.
            limit: at most so many.
        """
        text = text[:_LONGEST_QUERY].strip()
        if _CODE.fullmatch(text) and (hits := self._by_code(dotted(text), limit)):
            return hits
        words = words_of(text)
        queries = dict.fromkeys((words, self._spelled_out(words)))
        scores = np.max([self._scores.score(self._meant(each)) for each in queries], axis=0)
        scores *= self._factors
        rows = np.maximum.reduceat(scores, self._starts)
        ranked = np.where(rows > 0, rows + self._extra, 0.0)
        order = np.argsort(-ranked, kind="stable")[: max(0, limit)]
        return tuple(
            self._hit(int(row), float(ranked[row]), float(rows[row]), scores, words)
            for row in order
            if ranked[row] > 0
        )

    def below(self, code: str) -> tuple[IcdEntry, ...]:
        """Return the codes one step below a code: its children, or its seventh characters."""
        place = self._places.get(dotted(code))
        if place is None:
            return ()
        row = self._rows[place]
        found: list[IcdEntry] = []
        last = "none"
        for other in self._rows[place + 1 :]:
            if not other.code.startswith(row.code):
                break
            if not other.code.startswith(last):
                found.append(other.entry)
                last = other.code
        return (*found, *row.extended())

    def entry(self, code: str) -> IcdEntry | None:
        """Return a code as it is printed, None if there is no such code."""
        wanted = dotted(code)
        if wanted in self._places:
            return self._rows[self._places[wanted]].entry
        bare = wanted[:-1]
        while bare not in self._places and bare.endswith(("X", ".")):
            bare = bare[:-1]
        place = self._places.get(bare)
        extended = self._rows[place].extended() if place is not None else ()
        return next((each for each in extended if each.code == wanted), None)

    def _by_code(self, code: str, limit: int) -> tuple[IcdHit, ...]:
        found = [row.entry for row in self._rows if row.code.startswith(code)]
        whole = self.entry(code)
        if whole is not None and whole not in found:
            found.append(whole)
        elif len(found) == 1:
            found += self.below(found[0].code)
        return tuple(IcdHit(each, "", 1.0) for each in found[: max(0, limit)])

    def _meant(self, words: Sequence[str]) -> dict[str, Mapping[str, float]]:
        return {word: self._vocabulary.like(word) for word in words}

    def _spelled_out(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words with abbreviations and everyday words replaced, the longest first."""
        result: list[str] = []
        at = 0
        while at < len(words):
            sizes = range(min(_LONGEST_PHRASE, len(words) - at), 0, -1)
            size = next((each for each in sizes if words[at : at + each] in self._short_forms), 0)
            result += self._short_forms[words[at : at + size]] if size else (words[at],)
            at += max(1, size)
        return tuple(result)

    def _hit(
        self, row: int, ranked: float, score: float, scores: Scores, words: Sequence[str]
    ) -> IcdHit:
        first = int(self._starts[row])
        size = 1 + len(self._rows[row].terms)
        best = first + int(np.argmax(scores[first : first + size] >= score))
        term = "" if best == first else self._names[best]
        title = frozenset(words_of(self._rows[row].title))
        wanted = set(words) - title - LIGHT_WORDS
        entry, most = self._rows[row].entry, 0
        for each in self._rows[row].extended():
            count = len(wanted & set(words_of(each.title)))
            if count > most:
                entry, most = each, count
        return IcdHit(entry, term, ranked)
