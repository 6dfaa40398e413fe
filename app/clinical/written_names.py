"""How names with numbers, ordinals, digit by digit numbers and plain numbers are written. Pure.

Plain small numbers stay words: "one of the things", "two kids". What could be read in two ways
stays as it was spoken: "one fifty", "twenty twenty vision".
"""

from __future__ import annotations

import itertools
from typing import Final

from app.clinical.spoken_numbers import (
    OH,
    UNITS,
    Reading,
    Shape,
    grouped,
    has_count,
    is_number_word,
    is_time_or_count,
    ordinal,
    read,
    read_ordinal,
    read_small,
)
from app.clinical.spoken_tokens import Match, Spoken
from app.clinical.wording import word_set
from app.clinical.written_doses import is_unit

_SPINE: Final = {"c": 8, "t": 12, "l": 5, "s": 5}
"""Roots and vertebrae by region; S1 to S4 are heart sounds too, T3 and T4 hormones."""
_VITAMINS: Final = {"b": 12, "d": 3, "k": 2}
_GRADES: Final = {"type": 4, "stage": 5, "grade": 6, "class": 4}
_FREQUENCIES: Final = {
    ("b", "i", "d"): "BID", ("t", "i", "d"): "TID", ("q", "i", "d"): "QID", ("p", "r", "n"): "PRN",
}  # fmt: skip
_CALLS: Final = word_set("call calling called dial dialed dialing phone phoned")
_LEAST_DIGITS: Final = 5
_LOCAL, _NATIONAL = 7, 10
"""Digits of a telephone number without and with its area (North American Numbering Plan)."""
_NOT_AFTER: Final = frozenset({"something", "odd", "ish", "some"})
_SPOTS: Final = frozenset({"trigger", "tender", "pressure", "entry", "mcburney's", "mcburneys"})
"""Before "point" these make it a place on a body: "trigger point one centimeter"."""
_FRACTIONS: Final = frozenset({"a", "an", "one"})
_LEAST_ORDINAL: Final = 10


def broken(spoken: Spoken, index: int) -> Match | None:
    """Keep numbers that a lone stop parts: "zero . zero five percent" may be .05 or not."""
    if spoken.text(index) == "point" and spoken.before(index) in _SPOTS:
        return Match(_end_of_row(spoken, index + 1), None)
    if not is_number_word(spoken.text(index)):
        return None
    last = _end_of_row(spoken, index + 1)
    if spoken.after(last) == "point" and not spoken.after(last + 1) and spoken.text(last + 1):
        is_number = is_number_word(spoken.text(last + 1)) and spoken.before(index) != "at"
        return Match(_end_of_row(spoken, last + 2), None) if is_number else None
    if not _is_parted(spoken, last):
        return None
    return Match(_end_of_row(spoken, last + 2), None)


def lettered(spoken: Spoken, index: int) -> Match | None:
    """Read names of letters and numbers: A1c, B12, T4, L5, O2, COVID-19, H1N1."""
    first = spoken.text(index)
    if first == "a" and spoken.follows(index + 1, "one", "c"):
        return Match(index + 3, "A1c")
    if first == "covid" and spoken.after(index + 1) == "nineteen":
        return Match(index + 2, "COVID-19")
    if spoken.follows(index, "c", "o", "two"):
        return Match(index + 3, "CO2")
    if first == "o" and spoken.after(index + 1) == "two":
        return Match(index + 2, "O2")
    if first == "g" and spoken.after(index + 2) == "p":
        return _births(spoken, index)
    return _numbered(spoken, index, first)


def frequency(spoken: Spoken, index: int) -> Match | None:
    """Read spelled standard frequencies: BID, TID, QID, PRN, q6h."""
    letters = (spoken.text(index), spoken.after(index + 1), spoken.after(index + 2))
    if letters in _FREQUENCIES:
        return Match(index + 3, _FREQUENCIES[letters])
    if letters[0] != "q" or not letters[1]:
        return None
    hours = read_small(spoken, index + 1)
    if hours is None or spoken.after(hours.last) not in {"hours", "hour", "h"}:
        return None
    return Match(hours.last + 1, f"q{hours.text}h")


def graded(spoken: Spoken, index: int) -> Match | None:
    """Read the number after "type", "stage", "grade", "class" and "cranial nerves"."""
    before = spoken.before(index)
    if before in {"nerve", "nerves"} and spoken.text(index - 2) == "cranial":
        return _nerves(spoken, index)
    text = spoken.after(index)
    most = _GRADES.get(before, 0)
    if not 0 < UNITS.get(text, 0) <= most or is_number_word(spoken.after(index + 1)):
        return None
    if before in {"type", "class"} and spoken.after(index + 1) in {"of", "thing"}:
        return None
    return Match(index + 1, str(UNITS[text]))


