"""How blood pressures, grades out of a whole, and readings after their names are written. Pure."""

from __future__ import annotations

import re
from typing import Final

from app.clinical.spoken_numbers import (
    UNITS,
    Reading,
    Shape,
    grouped,
    is_number_word,
    read,
)
from app.clinical.spoken_tokens import Match, Spoken
from app.clinical.wording import word_set

SYSTOLIC: Final = range(60, 261)
DIASTOLIC: Final = range(30, 161)
"""SPEECH.md section 1: 60 to 260 over 30 to 160, the systolic larger."""
_REACH: Final = 6
"""Words between a grade and what it grades. Set by hand."""
_GRADED: Final = {
    5: word_set(
        "strength power motor grip flexion extension dorsiflexion abduction adduction extremities"
    ),
    6: word_set("murmur murmurs systolic diastolic ejection heart"),
    4: word_set("reflex reflexes pulse pulses"),
    15: word_set("gcs glasgow coma"),
    30: word_set("mmse moca mini mental cognitive"),
}
"""What may be graded out of so many; pain out of ten needs no cue."""
_TEN: Final = 10
_COUNTABLE: Final = word_set(
    "people times patients doctors days nights women men of kids cases things weeks months years "
    "children hours the"
)
"""After "nine out of ten" these make it a share and no score."""
_PLUSSED: Final = word_set(
    "edema pitting pulse pulses reflex reflexes tonsil tonsils patellar radial pedal oedema"
)
_CUES: Final = word_set(
    "pulse respirations saturation saturations sats sat satting temperature temp weight bmi "
    "glucose sugar sugars creatinine hemoglobin potassium sodium a1c tsh cholesterol ldl hdl "
    "triglycerides inr bun platelets ferritin psa gfr egfr systolic diastolic bp ef fraction "
    "score fever"
)
_PAIRED_CUES: Final = {"rate": {"heart", "respiratory"}, "pressure": {"blood"}, "count": {"white"}}
_PASSED: Final = word_set(
    "is was of at about around up to now been running today like the approximately s it's still "
    "down came back level levels reads reading currently just"
)
_MOST_PASSED: Final = 5
_NO_READING: Final = word_set(
    "times years days weeks months hours minutes year day week month hour minute o'clock of "
    "people point points over out am pm"
)
_FEVERS: Final = range(95, 108)
_SLASHED: Final = re.compile(r"\d{2,3}")


def pressure(spoken: Spoken, index: int) -> Match | None:
    """Read "one thirty over eighty", "130 over 80", "one twenty slash eighty"."""
    top = read(spoken, index)
    if top is None or spoken.after(top.last) not in {"over", "slash"}:
        return None
    bottom = read(spoken, top.last + 1) if spoken.after(top.last + 1) else None
    if bottom is None:
        return None
    if not _is_pressure(top, bottom):
        return Match(bottom.last, None) if top.value >= SYSTOLIC.start else None
    if _is_ranged(spoken, index, bottom.last):
        return Match(bottom.last, None)
    last, unit = bottom.last, ""
    if spoken.follows(last, "millimeters", "of", "mercury"):
        last, unit = last + 3, " mmHg"
    elif spoken.after(last) in _NO_READING - {"am", "pm", "of", "point"}:
        return Match(last, None)
    return Match(last, f"{top.text}/{bottom.text}{unit}")


def scale(spoken: Spoken, index: int) -> Match | None:
    """Read "seven out of ten", "two over six systolic murmur", "four out of five strength"."""
    value = _half(spoken, read(spoken, index))
    if value is None or value.shape is Shape.SHORT:
        return None
    link = spoken.after(value.last)
    whole_at = value.last + 1
    if link == "out" and spoken.after(whole_at) == "of":
        whole_at += 1
    elif link in {"to", "or"}:
        return _graded_range(spoken, value)
    elif link != "over":
        return None
    whole = read(spoken, whole_at) if spoken.after(whole_at) else None
    if whole is None or not _is_grade(spoken, (index, whole.last), value, whole):
        return None
    if link == "over" and whole.text == str(_TEN):
        return None
    return Match(whole.last, f"{value.text}/{whole.text}")


