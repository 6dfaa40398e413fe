"""What the store promises: an open vault, and the accounts that open one.

Methods marked "lane" block and run on the lane of their database. Paths are plain strings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.domain.audio import Span, Stretch
from app.domain.draft import Draft
from app.domain.ids import (
    ConsentId,
    RecordingId,
    RecordingKeyId,
    SegmentId,
    UserId,
    VisitId,
)
from app.domain.note import NoteVersion
from app.domain.people import Account
from app.domain.review import Decision
from app.domain.transcript import Difference, Revision, RoleFound, Segment, Transcript
from app.domain.visit import Consent, Patient, Visit, VisitState
from app.domain.vocabulary import Vocabulary, VoiceEnrolment


@dataclass(frozen=True, slots=True)
class VisitSummary:
    """A row of the visit list."""

    visit: Visit
    has_draft: bool
    versions: int


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording as the vault knows it. `samples` is None while it is not closed."""

    id: RecordingId
    visit: VisitId
    key: RecordingKeyId
    started_at: datetime
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class RecordingSecret:
    """The key pair of one recording. The private half is a row of keys.db and nothing else."""

    key: RecordingKeyId
    public_key: bytes
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A record of something that left the vault. `target` is clipboard or file."""

    note: str
    version: int
    format: str
    sha256: str
    target: str
    at: datetime


class VaultPort(Protocol):
    """One clinician's open vault. Every method: lane. Each call is one transaction."""

    def visits(self, query: str = "", limit: int = 200) -> tuple[VisitSummary, ...]:
        """Return visits, newest first; `query` searches names and identifiers."""

    def visit(self, visit: VisitId) -> Visit:
        """Return one visit.

        Raises:
            NotFoundError: there is none.
        """

    def add_visit(self, visit: Visit) -> None:
        """Keep a new visit and its patient."""

    def save_visit(self, visit: Visit) -> None:
        """Keep a visit's new state."""

    def correct_patient(self, visit: VisitId, patient: Patient, at: datetime) -> Visit:
        """Keep what a patient is called now, and at the visit what was said before.

        Returns:
            The visit as it is kept.

        Raises:
            WrongPatientError: the visit is another patient's.
            VisitStateError: a note of this patient is signed, at this visit or another.
        """

    def patients(self, query: str) -> tuple[Patient, ...]:
        """Find known patients by name or identifier."""

    def add_consent(self, consent: Consent) -> None:
        """Append to the consent ledger. When this returns, the consent is committed."""

    def consent(self, consent: ConsentId) -> Consent:
        """Return one consent.

        Raises:
            NotFoundError: there is none.
        """

    def withdraw_consent(self, consent: ConsentId, at: datetime) -> None:
        """Note that a consent was taken back."""

    def add_recording(
        self, row: RecordingRow, dictation: ConsentId | None = None
    ) -> RecordingSecret:
        """Make and commit a recording and its key pair, before a microphone opens.

        Args:
            row: the recording.
            dictation: the ledger's entry that it is a dictation; without it the visit's consent
                must be in force.

        Raises:
            ConsentMissingError: the ledger does not allow it.
        """

    def erase(self, visit: VisitId) -> tuple[RecordingId, ...]:
        """Delete all that was heard and drafted at an unsigned visit: keys first.

        Returns:
            The recordings whose journals nobody can open any more.

        Raises:
            VisitStateError: the visit has a signed note.
        """

    def recordings(self, visit: VisitId | None = None) -> tuple[RecordingRow, ...]:
        """Return the recordings of a visit, or all, oldest first."""

    def recording_secret(self, recording: RecordingId) -> RecordingSecret:
        """Return the key pair of a recording.

        Raises:
            NotFoundError: the key was deleted: the sound is gone for good.
        """

    def close_recording(self, recording: RecordingId, samples: int) -> None:
        """Note that the journal is closed or recovered, and how long it is."""

    def put_segments(self, visit: VisitId, segments: Sequence[Segment]) -> None:
        """Add segments, or replace those with the same ids."""

    def clear_segments(self, visit: VisitId) -> None:
        """Remove the transcript, to transcribe again."""

    def transcript(self, visit: VisitId) -> Transcript:
        """Return the transcript; empty if there is none."""

    def segments(self, visit: VisitId, ids: Collection[SegmentId]) -> tuple[Segment, ...]:
        """Return some segments, those that are there, in order of time."""

    def add_stretches(self, visit: VisitId, stretches: Sequence[Stretch]) -> None:
        """Add gaps, pauses, bookmarks and the like; one that is there already is kept once."""

    def add_revisions(self, visit: VisitId, revisions: Sequence[Revision]) -> None:
        """Append to the history of changed words."""

    def set_roles(self, visit: VisitId, roles: Sequence[RoleFound]) -> None:
        """Say who speaks in segments that are there; unknown segments are passed over."""

    def strike(self, visit: VisitId, span: Span) -> tuple[SegmentId, ...]:
        """Erase what was said in a span: segments, history, drafts; leave a mark without content.

        Of the newest draft the lines that persons own stay, but for those that rest on the span.

        Returns:
            The segments that are gone: all that touch the span.

        Raises:
            VisitStateError: the visit has a signed note.
        """

    def set_differences(self, visit: VisitId, differences: Sequence[Difference]) -> None:
        """Keep what the second pass heard otherwise; replaces what was kept before."""

    def differences(self, visit: VisitId) -> tuple[Difference, ...]:
        """Return the differences that wait for a person."""

    def vocabulary(self) -> Vocabulary:
        """Return what the clinician taught; empty at first."""

    def save_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Keep it."""

    def voice(self) -> VoiceEnrolment | None:
        """Return the clinician's voice, None when none is enrolled."""

    def save_voice(self, voice: VoiceEnrolment | None) -> None:
        """Keep a voice, or erase it for good with None."""

    def save_draft(self, draft: Draft) -> None:
        """Keep a draft; earlier ones stay as history."""

    def draft(self, visit: VisitId) -> Draft | None:
        """Return the newest draft of a visit, None if there is none."""

    def drafts(self, visit: VisitId) -> tuple[Draft, ...]:
        """Return all drafts of a visit, oldest first."""

    def save_decision(self, visit: VisitId, decision: Decision) -> None:
        """Keep a verdict; the last one on a claim counts."""

    def decisions(self, visit: VisitId) -> tuple[Decision, ...]:
        """Return the verdicts of a visit."""

    def mark_seen(self, visit: VisitId, section: str) -> None:
        """Note that a person has seen a section of the newest draft."""

    def seen(self, visit: VisitId) -> frozenset[str]:
        """Return the keys of the sections seen."""

    def add_version(self, version: NoteVersion, visit_state: VisitState) -> None:
        """Keep a signed version and move its visit, in one transaction."""

    def versions(self, visit: VisitId) -> tuple[NoteVersion, ...]:
        """Return the signed versions, oldest first."""

    def add_letter(self, letter: NoteVersion) -> None:
        """Keep a signed letter. It is never changed."""

    def letters(self, visit: VisitId) -> tuple[NoteVersion, ...]:
        """Return the signed letters of a visit, oldest first."""

    def add_export(self, row: ExportRow) -> None:
        """Record that something is about to leave."""

    def sign_bytes(self, content: bytes) -> tuple[bytes, bytes]:
        """Return (signature, public key): the owner's Ed25519 over `content`."""

    def close(self) -> None:
        """Checkpoint and close. The last call."""


