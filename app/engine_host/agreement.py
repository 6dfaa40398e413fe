"""Commit words by LocalAgreement, with hold-back and an age limit; align a final pass with them.

Pure: knows words and samples of the audio clock, no model. Rules and figures: SPEECH.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Changed, Spoken, plain

_DIGITS: Final = {
    word: str(value)
    for words, values in (
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
            " fifteen sixteen seventeen eighteen nineteen",
            range(20),
        ),
        ("twenty thirty forty fifty sixty seventy eighty ninety hundred", range(20, 101, 10)),
    )
    for word, value in zip(words.split(), values, strict=True)
}
_NUMBERS: Final = frozenset({*_DIGITS, "thousand", "half", "point", "over"})


_KEPT: Final = 3  # decodes besides the newest
_LEAST_MISSED: Final = 2  # words in a row that a final left out; one may be an echo
_EDGE: Final = SAMPLE_RATE // 5  # by so much the words of two decodes may overlap
_ECHO: Final = 6 * SAMPLE_RATE  # decodes repeat what was said so shortly before
_ANSWER: Final = 4  # "No muscle weakness." says again what was asked
_LIKELY: Final = 0.5  # mean probability of words that stay
_Pairs = dict[int, int]  # index of a word -> index of the same word in another decode


@dataclass(frozen=True, slots=True)
class Rules:
    """When a word is sure enough: SPEECH.md section 1, row commit. All in samples.

    Attributes:
        edge: words that end later than this before the newest sound wait.
        age: words older than this wait no longer.
        drift: how far two decodes may differ about a word's end.
        takes: decodes that must agree besides the newest; for held words one more, of the three
            before it: one that slips holds up a number, and all behind it, no longer.
        held_age: the age limit of held words: half as much again, room for the third decode.
        alone_age: the same for held words that no other decode has.
    """

    edge: int = SAMPLE_RATE // 5
    age: int = 3 * SAMPLE_RATE
    drift: int = 2 * SAMPLE_RATE // 5
    takes: int = 1
    held_age: int = 9 * SAMPLE_RATE // 2
    alone_age: int = 15 * SAMPLE_RATE // 2


DEFAULT: Final = Rules()


def is_number(word: Spoken) -> bool:
    """Return whether a word is a number or part of one."""
    return any(c.isdigit() for c in word.text) or plain(word.text) in _NUMBERS


def canonical(text: str) -> str:
    """Return what makes a word the same word: no case, no marks, numbers as digits."""
    bare = plain(text)
    return _DIGITS.get(bare, bare)


class Agreement:
    """The words of one utterance while it is spoken.

    Args:
        rules: when a word is sure.
        held: words in lower case that wait for one decode more, as numbers do.
    """

    def __init__(self, rules: Rules = DEFAULT, held: Collection[str] = ()) -> None:
        self._rules = rules
        self._held = held
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
        pairs = [self._paired(fresh, self._after_committed(each)) for each in self._earlier]
        edge = heard_to - self._rules.edge
        count = 0
        for i, word in enumerate(fresh):
            agreed = word.end <= edge and self._agreed(i, word, pairs)
            if not agreed and not self._is_old(i, word, pairs, heard_to):
                break
            count = i + 1
        self._earlier = [*self._earlier, take][-_KEPT:]
        return self._commit(fresh, count)

    def pass_over(self, heard_to: int) -> list[Spoken]:
        """Say that a decode was of no use; return the words that are too old to wait for another.

        Args:
            heard_to: sample where its window ended.
        """
        fresh = self.preview
        pairs = [self._paired(fresh, self._after_committed(each)) for each in self._earlier[:-1]]
        young = [i for i, word in enumerate(fresh) if not self._is_old(i, word, pairs, heard_to)]
        return self._commit(fresh, young[0] if young else len(fresh))

    def _commit(self, fresh: Sequence[Spoken], count: int) -> list[Spoken]:
        self.committed += fresh[:count]
        self.preview = list(fresh[count:])
        return list(fresh[:count])

    def _is_old(self, i: int, word: Spoken, pairs: Sequence[_Pairs], heard_to: int) -> bool:
        rules, age = self._rules, heard_to - word.end
        if not self._is_held(word):
            return age >= rules.age
        return age >= (rules.held_age if any(i in each for each in pairs) else rules.alone_age)

    def _is_held(self, word: Spoken) -> bool:
        return is_number(word) or plain(word.text) in self._held

    def _agreed(self, i: int, word: Spoken, pairs: Sequence[_Pairs]) -> bool:
        """Return whether earlier decodes have a word where it is.

        What comes before a held word must be the same too: not "5" where it was "point 5".
        """
        takes = self._rules.takes
        if not self._is_held(word):
            return sum(i in each for each in pairs[-takes:]) == takes
        same = [each for each in pairs if i in each and each.get(i - 1, -1) == each[i] - 1]
        return len(same) > takes

    def _paired(self, fresh: Sequence[Spoken], take: Sequence[Spoken]) -> _Pairs:
        """Return index of a word -> index of the same word at the same time, in order.

        Times and not places in the row: "Alright" in one decode is "All right" in the next, and
        nothing behind it would be the same.
        """
        found: _Pairs = {}
        low = 0
        for i, word in enumerate(fresh):
            same = [j for j in range(low, len(take)) if self._same(word, take[j])]
            if same:
                found[i] = same[0]
                low = same[0] + 1
        return found

    def _same(self, a: Spoken, b: Spoken) -> bool:
        return is_same(a, b) and abs(a.end - b.end) <= self._rules.drift

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
    apart = abs(a.start + a.end - b.start - b.end) / (2 * SAMPLE_RATE)
    if apart > 1:
        return 3.0  # the same word a second later is another word
    return (0.0 if is_same(a, b) else 1.0) + apart / 8  # of two same words, the nearer


def is_same(a: Spoken, b: Spoken) -> bool:
    """Return whether two words read the same but for marks, case and the way of writing numbers."""
    return canonical(a.text) == canonical(b.text)


def renamed(
    committed: Sequence[Spoken], final: Sequence[Spoken]
) -> tuple[list[Spoken], list[Changed]]:
    """Return the final words with the numbers of the committed words they stand for.

    A word keeps its number when the final pass spells it otherwise; words that nobody had
    committed have number 0. What reads otherwise, or is gone, is told; marks and case are not.
    """
    pairs, _ = align(committed, final, is_whole=True)
    numbers = {b: committed[a].number for a, b in pairs if a is not None and b is not None}
    words = [replace(word, number=numbers.get(i, 0)) for i, word in enumerate(final)]
    return words, [change for run in _runs(pairs, committed, words) if (change := _change(*run))]


def restored(
    committed: Sequence[Spoken], final: Sequence[Spoken], has_speech: Callable[[Span], int]
) -> list[Spoken]:
    """Return the final words, and committed ones where a final jumped over speech.

    Whisper leaves out whole answers between two questions of another voice. What decodes had
    agreed on, in speech where the final has no word at all, was said.
    """
    pairs, _ = align(committed, final, is_whole=True)
    missed: list[list[Spoken]] = [[]]
    for a, b in pairs:
        if b is not None and missed[-1]:
            missed.append([])
        if a is not None and b is None:
            missed[-1].append(committed[a])
    words = list(final)
    for run in missed:
        if len(run) >= _LEAST_MISSED and _is_hole(run, final, has_speech):
            words += run
    return sorted(words, key=lambda word: word.start + word.end)


def _is_hole(
    run: Sequence[Spoken], final: Sequence[Spoken], has_speech: Callable[[Span], int]
) -> bool:
    span = Span(run[0].start, run[-1].end)
    if any(word.start < span.end - _EDGE and word.end > span.start + _EDGE for word in final):
        return False
    around = {canonical(word.text) for word in final if _is_near(word, span)}
    fresh = sum(canonical(word.text) not in around for word in run)
    is_new = fresh > len(run) / 2 or (fresh > 0 and len(run) <= _ANSWER)
    is_likely = sum(word.probability for word in run) >= _LIKELY * len(run)
    return is_new and is_likely and 2 * has_speech(span) >= span.end - span.start


def _is_near(word: Spoken, span: Span) -> bool:
    return word.end > span.start - _ECHO and word.start < span.end + _ECHO


def _runs(
    pairs: Sequence[Pair], committed: Sequence[Spoken], final: Sequence[Spoken]
) -> Iterator[tuple[list[Spoken], list[Spoken]]]:
    """Yield what lies between words that are the same: (committed, final)."""
    old: list[Spoken] = []
    new: list[Spoken] = []
    for a, b in pairs:
        if a is not None and b is not None and is_same(committed[a], final[b]):
            yield old, new
            old, new = [], []
        else:
            old += [committed[a]] if a is not None else []
            new += [final[b]] if b is not None else []
    yield old, new


def _change(old: Sequence[Spoken], new: Sequence[Spoken]) -> Changed | None:
    if not old:
        return None
    numbers = {word.number for word in old}
    after = [  # a new word beside them is no part of the change; one in their place is
        word
        for word in new
        if word.number in numbers or (word.start < old[-1].end and word.end > old[0].start)
    ]
    return Changed(
        tuple(word.number for word in old),
        " ".join(word.text for word in old),
        " ".join(word.text for word in after),
    )
