"""A patient as typed or pasted."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.ids import PatientId
from app.domain.visit import Identifier, Patient, Sex
from app.foundation import paths
from app.foundation.i18n import use_language
from app.ui.viewmodels.patients import (
    PatientFields,
    born_words,
    clock_words,
    date_words,
    identifier_words,
    parse_date,
    parse_pasted,
    possible_dates,
    sex_words,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text", ["1980-05-17", "17.05.1980", "17 May 1980", "05/17/1980", " 1980/5/17 ", "17.5.1980"]
)
def test_a_birth_date_is_read_in_each_common_form(text: str) -> None:
    assert parse_date(text, TODAY) == date(1980, 5, 17)


@pytest.mark.parametrize(
    "text", ["", "1980", "31.02.1980", "17/05/1980", "2030-01-01", "1880-01-01", "x-y-z"]
)
def test_what_is_no_birth_date_is_not_guessed(text: str) -> None:
    assert parse_date(text, TODAY) is None


def test_a_date_is_said_so_that_day_and_month_cannot_be_mixed_up() -> None:
    assert date_words(date(1961, 3, 9), TODAY) == "9 Mar 1961 (65 y)"
    assert date_words(date(1961, 12, 9), TODAY) == "9 Dec 1961 (64 y)"
    assert date_words(date(2025, 12, 1), TODAY) == "1 Dec 2025 (11 mo)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17.5.61", date(1961, 5, 17)),
        ("17.05.61", date(1961, 5, 17)),
        ("5/17/61", date(1961, 5, 17)),  # month first, as with four digits
        ("1.1.27", date(1927, 1, 1)),
        ("20.11.15", date(2015, 11, 20)),  # 1915: older than anybody this is typed for
        ("21.11.26", date(1926, 11, 21)),  # 2026 is still to come
    ],
)
def test_a_year_of_two_digits_is_read_where_only_one_century_is_left(
    text: str, expected: date
) -> None:
    assert parse_date(text, TODAY) == expected


@pytest.mark.parametrize("text", ["1.2.24", "20.11.16", "2/1/24", "20.11.26"])
def test_a_child_is_not_taken_for_a_very_old_person_nor_the_other_way_round(text: str) -> None:
    assert parse_date(text, TODAY) is None
    older, younger = possible_dates(text, TODAY)
    assert younger.year - older.year == 100


@pytest.mark.parametrize("text", ["61-05-17", "17-05-61", "17 5 61", "17.5/61", "31.2.61", "1.2.3"])
def test_nobody_guesses_which_of_three_short_numbers_is_the_year(text: str) -> None:
    assert possible_dates(text, TODAY) == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Doe, Jane  F  05/17/1980  MRN 00123",
            PatientFields("Doe", "Jane", "05/17/1980", Sex.FEMALE, "00123"),
        ),
        (
            "OKAFOR, Grace Ada (female) DOB: 1961-03-09 ID: A-48213",
            PatientFields("OKAFOR", "Grace Ada", "1961-03-09", Sex.FEMALE, "A-48213"),
        ),
        ("Jonas Weber 2.7.1948", PatientFields("Weber", "Jonas", "2.7.1948")),
        (
            "Weber, Jonas, 2.7.48, m, 00123",
            PatientFields("Weber", "Jonas", "2.7.48", Sex.MALE, "00123"),
        ),
        ("", PatientFields()),
    ],
)
def test_a_pasted_line_fills_the_form(line: str, expected: PatientFields) -> None:
    assert parse_pasted(line) == expected


def test_fields_make_a_patient_with_a_new_id() -> None:
    fields = PatientFields(" Doe ", "Jane", "1980-05-17", Sex.FEMALE, " 12 ")
    patient = fields.patient()
    assert patient.display == "Doe, Jane"
    assert patient.birth_date == date(1980, 5, 17)
    assert patient.identifiers == (Identifier("12"),)
    assert patient.id != fields.patient().id


def test_a_form_without_a_family_name_or_with_a_bad_date_says_which_field() -> None:
    with pytest.raises(ValueError, match="family"):
        PatientFields("", "Jane").patient()
    with pytest.raises(ValueError, match="birth_date"):
        PatientFields("Doe", birth_date="soon").patient()


def test_unknown_things_are_said_to_be_unknown() -> None:
    nobody = Patient(PatientId("p"), "Doe")
    assert "unknown" in born_words(nobody)
    assert identifier_words(nobody) == "no identifier"
    assert sex_words(Sex.UNKNOWN) == ""


def test_the_clock_shows_hours_only_when_there_are_any() -> None:
    assert clock_words(0) == "0:00"
    assert clock_words(192.7) == "3:12"
    assert clock_words(3792) == "1:03:12"


def test_a_german_date_has_its_point() -> None:
    use_language("de", paths.translations())
    try:
        assert date_words(date(1961, 5, 9), TODAY) == "9. Mai 1961 (65 J.)"
    finally:
        use_language("en", paths.translations())
