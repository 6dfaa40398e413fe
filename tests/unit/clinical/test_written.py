from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.written import write
from app.domain.vocabulary import Replacement
from tests.unit.clinical.spoken_forms import exact, rows_of, words

DATA = Path(__file__).parents[2] / "data"
SAID_TEXT = (
    "one two three five seven ten fifteen nineteen twenty thirty fifty eighty hundred thousand "
    "point oh and a half over out of to or slash percent milligrams units tablets degrees "
    "fahrenheit march may third first second twenty-five year old years am pm in the morning "
    "b c t l p i d q m hours type plus edema murmur heart rate blood pressure is no 500mg 5.0 mg "
    ". , 130 9 o'clock (five five) six. eight, five. thirty-"
)
SAID = SAID_TEXT.split()


def written(text: str) -> str:
    return write(words(text))[0]


def test_the_table_is_written_as_wanted() -> None:
    assert exact(DATA / "spoken_forms.tsv") >= 0.98


def test_the_rows_held_back_are_written_as_wanted() -> None:
    assert exact(DATA / "spoken_forms_held.tsv") >= 0.98


def test_what_stays_as_spoken_has_no_forms() -> None:
    rows = rows_of(DATA / "spoken_forms.tsv") + rows_of(DATA / "spoken_forms_held.tsv")
    for row in rows:
        if row.spoken == row.written:
            assert write(words(row.spoken))[1] == ()


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("five or six hundred milligrams", "five or six hundred milligrams"),
        ("one to two hundred milligrams", "one to two hundred milligrams"),
        ("take two twenty milligram tablets", "take two twenty milligram tablets"),
        ("five hundred five hundred milligrams", "five hundred five hundred milligrams"),
        ("zero . zero five percent", "zero . zero five percent"),
        ("zero point, five milligrams", "zero point, five milligrams"),
        ("was ninety seven . seven and", "was ninety seven . seven and"),
        ("it was 38 point, ah point 8.", "it was 38 point, ah point 8."),
        ("one twenty to one thirty over seventy to eighty", "one twenty to one thirty over seventy "
         "to eighty"),
        ("an oh three hundred number", "an oh three hundred number"),
        ("five or six hundred of them", "five or six hundred of them"),
        ("two hundred grams", "200 g"),
        ("five", "five"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_may_be_read_in_two_ways_stays(spoken: str, expected: str) -> None:
    assert written(spoken) == expected


@pytest.mark.parametrize(
    "text",
    [
        "chew four eighty one milligram aspirin",
        "give two ten milligram doses",
        "two twenty milligram injections",
        "two fifty milligram doses",
        "take two ten to twenty milligrams",
        "inject two twenty to thirty units",
        "twenty to ten milligrams",
    ],
)
def test_a_count_and_a_strength_never_fuse(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "gabapentin three hundred three times a day",
        "metformin five hundred two tablets",
        "metformin five hundred two in the morning",
        "hydralazine fifty three times a day",
        "omeprazole twenty two times a day",
        "omeprazole twenty two at bedtime",
        "two point five two times a day",
        "prednisone forty five days",
        "lisinopril twenty five years ago",
        "twenty to twenty two times",
    ],
)
def test_a_number_never_takes_the_count_behind_it(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("two fifty milligrams", "250 mg"),
        ("one oh five milligrams", "105 mg"),
        ("weight one eighty pounds", "weight 180 pounds"),
        ("two point five times a day", "2.5 times a day"),
        ("forty-five minutes", "45 minutes"),
        ("fifty milligrams three times a day", "50 mg three times a day"),
        ("two and five hundred two patients", "two and 502 patients"),
        ("vitamin d two thousand units", "vitamin d 2,000 units"),
        ("january first two thousand", "January 1, 2000"),
        ("one oh two year old", "102-year-old"),
        ("temperature ninety nine two", "temperature 99.2"),
    ],
)
def test_what_has_one_reading_is_written(spoken: str, expected: str) -> None:
    assert written(spoken) == expected


@pytest.mark.parametrize(
    "text",
    [
        "hepatitis c two",
        "hepatitis c two years ago",
        "hep b two",
        "vitamin d three times a day",
        "vitamin b six tablets",
        "I have one fifteen year old",
        "temperature ninety nine two days ago",
        "one twenty over eighty two times today",
        "three hundred over eighty",
        "one twenty over two hundred",
        "trigger point one centimeter",
    ],
)
def test_what_only_looks_like_a_name_or_a_reading_stays(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize("text", ["in two thousand milligrams", "january two thousand milligrams"])
def test_a_year_is_no_dose(text: str) -> None:
    assert written(text).endswith(" 2,000 mg")


@pytest.mark.parametrize("text", ["five point ²", "² mg", "point ² milligrams", "٣ mg"])
def test_digits_of_other_kinds_stay(text: str) -> None:
    assert written(text) == text


def test_a_form_says_which_words_it_stands_for() -> None:
    said = words("It was (one twenty over eighty), fine.")
    text, forms = write(said)
    (form,) = forms
    assert text == "It was (120/80), fine."
    assert (form.first, form.count, form.text) == (2, 4, "(120/80),")


def test_replacements_go_first_and_the_longest_wins() -> None:
    wanted = (Replacement("and why", "NY"), Replacement("And why heart", "NYHA"))
    text, forms = write(words("is and why heart, class two"), wanted)
    assert text == "is NYHA, class 2"
    assert forms[0].count == 3


def test_a_replacement_needs_its_words_unparted() -> None:
    assert write(words("and. why heart"), (Replacement("and why heart", "NYHA"),))[1] == ()


@given(st.lists(st.sampled_from(SAID), max_size=14))
def test_forms_lie_in_order_over_the_words_and_give_the_text(said: list[str]) -> None:
    spoken = words(" ".join(said))
    text, forms = write(spoken)
    parts, at = [], 0
    for form in forms:
        assert form.first >= at
        assert form.count >= 1
        parts += [word.text for word in spoken[at : form.first]] + [form.text]
        at = form.first + form.count
    assert text == " ".join(parts + [word.text for word in spoken[at:]])


@given(st.lists(st.sampled_from(SAID), max_size=14))
def test_no_dose_has_a_naked_point_or_a_trailing_zero(said: list[str]) -> None:
    for form in write(words(" ".join(said)))[1]:
        if " mg" in form.text:
            assert " ." not in form.text
            assert ".0 mg" not in form.text


@given(st.lists(st.text(max_size=8).filter(lambda text: text.split() == [text]), max_size=10))
def test_any_words_can_be_written(said: list[str]) -> None:
    write(words(" ".join(said)))
