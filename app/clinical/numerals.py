"""Spoken and written numbers as values: "one thirty two" is 132. Pure; any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.wording import Token

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_DIGITS: Final = range(1, 10)
_CENTURIES: Final = range(19, 21)
"""First halves of years as they are spoken: nineteen eighty, twenty ten."""
_GROUP: Final = 3
_OH: Final = frozenset({"oh", "o", "zero"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    Attributes:
        first, last: token indexes, `last` exclusive.
        is_spoken: written in words.
    """

    value: float
    first: int
    last: int
    is_spoken: bool


def numbers(tokens: Sequence[Token]) -> tuple[Number, ...]:
    """Return the numbers among the tokens, longest reading first."""
    found, index = [], 0
    while index < len(tokens):
        number = _read(tokens, index)
        if number is None:
            index += 1
            continue
        found.append(number)
        index = number.last
    return tuple(found)


def _read(tokens: Sequence[Token], index: int) -> Number | None:
    text = tokens[index].text
    if text[0].isdigit():
        if not _is_plain(text) or _is_glued(tokens, index):
            return None
        value, last = _fraction(tokens, float(text.replace(",", "")), index + 1)
        return Number(value, index, last, is_spoken=False)
    if text == "point":
        value, last = _fraction(tokens, 0.0, index)
        return Number(value, index, last, is_spoken=True) if last > index else None
    if text not in _UNITS and text not in _TENS:
        return None
    value, last = _fraction(tokens, *_cardinal(tokens, index))
    return Number(value, index, last, is_spoken=True)


def _is_glued(tokens: Sequence[Token], index: int) -> bool:
    """Whether digits belong to a name: A1c, O2, B12."""
    before = tokens[index - 1] if index else None
    return before is not None and before.end == tokens[index].start and before.text.isalpha()


def _is_plain(text: str) -> bool:
    parts = text.split(",")
    is_grouped = all(len(part.split(".")[0]) == _GROUP for part in parts[1:])
    return is_grouped and text.count(".") <= 1


def _below_hundred(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    if index >= len(tokens):
        return None
    text = tokens[index].text
    if text in _UNITS:
        return _UNITS[text], index + 1
    if text not in _TENS:
        return None
    value, last = _TENS[text], index + 1
    if last < len(tokens) and tokens[last].text == "-":
        last += 1
    if last < len(tokens) and _UNITS.get(tokens[last].text, 0) in _DIGITS:
        return value + _UNITS[tokens[last].text], last + 1
    return value, index + 1


def _cardinal(tokens: Sequence[Token], index: int) -> tuple[float, int]:
    head = _below_hundred(tokens, index)
    assert head is not None  # noqa: S101 - the caller saw a number word
    value, last = head
    value, last = _hundreds(tokens, value, last)
    if _text(tokens, last) == "thousand":
        value, last = value * 1000, last + 1
        rest = _below_hundred(tokens, last + (_text(tokens, last) == "and"))
        if rest:
            below, last = _hundreds(tokens, *rest)
            value += below
    return float(value), last


def _hundreds(tokens: Sequence[Token], value: int, last: int) -> tuple[int, int]:
    following = _text(tokens, last)
    if following == "hundred":
        rest = _below_hundred(tokens, last + 1 + (_text(tokens, last + 1) == "and"))
        return (value * 100 + rest[0], rest[1]) if rest else (value * 100, last + 1)
    is_digit, is_year = value in _DIGITS, value in _CENTURIES
    if is_digit and following in _OH and _UNITS.get(_text(tokens, last + 1), 0) in _DIGITS:
        return value * 100 + _UNITS[_text(tokens, last + 1)], last + 2
    rest = _below_hundred(tokens, last)
    if rest and rest[0] not in _DIGITS and (is_digit or is_year):
        return value * 100 + rest[0], rest[1]
    return value, last


def _fraction(tokens: Sequence[Token], value: float, last: int) -> tuple[float, int]:
    if _text(tokens, last) == "point":
        digits, after = "", last + 1
        while after < len(tokens) and _text(tokens, after) in _UNITS:
            digits += str(_UNITS[_text(tokens, after)])
            after += 1
        if not digits and _text(tokens, after).isdigit():
            digits, after = _text(tokens, after), after + 1
        return (float(f"{int(value)}.{digits}"), after) if digits else (value, last)
    words = [_text(tokens, last + step) for step in range(3)]
    if words == ["and", "a", "half"]:
        return value + 0.5, last + 3
    return value, last


def _text(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text if index < len(tokens) else ""
