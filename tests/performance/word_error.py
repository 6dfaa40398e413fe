"""Word error rate with our own normalizer: what a listener would call the same words is the same.

Spelling, case, punctuation, fillers and the way numbers are written do not count as errors;
every other word does. Pure, no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

_FILLERS: Final = frozenset(
    re.findall(r"\w+", "uh um uhm umm uhh er erm ah hm hmm mm mmm mhm mmhm uhhuh huh oh eh")
)
_SPELLINGS: Final = {
    "okay": "ok", "alright": "all right", "gonna": "going to", "wanna": "want to",
    "gotta": "got to", "kinda": "kind of", "cannot": "can not", "can't": "can not",
    "won't": "will not", "mr": "mister", "mrs": "missus", "dr": "doctor", "cause": "because",
    "yep": "yes", "yup": "yes", "yeah": "yes", "grey": "gray", "centre": "center",
    "let's": "let us", "x-ray": "xray",
}  # fmt: skip
_ENDINGS: Final = (
    ("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'m", " am"),
    ("'d", " would"),
)  # fmt: skip
_ARE_IS: Final = frozenset(re.findall(r"\w+", "it that what he she there here where how who"))
_UNITS: Final = {
    word: value
    for value, word in enumerate(
        re.findall(
            r"\w+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen"
            " fourteen fifteen sixteen seventeen eighteen nineteen",
        )
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(
        re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety"), 2
    )
}


@dataclass(frozen=True, slots=True)
class Score:
    """Errors against a number of reference words."""

    substituted: int
    deleted: int
    inserted: int
    words: int

    @property
    def rate(self) -> float:
        """Errors per reference word; 0.0 for an empty reference."""
        errors = self.substituted + self.deleted + self.inserted
        return errors / self.words if self.words else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.substituted + other.substituted,
            self.deleted + other.deleted,
            self.inserted + other.inserted,
            self.words + other.words,
        )


def normalized(text: str) -> list[str]:
    """Return the words that count, in one spelling."""
    text = text.lower().replace("\u2019", "'").replace("x-ray", "xray")
    text = re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("%", " percent ")
    text = re.sub(r"uh[- ]huh|mm[- ]?hmm?", " ", text)
    words: list[str] = []
    for raw in re.findall(r"[a-z0-9']+(?:\.\d+)?", text):
        words += [each for each in _spelled(raw.strip("'")).split() if each not in _FILLERS]
    return list(_with_digits(words))


def score(reference: str, heard: str) -> Score:
    """Return the word errors of one text against its reference."""
    wanted, got = normalized(reference), normalized(heard)
    found = {"replace": 0, "delete": 0, "insert": 0}
    for step in Levenshtein.editops(wanted, got):
        found[step.tag] += 1
    return Score(found["replace"], found["delete"], found["insert"], len(wanted))


def differences(reference: str, heard: str) -> list[tuple[str, str]]:
    """Return (wanted, got) pairs that differ; an empty string where nothing stands."""
    wanted, got = normalized(reference), normalized(heard)
    return [
        (
            "" if step.tag == "insert" else wanted[step.src_pos],
            "" if step.tag == "delete" else got[step.dest_pos],
        )
        for step in Levenshtein.editops(wanted, got)
    ]


def _spelled(word: str) -> str:
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    for ending, whole in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + whole
    if word.endswith("'s") and word[:-2] in _ARE_IS:
        return f"{word[:-2]} is"
    return word.replace("'", "")


def _with_digits(words: Sequence[str]) -> Iterator[str]:
    """Write number words as digits: "one hundred twenty" and "twenty five" become one word."""
    i = 0
    while i < len(words):
        value, used = _number(words[i:])
        if used:
            yield str(value)
            i += used
        else:
            yield words[i]
            i += 1


def _number(words: Sequence[str]) -> tuple[int, int]:
    """Return the number that stands first and how many words it takes; (0, 0) for none."""
    value, used = _below_hundred(words)
    if used and len(words) > used and words[used] == "hundred":
        value, used = value * 100, used + 1
        skip = 1 if len(words) > used and words[used] == "and" else 0
        rest, more = _below_hundred(words[used + skip :])
        if more:
            value, used = value + rest, used + skip + more
    return value, used


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if not words:
        return 0, 0
    if words[0] in _TENS:
        unit = _UNITS.get(words[1], 0) if len(words) > 1 else 0
        return (_TENS[words[0]] + unit, 2) if 0 < unit < 10 else (_TENS[words[0]], 1)
    return (_UNITS[words[0]], 1) if words[0] in _UNITS else (0, 0)
