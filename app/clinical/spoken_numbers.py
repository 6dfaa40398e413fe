"""Numbers as people say them: "one thirty two", "point two five", "nineteen eighty". Pure.

Beside the value a reading tells how it was said, because that decides what may be written: "one
fifty" is 150 before "milligrams", and nobody knows what it is alone.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from typing import Final

from app.clinical.spoken_tokens import Spoken
from app.clinical.wording import word_set

UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9,
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINAL_UNITS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9,
}  # fmt: skip
_ORDINAL_TEENS: Final = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
    "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
OH: Final = frozenset({"oh", "o", "zero"})
_DIGITS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_NO_POINT: Final = word_set(
    "this that some a the which what what's your my his her any no good one point at"
)
"""Before "point" these make it a noun: "at this point two things matter"."""
_LEAST_GROUPED: Final = 1_000
"""ISMP (see `written_doses`): commas in dosing units at or above 1,000."""
_YEARS: Final = {"eighteen": 1800, "nineteen": 1900}
_LAST_YEAR: Final = 39
"""Years are read up to 2039: "twenty forty" is no year that anybody has had."""
_WHOLE: Final = 10
_COUNTABLE: Final = word_set(
    "times time daily nightly weekly tablet tablets capsule capsules puff puffs pill pills tab "
    "tabs cap caps caplet caplets drop drops spray sprays dose doses every each ago second seconds "
    "minute minutes hour hours day days night nights week weeks month months year years"
)
_PARTED: Final = 2
"""Decimals from which the last may be a count: "two point five, two times a day"."""
_STUMBLE: Final = 3
"""Words between the halves of a number that stumbled. Set by hand after one in the OSCE talks."""


class Shape(enum.Enum):
    """How a number was said."""

    DIGITS = "digits"
    SMALL = "small"
    TEEN = "teen"
    TENS = "tens"
    COMPOUND = "compound"
    LARGE = "large"
    ARTICLE = "article"
    SHORT = "short"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Reading:
    """A number in an utterance.

    Attributes:
        text: digits without grouping, as exact as it was said: "4.0".
        last: index of the token after it.
        shape: ARTICLE is "a hundred", SHORT is "one fifty".
    """

    text: str
    last: int
    shape: Shape

    @property
    def value(self) -> float:
        """The value."""
        return float(self.text)


def is_time_or_count(text: str) -> bool:
    """Return whether a word is counted behind a dose: "times", "tablets", "days"."""
    return text in _COUNTABLE


def has_count(spoken: Spoken, reading: Reading) -> bool:
    """Return whether its last word may be a count: "three hundred, three times a day"."""
    end = spoken.tokens[reading.last - 1]
    if not UNITS.get(end.text) or not end.is_first:
        return False
    if reading.shape is Shape.DECIMAL:
        is_long = len(reading.text.partition(".")[2]) >= _PARTED
    else:
        is_long = reading.shape in {Shape.COMPOUND, Shape.LARGE, Shape.SHORT}
    last = reading.last
    is_part = spoken.follows(last, "at", "bedtime") or spoken.follows(last, "at", "night")
    is_part |= spoken.follows(last, "in", "the")
    return is_long and (is_part or spoken.after(last) in _COUNTABLE)


def is_number_word(text: str) -> bool:
    """Return whether a token is a number or begins one."""
    return text in UNITS or text in TEENS or text in TENS or bool(_DIGITS.fullmatch(text))


def grouped(text: str) -> str:
    """Return digits with commas from 1,000 on: "12500.5" is "12,500.5"."""
    whole, point, rest = text.partition(".")
    if int(whole or 0) < _LEAST_GROUPED:
        return text
    return f"{int(whole):,}{point}{rest}"


def trimmed(text: str) -> str:
    """Return digits with a leading zero and without trailing zeros: ".50" is "0.5"."""
    if "." not in text:
        return text
    text = text.rstrip("0").rstrip(".")
    return f"0{text}" if text.startswith(".") else text or "0"


def read(spoken: Spoken, index: int) -> Reading | None:
    """Return the longest number that begins at a token, None if there is none."""
    text = spoken.text(index)
    if _DIGITS.fullmatch(text):
        return Reading(text.replace(",", ""), index + 1, Shape.DIGITS)
    if text == "point":
        return None if _is_bound_point(spoken, index) else _decimal(spoken, "0", index)
    if text in {"oh", "o"}:
        return _decimal(spoken, "0", index + 1)
    if text == "a" and spoken.after(index + 1) in {"hundred", "thousand"}:
        return _article(spoken, index)
    head = _below_hundred(spoken, index)
    if head is None:
        return None
    reading = _large(spoken, head)
    is_noun = spoken.before(index) == "at" and reading.text == "1"
    return reading if is_noun else _decimal(spoken, reading.text, reading.last) or reading


def read_small(spoken: Spoken, index: int) -> Reading | None:
    """Return a number below a hundred that begins at a token, in words or digits."""
    if _DIGITS.fullmatch(spoken.text(index)):
        return Reading(spoken.text(index), index + 1, Shape.DIGITS)
    return _below_hundred(spoken, index)


def read_year(spoken: Spoken, index: int) -> Reading | None:
    """Return a year from 1800 to 2039 that begins at a token, None if there is none."""
    text = spoken.text(index)
    if re.fullmatch(r"1[89]\d\d|20[0-3]\d", text):
        return Reading(text, index + 1, Shape.DIGITS)
    if text in _YEARS:
        return _year_in(spoken, index + 1, _YEARS[text], 99)
    if text == "twenty":
        return _year_in(spoken, index + 1, 2000, _LAST_YEAR)
    if text == "two" and spoken.after(index + 1) == "thousand":
        last = index + 2
        rest = _below_hundred(spoken, last + (spoken.after(last) == "and"), is_bound=True)
        if rest and rest.value <= _LAST_YEAR and not is_number_word(spoken.after(rest.last)):
            return Reading(str(2000 + int(rest.text)), rest.last, Shape.LARGE)
        return Reading("2000", last, Shape.LARGE)
    return None


def read_ordinal(spoken: Spoken, index: int) -> Reading | None:
    """Return an ordinal in words that begins at a token: "twenty first" is 21."""
    text = spoken.text(index)
    if text in _ORDINAL_TEENS:
        return Reading(str(_ORDINAL_TEENS[text]), index + 1, Shape.TEEN)
    if text in _ORDINAL_UNITS:
        return Reading(str(_ORDINAL_UNITS[text]), index + 1, Shape.SMALL)
    following = spoken.after(index + 1)
    if text in TENS and following in _ORDINAL_UNITS:
        return Reading(str(TENS[text] + _ORDINAL_UNITS[following]), index + 2, Shape.COMPOUND)
    return None


def ordinal(text: str) -> str:
    """Return a number as an ordinal: "21" is "21st"."""
    number = int(text)
    if number % 100 in range(11, 14):
        return f"{number}th"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _is_bound_point(spoken: Spoken, index: int) -> bool:
    """Whether "point" is a noun, or belongs to a number that stumbled: "38 point, ah, point 8"."""
    if spoken.before(index) in _NO_POINT:
        return True
    near = [spoken.text(back) for back in range(index - _STUMBLE, index)]
    return "point" in near or any(map(is_number_word, near))


def _below_hundred(spoken: Spoken, index: int, *, is_bound: bool = False) -> Reading | None:
    """Return what is said below a hundred; `is_bound`: no mark may stand before it."""
    text = spoken.after(index) if is_bound else spoken.text(index)
    if text in UNITS:
        return Reading(str(UNITS[text]), index + 1, Shape.SMALL)
    if text in TEENS:
        return Reading(str(TEENS[text]), index + 1, Shape.TEEN)
    if text not in TENS:
        return None
    unit = UNITS.get(spoken.after(index + 1), 0)
    if unit:
        return Reading(str(TENS[text] + unit), index + 2, Shape.COMPOUND)
    return Reading(str(TENS[text]), index + 1, Shape.TENS)


def _article(spoken: Spoken, index: int) -> Reading:
    one = Reading("1", index + 1, Shape.SMALL)
    reading = _large(spoken, one)
    is_bare = reading.last == index + 2 and reading.text in {"100", "1000"}
    reading = replace(reading, shape=Shape.ARTICLE) if is_bare else reading
    return _decimal(spoken, reading.text, reading.last) or reading


def _large(spoken: Spoken, head: Reading) -> Reading:
    """Go on past a number below a hundred: hundreds, thousands, or the short "one fifty"."""
    reading = _hundreds(spoken, head)
    if spoken.after(reading.last) != "thousand" or reading.shape is Shape.SHORT:
        return reading
    last = reading.last + 1
    value = int(reading.text) * 1000
    rest = _below_hundred(spoken, last + (spoken.after(last) == "and"), is_bound=True)
    below = _hundreds(spoken, rest) if rest else None
    if below and below.shape is not Shape.SHORT:
        value, last = value + int(below.text), below.last
    return Reading(str(value), last, Shape.LARGE)


def _hundreds(spoken: Spoken, head: Reading) -> Reading:
    following, value = spoken.after(head.last), int(head.text)
    if following == "hundred" and value % _WHOLE:
        last = head.last + 1
        rest = _below_hundred(spoken, last + (spoken.after(last) == "and"), is_bound=True)
        if rest and spoken.after(rest.last) == "hundred":
            rest = None
        value = value * 100 + (int(rest.text) if rest else 0)
        return Reading(str(value), rest.last if rest else last, Shape.LARGE)
    return _short(spoken, head) or head


def _short(spoken: Spoken, head: Reading) -> Reading | None:
    """Return "one fifty", "one oh five" as a number of hundreds."""
    if head.shape is not Shape.SMALL or head.text == "0":
        return None
    if spoken.after(head.last) in OH:
        unit = UNITS.get(spoken.after(head.last + 1), 0)
        return Reading(f"{head.text}0{unit}", head.last + 2, Shape.SHORT) if unit else None
    rest = _below_hundred(spoken, head.last, is_bound=True)
    if rest is None or rest.shape is Shape.SMALL or is_number_word(spoken.after(rest.last)):
        return None
    return Reading(f"{head.text}{rest.text}", rest.last, Shape.SHORT)


def _decimal(spoken: Spoken, whole: str, index: int) -> Reading | None:
    """Return the number with the digits after "point" at `index`, None without a point."""
    if spoken.after(index) != "point":
        return None
    digits, last = "", index + 1
    while spoken.after(last) in UNITS or spoken.after(last) in OH:
        digits += str(UNITS.get(spoken.after(last), 0))
        last += 1
    if not digits:
        rest = _below_hundred(spoken, last, is_bound=True)
        digits, last = (rest.text, rest.last) if rest else ("", last)
    if not digits and spoken.after(last).isdecimal():
        digits, last = spoken.after(last), last + 1
    return Reading(f"{whole}.{digits}", last, Shape.DECIMAL) if digits else None


def _year_in(spoken: Spoken, index: int, century: int, most: int) -> Reading | None:
    if spoken.after(index) in OH and UNITS.get(spoken.after(index + 1)):
        return Reading(str(century + UNITS[spoken.after(index + 1)]), index + 2, Shape.SHORT)
    rest = _below_hundred(spoken, index, is_bound=True)
    if rest is None or rest.shape is Shape.SMALL or int(rest.text) > most:
        return None
    if is_number_word(spoken.after(rest.last)):
        return None
    return Reading(str(century + int(rest.text)), rest.last, Shape.SHORT)
