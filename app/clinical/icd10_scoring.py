"""How well each name of a code fits some words: a small inverted index on numpy. Pure.

A name is a title or a further term. Its words weigh the more the rarer they are; words that ICD
calls nonessential weigh next to nothing, so that "Hypertension (arterial) (benign)" is found whole
by "hypertension".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.clinical.icd10_words import words_of

LIGHT: Final = 0.15
"""Weight of words such as "unspecified". This and the next two were set on the queries of
tests/unit/clinical/test_icd10.py."""
NONESSENTIAL: Final = 0.02
"""Weight of words in parentheses."""
LEAST: Final = 0.45
"""Share of the query that must be found."""
FOUND_SHARE: Final = 0.6
"""Part of a score that tells how much of the query was found; the rest, how much of the name."""
LIGHT_WORDS: Final = frozenset(
    {
        "unspecified", "other", "nos", "nec", "with", "without", "not", "specified", "elsewhere",
        "organism", "site",
    }
)  # fmt: skip
_IN_PARENTHESES: Final = re.compile(r"\([^)]*\)")
Scores = NDArray[np.float64]


class NameScores:
    """Scores names for words.

    Args:
        names: all names.
    """

    def __init__(self, names: Sequence[str]) -> None:
        cut = [words_of(each) for each in names]
        counts = Counter(word for words in cut for word in set(words))
        self.words = tuple(counts)
        self._numbers = {word: number for number, word in enumerate(self.words)}
        self._rarity = [math.log(1 + len(names) / count) for count in counts.values()]
        self._unknown = math.log(len(names) + 1) / 2
        self._index(names, cut)

    def _index(self, names: Sequence[str], cut: Sequence[tuple[str, ...]]) -> None:
        words: list[int] = []
        places: list[int] = []
        worths: list[float] = []
        for place, (name, parts) in enumerate(zip(names, cut, strict=True)):
            whole = set(words_of(_IN_PARENTHESES.sub(" ", name))) if "(" in name else None
            for part in set(parts):
                number = self._numbers[part]
                factor = LIGHT if part in LIGHT_WORDS else 1.0
                if whole is not None and part not in whole:
                    factor = NONESSENTIAL
                words.append(number)
                places.append(place)
                worths.append(self._rarity[number] * factor)
        order = np.argsort(np.asarray(words, np.int32), kind="stable")
        self._places = np.asarray(places, np.int32)[order]
        self._worths = np.asarray(worths, np.float64)[order]
        ends = np.cumsum(np.bincount(np.asarray(words, np.int32), minlength=len(self.words)))
        self._bounds = np.concatenate(([0], ends))
        self._totals = np.bincount(self._places, self._worths, len(names)) + 1e-9

    def score(self, asked: Mapping[str, Mapping[str, float]]) -> Scores:
        """Return a score from 0 to 1 for each name.

        Args:
            asked: words of the query; for each the words it may mean, with qualities up to 1.

        Returns:
            Shape (names,); 0 where less than `LEAST` of the query was found.
        """
        weights = {word: self._weight(word, found) for word, found in asked.items()}
        total = sum(weights.values())
        size = len(self._totals)
        got, met = np.zeros(size), np.zeros(size)
        for word, variants in asked.items():
            quality, worth = np.zeros(size), np.zeros(size)
            for variant, each in sorted(variants.items(), key=lambda pair: pair[1]):
                number = self._numbers[variant]
                here = slice(self._bounds[number], self._bounds[number + 1])
                quality[self._places[here]] = each  # the best comes last
                worth[self._places[here]] = self._worths[here]
            got += quality * weights[word]
            met += quality * worth
        share = got / total if total else got
        covered = np.minimum(1.0, met / self._totals)
        score: Scores = share * (FOUND_SHARE + (1 - FOUND_SHARE) * covered)
        score[share < LEAST] = 0.0
        return score

    def _weight(self, word: str, variants: Mapping[str, float]) -> float:
        rarity = max((self._rarity[self._numbers[each]] for each in variants), default=0.0)
        return (LIGHT if word in LIGHT_WORDS else 1.0) * (rarity or self._unknown)
