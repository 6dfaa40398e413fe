"""A signed note never changes: what is added is a new version that says all of the old."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.draft import Support
from app.domain.errors import (
    NothingTypedError,
    NotSignedError,
    ReauthenticationError,
    SigningBlockedError,
    WrongPatientError,
)
from app.domain.ids import PatientId
from app.domain.visit import Visit, VisitState
from app.export.fhir_docref import FhirDocumentReferenceExporter
from app.foundation import paths, sealing
from app.workflow.signing import signed_content
from app.workflow.unlocking import Unlocking
from tests.fhir_validation.house import house_rules
from tests.fhir_validation.validators import schema_check
from tests.unit.workflow.conftest import PASSWORD, Desk, claim
from tests.unit.workflow.test_exporting import exporting


def signed(desk: Desk) -> Visit:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    return visit


def test_an_addendum_is_a_signed_version_behind_the_unchanged_text(desk: Desk) -> None:
    visit = signed(desk)
    first = desk.result(desk.visiting.open(visit.id)).versions[0]
    added = desk.result(desk.signing.add(visit.id, visit.patient.id, "X-ray is normal.\nCalled."))
    record = desk.result(desk.visiting.open(visit.id))
    assert record.versions == (first, added)
    assert record.visit.state is VisitState.SIGNED
    assert added.draft.sections[:-1] == first.draft.sections
    section = added.draft.sections[-1]
    assert section.heading.startswith("Addendum 20")
    assert [each.text for each in section.claims] == ["X-ray is normal.", "Called."]
    assert (added.version, added.replaces, added.is_addendum) == (2, 1, True)
    told = added.attestation
    content = signed_content(added.note, 2, record.visit, added.draft, told.at)
    assert sealing.is_signed(told.public_key, told.signature, content)
    again = desk.result(desk.signing.add(visit.id, visit.patient.id, "Second."))
    assert [each.key for each in again.draft.sections[-2:]] == ["addendum_1", "addendum_2"]


def test_text_and_fhir_tell_the_addendum(desk: Desk, tmp_path: Path) -> None:
    visit = signed(desk)
    desk.result(desk.signing.add(visit.id, visit.patient.id, "X-ray is normal."))
    door, folder = exporting(desk), paths.private_folder(tmp_path / "out")
    text = desk.result(door.text(visit.id, visit.patient.id))
    assert text.index("Back pain") < text.index("ADDENDUM 20") < text.index("X-ray is normal.")
    path = desk.result(door.file(visit.id, visit.patient.id, "fhir_bundle", folder))
    bundle = json.loads(path.read_text("utf-8"))
    composition = bundle["entry"][0]["resource"]
    assert composition["status"] == "amended"
    assert [each["code"] for each in composition["relatesTo"]] == ["appends"]
    assert [*schema_check(bundle), *house_rules(bundle)] == []
    docref = FhirDocumentReferenceExporter()
    door._exporters = {**door._exporters, docref.format: docref}
    path = desk.result(door.file(visit.id, visit.patient.id, "fhir_docref", folder))
    reference = json.loads(path.read_text("utf-8"))
    assert reference["docStatus"] == "amended"
    assert [each["code"] for each in reference["relatesTo"]] == ["appends"]
    assert [*schema_check(reference), *house_rules(reference)] == []


def test_what_cannot_be_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unsigned = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    with pytest.raises(NotSignedError):
        desk.result(desk.signing.add(unsigned.id, unsigned.patient.id, "More."))
    visit = signed(desk)
    with pytest.raises(NothingTypedError):
        desk.result(desk.signing.add(visit.id, visit.patient.id, " \n- "))
    with pytest.raises(SigningBlockedError):
        desk.result(desk.signing.add(visit.id, visit.patient.id, "Called on [[date]]."))
    with pytest.raises(WrongPatientError):
        desk.result(desk.signing.add(visit.id, PatientId(""), "More."))
    monkeypatch.setattr(Unlocking, "is_fresh", lambda *_: False)
    with pytest.raises(ReauthenticationError):
        desk.result(desk.signing.add(visit.id, visit.patient.id, "More."))
    assert desk.result(desk.signing.add(visit.id, visit.patient.id, "More.", PASSWORD)).version == 2


def test_what_is_typed_is_kept_until_it_is_signed(desk: Desk) -> None:
    visit = signed(desk)
    desk.result(desk.visiting.keep_addendum(visit.id, "X-ray is nor"))
    assert desk.result(desk.visiting.open(visit.id)).visit.addendum == "X-ray is nor"
    text = desk.result(exporting(desk).text(visit.id, visit.patient.id))
    assert "X-ray" not in text  # it is no part of the note
    desk.result(desk.signing.add(visit.id, visit.patient.id, "X-ray is normal."))
    assert desk.result(desk.visiting.open(visit.id)).visit.addendum == ""


def test_blanks_are_nothing_and_an_unsigned_note_has_no_addendum(desk: Desk) -> None:
    visit = signed(desk)
    desk.result(desk.visiting.keep_addendum(visit.id, "X-ray"))
    desk.result(desk.visiting.keep_addendum(visit.id, " \n"))
    assert desk.result(desk.visiting.open(visit.id)).visit.addendum == ""
    unsigned = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    with pytest.raises(NotSignedError):
        desk.result(desk.visiting.keep_addendum(unsigned.id, "X-ray"))
