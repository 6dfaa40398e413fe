"""Commit words by LocalAgreement, with hold-back and an age limit; align a final pass with them.

Pure: knows words and samples of the audio clock, no model. Rules and figures: SPEECH.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Spoken, plain

_NUMBERS: Final = frozenset(
    re.findall(
        r"\w+",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy"
        " eighty ninety hundred thousand half point over",
    )
)


@dataclass(frozen=True, slots=True)
class Rules:
    """When a word is sure enough: SPEECH.md section 1, row commit. All in samples.

    Attributes:
        edge: words that end later than this before the newest sound wait.
        age: words older than this wait no longer.
        drift: how far two decodes may differ about a word's end.
        takes: decodes that must agree besides the newest; one more for numbers.
    """

    edge: int = SAMPLE_RATE // 5
    age: int = 3 * SAMPLE_RATE
    drift: int = 2 * SAMPLE_RATE // 5
    takes: int = 1


DEFAULT: Final = Rules()


def is_number(word: Spoken) -> bool:
    """Return whether a word is a number or part of one."""
    return any(c.isdigit() for c in word.text) or plain(word.text) in _NUMBERS


class Agreement:
    """The words of one utterance while it is spoken."""

    def __init__(self, rules: Rules = DEFAULT) -> None:
        self._rules = rules
        self._earlier: list[Sequence[Spoken]] = []
        self.committed: list[Spoken] = []
        self.preview: list[Spoken] = []

    def offer(self, take: Sequence[Spoken], heard_to: int) -> list[Spoken]:
        """Take a decode of the utterance so far; return the words that are sure now.

        Args:
            take: all words of the window, which may reach back behind committed ones.
            heard_to: sample where the window ends.
        """
        fresh = self._after_committed(take)
        before = [self._after_committed(each) for each in self._earlier]
        edge, aged = heard_to - self._rules.edge, heard_to - self._rules.age
        count = 0
        for i, word in enumerate(fresh):
            if word.end > aged and not (word.end <= edge and self._agreed(i, word, before)):
                break
            count = i + 1
        self.committed += fresh[:count]
        self.preview = fresh[count:]
        self._earlier = [*self._earlier, take][-2:]
        return fresh[:count]

    def _agreed(self, i: int, word: Spoken, before: Sequence[Sequence[Spoken]]) -> bool:
        needed = self._rules.takes + is_number(word)
        same = [take for take in before[-needed:] if i < len(take) and self._same(word, take[i])]
        return len(same) == needed

    def _same(self, a: Spoken, b: Spoken) -> bool:
        return plain(a.text) == plain(b.text) and abs(a.end - b.end) <= self._rules.drift

    def _after_committed(self, take: Sequence[Spoken]) -> list[Spoken]:
        if not self.committed:
            return list(take)
        _, rest = align(self.committed, take)
        end = self.committed[-1].end
        return [word for word in take[rest:] if word.end > end]


Pair = tuple[int | None, int | None]


def align(
    a: Sequence[Spoken], b: Sequence[Spoken], is_whole: bool = False
) -> tuple[list[Pair], int]:
    """Align all of `a` with a head of `b`, or with all of it, by edit distance.

    Returns:
        Pairs of indices, None where one side has no partner, and the length of the head.
    """
    rows: list[list[float]] = [[float(j) for j in range(len(b) + 1)]]
    for i, x in enumerate(a, 1):
        row = [float(i)]
        for j, y in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + _cost(x, y)))
        rows.append(row)
    head = len(b) if is_whole else _head(rows[-1], a, b)
    return _pairs(rows, a, b, head), head


def _head(last: Sequence[float], a: Sequence[Spoken], b: Sequence[Spoken]) -> int:
    """Of the cheapest heads of `b`, return the one that ends nearest to where `a` ends."""
    end, best = (a[-1].end if a else 0), min(last)
    heads = [j for j, cost in enumerate(last) if cost == best]
    return min(heads, key=lambda j: abs((b[j - 1].end if j else 0) - end))


def _pairs(
    rows: list[list[float]], a: Sequence[Spoken], b: Sequence[Spoken], head: int
) -> list[Pair]:
    pairs: list[Pair] = []
    i, j = len(a), head
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + _cost(a[i - 1], b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _cost(a: Spoken, b: Spoken) -> float:
    if abs(a.start + a.end - b.start - b.end) > 2 * SAMPLE_RATE:
        return 2.0  # the same word a second later is another word
    return 0.0 if plain(a.text) == plain(b.text) else 1.0


def renamed(committed: Sequence[Spoken], final: Sequence[Spoken]) -> list[Spoken]:
    """Return the final words with the numbers of the committed words they stand for.

    A word keeps its number when the final pass spells it otherwise; words that nobody had
    committed have number 0.
    """
    pairs, _ = align(committed, final, is_whole=True)
    numbers = {b: committed[a].number for a, b in pairs if a is not None and b is not None}
    return [replace(word, number=numbers.get(i, 0)) for i, word in enumerate(final)]
