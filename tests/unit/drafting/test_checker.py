from __future__ import annotations

import pytest

from app.domain.draft import Claim, Finding, FindingKind, Owner, Support
from app.domain.ids import ClaimId, SegmentId
from app.domain.review import is_blocking
from app.drafting.checker import DeterministicChecker
from tests.unit.drafting.speech import LEXICON, VISIT, transcript

CHECKER = DeterministicChecker(LEXICON)
SAID = transcript(VISIT)


def claim(text: str, *evidence: str, owner: Owner = Owner.MODEL) -> Claim:
    return Claim(ClaimId("c"), text, tuple(SegmentId(each) for each in evidence), owner=owner)


def test_right_ids_stay() -> None:
    assert CHECKER.check(claim("Cough for two weeks.", "2"), SAID).evidence == ("2",)


def test_wrong_ids_are_mended() -> None:
    checked = CHECKER.check(claim("Father had a heart attack.", "3", "16"), SAID)
    assert (checked.support, checked.evidence) == (Support.SUPPORTED, ("12",))


def test_ids_that_do_not_exist_are_dropped() -> None:
    checked = CHECKER.check(claim("Allergic to penicillin.", "999"), SAID)
    assert (checked.support, checked.evidence) == (Support.SUPPORTED, ("7", "8"))


def test_an_invented_claim_loses_its_ids_and_blocks_signing() -> None:
    checked = CHECKER.check(claim("Enjoys sailing in Norway.", "2"), SAID)
    assert checked.support is Support.UNSUPPORTED
    assert checked.evidence == ()
    assert checked.findings == (Finding(FindingKind.NO_EVIDENCE),)
    assert is_blocking(checked)


@pytest.mark.parametrize("owner", [Owner.CLINICIAN, Owner.MACRO])
def test_what_a_person_wrote_is_not_judged(owner: Owner) -> None:
    checked = CHECKER.check(claim("Takes warfarin.", owner=owner), SAID)
    assert (checked.support, checked.findings) == (Support.CLINICIAN, ())


def test_on_request_a_clinicians_text_is_examined() -> None:
    checked = CHECKER.examine(claim("Takes warfarin.", owner=Owner.CLINICIAN), SAID)
    assert FindingKind.DRUG in {each.kind for each in checked.findings}


def test_an_empty_claim_is_unsupported() -> None:
    assert CHECKER.check(claim("..."), SAID).support is Support.UNSUPPORTED


def test_an_empty_transcript_supports_nothing() -> None:
    checked = CHECKER.check(claim("Cough for two weeks.", "2"), transcript([]))
    assert (checked.support, checked.evidence) == (Support.UNSUPPORTED, ())


def test_another_transcript_is_not_mistaken_for_the_last() -> None:
    checker = DeterministicChecker(LEXICON)
    other = transcript(["patient: I have had a rash for three days now."])
    assert checker.check(claim("Cough for two weeks."), SAID).support is Support.SUPPORTED
    assert checker.check(claim("Cough for two weeks."), other).support is Support.UNSUPPORTED
    assert checker.check(claim("Rash for three days."), other).support is Support.SUPPORTED


@pytest.mark.parametrize("place", ["neck", "shoulder", "knee", "abdomen", "chest"])
def test_a_place_nobody_spoke_of_is_not_supported(place: str) -> None:
    said = transcript(("patient: The pain is right in the lower back.", "patient: Since May."))
    checked = CHECKER.check(claim(f"The pain is rated in the {place}.", "1"), said)
    assert checked.support is not Support.SUPPORTED
