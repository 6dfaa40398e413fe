"""The words of ICD-10-CM: how texts are cut, and which words a typed word may mean. Pure."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.clinical.wording import stem, word_set

SKIPPED: Final = word_set("a an and at by due for from in of on or s the to")
SAME_STEM: Final = 0.95
BEGINS: Final = 0.9
"""Quality of a word that begins as typed, times the share that was typed."""
LEAST_TYPED: Final = 3
LEAST_FUZZY: Final = 4
"""Letters. Shorter words have too many neighbors."""
LEAST_LIKE: Final = 0.68
""""nuemonia" is 0.78 like "pneumonia", "diabeetis" 0.67 like "diabetes" and found by its stem."""
_MOST_BEGINNING: Final = 60
_MOST_LIKE: Final = 6
_WORD: Final = re.compile(r"[a-z]+|\d+")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text that count: small letters without accents, numbers."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("\u2019", "'"))
        plain = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(each for each in _WORD.findall(plain.replace("'s", "")) if each not in SKIPPED)


class Vocabulary:
    """All words of the classification."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)
        self._known = frozenset(self._words)
        self._long = [each for each in self._words if len(each) >= LEAST_FUZZY]
        self._stems: dict[str, list[str]] = defaultdict(list)
        for each in self._words:
            self._stems[stem(each)].append(each)

    def like(self, word: str) -> Mapping[str, float]:
        """Return the words that a typed word may mean, each with a quality from 0 to 1.

        What begins so and what has the same stem; only without those, what is spelled alike.
        """
        found: dict[str, float] = {}
        if len(word) >= LEAST_TYPED and word.isalpha():
            found |= {each: BEGINS * len(word) / len(each) for each in self._beginning(word)}
        found |= dict.fromkeys(self._stems.get(stem(word), ()), SAME_STEM)
        if word in self._known:
            found[word] = 1.0
        if found or len(word) < LEAST_FUZZY or not word.isalpha():
            return found
        close = process.extract(
            word,
            self._long,
            scorer=OSA.normalized_similarity,
            score_cutoff=LEAST_LIKE,
            limit=_MOST_LIKE,
        )
        return {each: score**2 for each, score, _ in close}

    def _beginning(self, word: str) -> list[str]:
        first = bisect.bisect_left(self._words, word)
        last = bisect.bisect_left(self._words, word + "{")  # "{" follows "z"
        return sorted(self._words[first:last], key=len)[:_MOST_BEGINNING]
