"""What a second hearing, with names in mind, adds to suggestions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.clinical.second_names import CONTEXT, Again, merged, passage
from app.clinical.suggestions import MOST_NAMES, Doubt, Suggester
from app.domain.audio import SAMPLE_RATE
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, Suggestion, Word
from tests.unit.clinical.spoken_forms import words

LEXICONS = Path(__file__).parents[3] / "resources/lexicons"
HIDDEN = "we started her on some ugly hide last month"
FOREIGN = "we started her on duxus a client last month"


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester.load(LEXICONS)


def said(text: str, *doubtful: str) -> Segment:
    """Return a segment whose words are sure, but for some."""
    found = tuple(
        replace(each, probability=0.3 if each.text in doubtful else 0.97) for each in words(text)
    )
    return Segment(SegmentId("s1"), text, start=0, end=found[-1].end, words=found)


def again(doubt: Doubt, text: str, probability: float = 0.5) -> Again:
    """Return a second hearing of the whole segment; its words have ids of their own."""
    heard = words(text, probability)
    return Again(doubt, tuple(replace(each, id=WordId(f"again.{each.id}")) for each in heard))


def only(suggester: Suggester, segment: Segment) -> Doubt:
    (doubt,) = suggester.doubts(segment)
    return doubt


def test_a_place_that_sounds_like_a_drug_from_afar_is_in_doubt(suggester: Suggester) -> None:
    segment = said(HIDDEN, "some", "ugly", "hide")
    assert suggester.suggest(segment) == ()
    doubt = only(suggester, segment)
    assert {"some", "ugly", "hide"} <= {each.text for each in doubt.words}
    assert doubt.names[0] == "semaglutide"
    assert len(doubt.names) <= MOST_NAMES


def test_what_was_heard_well_is_not_in_doubt(suggester: Suggester) -> None:
    assert suggester.doubts(said(HIDDEN)) == ()
    assert suggester.doubts(said("she takes metformin twice a day", "metformin")) == ()


def test_a_garbled_sentence_is_no_single_doubt(suggester: Suggester) -> None:
    text = "started her on duxus a client prasak metforman lisinoprol apropastatin amoxicilan now"
    doubts = suggester.doubts(said(text, *text.split()))
    assert all(len(each.words) <= 8 for each in doubts)


def test_a_name_that_is_heard_now_comes_first(suggester: Suggester) -> None:
    segment = said(FOREIGN, "duxus", "a", "client")
    doubt = only(suggester, segment)
    first = suggester.suggest(segment)
    assert "doxycycline" not in [name for each in first for name in each.candidates[:1]]
    (found,) = merged(
        suggester, segment, first, again(doubt, "we started her on doxycycline last month")
    )
    assert found.candidates[0] == "doxycycline"
    assert found.words[0] == WordId("w4")
    assert len(found.candidates) <= 5


def test_a_word_that_is_nearer_now_finds_its_drug(suggester: Suggester) -> None:
    segment = said("we started her on prom is in last month", "prom", "is", "in")
    doubt = only(suggester, segment)
    heard = again(doubt, "we started her on prom thosine last month", 0.3)
    (found,) = merged(suggester, segment, (), heard)
    assert "promethazine" in found.candidates[:3]
    assert set(found.words) <= {each.id for each in doubt.words}


def test_what_both_hearings_name_stands_before_what_one_names(suggester: Suggester) -> None:
    segment = said(FOREIGN, "duxus", "a", "client")
    doubt = only(suggester, segment)
    ids = tuple(each.id for each in doubt.words)
    first = (Suggestion(segment.id, ids, "duxus a client", ("duexis", "dexilant", "doxycycline")),)
    heard = again(doubt, "we started her on doxysic line last month")
    (found,) = merged(suggester, segment, first, heard)
    assert found.candidates.index("doxycycline") < found.candidates.index("duexis")
    assert found.words == ids


def test_a_second_hearing_without_a_drug_changes_nothing(suggester: Suggester) -> None:
    segment = said(FOREIGN, "duxus", "a", "client")
    doubt = only(suggester, segment)
    first = suggester.suggest(segment)
    for text in ("", "we started her on it again last month"):
        assert merged(suggester, segment, first, again(doubt, text, 0.97)) == first


def test_a_drug_beside_the_doubt_is_of_no_account(suggester: Suggester) -> None:
    text = f"{FOREIGN} and she is very well now and goes to work by bicycle as before but no"
    segment = said(text, "duxus", "a", "client")
    doubt = only(suggester, segment)
    heard = again(doubt, f"{text[:-2]} {' '.join(['and'] * 10)} lisinoprol", 0.3)
    far = replace(heard, heard=heard.heard[-1:])
    assert merged(suggester, segment, (), far) == ()


def test_what_is_heard_again_goes_little_beyond_the_doubt() -> None:
    row = [Word(WordId(f"w{i}"), "and", i * SAMPLE_RATE, (i + 1) * SAMPLE_RATE) for i in range(30)]
    segment = Segment(SegmentId("s1"), "", start=0, end=30 * SAMPLE_RATE, words=tuple(row))
    span = passage(segment, Doubt(tuple(row[10:12]), ()))
    assert span.start < 10 * SAMPLE_RATE - CONTEXT < 12 * SAMPLE_RATE + CONTEXT < span.end
    assert span.end - span.start < 2 * CONTEXT + 3 * SAMPLE_RATE
    first = passage(segment, Doubt(tuple(row[:1]), ()))
    assert first.start == 0
