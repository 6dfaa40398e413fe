"""A signed note and what exporters get of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.draft import Draft, Section
from app.domain.ids import ConsentId, NoteId, PatientId, UserId, VisitId
from app.domain.review import Decision
from app.domain.visit import Identifier, Sex, VisitClass


class NoteStatus(enum.StrEnum):
    """FHIR R4 composition status."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the clinician put their name under.

    Attributes:
        text: the words that stood above the button.
        content_sha256: hex digest of the canonical JSON that was signed (SECURITY.md 8).
        signature: 64 bytes of Ed25519 over that canonical JSON.
        public_key: the signer's 32-byte Ed25519 key.
    """

    signer: UserId
    signer_name: str
    at: datetime
    text: str
    content_sha256: str
    signature: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """One signed version of a note, or a signed letter. Never changed.

    Attributes:
        replaces: the version before.
        is_addendum: it says all that the version before says, and something more at its end.
        made_from: of a letter: the version of the note that it was made from.
    """

    note: NoteId
    version: int
    visit: VisitId
    patient: PatientId
    draft: Draft
    decisions: tuple[Decision, ...]
    consent: ConsentId | None
    attestation: Attestation
    replaces: int | None = None
    is_addendum: bool = False
    made_from: int | None = None


@dataclass(frozen=True, slots=True)
class ExportPatient:
    """The patient as exporters need them."""

    id: str
    family: str
    given: str
    birth_date: date | None
    sex: Sex
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportAuthor:
    """The clinician: an NPI (10 digits) or a local id."""

    id: str
    family: str
    given: str = ""
    npi: str = ""
    local_id: str = ""


@dataclass(frozen=True, slots=True)
class ExportOrganization:
    """The clinic."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportVisit:
    """The encounter: aware times to the second; `end` is None while it is open."""

    id: str
    visit_class: VisitClass
    start: datetime
    end: datetime | None
    encounter_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExportModel:
    """A model that touched the note: `kind` is `asr` or `llm`, `sha256` is hex."""

    kind: str
    name: str
    maker: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportSection:
    """A heading and its claims as plain text; subsections nest below it.

    `loinc` is empty for the code that goes with the key, if there is one.
    """

    key: str
    heading: str
    claims: tuple[str, ...] = ()
    subsections: tuple[ExportSection, ...] = ()
    loinc: str = ""


@dataclass(frozen=True, slots=True)
class ExportNote:
    """All an exporter may know. Times are aware, to the second, with offset.

    Attributes:
        type: LOINC code of the note, e.g. 11506-3 for a progress note.
        file_word: what it is called in a file name, of a letter; empty: after its type.
        replaces: the earlier version number, or None.
        is_addendum: it adds to that version instead of taking its place.
        provenance: `AIAST` when a language model or speech model took part, `DICTAST` for a
            note that was only dictated, `CLINAST` for one only typed (EXPORT.md 5.2).
        is_demo: marks every output as a demonstration.
        ai_line: whether text ends with the line that names the assistance.
    """

    note_id: NoteId
    version: int
    status: NoteStatus
    type: str
    title: str
    patient: ExportPatient
    author: ExportAuthor
    organization: ExportOrganization
    visit: ExportVisit
    sections: tuple[ExportSection, ...]
    edited_at: datetime
    signed_at: datetime | None
    replaces: int | None = None
    is_addendum: bool = False
    file_word: str = ""
    models: tuple[ExportModel, ...] = ()
    language: str = "en"
    provenance: str = "AIAST"
    is_demo: bool = False
    ai_line: bool = True


def export_sections(sections: tuple[Section, ...]) -> tuple[ExportSection, ...]:
    """Return the sections without evidence and owners, order kept."""
    return tuple(
        ExportSection(
            each.key, each.heading, tuple(claim.text for claim in each.claims), loinc=each.loinc
        )
        for each in sections
    )
