"""How doses, measures and percentages are written. Pure; any thread.

After the Institute for Safe Medication Practices, "List of Error-Prone Abbreviations, Symbols, and
Dose Designations": a blank between number and unit, a zero before a decimal point and none
trailing, commas from 1,000 on, "mcg", "mL", "units" in full, "per" instead of a slash (laboratory
units such as mg/dL are no doses and keep theirs).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from app.clinical.spoken_numbers import (
    OH,
    Reading,
    Shape,
    grouped,
    has_count,
    is_number_word,
    read,
    trimmed,
)
from app.clinical.spoken_tokens import Match, Spoken
from app.clinical.wording import word_set

_SYMBOLS: Final = {
    "mg": "mg milligram milligrams mg mgs milligramme milligrammes",
    "mcg": "microgram micrograms mcg mcgs ug \u00b5g \u03bcg microgramme microgrammes",
    "g": "gram grams gramme grammes",
    "kg": "kilogram kilograms kilo kilos kg kgs",
    "ng": "nanogram nanograms",
    "mL": "milliliter milliliters millilitre millilitres ml mls cc ccs mil mils",
    "L": "liter liters litre litres",
    "mEq": "milliequivalent milliequivalents meq",
    "mmol": "millimole millimoles mmol",
    "cm": "centimeter centimeters centimetre centimetres cm",
    "mm": "millimeter millimeters millimetre millimetres mm",
    "%": "percent %",
    "bpm": "bpm",
    "units": "units iu",
    "unit": "unit",
}
_UNITS: Final = {word: symbol for symbol, words in _SYMBOLS.items() for word in words.split()}
_AFTER_DIGITS: Final = {"g": "g", "u": "units", "l": "L"}
"""Single letters that are units only behind digits."""
_COUNTED: Final = word_set(
    "tablet tablets capsule capsules pill pills puff puffs drop drops spray sprays teaspoon "
    "teaspoons tablespoon tablespoons pound pounds lbs ounce ounces inch inches degree degrees "
    "breaths"
)
"""What is counted in digits whatever the number; the word stays."""
_SPANS: Final = word_set(
    "seconds minute minutes hour hours day days week weeks month months year years pack "
    "meters kilometers miles"
)
"""What is counted in digits from ten on."""
_SOLID: Final = word_set(
    "tablet tablets pill pills capsule capsules tab tabs cap caps caplet caplets dose doses "
    "injection injections shot shots vial vials patch patches"
)
_GIVEN: Final = frozenset({"mg", "mcg", "g", "ng", "mL", "mEq", "mmol", "units", "unit"})
"""Units of what is given; people weigh "one eighty" and sugars are "one forty"."""
_USUAL: Final = frozenset(
    {
        "112",
        "125",
        "137",
        "150",
        "160",
        "175",
        "180",
        "225",
        "250",
        "275",
        "300",
        "325",
        "350",
        "375",
        "450",
        "500",
        "550",
        "600",
        "625",
        "650",
        "750",
        "800",
        "850",
        "875",
    }
)
"""Usual strengths: other short numbers may be a count and a strength, "two twenty"."""
_TRIMMED: Final = frozenset({"mg", "mcg", "g", "kg", "ng", "mL", "L", "mEq", "units", "unit"})
_HALVED: Final = {"milligram": "mg", "gram": "g", "milliliter": "mL", "liter": "L", "litre": "L"}
_LINKS: Final = frozenset({"to", "or", "by", "through"})
_PER: Final = {
    ("mg", "deciliter"): "mg/dL", ("g", "deciliter"): "g/dL", ("mmol", "liter"): "mmol/L",
    ("mEq", "liter"): "mEq/L", ("ng", "milliliter"): "ng/mL", ("mg", "decilitre"): "mg/dL",
    ("mmol", "litre"): "mmol/L", ("g", "decilitre"): "g/dL", ("mg", "kilogram"): "mg per kg",
    ("mcg", "kilogram"): "mcg per kg", ("mg", "milliliter"): "mg per mL",
    ("mcg", "milliliter"): "mcg per mL", ("units", "kilogram"): "units per kg",
}  # fmt: skip
_LONG: Final = (
    (("percent", "sign"), "%"),
    (("millimeters", "of", "mercury"), "mmHg"),
    (("millimetres", "of", "mercury"), "mmHg"),
    (("beats", "per", "minute"), "bpm"),
    (("beats", "a", "minute"), "bpm"),
    (("degrees", "fahrenheit"), "\u00b0F"),
    (("degrees", "celsius"), "\u00b0C"),
    (("degrees", "centigrade"), "\u00b0C"),
    (("international", "units"), "international units"),
)
_LARGE_STEP: Final = 10
"""In "one to two hundred milligrams" nobody knows whether one is 1 or 100."""
_LEAST_SPAN: Final = 10
_HALF: Final = ("and", "a", "half")


@dataclass(frozen=True, slots=True)
class _Unit:
    symbol: str
    last: int


def is_unit(text: str) -> bool:
    """Return whether a word is a unit of a dose, a measure or a time."""
    return text in _UNITS or text in _COUNTED or text in _SPANS


def dose(spoken: Spoken, index: int) -> Match | None:
    """Read a number or range with its unit: "ten to fifteen milligrams", "500mg"."""
    if spoken.text(index) == "half" and spoken.after(index + 1) == "a":
        unit = _HALVED.get(spoken.after(index + 2))
        return Match(index + 3, f"0.5 {unit}") if unit else None
    values, links = _values(spoken, index)
    if not values:
        return None
    last = values[-1].last
    unit_found = _unit(spoken, last, values[-1])
    if unit_found is None:
        return None
    is_backward = _is_backward(values, links)
    if is_backward or _is_doubtful(spoken, values, unit_found) or has_count(spoken, values[-1]):
        return Match(unit_found.last, None)
    return Match(unit_found.last, _form(spoken, values, links, unit_found))


def span(spoken: Spoken, index: int) -> Match | None:
    """Read a number or range of minutes, years and the like, in digits from ten on."""
    values, links = _values(spoken, index)
    if not values or spoken.after(values[-1].last) not in _SPANS:
        return None
    is_doubtful = any(each.shape in {Shape.SHORT, Shape.ARTICLE} for each in values)
    is_doubtful |= has_count(spoken, values[-1]) or _is_backward(values, links)
    if is_doubtful or max(each.value for each in values) < _LEAST_SPAN:
        return Match(values[-1].last, None)
    return Match(values[-1].last, _joined(values, links, is_trimmed=False))


def _values(spoken: Spoken, index: int) -> tuple[list[Reading], list[str]]:
    first = _halves(spoken, read(spoken, index))
    values, links = ([first] if first else []), []
    while values:
        last = values[-1].last
        link = spoken.after(last)
        following = _halves(spoken, read(spoken, last + 1)) if link in _LINKS else None
        if following is None or not spoken.after(last + 1):
            break
        values.append(following)
        links.append(link)
    return values, links


def _halves(spoken: Spoken, reading: Reading | None) -> Reading | None:
    if reading is None or not spoken.follows(reading.last, *_HALF):
        return reading
    if "." in reading.text:
        return reading
    return replace(reading, text=f"{reading.text}.5", last=reading.last + len(_HALF))


def _unit(spoken: Spoken, index: int, value: Reading) -> _Unit | None:
    word = spoken.after(index)
    for words, long_symbol in _LONG:
        if spoken.follows(index, *words):
            return _Unit(long_symbol, index + len(words))
    if word in _COUNTED or _is_height(spoken, index):
        return _Unit(word, index + 1)
    symbol = _UNITS.get(word)
    if symbol is None and value.shape is Shape.DIGITS:
        symbol = _AFTER_DIGITS.get(word)
    if symbol is None:
        return None
    per = _PER.get((symbol, spoken.after(index + 2)))
    if per and spoken.after(index + 1) in {"per", "a"}:
        return _Unit(per, index + 3)
    return _Unit(symbol, index + 1)


def _is_height(spoken: Spoken, index: int) -> bool:
    if spoken.after(index) not in {"feet", "foot"} or not is_number_word(spoken.after(index + 1)):
        return False
    return spoken.after(index + 2) in {"inches", "inch"}


def _is_backward(values: list[Reading], links: list[str]) -> bool:
    """Whether a range does not rise: "two ten to twenty" is no 210 to 20."""
    steps = zip(values, values[1:], links, strict=False)
    return any(a.value >= b.value and link in {"to", "through"} for a, b, link in steps)


def _is_doubtful(spoken: Spoken, values: list[Reading], unit: _Unit) -> bool:
    """Whether two readings are fair: "two twenty milligram tablets", "one to two hundred"."""
    shorts = [each for each in values if each.shape is Shape.SHORT and not _is_oh(spoken, each)]
    if shorts and spoken.after(unit.last) in _SOLID:
        return True
    is_given = unit.symbol.split(" ")[0] in _GIVEN
    if is_given and any(each.text not in _USUAL for each in shorts):
        return True
    low, high = values[0], values[-1]
    is_large = high.shape is Shape.LARGE and low.shape is Shape.SMALL
    return is_large and high.value >= low.value * _LARGE_STEP


def _is_oh(spoken: Spoken, value: Reading) -> bool:
    """Whether a short number is said with "oh": "one oh five" has no other reading."""
    return spoken.text(value.last - 2) in OH


def _form(spoken: Spoken, values: list[Reading], links: list[str], unit: _Unit) -> str:
    number = _joined(values, links, is_trimmed=unit.symbol.split(" ")[0] in _TRIMMED)
    symbol = unit.symbol
    if symbol == "%":
        return f"{number}%"
    if symbol == spoken.text(unit.last - 1):
        symbol = spoken.raw(unit.last - 1)
    if symbol == "unit" and values[-1].text != "1":
        symbol = "units"
    return f"{number} {symbol}"


def _joined(values: list[Reading], links: list[str], *, is_trimmed: bool) -> str:
    parts = [_number(values[0], is_trimmed=is_trimmed)]
    for link, value in zip(links, values[1:], strict=True):
        parts += [link, _number(value, is_trimmed=is_trimmed)]
    return " ".join(parts)


def _number(value: Reading, *, is_trimmed: bool) -> str:
    text = trimmed(value.text) if is_trimmed else value.text
    return grouped(f"0{text}" if text.startswith(".") else text)
