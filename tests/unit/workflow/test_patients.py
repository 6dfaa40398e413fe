"""A patient who was typed wrong is corrected until the note is signed, and all of it follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.draft import Owner, Support
from app.domain.errors import VisitStateError, WrongPatientError
from app.domain.events import DraftEdited, PatientCorrected
from app.domain.ids import PatientId
from app.domain.visit import Identifier, Patient, Person
from app.foundation import paths
from tests.unit.workflow.conftest import VERBAL, Desk, claim
from tests.unit.workflow.test_exporting import exporting


def right(patient: Patient) -> Patient:
    return replace(patient, family="Lindqvist", identifiers=(Identifier("0815"),))


def test_files_and_list_name_the_patient_as_corrected(desk: Desk, tmp_path: Path) -> None:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    told: list[PatientCorrected] = []
    desk.bus.subscribe(PatientCorrected, told.append)
    patient = right(visit.patient)
    changed = desk.result(desk.visiting.correct_patient(visit.id, visit.patient.id, patient))
    assert changed.patient == patient
    assert changed.corrections[-1].before == visit.patient
    folder = paths.private_folder(tmp_path / "out")
    path = desk.result(exporting(desk).file(visit.id, patient.id, "fhir_bundle", folder))
    text = path.read_text("utf-8")
    assert "Lindqvist" in text
    assert "0815" in text
    assert "Quist" not in text
    desk.inbox.run_until(lambda: told == [PatientCorrected(visit.id)], timeout_s=9)
    assert [each.visit.id for each in desk.result(desk.visiting.visits("0815"))] == [visit.id]


def test_consent_given_under_the_wrong_name_stays_in_force_and_the_note_says_the_right_one(
    desk: Desk,
) -> None:
    visit = desk.visit()
    present = (Person(visit.patient.display, agreed=True), Person("Daughter", agreed=True))
    granted = desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, present))
    desk.result(desk.visiting.type_note(visit.id))
    desk.result(desk.editing.add_consent_line(visit.id))
    edits: list[DraftEdited] = []
    desk.bus.subscribe(DraftEdited, edits.append)
    patient = right(visit.patient)
    desk.result(desk.visiting.correct_patient(visit.id, visit.patient.id, patient))
    record = desk.result(desk.visiting.open(visit.id))
    assert record.draft is not None
    (line,) = [each.text for each in record.draft.claims if each.owner is Owner.LEDGER]
    assert f"{patient.display}, Daughter" in line
    desk.inbox.run_until(lambda: bool(edits) and edits[-1].draft == record.draft, timeout_s=9)
    assert desk.result(desk.visiting.granted(visit.id)) == granted
    session = desk.sessions.current()
    ledger = desk.result(session.ask(lambda vault: vault.consent(granted.consent)))
    assert ledger.present == present  # what was written when they were asked is never changed


def test_a_signed_note_keeps_its_patient(desk: Desk) -> None:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    desk.see_all(visit.id)
    patient = right(visit.patient)
    desk.result(desk.visiting.correct_patient(visit.id, visit.patient.id, patient))
    desk.result(desk.signing.sign(visit.id, patient.id))
    with pytest.raises(VisitStateError):
        desk.result(desk.visiting.correct_patient(visit.id, patient.id, visit.patient))
    assert desk.result(desk.visiting.open(visit.id)).visit.patient == patient


def test_a_visit_that_was_given_up_and_another_patients_are_refused(desk: Desk) -> None:
    visit = desk.visit()
    with pytest.raises(WrongPatientError):
        desk.result(
            desk.visiting.correct_patient(visit.id, PatientId("other"), right(visit.patient))
        )
    desk.result(desk.visiting.discard(visit.id))
    with pytest.raises(VisitStateError):
        desk.result(desk.visiting.correct_patient(visit.id, visit.patient.id, right(visit.patient)))
