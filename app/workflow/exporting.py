"""A note leaves the vault: patient check, policy, record, then the exporter. Main thread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.domain.draft import Draft
from app.domain.errors import ForbiddenByPolicyError, NotFoundError, WrongPatientError
from app.domain.ids import NoteId, PatientId, VisitId
from app.domain.note import (
    ExportAuthor,
    ExportModel,
    ExportNote,
    ExportOrganization,
    ExportPatient,
    ExportVisit,
    NoteStatus,
    NoteVersion,
    export_sections,
)
from app.domain.people import Account, Clinic
from app.domain.ports import Exporter
from app.domain.store_ports import ExportRow, VaultPort
from app.domain.visit import Patient, Visit
from app.export.layouts import LayoutExporter
from app.workflow.room import Room


@dataclass(frozen=True, slots=True)
class ExportFrame:
    """What is the same for all notes of a workstation.

    Attributes:
        note_type, title: of drafts that do not say it themselves: those of earlier versions.
    """

    clinic: Clinic
    note_type: str = "11506-3"
    title: str = "Progress note"
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to leave: the note of a visit, or a letter made from it, for whom."""

    visit: VisitId
    banner: PatientId
    letter: NoteId | None = None


class Exporting:
    """Copies and files. Nothing leaves without a row that says so."""

    def __init__(
        self,
        room: Room,
        exporters: Mapping[str, Exporter],
        publish: Callable[[Path, ExportNote, Exporter, bytes], Path],
        frame: ExportFrame,
        layouts: Mapping[str, LayoutExporter] | None = None,
    ) -> None:
        self._sessions = room.sessions
        self._policy = room.policy
        self._pool = room.pool
        self._exporters = exporters
        self._publish = publish
        self._frame = frame
        self._layouts = layouts or {}
        self._layout = ""

    @property
    def layouts(self) -> tuple[tuple[str, str], ...]:
        """Ids and names of the target systems a copy can be laid out for."""
        return tuple((name, each.layout.name) for name, each in self._layouts.items())

    def choose_layout(self, layout: str) -> None:
        """Lay copies out for a target system from now on; unknown or empty: plain text."""
        self._layout = layout

    def _copy(self, note: ExportNote) -> bytes:
        exporter = self._layouts.get(self._layout) or self._exporters["text"]
        return exporter.render(note)

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats of files that policy allows."""
        return tuple(name for name in self._exporters if name in self._policy.export_formats)

    def text(
        self,
        visit: VisitId,
        banner: PatientId,
        section: str = "",
        letter: NoteId | None = None,
    ) -> Future[str]:
        """Return the note, one section of it, or a signed letter as the clipboard's plain text.

        The future raises WrongPatientError, ForbiddenByPolicyError, NotFoundError.
        """
        account = self._sessions.current().account

        def job(vault: VaultPort) -> str:
            note, version = self._note(vault, Wanted(visit, banner, letter), account)
            self._allow("clipboard_plain")
            if section:
                kept = tuple(each for each in note.sections if each.key == section)
                if not kept:
                    raise NotFoundError("section")
                note = replace(note, sections=kept)
            data = self._copy(note)
            vault.add_export(_row(note, version, "clipboard_plain", data, "clipboard"))
            return data.decode()

        return self._sessions.current().ask(job)

    def file(
        self,
        visit: VisitId,
        banner: PatientId,
        name: str,
        folder: Path,
        letter: NoteId | None = None,
    ) -> Future[Path]:
        """Write the note, or a signed letter, as that format into a folder; return the path.

        The future raises WrongPatientError, ForbiddenByPolicyError, NotFoundError,
        DiskFullError, FileAccessError.
        """
        session = self._sessions.current()

        def prepare(vault: VaultPort) -> tuple[ExportNote, bytes]:
            note, version = self._note(vault, Wanted(visit, banner, letter), session.account)
            self._allow(name)
            data = self._exporters[name].render(note)
            vault.add_export(_row(note, version, name, data, "file"))
            return note, data

        def job() -> Path:
            note, data = session.ask(prepare).result()
            return self._publish(folder, note, self._exporters[name], data)

        return self._pool.submit(job)

    def _allow(self, name: str) -> None:
        known = name in self._exporters or name == "clipboard_plain"
        if not known:
            raise NotFoundError("format")
        if name not in self._policy.export_formats:
            raise ForbiddenByPolicyError("export.formats")

    def _note(self, vault: VaultPort, wanted: Wanted, account: Account) -> tuple[ExportNote, int]:
        visit = wanted.visit
        found = vault.visit(visit)
        if found.patient.id != wanted.banner:
            raise WrongPatientError
        if wanted.letter is not None:
            letters = vault.letters(visit)
            letter = next((each for each in letters if each.note == wanted.letter), None)
            if letter is None:
                raise NotFoundError("letter")
            word = "-".join(letter.draft.title.lower().split()) or "letter"
            signed = self._signed(found, letter, account)
            return replace(signed, file_word=word), letter.version
        versions = vault.versions(visit)
        if versions:
            return self._signed(found, versions[-1], account), versions[-1].version
        draft = vault.draft(visit)
        if draft is None:
            raise NotFoundError("draft")
        if self._policy.export_unsigned == "block":
            raise ForbiddenByPolicyError("export.unsigned")
        return self._unsigned(found, draft, account), 0

    def _signed(self, visit: Visit, version: NoteVersion, account: Account) -> ExportNote:
        if version.patient != visit.patient.id:
            raise WrongPatientError
        first = version.version == 1
        note = self._unsigned(visit, version.draft, account)
        return replace(
            note,
            note_id=version.note,
            version=version.version,
            status=NoteStatus.FINAL if first else NoteStatus.AMENDED,
            signed_at=version.attestation.at.replace(microsecond=0),
            replaces=version.replaces,
            is_addendum=version.is_addendum,
        )

    def _unsigned(self, visit: Visit, draft: Draft, account: Account) -> ExportNote:
        frame = self._frame
        models = tuple(
            ExportModel(each.kind, each.name, each.maker, each.version, each.sha256)
            for each in draft.models
        )
        return ExportNote(
            note_id=NoteId(visit.id),
            version=1,
            status=NoteStatus.PRELIMINARY,
            type=draft.note_type or frame.note_type,
            title=draft.title or frame.title,
            patient=_patient(visit.patient),
            author=_author(account),
            organization=ExportOrganization(frame.clinic.id, frame.clinic.name),
            visit=ExportVisit(
                visit.id,
                visit.visit_class,
                _second(visit.started_at or visit.created_at),
                _second(visit.ended_at) if visit.ended_at else None,
                visit.encounter_id,
            ),
            sections=export_sections(draft.sections),
            edited_at=_second(draft.made_at),
            signed_at=None,
            models=models,
            provenance="AIAST" if models else "CLINAST",
            is_demo=frame.is_demo,
            ai_line=self._policy.export_ai_line,
        )


def _row(note: ExportNote, version: int, name: str, data: bytes, target: str) -> ExportRow:
    digest = hashlib.sha256(data).hexdigest()
    return ExportRow(note.note_id, version, name, digest, target, datetime.now().astimezone())


def _patient(patient: Patient) -> ExportPatient:
    return ExportPatient(
        patient.id,
        patient.family,
        patient.given,
        patient.birth_date,
        patient.sex,
        patient.identifiers,
    )


def _author(account: Account) -> ExportAuthor:
    family, given = account.family, account.given
    if not family:
        *rest, family = account.name.split() or [account.name]
        given = " ".join(rest)
    return ExportAuthor(account.uid, family, given, npi=account.npi, local_id=account.uid)


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
