"""Nothing harmful is signed unseen, nothing under the wrong name, and nothing changes after."""

from __future__ import annotations

import hashlib

import pytest

from app.domain.draft import FindingKind, Owner, Support
from app.domain.errors import (
    ReauthenticationError,
    SigningBlockedError,
    VisitStateError,
    WrongPasswordError,
    WrongPatientError,
)
from app.domain.ids import PatientId
from app.domain.review import Verdict
from app.domain.visit import VisitState
from app.foundation import sealing
from app.workflow.signing import Signing, signed_content
from app.workflow.unlocking import Unlocking
from tests.unit.workflow.conftest import PASSWORD, Desk, claim

GOOD = ("Back pain for two days", Support.SUPPORTED)
BAD_DOSE = ("Takes ibuprofen 800 mg", Support.UNSUPPORTED, FindingKind.DOSE)


def test_a_note_without_open_claims_is_signed(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    version = desk.result(desk.signing.sign(visit.id, visit.patient.id))
    record = desk.result(desk.visiting.open(visit.id))
    assert record.visit.state is VisitState.SIGNED
    assert record.versions == (version,)
    content = signed_content(version.note, 1, record.visit, version.draft, version.attestation.at)
    told = version.attestation
    assert hashlib.sha256(content).hexdigest() == told.content_sha256
    assert sealing.is_signed(told.public_key, told.signature, content)
    assert not sealing.is_signed(told.public_key, told.signature, content + b" ")


@pytest.mark.parametrize(
    "kind",
    [
        FindingKind.DRUG,
        FindingKind.DOSE,
        FindingKind.ALLERGY,
        FindingKind.LATERALITY,
        FindingKind.NEGATION,
        FindingKind.NUMBER,
        FindingKind.DATE,
    ],
)
def test_a_harmful_claim_blocks_until_decided(desk: Desk, kind: FindingKind) -> None:
    bad = claim("Something harmful", Support.UNSUPPORTED, kind)
    visit = desk.reviewed(claim(*GOOD), bad)
    desk.see_all(visit.id)
    with pytest.raises(SigningBlockedError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))
    items = desk.result(desk.reviewing.accept(visit.id, bad.id))
    assert items.is_clear
    version = desk.result(desk.signing.sign(visit.id, visit.patient.id))
    assert [(each.claim, each.verdict) for each in version.decisions] == [
        (bad.id, Verdict.ACCEPTED)
    ]


def test_a_claim_without_evidence_blocks_whatever_it_says(desk: Desk) -> None:
    visit = desk.reviewed(claim("Feels well", Support.UNSUPPORTED, evidence=""))
    desk.see_all(visit.id)
    with pytest.raises(SigningBlockedError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))


def test_mending_or_removing_opens_the_gate(desk: Desk) -> None:
    first, second = claim(*BAD_DOSE), claim(*BAD_DOSE)
    visit = desk.reviewed(first, second)
    desk.see_all(visit.id)
    mended = desk.result(desk.editing.edit(visit.id, first.id, "Takes ibuprofen 400 mg"))
    assert mended.claims[0].owner is Owner.CLINICIAN
    desk.result(desk.editing.remove(visit.id, second.id))
    version = desk.result(desk.signing.sign(visit.id, visit.patient.id))
    assert [each.text for each in version.draft.claims] == ["Takes ibuprofen 400 mg"]
    assert {each.verdict for each in version.decisions} == {Verdict.MENDED, Verdict.REMOVED}


def test_an_unseen_section_blocks(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    with pytest.raises(SigningBlockedError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))


def test_another_patients_banner_is_refused(desk: Desk) -> None:
    visit, other = desk.reviewed(claim(*GOOD)), desk.visit("Quist")
    desk.see_all(visit.id)
    for banner in (other.patient.id, PatientId("")):
        with pytest.raises(WrongPatientError):
            desk.result(desk.signing.sign(visit.id, banner))


def test_a_signed_note_cannot_be_edited_or_signed_again(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    version = desk.result(desk.signing.sign(visit.id, visit.patient.id))
    with pytest.raises(VisitStateError):
        desk.result(desk.editing.edit(visit.id, version.draft.claims[0].id, "other"))
    with pytest.raises(VisitStateError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))


def test_an_old_password_must_be_given_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    monkeypatch.setattr(Unlocking, "is_fresh", lambda *_: False)
    signing: Signing = desk.signing
    with pytest.raises(ReauthenticationError):
        desk.result(signing.sign(visit.id, visit.patient.id))
    with pytest.raises(WrongPasswordError):
        desk.result(signing.sign(visit.id, visit.patient.id, "wrong " + PASSWORD))


def test_the_right_password_signs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    monkeypatch.setattr(Unlocking, "is_fresh", lambda *_: False)
    assert desk.result(desk.signing.sign(visit.id, visit.patient.id, PASSWORD)).version == 1
