from __future__ import annotations

from pathlib import Path

import pytest

from app.clinical.lexicon import Lexicon
from app.clinical.suggestions import Suggester
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, Suggestion
from tests.performance.drug_words import figures, judge, read_again, read_heard, swapped
from tests.unit.clinical.spoken_forms import words

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester.load(REPOSITORY / "resources/lexicons")


def said(text: str, probability: float = 0.5) -> Segment:
    return Segment(SegmentId("s1"), text, words=words(text, probability))


def only(suggester: Suggester, segment: Segment) -> Suggestion:
    (found,) = suggester.suggest(segment)
    return found


@pytest.mark.parametrize(
    ("heard", "drug"),
    [
        ("She takes apropastatin twice a day.", "atorvastatin"),
        ("He was on lysinopril for years.", "lisinopril"),
        ("I take met foreman twice a day.", "metformin"),
        ("She takes hydrochlorathy as I'd twice a day.", "hydrochlorothiazide"),
        ("We started her on gabba pentin today.", "gabapentin"),
        ("Are you allergic to amoxycillan?", "amoxicillin"),
    ],
)
def test_a_drug_heard_wrong_is_among_the_first_three(
    suggester: Suggester, heard: str, drug: str
) -> None:
    found = only(suggester, said(heard))
    assert drug in found.candidates[:3]
    assert len(found.candidates) <= 5


def test_a_suggestion_names_the_words_it_would_replace(suggester: Suggester) -> None:
    found = only(suggester, said("I take met foreman, twice a day."))
    assert found.words == ("w2", "w3")
    assert found.heard == "met foreman,"
    assert found.segment == SegmentId("s1")


def test_a_name_spelled_right_is_left_alone(suggester: Suggester) -> None:
    text = (
        "He takes atorvastatin, lisinopril and two Tylenols, and hydroxyzine; testosterone's low."
    )
    assert suggester.suggest(said(text, 0.05)) == ()


def test_everyday_words_are_left_alone_even_when_doubtful(suggester: Suggester) -> None:
    text = "So how long have you had this cough and does it keep you up at night?"
    assert suggester.suggest(said(text, 0.3)) == ()


def test_words_that_were_heard_well_are_not_doubted(suggester: Suggester) -> None:
    assert suggester.suggest(said("I take met foreman twice a day.", 0.99)) == ()


def test_terms_of_the_visit_are_drugs_too(suggester: Suggester) -> None:
    segment = said("She takes zolimba roo every day.")
    found = suggester.suggest(segment, terms=("Zolimbaru",))
    assert found[0].candidates[0] == "Zolimbaru"
    assert suggester.suggest(said("She takes Zolimbaru every day."), terms=("Zolimbaru",)) == ()


def test_a_segment_without_words_has_no_suggestions(suggester: Suggester) -> None:
    assert suggester.suggest(Segment(SegmentId("s1"), "typed lysinopril")) == ()


def test_spoken_drugs_are_suggested_as_often_as_when_this_was_measured(
    suggester: Suggester,
) -> None:
    rows = [row for row in read_heard() if row.model == "whisper-base" and row.voice == "rms"]
    some = rows[::6]  # all of them take a quarter of a minute: tests/performance/drug_words.py
    counts = figures(iter(some), suggester)
    assert counts["top 3"] / (len(some) - counts["right"]) >= 0.5


@pytest.mark.parametrize(("model", "least"), [("whisper-tiny.en", 0.7), ("whisper-base", 0.75)])
def test_a_second_hearing_finds_more_of_the_spoken_drugs_and_loses_none(
    suggester: Suggester, model: str, least: float
) -> None:
    rows = [row for row in read_heard() if row.model == model and row.voice == "rms"]
    some, again = rows[::12], read_again()
    first, both = figures(some, suggester), figures(some, suggester, again)
    wrong = len(some) - first["right"]
    assert both["top 3"] / wrong >= least
    assert both["top 3"] > first["top 3"]
    kept = [each for each in some if judge(each, suggester) == "top 3"]
    assert figures(kept, suggester, again)["top 3"] >= len(kept) - 1


def test_no_drug_is_written_that_was_not_recognized() -> None:
    names = Lexicon.load(REPOSITORY / "resources/lexicons").drug_names
    rows = tuple(read_heard())
    assert len(rows) >= 200
    assert sum(swapped(row, names) for row in rows) == 0