class AccountsPort(Protocol):
    """The org database: who has an account, and what opens their vault."""

    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts of this workstation. Org lane."""

    def create(self, name: str, password: str) -> tuple[Account, str]:
        """Make an account with its vault; return it and its recovery key's text. Org lane.

        Raises:
            WeakPasswordError: too short, too long or too common.
            AccountExistsError: there is one of that name.
        """

    def unlock(self, uid: UserId, password: str) -> object:
        """Return the opened keys, for `open_vault` alone. Org lane; takes about 0.2 s.

        Raises:
            WrongPasswordError, ThrottledError, SlotCorruptError, NoAccountError.
        """

    def recover(self, uid: UserId, recovery_key: str, new_password: str) -> object:
        """Set a new password with the recovery key; return the opened keys. Org lane.

        Raises:
            RecoveryKeyError, WeakPasswordError, SlotCorruptError, NoAccountError.
        """

    def open_vault(self, uid: UserId, keys: object) -> VaultPort:
        """Open the vault. Lane: the calling thread is the only one that may use the vault.

        Raises:
            VaultBusyError, CorruptError, TooNewError.
        """

    def audio_folder(self, uid: UserId) -> str:
        """Return the folder of the account's journals."""

    def audio_folders(self) -> tuple[str, ...]:
        """Return the audio folders of all accounts: leases are looked at before any password."""

    def close(self) -> None:
        """Close the org database. Org lane, the last call."""
