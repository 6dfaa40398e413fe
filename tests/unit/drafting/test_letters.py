"""A letter holds what the signed note holds, under its own headings, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.domain.draft import Claim, Owner, Section, Support
from app.domain.ids import ClaimId, SegmentId
from app.drafting.letters import ENGINE, LetterMaker
from app.drafting.templates import Source, Template, load_templates
from tests.unit.drafting.speech import LEXICON, ROUTER

TEMPLATES = load_templates(Path(__file__).parents[3] / "resources" / "templates")
LETTERS = [each for each in TEMPLATES if each.source is Source.SIGNED_NOTE]
SOAP = next(each for each in TEMPLATES if each.id == "soap")
MAKER = LetterMaker(LEXICON, ROUTER)


def section(key: str, heading: str, *texts: str) -> Section:
    claims = tuple(
        Claim(ClaimId(text), text, (SegmentId("1"),), Support.SUPPORTED, Owner.CLINICIAN)
        for text in texts
    )
    return Section(key, heading, claims, is_finished=True)


SIGNED = (
    section(
        "subjective", "Subjective", "Cough for two weeks with chest pain.",
        "Takes lisinopril 20 mg daily.", "Allergic to penicillin.", "Father had a heart attack.",
        "Smokes a pack a day.",
    ),
    section("objective", "Objective", "Blood pressure 132/84.", "Systolic murmur on exam."),
    section("assessment", "Assessment", "Acute bronchitis."),
    section("plan", "Plan", "Chest x-ray.", "Amoxicillin 500 mg.", "Come back in two weeks."),
)  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS, ids=lambda each: each.id)
def test_every_claim_stands_once_in_a_letter_with_its_evidence(letter: Template) -> None:
    made = [claim for each in MAKER.make(letter, SIGNED, SOAP) for claim in each.claims]
    signed = [claim for each in SIGNED for claim in each.claims]
    assert Counter(each.text for each in made) == Counter(each.text for each in signed)
    assert {(each.evidence, each.owner) for each in made} == {((SegmentId("1"),), Owner.CLINICIAN)}
    assert not {each.id for each in made} & {each.id for each in signed}


def test_a_referral_tells_what_a_specialist_looks_for() -> None:
    referral = next(each for each in LETTERS if each.id == "referral")
    made = {
        each.key: " ".join(claim.text for claim in each.claims)
        for each in MAKER.make(referral, SIGNED)
    }
    assert "Cough" in made["reason_for_visit"] + made["hpi"]
    assert "penicillin" in made["allergies"]
    assert "132/84" in made["objective"]
    assert "bronchitis" in made["assessment_and_plan"]


def test_a_summary_for_the_patient_has_medicines_and_the_next_visit_apart() -> None:
    summary = next(each for each in LETTERS if each.id == "after-visit-summary")
    made = {each.key: each for each in MAKER.make(summary, SIGNED, SOAP)}
    medicines = " ".join(each.text for each in made["medications"].claims)
    assert "lisinopril" in medicines
    assert "Amoxicillin" in medicines
    assert [each.text for each in made["follow_up"].claims] == ["Come back in two weeks."]
    assert made["follow_up"].engine == ENGINE


def test_an_empty_note_makes_empty_sections() -> None:
    assert all(not each.claims for each in MAKER.make(LETTERS[0], ()))
