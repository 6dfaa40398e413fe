"""How dates, times of day, years and ages are written. Pure; any thread."""

from __future__ import annotations

import re
from typing import Final

from app.clinical.spoken_numbers import (
    OH,
    TEENS,
    UNITS,
    Reading,
    Shape,
    is_number_word,
    is_time_or_count,
    read,
    read_ordinal,
    read_small,
    read_year,
)
from app.clinical.spoken_tokens import Match, Spoken
from app.clinical.wording import word_set
from app.clinical.written_doses import is_unit
from app.clinical.written_vitals import has_cue

_MONTHS: Final = word_set(
    "january february march april may june july august september october november december"
)
_VERBS: Final = frozenset({"may", "march"})
_PRONOUNS: Final = word_set("i we you he she it they that this who which to")
_LAST_DAY: Final = 31
_AFTER_DAY: Final = word_set(
    "and at i we he she was when to through or until till in but so that because is"
)
"""What may follow "June ten" for it to be a day: "in June ten people came" is none."""
_BEFORE_YEAR: Final = word_set("in since of year until till by born around before after from about")
_BEFORE_YEAR_2000: Final = word_set("in since of year until till")
_UNITS_OF_TIME: Final = word_set("year years month months week weeks day days")
_DECADES: Final = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90,
}  # fmt: skip
_HALF_DAYS: Final = {"am": "AM", "pm": "PM", "a.m.": "a.m.", "p.m.": "p.m."}
_PARTS: Final = frozenset({"morning", "afternoon", "evening"})
_AT: Final = word_set("at around about by until till from since past")
_HOURS: Final = range(1, 13)
_QUARTERS: Final = frozenset({"15", "30", "45"})
_MOST_MINUTES: Final = 59
_LONGEST_LIFE: Final = 120
_DATE_REACH: Final = 3
"""Words between a month and its year: "February, uh, nineteen fifty eight"."""


def date(spoken: Spoken, index: int) -> Match | None:
    """Read "March third twenty twenty four", "the third of March", "June twenty twenty one"."""
    if spoken.text(index) in _MONTHS:
        return _month_first(spoken, index)
    start = index + (spoken.text(index) == "the")
    day = read_ordinal(spoken, start)
    if day is None or spoken.after(day.last) != "of":
        return None
    month = spoken.after(day.last + 1)
    if month not in _MONTHS or int(day.text) > _LAST_DAY:
        return None
    return _dated(spoken, day.last + 2, _name(month), day.text)


def year(spoken: Spoken, index: int) -> Match | None:
    """Read a year after a word that calls for one: "in nineteen eighty five"."""
    text, following = spoken.text(index), spoken.after(index + 1)
    if text == "nineteen" and following in _DECADES:
        return Match(index + 2, f"19{_DECADES[following]}s")
    found = read_year(spoken, index)
    if found is None or found.shape is Shape.DIGITS:
        return None
    least = _BEFORE_YEAR if text == "nineteen" or found.shape is Shape.LARGE else _BEFORE_YEAR_2000
    is_called = spoken.before(index) in least
    is_dated = text == "nineteen" and bool(_MONTHS & spoken.near(index, index, _DATE_REACH))
    if not is_called and not is_dated:
        return None
    is_other = spoken.after(found.last) == "vision" or _is_amount(spoken, found)
    return None if is_other else Match(found.last, found.text)


def clock(spoken: Spoken, index: int) -> Match | None:
    """Read "eight thirty am", "five o'clock", "at six forty five in the evening"."""
    if spoken.text(index) == "twelve" and spoken.after(index + 1) in {"noon", "midnight"}:
        return Match(index + 1, "12")
    military = _military(spoken, index)
    if military:
        return military
    hour = _hour(spoken, index)
    if hour is None:
        return None
    if spoken.after(hour.last) == "o'clock":
        return Match(hour.last, hour.text)
    minutes = _minutes(spoken, hour.last)
    last = minutes.last if minutes else hour.last
    text = f"{hour.text}:{minutes.text}" if minutes else hour.text
    half = _half_day(spoken, last)
    if half:
        return Match(half.last, f"{text} {half.text}")
    return _by_part(spoken, (index, last), minutes, text)


def age(spoken: Spoken, index: int) -> Match | None:
    """Read "fifty five year old", "eighty three years old", "aged sixteen"."""
    value = read(spoken, index)
    if value is None or value.value > _LONGEST_LIFE or "." in value.text:
        return None
    if value.shape is Shape.SHORT and spoken.text(value.last - 2) not in OH:
        return None
    unit = spoken.after(value.last)
    if unit not in _UNITS_OF_TIME:
        return _named_age(spoken, index, value)
    old = spoken.after(value.last + 1)
    if old not in {"old", "olds"}:
        return None
    if unit.endswith("s"):
        return Match(value.last, value.text)
    return Match(value.last + 2, f"{value.text}-{unit}-{old}")


def _named_age(spoken: Spoken, index: int, value: Reading) -> Match | None:
    before = spoken.text(index - 1)
    is_age = before in {"age", "aged"}
    is_age |= before == "of" and spoken.text(index - 2) == "age"
    is_number = is_number_word(spoken.after(value.last))
    return Match(value.last, value.text) if is_age and not is_number else None


