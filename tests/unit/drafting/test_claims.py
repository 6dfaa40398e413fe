"""A line becomes a claim once; only the consent ledger speaks of consent."""

from __future__ import annotations

import pytest

from app.domain.draft import Owner, Support
from app.domain.ids import SegmentId
from app.drafting.claims import (
    ClaimMaker,
    is_about_consent,
    is_babble,
    is_echo,
    tidy,
    without_consent,
)

S1, S2 = SegmentId("s1"), SegmentId("s2")


def test_a_line_becomes_an_unchecked_claim_of_the_model() -> None:
    claim = ClaimMaker().make("Chest pain.", (S1, S2))
    assert claim is not None
    assert (claim.text, claim.evidence) == ("Chest pain.", (S1, S2))
    assert (claim.owner, claim.support) == (Owner.MODEL, Support.UNSUPPORTED)


def test_a_line_without_evidence_is_kept_for_a_person_to_see() -> None:
    claim = ClaimMaker().make("Diabetes.", ())
    assert claim is not None
    assert claim.evidence == ()


@pytest.mark.parametrize("text", ["", "  ", "-", "\u200b", "**"])
def test_an_empty_line_is_dropped(text: str) -> None:
    assert ClaimMaker().make(text, (S1,)) is None


def test_a_line_that_says_the_same_is_dropped() -> None:
    maker = ClaimMaker()
    first = maker.make("No fever.", (S1,))
    assert maker.make("no  FEVER", (S2,)) is None
    assert maker.claims == (first,)


def test_an_unchanged_line_keeps_the_claim_it_had() -> None:
    before = ClaimMaker().make("No fever.", (S1,))
    assert before is not None
    again = ClaimMaker([before]).make("No fever.", (S1,))
    assert again is before
    moved = ClaimMaker([before]).make("No fever.", (S2,))
    assert moved is not None
    assert (moved.id, moved.evidence) == (before.id, (S2,))


@pytest.mark.parametrize(
    "sentence",
    [
        "Patient consents to the recording.",
        "Verbal consent was obtained.",
        "Informed consent obtained for AI scribe.",
        "The patient gave permission to record the visit.",
        "She agreed to be recorded.",
        "He is fine with the recording.",
        "Use of AI was disclosed.",
        "Recording was agreed to by all.",
    ],
)
def test_a_sentence_about_consent_is_removed(sentence: str) -> None:
    assert is_about_consent(sentence)
    maker = ClaimMaker()
    assert maker.make(sentence, (S1,)) is None
    assert maker.dropped_consent == 1
    assert without_consent(f"Chest pain. {sentence} No fever.") == "Chest pain. No fever."


@pytest.mark.parametrize(
    "sentence",
    [
        "She agreed to start lisinopril 10 mg.",
        "Consensual activity only.",
        "Fine crackles at the left base.",
        "Agrees with the plan to repeat the echocardiogram.",
        "Okay to return to work.",
    ],
)
def test_other_sentences_stay(sentence: str) -> None:
    assert not is_about_consent(sentence)


def test_markup_and_invisible_letters_go() -> None:
    assert tidy("**Chest**\u202e pain\n\x07 `left`") == "Chest pain left"
    assert tidy("## Plan") == "Plan"
    assert len(tidy("x" * 5000)) == 600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They are not sure they are not sure they are not sure they are.", True),
        ("10.5 beats per minute. 10.5 beats per minute. 10.5 beats per minute.", True),
        ("No chest pain, no shortness of breath, no nausea, no vomiting, no fever.", False),
        ("Pain, pain, pain.", False),
    ],
)
def test_a_line_that_goes_in_circles_is_babble(text: str, expected: bool) -> None:
    assert is_babble(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The patient reports: why they came, the complaint with its onset, place, quality", True),
        ("WHY THEY CAME - the complaint, with its onset", True),
        ("Onset yesterday, stabbing quality, worse when bending", False),
        ("Medications, allergies, habits", False),  # four words or fewer may be the patient's
        ("", False),
    ],
)
def test_a_line_that_repeats_the_request_is_an_echo(text: str, expected: bool) -> None:
    request = "What the patient reports: why they came, the complaint with its onset, place."
    assert is_echo(text, request) is expected
