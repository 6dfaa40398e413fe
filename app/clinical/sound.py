"""How much two spellings sound alike. Pure; any thread.

A spelling becomes a row of sounds by rules for clusters of letters, tuned to names of drugs ("ph"
and "chl" as in chlorpheniramine); two rows are compared by an edit distance in which sounds
that recognizers and ears mix up are near: vowels among themselves, voiced and unvoiced pairs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from app.clinical.wording import word_set

_CLUSTERS: Final = (
    ("tion", "Sn"), ("sion", "Sn"), ("cial", "Sl"), ("tial", "Sl"), ("sch", "sk"), ("tch", "C"),
    ("chl", "kl"), ("chr", "kr"), ("dge", "j"), ("igh", "i"), ("ough", "o"), ("augh", "o"),
    ("ph", "f"), ("sh", "S"), ("th", "T"), ("ch", "C"), ("ck", "k"), ("wh", "w"), ("gh", "g"),
    ("qu", "kw"), ("cc", "ks"), ("sc", "s"), ("kn", "n"), ("wr", "r"), ("ng", "N"), ("nk", "Nk"),
    ("ee", "i"), ("ea", "i"), ("ie", "i"), ("ei", "i"), ("ey", "i"), ("ae", "i"), ("oe", "i"),
    ("eu", "u"), ("ew", "u"), ("oo", "u"), ("ou", "u"), ("ue", "u"), ("ui", "u"), ("oa", "o"),
    ("ow", "o"), ("oi", "o"), ("oy", "o"), ("ai", "e"), ("ay", "e"), ("au", "o"), ("aw", "o"),
)  # fmt: skip
_LETTERS: Final = {"y": "i", "q": "k", "c": "k", "x": "ks", "w": "w"}
_SOFTENING: Final = frozenset("eiy")
_SOFT: Final = {"c": "s", "g": "j"}
_INITIAL: Final = (("ps", "s"), ("pn", "n"), ("x", "z"), ("rh", "r"), ("gn", "n"))
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_VOWELS: Final = frozenset("aeiou")
_WEAK: Final = frozenset("hrwyN")
"""Consonants that come and go: "water" without r, "an hour" without h."""
_VOWEL_SWAP: Final = 0.3
_VOWEL_GONE: Final = 0.45
_WEAK_GONE: Final = 0.6
_NEAR_SWAP: Final = 0.4
_VOWEL_WEIGHT: Final = 0.5
"""Costs and weights set by hand on half of the spoken names (`tests/data/heard_drugs.tsv`)."""
_NEAR: Final = frozenset(
    frozenset(pair)
    for pair in word_set(
        "pb td kg fv sz SZ Cj Tt Td Tf Ts mn nN lr Sj SC sS Cs zj js vb Zj rw kj lw Ck zT vT pf bv"
    )
)


@lru_cache(maxsize=20_000)
def sounds(text: str) -> str:
    """Return a spelling as a row of sounds, one character each; blanks and marks are dropped."""
    text = _NOT_LETTERS.sub("", text.lower())
    result = ""
    for cluster, put in _INITIAL:
        if text.startswith(cluster):
            text, result = text[len(cluster) :], put
            break
    index = 0
    while index < len(text):
        found, size = _sound_at(text, index)
        result += "" if result.endswith(found) and size == 1 else found
        index += size
    is_silent = text.endswith("e") and len(result) > 2 and result[-2] not in _VOWELS  # noqa: PLR2004 - "be"
    return result[:-1] if is_silent else result


def distance(first: str, second: str) -> float:
    """Return what it costs to turn one row of sounds into another."""
    before = [0.0]
    for sound in second:
        before.append(before[-1] + _gone(sound))
    for mine in first:
        row = [before[0] + _gone(mine)]
        for index, yours in enumerate(second):
            row.append(
                min(
                    before[index] + _swap(mine, yours),
                    before[index + 1] + _gone(mine),
                    row[index] + _gone(yours),
                )
            )
        before = row
    return before[-1]


def alikeness(first: str, second: str) -> float:
    """Return 0 to 1 for two rows of sounds; 1 is the same."""
    longest = max(_weight(first), _weight(second))
    return max(0.0, 1 - distance(first, second) / longest) if longest else 0.0


def _sound_at(text: str, index: int) -> tuple[str, int]:
    for cluster, put in _CLUSTERS:
        if text.startswith(cluster, index):
            return put, len(cluster)
    letter = text[index]
    following = text[index + 1 : index + 2]
    if letter in _SOFT and following and following in _SOFTENING:
        return _SOFT[letter], 1
    if letter == "y" and following and following in _VOWELS:
        return "y", 1
    return _LETTERS.get(letter, letter), 1


def _weight(row: str) -> float:
    return sum(_VOWEL_WEIGHT if sound in _VOWELS else 1.0 for sound in row)


def _gone(sound: str) -> float:
    if sound in _VOWELS:
        return _VOWEL_GONE
    return _WEAK_GONE if sound in _WEAK else 1.0


def _swap(mine: str, yours: str) -> float:
    if mine == yours:
        return 0.0
    if mine in _VOWELS and yours in _VOWELS:
        return _VOWEL_SWAP
    return _NEAR_SWAP if frozenset((mine, yours)) in _NEAR else 1.0
