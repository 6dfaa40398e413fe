"""Which figures a text holds at all, whatever they measure; and dates in digits. Pure; any thread.

`quantities` says what a number measures, and may misread talk. This is coarser and misses less: a
number of a note that stands nowhere here was not said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from app.clinical.numerals import numbers
from app.clinical.wording import Token, tokenize

_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
_NAMED: Final = {
    "a": (1,), "an": (1,), "once": (1,), "single": (1,), "another": (1,), "couple": (2, 3),
    "twice": (2,), "both": (2,), "pair": (2,), "twins": (2,), "double": (2,), "few": (2, 3, 4, 5),
    "several": (3, 4, 5), "half": (0.5,), "quarter": (0.25, 4), "dozen": (12,),
    "fortnight": (2, 14), "no": (0,), "hundred": (100,), "thousand": (1000,), "daily": (1,),
}  # fmt: skip
"""Words that may stand for a figure in a note. Wide, so that paraphrase passes."""
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DATE: Final = re.compile(
    r"(?<![\d/.])(?:(\d{1,2})/)?(\d{1,2})/((?:19|20)\d{2})(?![\d/])"
    r"|(?<![\d/.])(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])"
)
_DIGITS: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Day:
    """A date in digits.

    Attributes:
        figures: month and, where it stands there, day; in either order.
        start, end: characters of the text.
    """

    figures: tuple[int, ...]
    start: int
    end: int
    text: str


def days(text: str) -> tuple[Day, ...]:
    """Return the dates in digits ("04/2021", "6/24/2021") of a text."""
    return tuple(
        Day(
            tuple(int(each) for each in (match[1], match[2], match[4], match[5]) if each),
            match.start(), match.end(), match[0],
        )
        for match in _DATE.finditer(text)
    )  # fmt: skip


def without_days(text: str) -> str:
    """Return the text with blanks in place of dates in digits; lengths stay."""
    return _DATE.sub(lambda match: " " * len(match[0]), text)


def is_month_in(figure: int, words: frozenset[str]) -> bool:
    """Return whether the name of a month, given by its number, is among these words."""
    return 0 < figure <= len(_MONTHS) and _MONTHS[figure - 1] in words


@lru_cache(maxsize=20_000)
def figures(text: str) -> frozenset[float]:
    """Return every number a text may be said to hold, also the parts of composed ones."""
    tokens = tokenize(text)
    found = {each.value for each in numbers(tokens)}
    found |= {float(each) for each in _DIGITS.findall(text)}
    for token in tokens:
        found.update(_NAMED.get(token.text, ()))
        if token.text in _ORDINALS:
            found.add(_ORDINALS.index(token.text) + 1.0)
        found |= {each.value for each in numbers((token,))}
    return frozenset(found | _joined(tokens))


def stated(text: str) -> frozenset[float]:
    """Return the numbers a note states: in digits or spelled, composed ones as one."""
    return frozenset(each.value for each in numbers(tokenize(text)))


def _joined(tokens: Sequence[Token]) -> set[float]:
    """Return what neighboring digits make: "two 50" may be 250."""
    found: set[float] = set()
    for first, second in pairwise(tokens):
        left, right = numbers((first,)), numbers((second,))
        if left and right and left[0].value.is_integer() and right[0].value.is_integer():
            found.add(float(f"{left[0].value:g}{right[0].value:g}"))
    return found
