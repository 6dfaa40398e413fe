from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.numerals import numbers
from app.clinical.quantities import Measure, Quantity, agree, quantities, unit_days, written
from app.clinical.wording import tokenize


def one(text: str) -> Quantity:
    (quantity,) = quantities(text)
    return quantity


@pytest.mark.parametrize(
    ("text", "measure", "low", "high", "unit"),
    [
        ("one thirty two over eighty four", Measure.PRESSURE, 132, 132, "84"),
        ("BP 132/84", Measure.PRESSURE, 132, 132, "84"),
        ("128 over 76", Measure.PRESSURE, 128, 128, "76"),
        ("one hundred and twenty over eighty", Measure.PRESSURE, 120, 120, "80"),
        ("fifty milligrams", Measure.DOSE, 50, 50, "mg"),
        ("500mg", Measure.DOSE, 500, 500, "mg"),
        ("point five milligrams", Measure.DOSE, 0.5, 0.5, "mg"),
        ("two hundred and fifty micrograms", Measure.DOSE, 250, 250, "mcg"),
        ("1,000 mg", Measure.DOSE, 1000, 1000, "mg"),
        ("two puffs", Measure.DOSE, 2, 2, "puff"),
        ("two weeks", Measure.DURATION, 14, 14, "week"),
        ("2/52", Measure.DURATION, 14, 14, "week"),
        ("4/7", Measure.DURATION, 4, 4, "day"),
        ("a week and a half", Measure.DURATION, 10.5, 10.5, "week"),
        ("one and a half weeks", Measure.DURATION, 10.5, 10.5, "week"),
        ("half an hour", Measure.DURATION, 0.5 / 24, 0.5 / 24, "hour"),
        ("a couple of days", Measure.DURATION, 2, 3, "day"),
        ("a few days", Measure.DURATION, 2, 6, "day"),
        ("two to three days", Measure.DURATION, 2, 3, "day"),
        ("2-3 days", Measure.DURATION, 2, 3, "day"),
        ("about a day now", Measure.DURATION, 1, 1, "day"),
        ("last night", Measure.DURATION, 0.3, 1.5, "day"),
        ("yesterday", Measure.DURATION, 0.5, 1.5, "day"),
        ("every six hours", Measure.FREQUENCY, 4, 4, "hour"),
        ("twice a day", Measure.FREQUENCY, 2, 2, ""),
        ("three times a day", Measure.FREQUENCY, 3, 3, ""),
        ("bid", Measure.FREQUENCY, 2, 2, ""),
        ("a 62-year-old", Measure.AGE, 62, 62, "year"),
        ("thirty nine years old", Measure.AGE, 39, 39, "year"),
        ("seven out of ten", Measure.SCALE, 7, 7, "10"),
        ("seven or eight out of ten", Measure.SCALE, 7, 8, "10"),
        ("7/10", Measure.SCALE, 7, 7, "10"),
        ("ninety six percent", Measure.PERCENT, 96, 96, "%"),
        ("ninety eight point six degrees", Measure.TEMPERATURE, 98.6, 98.6, "degree"),
        ("72 bpm", Measure.RATE, 72, 72, "bpm"),
        ("eight pm", Measure.TIME, 8, 8, "clock"),
        ("forty-five", Measure.PLAIN, 45, 45, ""),
    ],
)
def test_spoken_and_written_quantities_have_one_value(
    text: str, measure: Measure, low: float, high: float, unit: str
) -> None:
    found = one(text)
    assert (found.measure, found.unit) == (measure, unit)
    assert [found.low, found.high] == pytest.approx([low, high])


@pytest.mark.parametrize(
    "text", ["hemoglobin A1c", "B12", "a day", "every day or so we talk", "no one there", "1.2.3.4"]
)
def test_names_and_idle_words_are_no_quantities(text: str) -> None:
    assert [
        each for each in quantities(text) if each.text.lower() not in {"one", "every day"}
    ] == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("two weeks", "14 days", True),
        ("two weeks", "2/52", True),
        ("two weeks", "two days", False),
        ("a month", "four weeks", True),
        ("three days", "a few days", True),
        ("8 hours", "8", True),
        ("1 g", "1000 mg", True),
        ("50 mg", "50 mcg", False),
        ("50 mg", "50", True),
        ("50 mg", "two weeks", False),
        ("132/84", "132/84", True),
        ("132/84", "132/80", False),
        ("twice a day", "bid", True),
        ("every six hours", "four times a day", True),
        ("39 years old", "39", True),
        ("7/10", "seven or eight out of ten", True),
        ("six years", "6 years old", True),
    ],
)
def test_quantities_agree_when_they_mean_the_same(first: str, second: str, expected: bool) -> None:
    assert agree(one(first), one(second)) is expected
    assert agree(one(second), one(first)) is expected


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("it is one thirty two over eighty four today", "it is 132/84 today"),
        ("take fifty milligrams", "take 50 mg"),
        ("two out of six", "2/6"),
        ("ninety six percent", "96%"),
        ("two weeks ago", "two weeks ago"),
        ("a few days", "a few days"),
        ("50 milligrams", "50 milligrams"),
        ("500mg and fifty milligrams", "500mg and fifty milligrams"),
    ],
)
def test_the_note_has_digits_where_units_make_them_plain(said: str, note: str) -> None:
    assert written(said) == note


@given(st.integers(min_value=1, max_value=99))
def test_every_number_word_below_a_hundred_is_read(value: int) -> None:
    ones = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
    ]
    ones += ["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    words = ones[value - 1] if value < 20 else tens[value // 10 - 2]
    if value >= 20 and value % 10:
        words += f" {ones[value % 10 - 1]}"
    (number,) = numbers(tokenize(words))
    assert (number.value, number.is_spoken) == (value, True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two hundred", 200),
        ("one oh five", 105),
        ("nineteen eighty five", 1985),
        ("twenty twenty four", 2024),
        ("three thousand two hundred and ten", 3210),
        ("two thousand and five", 2005),
        ("twelve hundred", 1200),
        ("ninety-nine", 99),
        ("five point twenty", 5),
        ("7.5", 7.5),
        ("seven point 5", 7.5),
    ],
)
def test_larger_numbers_are_read_as_they_are_spoken(text: str, value: float) -> None:
    assert numbers(tokenize(text))[0].value == value


@given(st.text(alphabet="0123456789/.,- abcdefghijklmnopqrstuvwxyz%'", max_size=60))
def test_any_text_is_read_without_error(text: str) -> None:
    for each in quantities(text):
        assert each.low <= each.high
    assert isinstance(written(text), str)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("two weeks", 7.0),
        ("yesterday", 1.0),
        ("last year", 365.0),
        ("2/52", 7.0),
        ("6/12", 30.0),
        ("a couple of days", 1.0),
    ],
)
def test_the_unit_a_span_names_in_days(text: str, days: float) -> None:
    (span,) = quantities(text)
    assert unit_days(span) == days


def test_what_is_no_span_has_no_unit_of_days() -> None:
    (dose,) = quantities("20 mg")
    assert unit_days(dose) == 0
