"""Doses, blood pressures, durations and other quantities as values that can be compared.

Spoken and written forms give the same value: "one thirty two over eighty four" is 132/84, "two
weeks" is 14 days, as is "2/52" in a British note. Pure; any thread.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.figures import without_days
from app.clinical.numerals import Number, numbers
from app.clinical.wording import Token, tokenize


class Measure(enum.StrEnum):
    """What a quantity measures."""

    DOSE = "dose"
    PRESSURE = "pressure"
    DURATION = "duration"
    AGE = "age"
    FREQUENCY = "frequency"
    SCALE = "scale"
    PERCENT = "percent"
    TEMPERATURE = "temperature"
    RATE = "rate"
    TIME = "time"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in a text.

    Attributes:
        low, high: value or range; days for DURATION, per day for FREQUENCY, years for AGE.
        unit: canonical ("mg", "day"); the other half of a PRESSURE or SCALE as text.
        start, end: characters of the text.
        text: as written, for the screen.
    """

    measure: Measure
    low: float
    high: float
    unit: str
    start: int
    end: int
    text: str


_DOSE_UNITS: Final = {
    "mg": "mg", "milligram": "mg", "mgs": "mg", "milligrams": "mg", "mcg": "mcg",
    "microgram": "mcg", "micrograms": "mcg", "g": "g", "gram": "g", "grams": "g", "ml": "ml",
    "mls": "ml",
    "milliliter": "ml", "milliliters": "ml", "millilitre": "ml", "millilitres": "ml", "cc": "ml",
    "unit": "unit", "units": "unit", "iu": "unit", "puff": "puff", "puffs": "puff",
    "tablet": "tablet", "tablets": "tablet", "pill": "tablet", "pills": "tablet", "tabs": "tablet",
    "capsule": "tablet", "capsules": "tablet", "drop": "drop", "drops": "drop", "spray": "spray",
    "sprays": "spray", "meq": "meq", "teaspoon": "teaspoon", "teaspoons": "teaspoon",
}  # fmt: skip
_DAYS: Final = {
    "minute": 1 / 1440, "minutes": 1 / 1440, "min": 1 / 1440, "mins": 1 / 1440, "hour": 1 / 24,
    "hours": 1 / 24, "hrs": 1 / 24, "hr": 1 / 24, "day": 1.0, "days": 1.0, "night": 1.0,
    "nights": 1.0, "week": 7.0, "weeks": 7.0, "wk": 7.0, "wks": 7.0, "fortnight": 14.0,
    "month": 30.0, "months": 30.0, "year": 365.0, "years": 365.0, "yr": 365.0, "yrs": 365.0,
    "second": 1 / 86400, "seconds": 1 / 86400,
}  # fmt: skip
_OTHER_UNITS: Final = {
    "%": (Measure.PERCENT, "%"), "percent": (Measure.PERCENT, "%"),
    "bpm": (Measure.RATE, "bpm"), "beats": (Measure.RATE, "bpm"),
    "degrees": (Measure.TEMPERATURE, "degree"), "celsius": (Measure.TEMPERATURE, "degree"),
    "fahrenheit": (Measure.TEMPERATURE, "degree"), "am": (Measure.TIME, "clock"),
    "pm": (Measure.TIME, "clock"), "o'clock": (Measure.TIME, "clock"),
}  # fmt: skip
_PER_VOLUME: Final = frozenset({"dl", "l", "ml", "ul", "liter", "litre", "deciliter"})
"""After a slash: a result of the laboratory ("222 mg/dL"), no dose."""
_VAGUE: Final = {"couple": (2.0, 3.0), "few": (2.0, 6.0), "several": (3.0, 9.0), "some": (1.0, 9.0)}
"""What "a couple of", "a few" and "several" may stand for; wide, so that paraphrase passes."""
_BEFORE_SPAN: Final = frozenset({"for", "about", "around", "within", "lasted", "after"})
_AFTER_SPAN: Final = frozenset({"ago", "now", "before", "earlier", "history"})
"""Words that make "a day" a duration and not "each day"."""
_RECENT: Final = {"yesterday": (0.5, 1.5), "today": (0.0, 1.0), "overnight": (0.3, 1.0)}
_LAST: Final = {
    "night": (0.3, 1.5),
    "week": (1.0, 10.0),
    "month": (7.0, 45.0),
    "year": (90.0, 540.0),
}
"""Days that may have passed since "last night" and the like."""
_PER: Final = frozenset({"day", "daily", "week", "weekly", "month", "hour", "night", "nightly"})
_PER_DAY: Final = {"week": 1 / 7, "weekly": 1 / 7, "month": 1 / 30, "hour": 24.0}
_FREQUENCY_WORDS: Final = {
    "daily": 1.0, "od": 1.0, "qd": 1.0, "bid": 2.0, "bd": 2.0, "tid": 3.0, "tds": 3.0, "qid": 4.0,
    "qds": 4.0, "weekly": 1 / 7, "nightly": 1.0,
}  # fmt: skip
_SLASHED: Final = re.compile(r"(?<![\d/.])(\d{1,3}(?:\.\d)?(?:-\d{1,3})?)\s?/\s?(\d{1,3})(?![\d/])")
_BRITISH: Final = {7: 1.0, 52: 7.0, 12: 30.0}
_GLUED: Final = re.compile(r"(\d)(mg|mcg|g|ml|iu|hrs?|wks?|yrs?)\b", re.IGNORECASE)
_LEAST_SYSTOLIC: Final = 60
_MONTH_SLACK: Final = 30 / 28
"""A month is 30 days here and four weeks in talk."""
_LEAST_DIASTOLIC: Final = 20
_MOST_BRITISH: Final = 60
_LARGEST_SCALE: Final = 10


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order. Dates in digits are none."""
    text = without_days(text)
    text = _GLUED.sub(r"\1 \2", text)
    tokens = tokenize(text)
    found = _slashed(text)
    taken = [(each.start, each.end) for each in found]
    reader = _Reader(text, tokens, numbers(tokens))
    for each in reader.read():
        if not any(start < each.end and each.start < end for start, end in taken):
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.start))


def agree(first: Quantity, second: Quantity) -> bool:
    """Return whether two quantities may speak of the same thing and have the same value.

    A bare number agrees with a dose of the same value, because people leave units out.
    """
    if Measure.PLAIN in {first.measure, second.measure}:
        return _same(_plain(first), _plain(second))
    if {first.measure, second.measure} == {Measure.AGE, Measure.DURATION}:
        are_years = {first.unit, second.unit} <= {"year", "yr"}
        return are_years and _plain(first) == _plain(second)
    if first.measure is not second.measure:
        return False
    if first.measure is Measure.DOSE:
        return _dose(first) == _dose(second)
    if first.measure in {Measure.PRESSURE, Measure.SCALE} and first.unit != second.unit:
        return False
    slack = _MONTH_SLACK if first.measure is Measure.DURATION else 1.0
    return first.low <= second.high * slack and second.low <= first.high * slack


def unit_days(span: Quantity) -> float:
    """Return the days in the unit a span names: 7 for "two weeks", 1 for "yesterday"; else 0."""
    words = [token.text for token in tokenize(span.text)]
    if "yesterday" in words:
        return 1.0
    return next((_DAYS[word] for word in reversed(words) if word in _DAYS), _DAYS.get(span.unit, 0))


def written(text: str) -> str:
    """Return the text with spoken doses, pressures, ages and durations in digits.

    "one thirty two over eighty four" becomes "132/84", "fifty milligrams" becomes "50 mg".
    Small numbers without a unit stay words.
    """
    parts, last = [], 0
    for each in quantities(text):
        form = _form(each)
        if not form or each.start < last or text[each.start : each.end] != each.text:
            continue
        parts += [text[last : each.start], form]
        last = each.end
    return "".join([*parts, text[last:]])


def _form(each: Quantity) -> str:
    is_spoken = not any(character.isdigit() for character in each.text)
    if not is_spoken or each.low != each.high:
        return ""
    value = f"{each.low:g}"
    match each.measure:
        case Measure.PRESSURE | Measure.SCALE:
            return f"{value}/{each.unit}"
        case Measure.DOSE if each.unit in {"mg", "mcg", "g", "ml"}:
            return f"{value} {each.unit}"
        case Measure.PERCENT:
            return f"{value}%"
        case _:
            return ""


def _same(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return first[0] <= second[1] and second[0] <= first[1]


def _plain(each: Quantity) -> tuple[float, float]:
    if each.measure is Measure.DURATION:
        size = _DAYS[each.unit]
        return each.low / size, each.high / size
    if each.measure is Measure.FREQUENCY and each.unit in _DAYS:
        return 1 / each.low / _DAYS[each.unit], 1 / each.low / _DAYS[each.unit]
    return each.low, each.high


def _dose(each: Quantity) -> tuple[float, float, str]:
    factor, unit = {"g": (1000.0, "mg"), "mcg": (0.001, "mg")}.get(each.unit, (1.0, each.unit))
    return round(each.low * factor, 6), round(each.high * factor, 6), unit


def _slashed(text: str) -> list[Quantity]:
    found = []
    for match in _SLASHED.finditer(text):
        low, _, high = match[1].partition("-")
        first, second = float(low), int(match[2])
        top = float(high) if high else first
        place = (match.start(), match.end(), match[0])
        if first >= _LEAST_SYSTOLIC and second > _LEAST_DIASTOLIC:
            found.append(Quantity(Measure.PRESSURE, first, top, str(second), *place))
        elif second in _BRITISH and top <= _MOST_BRITISH:
            size = _BRITISH[second]
            unit = {7: "day", 52: "week", 12: "month"}[second]
            found.append(Quantity(Measure.DURATION, first * size, top * size, unit, *place))
        elif first <= second <= _LARGEST_SCALE:
            found.append(Quantity(Measure.SCALE, first, top, str(second), *place))
    return found


class _Reader:
    """Reads the quantities of one text from its numbers and the words after them."""

    def __init__(self, text: str, tokens: Sequence[Token], found: Sequence[Number]) -> None:
        self._text = text
        self._tokens = tokens
        self._numbers = {each.first: each for each in found}

    def read(self) -> list[Quantity]:
        """Return all quantities, in order."""
        result, index = [], 0
        while index < len(self._tokens):
            quantity, last = self._at(index)
            if quantity:
                result.append(quantity)
            index = max(last, index + 1)
        return result

    def _at(self, index: int) -> tuple[Quantity | None, int]:
        word = self._word(index)
        if index in self._numbers:
            return self._number(index)
        if word in {"every", "each"}:
            return self._every(index)
        if word in {"once", "twice"}:
            return self._per(index, 1.0 if word == "once" else 2.0, index + 1)
        if word == "half" and self._word(index + 1) in {"a", "an"}:
            return self._duration(index, (0.5, 0.5), index + 2)
        return self._named(index, word)

    def _named(self, index: int, word: str) -> tuple[Quantity | None, int]:
        """Read words that are quantities by themselves: "daily", "yesterday", "a few"."""
        following = self._word(index + 1)
        if word in _FREQUENCY_WORDS:
            per_day = _FREQUENCY_WORDS[word]
            found = self._make(Measure.FREQUENCY, (per_day, per_day), "", (index, index + 1))
        elif word in _RECENT:
            found = self._make(Measure.DURATION, _RECENT[word], "day", (index, index + 1))
        elif word == "last" and following in _LAST:
            found = self._make(Measure.DURATION, _LAST[following], "day", (index, index + 2))
        elif word in {"a", "an", "the", "last", "past"} or word in _VAGUE:
            return self._article(index)
        else:
            return None, index + 1
        return found

    def _number(self, index: int) -> tuple[Quantity | None, int]:
        number = self._numbers[index]
        value, last = (number.value, number.value), number.last
        if self._word(last) in {"over", "/"} and last + 1 in self._numbers:
            return self._over(index, number.value, self._numbers[last + 1])
        if [self._word(last), self._word(last + 1)] == ["out", "of"] and last + 2 in self._numbers:
            whole = self._numbers[last + 2]
            return self._make(Measure.SCALE, value, f"{whole.value:g}", (index, whole.last))
        if self._word(last) in {"to", "or", "-", ","} and last + 1 in self._numbers:
            other = self._numbers[last + 1]
            if number.value < other.value <= number.value * 3 and self._has_unit(other.last):
                value, last = (number.value, other.value), other.last
                if self._word(last) == "out" and last + 2 in self._numbers:
                    whole = self._numbers[last + 2]
                    return self._make(Measure.SCALE, value, f"{whole.value:g}", (index, whole.last))
        return self._with_unit(index, value, last)

    def _with_unit(
        self, index: int, value: tuple[float, float], last: int
    ) -> tuple[Quantity | None, int]:
        last += self._word(last) == "-"
        word = self._word(last)
        if word in _DOSE_UNITS:
            if self._word(last + 1) == "/" and self._word(last + 2) in _PER_VOLUME:
                return self._make(Measure.PLAIN, value, "", (index, last + 3))
            return self._make(Measure.DOSE, value, _DOSE_UNITS[word], (index, last + 1))
        if word in _OTHER_UNITS:
            measure, unit = _OTHER_UNITS[word]
            return self._make(measure, value, unit, (index, last + 1))
        if word in {"times", "time"}:
            return self._per(index, value[0], last + 1)
        if word in {"more", "full", "whole", "or", "so"}:
            return self._duration(index, value, last + 1, value_last=last)
        return self._duration(index, value, last, value_last=last)

    def _duration(
        self, index: int, value: tuple[float, float], last: int, value_last: int = 0
    ) -> tuple[Quantity | None, int]:
        word = self._word(last)
        if word not in _DAYS:
            if not value_last:
                return None, index + 1
            return self._make(Measure.PLAIN, value, "", (index, value_last))
        after = [self._word(last + step) for step in range(1, 4)]
        if word.startswith("y") and ("old" in after[:2] or after[:1] == ["of"]):
            return self._make(Measure.AGE, value, "year", (index, last + 1))
        low, high = value
        last += 1
        if after == ["and", "a", "half"]:
            low, high, last = low + 0.5, high + 0.5, last + 3
        unit = word.rstrip("s") if word.rstrip("s") in _DAYS else word
        days = (low * _DAYS[word], high * _DAYS[word])
        return self._make(Measure.DURATION, days, unit, (index, last))

    def _article(self, index: int) -> tuple[Quantity | None, int]:
        last = index + (self._word(index) not in _VAGUE)
        word, value = self._word(last), (1.0, 1.0)
        if word in _VAGUE:
            value, last = _VAGUE[word], last + 1
            last += self._word(last) == "of"
        elif self._word(index) not in {"a", "an"}:
            return None, index + 1
        last += self._word(last) in {"more", "full", "whole"}
        if self._word(last) in {"day", "night", "second"} and value == (1.0, 1.0):
            is_span = self._word(index - 1) in _BEFORE_SPAN or self._word(last + 1) in _AFTER_SPAN
            if not index or not is_span:
                return None, index + 1
        return self._duration(index, value, last)

    def _every(self, index: int) -> tuple[Quantity | None, int]:
        number = self._numbers.get(index + 1)
        last = number.last if number else index + 1
        count = number.value if number else 1.0
        word = self._word(last)
        if word not in _DAYS or not count:
            return None, index + 1
        per_day = 1 / (count * _DAYS[word])
        return self._make(
            Measure.FREQUENCY, (per_day, per_day), word.rstrip("s"), (index, last + 1)
        )

    def _per(self, index: int, count: float, last: int) -> tuple[Quantity | None, int]:
        last += self._word(last) in {"a", "per", "each", "every", "in"}
        last += self._word(last) in {"a", "an", "the"}
        word = self._word(last)
        if word not in _PER:
            return self._make(Measure.PLAIN, (count, count), "", (index, index + 1))
        per_day = count * _PER_DAY.get(word, 1.0)
        return self._make(Measure.FREQUENCY, (per_day, per_day), "", (index, last + 1))

    def _over(self, index: int, top: float, bottom: Number) -> tuple[Quantity | None, int]:
        is_pressure = top >= _LEAST_SYSTOLIC and top > bottom.value
        measure = Measure.PRESSURE if is_pressure else Measure.SCALE
        return self._make(measure, (top, top), f"{bottom.value:g}", (index, bottom.last))

    def _has_unit(self, index: int) -> bool:
        word = self._word(index)
        return word in _DOSE_UNITS or word in _DAYS or word in {"times", "percent", "%", "out"}

    def _make(
        self, measure: Measure, value: tuple[float, float], unit: str, span: tuple[int, int]
    ) -> tuple[Quantity, int]:
        start, end = self._tokens[span[0]].start, self._tokens[span[1] - 1].end
        quantity = Quantity(measure, *value, unit, start, end, self._text[start:end])
        return quantity, span[1]

    def _word(self, index: int) -> str:
        return self._tokens[index].text if index < len(self._tokens) else ""
