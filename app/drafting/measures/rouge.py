"""ROUGE-1, ROUGE-2 and ROUGE-Lsum (Lin 2004), as the package rouge-score counts without stemmer.

Own code, because that package brings nltk and absl along (decision 023); the tests hold figures
that it gave. Lines are sentences for Lsum. Pure; any thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_WORDS: Final = re.compile(r"[a-z0-9]+")


def rouge(written: str, wanted: str) -> dict[str, float]:
    """Return the F1 of ROUGE-1, -2 and -Lsum, each 0 to 1, under the names `1`, `2`, `Lsum`."""
    first, second = _words(written), _words(wanted)
    return {
        "1": _grams(first, second, 1),
        "2": _grams(first, second, 2),
        "Lsum": _summary(_lines(written), _lines(wanted)),
    }


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.lower())


def _lines(text: str) -> list[list[str]]:
    found = (_words(line) for line in text.split("\n"))
    return [words for words in found if words]


def _grams(written: Sequence[str], wanted: Sequence[str], size: int) -> float:
    first, second = (
        Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        for words in (written, wanted)
    )
    return _f1((first & second).total(), first.total(), second.total())


def _summary(written: list[list[str]], wanted: list[list[str]]) -> float:
    """Return Lsum: words of the union of common subsequences, each counted once per occurrence."""
    left = Counter(word for line in written for word in line)
    open_ = Counter(word for line in wanted for word in line)
    sizes = left.total(), open_.total()
    hits = 0
    for line in wanted:
        places: set[int] = set()
        for other in written:
            places |= set(_common(line, other))
        for word in (line[place] for place in sorted(places)):
            if left[word] > 0 and open_[word] > 0:
                hits += 1
                left[word] -= 1
                open_[word] -= 1
    return _f1(hits, *sizes)


def _common(line: Sequence[str], other: Sequence[str]) -> list[int]:
    """Return places in `line` of one longest common subsequence with `other`."""
    width = len(other) + 1
    table = [[0] * width]
    for word in line:
        above, row = table[-1], [0] * width
        for at, second in enumerate(other, 1):
            row[at] = above[at - 1] + 1 if word == second else max(above[at], row[at - 1])
        table.append(row)
    places: list[int] = []
    at, under = len(line), len(other)
    while at and under:
        if line[at - 1] == other[under - 1]:
            places.append(at - 1)
            at, under = at - 1, under - 1
        elif table[at][under - 1] > table[at - 1][under]:
            under -= 1
        else:
            at -= 1
    return places


def _f1(hits: int, written: int, wanted: int) -> float:
    if not hits:
        return 0.0
    return 2 * hits / (written + wanted)
