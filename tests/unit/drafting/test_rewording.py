"""What is asked of a selection comes as a diff, says the same, and keeps owner and evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import Claim, Owner, Section, Support
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, SegmentId
from app.drafting.diffs import ChangeKind, merge
from app.drafting.rewording import (
    bullets,
    in_first_person,
    move,
    sentences,
    shorter,
    without_wordiness,
)

LONG = Claim(
    ClaimId("a"),
    "Cough for 2 weeks. No fever; takes ibuprofen 400 mg. Seen by Dr. Lee.",
    (SegmentId("1"), SegmentId("2")),
    Support.SUPPORTED,
)
TYPED = Claim(
    ClaimId("b"),
    "Of note, the patient states that she is able to walk.",
    support=Support.CLINICIAN,
    owner=Owner.CLINICIAN,
)
SECTION = Section("hpi", "HPI", (LONG, TYPED))
PLAN = Section("plan", "Plan", (Claim(ClaimId("p"), "Rest."),))


def test_a_paragraph_becomes_bullets_with_all_its_evidence() -> None:
    diff = bullets(SECTION, {LONG.id})
    assert merge(diff.changes, ()) == SECTION.claims
    made = merge(diff.changes, {0})
    assert [each.text for each in made[:-1]] == [
        "Cough for 2 weeks.", "No fever", "Takes ibuprofen 400 mg.", "Seen by Dr. Lee.",
    ]  # fmt: skip
    assert {each.evidence for each in made[:-1]} == {LONG.evidence}
    assert {each.support for each in made[:-1]} == {Support.UNSUPPORTED}
    assert len({each.id for each in made}) == 5
    assert made[-1] == TYPED


def test_one_sentence_is_not_split() -> None:
    diff = bullets(SECTION, {TYPED.id})
    assert not any(each.is_open for each in diff.changes)
    assert sentences("Pain. Mild.") == ("Pain. Mild.",)


def test_a_persons_claim_changes_only_when_the_person_takes_it() -> None:
    diff = shorter(SECTION, {TYPED.id})
    assert merge(diff.changes, ()) == SECTION.claims
    (_, made) = merge(diff.changes, {1})
    assert made.text == "States she can walk."
    assert (made.owner, made.support) == (Owner.CLINICIAN, Support.CLINICIAN)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Due to the fact that it hurts, rest.", "Because it hurts, rest."),
        ("Please note that prior to surgery she fasted.", "Before surgery she fasted."),
        ("Takes aspirin on a daily basis.", "Takes aspirin daily."),
        ("The patient denies fever.", "The patient denies fever."),
        ("Patient reports that he has pain.", "Reports he has pain."),
        ("It is not really better.", "It is not really better."),
        ("Pain at the end of the day.", "Pain at the end of the day."),
        ("He would rather wait.", "He would rather wait."),
    ],
)
def test_wordy_phrases_go_and_meaning_stays(text: str, short: str) -> None:
    assert without_wordiness(text) == short


def test_claims_move_unchanged_and_both_ends_are_one_decision() -> None:
    away, home = move((SECTION, PLAN), {TYPED.id}, "plan")
    (number,) = {each.number for each in away.changes if each.is_open}
    assert [each.kind for each in home.changes] == [ChangeKind.SAME, ChangeKind.ADDED]
    assert merge(away.changes, {number}) == (LONG,)
    assert merge(home.changes, {number}) == (*PLAN.claims, TYPED)
    assert merge(away.changes, ()) == SECTION.claims
    assert merge(home.changes, ()) == PLAN.claims


def test_nothing_to_move_is_no_diff_and_no_place_to_move_to_an_error() -> None:
    assert move((SECTION, PLAN), {ClaimId("p")}, "plan") == ()
    with pytest.raises(NotFoundError):
        move((SECTION,), {LONG.id}, "plan")


@pytest.mark.parametrize(
    ("text", "mine"),
    [
        ("The clinician advises rest.", "I advise rest."),
        ("The doctor also discusses risks, and the provider agrees.",
         "I also discuss risks, and I agree."),
        ("Examined by the physician.", "Examined by me."),
        ("The clinician's impression is angina.", "My impression is angina."),
        ("The physician has ordered 2 tests.", "I have ordered 2 tests."),
        ("The provider does not suspect a fracture.", "I do not suspect a fracture."),
        ("The doctor passes on the results.", "I pass on the results."),
        ("The clinician carries out the biopsy.", "I carry out the biopsy."),
        ("Referred by the cardiologist.", "Referred by the cardiologist."),
        ("Will follow up with the doctor.", "Will follow up with the doctor."),
        ("Dr. Wu advises rest.", "Dr. Wu advises rest."),
        ("The patient advises against it.", "The patient advises against it."),
    ],
)  # fmt: skip
def test_who_wrote_the_note_is_i_and_nobody_else(text: str, mine: str) -> None:
    assert in_first_person(text) == mine


@given(st.text(max_size=120))
def test_first_person_never_changes_a_number_or_what_is_not_about_the_clinician(text: str) -> None:
    made = in_first_person(text)
    assert [each for each in made if each.isdigit()] == [each for each in text if each.isdigit()]
    if "the" not in text.lower():
        assert made == text or made.casefold() == " ".join(text.split()).casefold()
