"""Nothing leaves under the wrong name, unmarked, or without a row that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.draft import Support
from app.domain.errors import ForbiddenByPolicyError, NotFoundError, WrongPatientError
from app.domain.ids import PatientId
from app.domain.people import Clinic
from app.domain.policy import Policy
from app.domain.visit import Visit
from app.export.fhir_bundle import FhirBundleExporter
from app.export.files import Publisher
from app.export.text import TextExporter
from app.foundation import paths
from app.workflow.exporting import ExportFrame, Exporting
from app.workflow.room import Room
from tests.unit.workflow.conftest import Desk, claim

FRAME = ExportFrame(Clinic("c1", "Hill Clinic"), "11506-3", "Progress note")


def exporting(desk: Desk, policy: Policy | None = None) -> Exporting:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, policy or desk.policy)
    exporters = {each.format: each for each in (TextExporter(), FhirBundleExporter())}
    return Exporting(room, exporters, Publisher(), FRAME)


def signed(desk: Desk) -> Visit:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    return visit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return paths.private_folder(tmp_path / "out")


def test_another_patients_banner_leaves_no_file_and_no_text(desk: Desk, folder: Path) -> None:
    visit, other = signed(desk), desk.visit("Zeller")
    for banner in (other.patient.id, PatientId("")):
        with pytest.raises(WrongPatientError):
            desk.result(exporting(desk).text(visit.id, banner))
        with pytest.raises(WrongPatientError):
            desk.result(exporting(desk).file(visit.id, banner, "fhir_bundle", folder))
    assert list(folder.iterdir()) == []


def test_a_signed_note_names_its_signer_and_a_draft_says_so(desk: Desk) -> None:
    visit = signed(desk)
    text = desk.result(exporting(desk).text(visit.id, visit.patient.id))
    assert "signed by Ada Shaw" in text or "DRAFT" not in text
    draft = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    marked = desk.result(exporting(desk).text(draft.id, draft.patient.id))
    assert marked.startswith("DRAFT, not reviewed")


def test_policy_can_keep_drafts_in(desk: Desk) -> None:
    draft = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    strict = exporting(desk, replace(desk.policy, export_unsigned="block"))
    with pytest.raises(ForbiddenByPolicyError):
        desk.result(strict.text(draft.id, draft.patient.id))


def test_policy_can_keep_a_format_in(desk: Desk, folder: Path) -> None:
    visit = signed(desk)
    strict = exporting(desk, replace(desk.policy, export_formats=("clipboard_plain",)))
    with pytest.raises(ForbiddenByPolicyError):
        desk.result(strict.file(visit.id, visit.patient.id, "fhir_bundle", folder))
    assert list(folder.iterdir()) == []
    assert strict.formats == ()


def test_one_section_can_be_copied(desk: Desk) -> None:
    visit = signed(desk)
    text = desk.result(exporting(desk).text(visit.id, visit.patient.id, "subjective"))
    assert "Back pain" in text
    assert "PLAN" not in text
    with pytest.raises(NotFoundError):
        desk.result(exporting(desk).text(visit.id, visit.patient.id, "no such"))


def test_the_same_version_gives_the_same_bytes(desk: Desk, folder: Path) -> None:
    visit = signed(desk)
    service = exporting(desk)
    files = [
        desk.result(service.file(visit.id, visit.patient.id, "fhir_bundle", folder))
        for _ in range(2)
    ]
    assert files[0] != files[1]
    assert files[0].read_bytes() == files[1].read_bytes()
