"""A patient who was typed wrong is corrected in the vault, and what was said before is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.domain.errors import NotFoundError, VisitStateError, WrongPatientError
from app.domain.ids import PatientId, VisitId
from app.domain.visit import Identifier, Patient, PatientCorrection, VisitState
from app.store.vault import Vault
from tests.unit.store.conftest import NOW, make_draft, make_version, make_visit


def right(patient: Patient) -> Patient:
    return replace(
        patient, family="Lindqvist", birth_date=date(1980, 5, 17), identifiers=(Identifier("0815"),)
    )


def test_a_corrected_patient_is_kept_with_what_was_said_before(vault: Vault) -> None:
    visit = make_visit()
    vault.add_visit(visit)
    changed = vault.correct_patient(visit.id, right(visit.patient), NOW)
    assert vault.visit(visit.id) == changed
    assert changed.patient == right(visit.patient)
    assert changed.corrections == (PatientCorrection(NOW, visit.patient),)
    assert (changed.state, changed.consent) == (visit.state, visit.consent)
    again = vault.correct_patient(visit.id, replace(changed.patient, given="Bo"), NOW)
    assert [each.before for each in again.corrections] == [visit.patient, changed.patient]


def test_the_list_finds_the_right_name_and_the_wrong_one_no_longer(vault: Vault) -> None:
    visit = make_visit()
    vault.add_visit(visit)
    vault.correct_patient(visit.id, right(visit.patient), NOW)
    assert [each.visit.id for each in vault.visits("Lindq")] == [visit.id]
    assert [each.visit.id for each in vault.visits("0815")] == [visit.id]
    assert vault.visits(visit.patient.family) == ()


def test_the_same_patient_typed_again_changes_nothing(vault: Vault) -> None:
    visit = make_visit()
    vault.add_visit(visit)
    assert vault.correct_patient(visit.id, visit.patient, NOW).corrections == ()


def test_a_visit_never_goes_to_another_patient(vault: Vault) -> None:
    visit = make_visit()
    vault.add_visit(visit)
    with pytest.raises(WrongPatientError):
        vault.correct_patient(visit.id, replace(visit.patient, id=PatientId("other")), NOW)
    with pytest.raises(NotFoundError):
        vault.correct_patient(VisitId("none"), visit.patient, NOW)
    assert vault.visit(visit.id) == visit


def test_a_patient_with_a_signed_note_stays_as_they_were(vault: Vault) -> None:
    """Also from another visit of theirs: the signed note would be exported under another name."""
    signed = make_visit()
    vault.add_visit(signed)
    later = replace(make_visit(), patient=signed.patient)
    vault.add_visit(later)
    vault.add_version(make_version(signed, make_draft(signed)), VisitState.SIGNED)
    for each in (signed, later):
        with pytest.raises(VisitStateError):
            vault.correct_patient(each.id, right(each.patient), NOW)
    assert vault.visit(later.id).patient == signed.patient
