"""Every text passes one door, and is then safe for every format."""

from __future__ import annotations

import doctest
import xml.etree.ElementTree as ET
from types import ModuleType

import pytest
from hypothesis import given, settings

from app.export import cleaning, fhir_elements
from app.export.cleaning import clean, label, lines
from app.export.fhir_elements import narrative
from tests.unit.export.notes import HOSTILE, TEXTS


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x80\x85\x9f", ""),
        ("tab\tstays", "tab\tstays"),
        ("\ud800\udfff\ufffe\uffff", "\ufffd" * 4),
        ("e\u0301 \u202ebidi\u202c", "e\u0301 \u202ebidi\u202c"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_text_is_cleaned_as_the_design_says(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(text=TEXTS)
@settings(max_examples=500)
def test_cleaning_twice_is_cleaning_once_and_the_rest_stays(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert all(each in cleaned for each in text if each.isalnum())


@given(text=TEXTS)
@settings(max_examples=500)
def test_an_xml_parser_gives_back_what_went_through_the_narrative(text: str) -> None:
    div = ET.fromstring(str(narrative(lines(text))["div"]))
    wanted = clean(text) if clean(text).strip() else ""
    assert "\n".join(each.text or "" for each in div) == wanted


def test_hostile_strings_lose_nothing_that_can_be_read() -> None:
    for text in HOSTILE:
        div = ET.fromstring(str(narrative([clean(text)])["div"]))
        assert div[0].text == clean(text)


@given(text=TEXTS)
def test_a_label_is_one_line_without_strange_blanks(text: str) -> None:
    found = label(text)
    assert found == found.strip()
    assert not [each for each in found if each.isspace() and each != " "]


@pytest.mark.parametrize("module", [cleaning, fhir_elements])
def test_the_examples_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