def digits(spoken: Spoken, index: int) -> Match | None:
    """Read numbers said digit by digit: telephone, record and postal numbers."""
    found, last = "", index
    while (spoken.after(last) if found else spoken.text(last)) in UNITS.keys() | OH:
        found += str(UNITS.get(spoken.text(last), 0))
        last += 1
    is_emergency = found == "911" and spoken.text(index - 1) in _CALLS
    if is_emergency:
        return Match(last, found)
    if len(found) < _LEAST_DIGITS:
        return None
    if _is_counting(found) or is_number_word(spoken.after(last)):
        return Match(last, None)
    if len(found) == _LOCAL:
        return Match(last, f"{found[:3]}-{found[3:]}")
    if len(found) == _NATIONAL:
        return Match(last, f"{found[:3]}-{found[3:6]}-{found[6:]}")
    return Match(last, found)


def ranked(spoken: Spoken, index: int) -> Match | None:
    """Read ordinals from the tenth on: "the twenty first" is "the 21st"."""
    found = read_ordinal(spoken, index)
    if found is None or int(found.text) < _LEAST_ORDINAL:
        return None
    before = spoken.before(index)
    if before in _FRACTIONS or is_number_word(before):
        return None
    if spoken.text(found.last - 1) == "second" and before != "the":
        return Match(found.last, None)
    return Match(found.last, ordinal(found.text))


def plain(spoken: Spoken, index: int) -> Match | None:
    """Read numbers that need no context: decimals, "twenty five", "two hundred and fifty"."""
    found = read(spoken, index)
    ranged = _range(spoken, found)
    if ranged:
        return ranged
    if found is None or found.shape in {Shape.SMALL, Shape.TEEN, Shape.TENS, Shape.ARTICLE}:
        return None
    if found.shape is Shape.DIGITS:
        return Match(found.last, None)
    before = spoken.text(index - 1)
    is_row = is_number_word(spoken.after(found.last)) or is_number_word(before) or before in OH
    is_vague = spoken.after(found.last) in _NOT_AFTER or has_count(spoken, found)
    is_vague |= found.shape is Shape.LARGE and _is_share(spoken, index)
    if found.shape is Shape.SHORT or is_row or is_vague:
        return Match(_end_of_row(spoken, found.last), None)
    return Match(found.last, grouped(found.text))


def _is_share(spoken: Spoken, index: int) -> bool:
    """Whether "hundred" may belong to two numbers: "five or six hundred"."""
    return spoken.before(index) in {"or", "to"} and spoken.text(index - 2) in UNITS


def _range(spoken: Spoken, low: Reading | None) -> Match | None:
    """Read "twenty five to thirty": both in digits when one of them would be."""
    link = spoken.after(low.last) if low else ""
    if low is None or link not in {"to", "or"} or not spoken.after(low.last + 1):
        return None
    high = read(spoken, low.last + 1)
    if high is None or high.value <= low.value or is_number_word(spoken.after(high.last)):
        return None
    shapes = {low.shape, high.shape}
    if Shape.COMPOUND not in shapes or not shapes <= {Shape.COMPOUND, Shape.TENS, Shape.TEEN}:
        return None
    if has_count(spoken, high):
        return Match(high.last, None)
    return Match(high.last, f"{low.text} {link} {high.text}")


def _is_parted(spoken: Spoken, last: int) -> bool:
    is_stop = last < len(spoken) and not spoken.text(last) and "." in spoken.marks(last + 1)
    return is_stop and is_number_word(spoken.text(last + 1))


def _numbered(spoken: Spoken, index: int, first: str) -> Match | None:
    number = read_small(spoken, index + 1) if spoken.after(index + 1) else None
    if number is None or number.shape is Shape.DIGITS or is_number_word(spoken.after(number.last)):
        return None
    following, value = spoken.after(number.last), int(number.text)
    is_vitamin = spoken.text(index - 1) == "vitamin" or (first, value) == ("b", 12)
    most = _VITAMINS.get(first, 0) if is_vitamin else _SPINE.get(first, 0)
    if following in {"thousand", "hundred"} or not 0 < value <= most:
        return None
    is_counted = is_time_or_count(following) or is_unit(following)
    if is_counted or spoken.text(index - 1) in {"hepatitis", "hep"}:
        return Match(number.last, None)
    return Match(number.last, f"{first.upper()}{value}")


def _births(spoken: Spoken, index: int) -> Match | None:
    pregnancies = UNITS.get(spoken.after(index + 1))
    births = UNITS.get(spoken.after(index + 3))
    if pregnancies is None or births is None or not spoken.after(index + 2):
        return None
    return Match(index + 4, f"G{pregnancies}P{births}")


def _nerves(spoken: Spoken, index: int) -> Match | None:
    first = read_small(spoken, index)
    if first is None or first.shape is Shape.DIGITS:
        return None
    link = spoken.after(first.last)
    last = read_small(spoken, first.last + 1) if link in {"to", "through", "and"} else None
    if last is None:
        return Match(first.last, first.text)
    return Match(last.last, f"{first.text} {link} {last.text}")


def _is_counting(found: str) -> bool:
    """Whether somebody counts aloud, up or down, or repeats one digit."""
    steps = {int(second) - int(first) for first, second in itertools.pairwise(found)}
    return len(steps) == 1


def _end_of_row(spoken: Spoken, last: int) -> int:
    while is_number_word(spoken.after(last)):
        last += 1
    return last