def _month_first(spoken: Spoken, index: int) -> Match | None:
    month = spoken.text(index)
    if spoken.after(index + 1) == "of" or not spoken.after(index + 1):
        return _month_of(spoken, index)
    start = index + 1 + (spoken.after(index + 1) == "the")
    is_verb = month in _VERBS and spoken.before(index) in _PRONOUNS
    found = read_year(spoken, start) if start == index + 1 else None
    if found and month not in _VERBS | {""} and _is_year_alone(spoken, found):
        return None if found.shape is Shape.DIGITS else _month_year(spoken, index, found)
    day = read_ordinal(spoken, start) or _cardinal_day(spoken, start, month)
    if day is None or int(day.text) > _LAST_DAY or is_verb:
        return None
    dated = _dated(spoken, day.last, _name(month), day.text)
    is_firm = day.shape is not Shape.SMALL or "," in (dated.text or "")
    is_free = spoken.is_at_end(day.last) or spoken.after(day.last) in _AFTER_DAY
    if month in _VERBS and spoken.raw(index).islower() and day.text in {"1", "2"}:
        is_free = spoken.is_at_end(day.last)
    return dated if is_firm or is_free or int(day.text) > 2 else None  # noqa: PLR2004 - "second"


def _month_of(spoken: Spoken, index: int) -> Match | None:
    found = read_year(spoken, index + 2)
    if found is None or spoken.after(index + 1) != "of" or found.shape is Shape.DIGITS:
        return None
    if _is_amount(spoken, found):
        return None
    return Match(found.last, f"{_name(spoken.text(index))} of {found.text}")


def _month_year(spoken: Spoken, index: int, found: Reading) -> Match:
    return Match(found.last, f"{_name(spoken.text(index))} {found.text}")


def _is_year_alone(spoken: Spoken, found: Reading) -> bool:
    return not is_number_word(spoken.after(found.last)) and not _is_amount(spoken, found)


def _is_amount(spoken: Spoken, found: Reading) -> bool:
    """Whether what looks like a year is an amount: "two thousand milligrams"."""
    following = spoken.after(found.last)
    return following in _UNITS_OF_TIME or is_unit(following) or is_time_or_count(following)


def _cardinal_day(spoken: Spoken, index: int, month: str) -> Reading | None:
    day = read_small(spoken, index) if spoken.after(index) else None
    if day is None or day.shape is Shape.DIGITS or month in _VERBS or day.text == "0":
        return None
    follows = spoken.after(day.last)
    is_dated = read_year(spoken, day.last) is not None and bool(follows)
    return day if not follows or follows in _AFTER_DAY or is_dated else None


def _dated(spoken: Spoken, last: int, month: str, day: str) -> Match:
    is_near = spoken.after(last) or (0 < last < len(spoken) and spoken.marks(last) == ",")
    found = read_year(spoken, last) if is_near else None
    if found is None or _is_amount(spoken, found):
        return Match(last, f"{month} {day}")
    return Match(found.last, f"{month} {day}, {found.text}")


def _name(month: str) -> str:
    return month.capitalize()


def _military(spoken: Spoken, index: int) -> Match | None:
    start = index + (spoken.text(index) in OH)
    head = read_small(spoken, start)
    if head is None or not spoken.follows(head.last, "hundred", "hours"):
        return None
    return Match(head.last + 1, f"{int(head.value):02}00")


def _hour(spoken: Spoken, index: int) -> Reading | None:
    text = spoken.text(index)
    if text in UNITS or text in TEENS:
        value = UNITS.get(text) or TEENS.get(text, 0)
    elif re.fullmatch(r"\d{1,2}", text):
        value = int(text)
    else:
        return None
    return Reading(str(value), index + 1, Shape.SMALL) if value in _HOURS else None


def _minutes(spoken: Spoken, index: int) -> Reading | None:
    if spoken.after(index) in OH:
        unit = UNITS.get(spoken.after(index + 1), 0)
        return Reading(f"0{unit}", index + 2, Shape.SMALL) if unit else None
    rest = read_small(spoken, index) if spoken.after(index) else None
    if rest is None or rest.shape is Shape.SMALL or not rest.text.isdigit():
        return None
    return rest if len(rest.text) > 1 and int(rest.text) <= _MOST_MINUTES else None


def _half_day(spoken: Spoken, index: int) -> Reading | None:
    word = spoken.after(index)
    if word in {"a", "p"} and spoken.after(index + 1) == "m":
        return Reading(f"{word.upper()}M", index + 2, Shape.SMALL)
    if word not in _HALF_DAYS or spoken.after(index + 1) == "i":
        return None
    return Reading(_HALF_DAYS[word], index + 1, Shape.SMALL)


def _by_part(
    spoken: Spoken, at: tuple[int, int], minutes: Reading | None, text: str
) -> Match | None:
    """Read a time by what follows it; "two in the morning" alone may be two tablets."""
    index, last = at
    is_part = spoken.follows(last, "in", "the") and spoken.after(last + 2) in _PARTS
    if not (is_part or spoken.follows(last, "at", "night")) or has_cue(spoken, index):
        return None
    is_sure = spoken.text(index - 1) in _AT or (minutes and minutes.text in _QUARTERS)
    return Match(last, text) if is_sure else None