def plus(spoken: Spoken, index: int) -> Match | None:
    """Read "two plus edema" as 2+."""
    text = spoken.text(index)
    value = str(UNITS[text]) if text in UNITS else text
    if value not in {"1", "2", "3", "4"} or spoken.after(index + 1) != "plus":
        return None
    is_graded = spoken.near(index, index + 2, _REACH) & _PLUSSED
    is_sum = is_number_word(spoken.after(index + 2))
    return Match(index + 2, f"{value}+") if is_graded and not is_sum else None


def reading(spoken: Spoken, index: int) -> Match | None:
    """Read a number after what it measures: "heart rate is one ten", "glucose one forty"."""
    value = read(spoken, index)
    if value is None or value.shape in {Shape.DIGITS, Shape.SMALL, Shape.ARTICLE}:
        return None
    cue = _cue(spoken, index)
    if not cue:
        return None
    tenth = _tenth(spoken, cue, value)
    if tenth:
        return tenth
    last, text = value.last, grouped(value.text)
    if spoken.after(last) in {"to", "or", "and"} and spoken.after(last + 1):
        other = read(spoken, last + 1)
        if other and other.value > value.value and other.shape is value.shape:
            link, last = spoken.after(last), other.last
            text = f"{text} {link} {grouped(other.text)}"
    following = spoken.after(last)
    if following in _NO_READING or is_number_word(following):
        return None
    return Match(last, text)


def has_cue(spoken: Spoken, index: int) -> bool:
    """Return whether something that is measured is named just before a token."""
    return bool(_cue(spoken, index))


def _cue(spoken: Spoken, index: int) -> str:
    for back in range(index - 1, max(-1, index - 2 - _MOST_PASSED), -1):
        word = spoken.text(back)
        if word in _CUES:
            return word
        if spoken.text(back - 1) in _PAIRED_CUES.get(word, ()):
            return word
        if spoken.text(back) == "c" and spoken.text(back - 1) == "one":
            return word
        if word not in _PASSED or spoken.tokens[back].closing in {".", "?", "!"}:
            return ""
    return ""


def _tenth(spoken: Spoken, cue: str, value: Reading) -> Match | None:
    """Return a fever said without its point: "ninety eight six" is 98.6."""
    if cue not in {"temperature", "temp", "fever"} or value.shape is not Shape.COMPOUND:
        return None
    tenth = UNITS.get(spoken.after(value.last))
    if tenth is None or int(value.text) not in _FEVERS:
        return None
    following = spoken.after(value.last + 1)
    if is_number_word(following) or following in _NO_READING - {"am", "pm", "of", "point"}:
        return None
    return Match(value.last + 1, f"{value.text}.{tenth}")


def _is_pressure(top: Reading, bottom: Reading) -> bool:
    if "." in top.text or "." in bottom.text:
        return False
    high, low = int(top.text), int(bottom.text)
    return high in SYSTOLIC and low in DIASTOLIC and high > low


def _is_ranged(spoken: Spoken, index: int, last: int) -> bool:
    """Whether it is a part of "one twenty to one thirty over seventy to eighty"."""
    links = {"to", "or"}
    is_before = spoken.before(index) in links and is_number_word(spoken.text(index - 2))
    is_behind = spoken.after(last) in links and is_number_word(spoken.after(last + 1))
    return is_before or is_behind


def _half(spoken: Spoken, value: Reading | None) -> Reading | None:
    if value and spoken.follows(value.last, "and", "a", "half"):
        return Reading(f"{value.text}.5", value.last + 3, Shape.DECIMAL)
    return value


def _graded_range(spoken: Spoken, low: Reading) -> Match | None:
    link = spoken.after(low.last)
    high = _half(spoken, read(spoken, low.last + 1)) if spoken.after(low.last + 1) else None
    if high is None or not spoken.follows(high.last, "out", "of") or low.value >= high.value:
        return None
    whole = read(spoken, high.last + 2)
    if whole is None or not _is_grade(spoken, (low.last - 1, whole.last), high, whole):
        return None
    return Match(whole.last, f"{low.text} {link} {high.text}/{whole.text}")


def _is_grade(spoken: Spoken, at: tuple[int, int], value: Reading, whole: Reading) -> bool:
    if "." in whole.text or value.value > whole.value:
        return False
    if spoken.after(at[1]) in _COUNTABLE:
        return False
    most = int(whole.text)
    if most == _TEN:
        return True
    return bool(spoken.near(at[0], at[1], _REACH) & _GRADED.get(most, frozenset()))
