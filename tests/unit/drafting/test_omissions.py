from __future__ import annotations

from app.domain.draft import Claim
from app.domain.ids import ClaimId, SegmentId
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.omissions import MOST, OmissionFinder
from tests.unit.drafting.speech import LEXICON, ROUTER, SOAP, VISIT, transcript

FINDER = OmissionFinder(LEXICON)


def claims(*texts: str) -> list[Claim]:
    return [Claim(ClaimId(str(number)), text) for number, text in enumerate(texts)]


def test_without_a_note_every_harmful_fact_is_listed_worst_first() -> None:
    found = FINDER.find(transcript(VISIT), [])
    assert [each.kind for each in found[:2]] == ["allergy", "drug"]
    assert {each.kind for each in found} >= {"vital", "symptom", "order"}
    assert [each.harm for each in found] == sorted((each.harm for each in found), reverse=True)


def test_an_omission_says_where_it_was_said_and_where_it_belongs() -> None:
    found = {each.kind: each for each in FINDER.find(transcript(VISIT), [])}
    assert (found["allergy"].segment, found["allergy"].section) == ("8", "subjective")
    assert (found["vital"].segment, found["vital"].section) == ("14", "objective")
    assert (found["order"].segment, found["order"].section) == ("16", "plan")


def test_a_note_that_says_it_closes_the_omission() -> None:
    note = claims(
        "Allergic to penicillin.", "Lisinopril 20 mg daily.", "No fever or chills.",
        "Cough for 2 weeks with chest pain.", "BP 132/84.",
    )  # fmt: skip
    kinds = {each.kind for each in FINDER.find(transcript(VISIT), note)}
    assert not kinds & {"allergy", "drug", "vital"}


def test_another_dose_does_not_cover_a_dose() -> None:
    found = FINDER.find(transcript(VISIT), claims("Lisinopril 40 mg daily."))
    assert any("lisinopril" in each.text for each in found)


def test_an_affirmed_symptom_is_not_covered_by_its_denial() -> None:
    found = FINDER.find(
        transcript(["patient: I have had vomiting all day."]), claims("No vomiting.")
    )
    assert [each.kind for each in found] == ["symptom"]


def test_the_extractive_note_leaves_little_out() -> None:
    visit = transcript(VISIT)
    drafted = ExtractiveDrafter(LEXICON, ROUTER).draft(visit, SOAP)
    found = FINDER.find(visit, [claim for each in drafted for claim in each.claims])
    assert [each for each in found if each.harm >= 60] == []


def test_the_list_is_bounded_and_without_repeats() -> None:
    names = ["lisinopril", "metformin", "ibuprofen", "aspirin", "warfarin"]
    said = [f"patient: I take {name} {dose} mg a day." for name in names for dose in range(1, 9)]
    found = FINDER.find(transcript([*said, *said]), [])
    assert len(found) == MOST
    assert len({each.text for each in found}) == MOST


def test_silence_omits_nothing() -> None:
    assert FINDER.find(transcript([]), []) == ()


def test_consent_is_never_offered_for_the_note() -> None:
    said = ["clinician: Do you consent to be recorded about your chest pain?", "patient: Yes."]
    assert FINDER.find(transcript(said), []) == ()


def test_segments_of_omissions_exist() -> None:
    visit = transcript(VISIT, has_roles=False)
    ids = {each.id for each in visit.segments}
    assert all(SegmentId(each.segment) in ids for each in FINDER.find(visit, []))
