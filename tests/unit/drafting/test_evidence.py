from __future__ import annotations

from app.domain.ids import SegmentId
from app.drafting.evidence import EvidenceIndex, shares_ingredient
from app.drafting.reading import read
from tests.unit.drafting.speech import LEXICON, VISIT, transcript

INDEX = EvidenceIndex(transcript(VISIT), LEXICON)


def test_the_best_passage_is_the_one_that_says_it() -> None:
    (passage,) = INDEX.best(read("Takes lisinopril for blood pressure.", LEXICON))
    assert passage.evidence == ("6",)


def test_a_question_and_its_answer_are_one_passage() -> None:
    (passage,) = INDEX.best(read("Denies fever and chills.", LEXICON))
    assert passage.evidence == ("3", "4")


def test_a_claim_of_two_facts_rests_on_two_passages() -> None:
    best = INDEX.best(read("Cough, and father had a heart attack.", LEXICON))
    assert [each.evidence[-1] for each in best] == ["2", "12"]


def test_nothing_is_found_for_what_nobody_said() -> None:
    claim = read("Elephants in Africa.", LEXICON)
    assert INDEX.covered(claim, INDEX.best(claim)) == 0.0


def test_a_number_alone_finds_its_passage() -> None:
    (passage,) = INDEX.best(read("132/84.", LEXICON))
    assert passage.evidence == ("14",)


def test_passages_are_found_by_segment() -> None:
    assert {each.evidence for each in INDEX.holding([SegmentId("8")])} == {("7", "8")}


def test_combined_drugs_share_an_ingredient() -> None:
    assert shares_ingredient("acetaminophen+codeine", "acetaminophen")
    assert not shares_ingredient("codeine", "acetaminophen")


def test_an_empty_transcript_has_no_passages() -> None:
    assert EvidenceIndex(transcript([]), LEXICON).passages == ()
