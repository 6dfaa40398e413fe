"""A real vault of a made-up clinician, and made-up visits to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.domain.draft import Claim, Draft, Finding, FindingKind, Owner, Section, Support
from app.domain.ids import (
    ClaimId,
    ConsentId,
    DraftId,
    NoteId,
    PatientId,
    RecordingId,
    RecordingKeyId,
    SegmentId,
    TemplateId,
    UserId,
    VisitId,
    WordId,
    new_id,
)
from app.domain.note import Attestation, NoteVersion
from app.domain.review import Decision, Verdict
from app.domain.store_ports import RecordingRow
from app.domain.transcript import Segment, SpeakerRole, Word
from app.domain.visit import (
    Consent,
    ConsentManner,
    ConsentScript,
    Identifier,
    Patient,
    Person,
    Visit,
)
from app.foundation import sealing
from app.store.keys import OpenKeys
from app.store.vault import Vault, create_vault, open_vault

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, UTC)
PASSWORD = "mountain lamp eleven tulip"


@dataclass
class FakeClock:
    """Time by hand."""

    seconds: float = 1000.0
    boot_id: str = "one"
    wall: datetime = field(default=NOW)

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def boot(self) -> str:
        return self.boot_id


def random_keys(uid: str = "") -> OpenKeys:
    """Return keys as an unlocked account holds them."""
    parts = [sealing.random_bytes(32) for _ in range(4)]
    return OpenKeys(UserId(uid or new_id()), *parts)


def make_visit(family: str = "Roe", given: str = "Jane", mrn: str = "MRN-0042") -> Visit:
    patient = Patient(
        PatientId(new_id()), family, given, date(1970, 1, 31), identifiers=(Identifier(mrn),)
    )
    return Visit(VisitId(new_id()), patient, NOW)


def make_consent(visit: Visit, *, agreed: bool = True) -> Consent:
    return Consent(
        ConsentId(new_id()),
        visit.id,
        visit.patient.id,
        "Dr. Example",
        NOW,
        ConsentManner.VERBAL,
        ConsentScript("standard", 1, "0" * 64),
        (Person("patient", agreed),),
    )


def make_recording(visit: Visit) -> RecordingRow:
    return RecordingRow(RecordingId(new_id()), visit.id, RecordingKeyId(new_id()), NOW)


def make_segment(number: int, text: str = "I take aspirin.", start: int = 0) -> Segment:
    words = (Word(WordId(f"w{number}"), text, start, start + 800, 0.75),)
    return Segment(
        SegmentId(f"s{number}"), text, SpeakerRole.PATIENT, 0.5, start, start + 800, words
    )


def make_draft(visit: Visit, text: str = "Takes aspirin.", claim: str = "c1") -> Draft:
    made = Claim(
        ClaimId(claim),
        text,
        (SegmentId("s1"),),
        Support.PARTLY,
        Owner.MODEL,
        (Finding(FindingKind.DOSE, "aspirin"),),
    )
    sections = (Section("plan", "Plan", (made,), is_finished=True, engine="small"),)
    return Draft(DraftId(new_id()), visit.id, TemplateId("soap"), sections, "0" * 64, NOW)


def make_version(visit: Visit, draft: Draft, number: int = 1) -> NoteVersion:
    attestation = Attestation(
        UserId(new_id()), "Dr. Example", NOW, "I read it.", "0" * 64, b"s" * 64, b"p" * 32
    )
    return NoteVersion(
        NoteId(f"note-{visit.id}"),
        number,
        visit.id,
        visit.patient.id,
        draft,
        (Decision(ClaimId("c1"), Verdict.ACCEPTED, NOW),),
        visit.consent,
        attestation,
    )


@pytest.fixture
def keys(tmp_path: Path) -> OpenKeys:
    """Keys of an account whose vault exists below `tmp_path`."""
    made = random_keys()
    create_vault(tmp_path, made)
    return made


@pytest.fixture
def vault(tmp_path: Path, keys: OpenKeys) -> Iterator[Vault]:
    """An open vault."""
    opened = open_vault(tmp_path, keys)
    yield opened
    opened.close()
