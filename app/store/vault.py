"""One clinician's open vault: `VaultPort` over vault.db and keys.db.

Lane: open it and use it on the same thread. A lock file keeps other processes out. Each call is
one transaction, and what it returned from is on disk.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from filelock import FileLock
from typing_extensions import override

from app.domain.audio import Gap, Span, Stretch, StretchKind
from app.domain.draft import Draft
from app.domain.errors import NotFoundError, VaultBusyError, VisitStateError
from app.domain.ids import ConsentId, RecordingId, RecordingKeyId, SegmentId, UserId, VisitId
from app.domain.note import NoteVersion
from app.domain.review import Decision
from app.domain.store_ports import ExportRow, RecordingRow, RecordingSecret, VaultPort, VisitSummary
from app.domain.transcript import Difference, Revision, RoleFound, Segment, Transcript
from app.domain.visit import Consent, Patient, Visit, VisitState
from app.domain.vocabulary import Vocabulary, VoiceEnrolment
from app.foundation import paths, sealing
from app.foundation.letterbox import take_lease
from app.store import heard, migrate, notes, profile, search, transcripts, visits
from app.store.connection import Database, Place, as_bytes, as_text
from app.store.keys import OpenKeys

_MANY: Final = 200


def create_vault(root: Path, keys: OpenKeys) -> None:
    """Make the folders and the empty databases of a new account.

    Raises:
        FileAccessError: there is a vault already, or no place for one.
        DiskFullError: no space left.
    """
    paths.private_folder(paths.audio_folder(root, keys.uid))
    paths.private_folder(paths.quarantine_folder(root, keys.uid))
    for place in (_vault_place(root, keys), _keys_place(root, keys)):
        migrate.create_current(place).close()


def open_vault(root: Path, keys: OpenKeys) -> Vault:
    """Open an account's vault.

    Raises:
        VaultBusyError: another process has it open.
        CorruptError: vault.db or keys.db is missing, damaged or foreign; a copy of a damaged
            vault is in quarantine.
        TooNewError: a later version of the program wrote it; nothing was touched.
        FileAccessError: a folder cannot be read or written.
    """
    lease = _take(root, keys.uid)
    opened: list[Database] = []
    try:
        opened.extend(
            migrate.open_current(place)
            for place in (_vault_place(root, keys), _keys_place(root, keys))
        )
    except BaseException:
        for database in opened:
            database.close()
        lease.release()
        raise
    return Vault(opened[0], opened[1], keys, lease)


def _take(root: Path, uid: UserId) -> FileLock:
    with paths.file_errors():
        lease = take_lease(paths.vault_lease(root, uid))
    if lease is None:
        raise VaultBusyError
    return lease


def _vault_place(root: Path, keys: OpenKeys) -> Place:
    return Place(
        paths.vault_file(root, keys.uid),
        "vault",
        keys.uid,
        paths.quarantine_folder(root, keys.uid),
        migrate.newest("vault"),
        keys.vault,
    )


def _keys_place(root: Path, keys: OpenKeys) -> Place:
    path = paths.keys_file(root, keys.uid)
    return Place(path, "keys", keys.uid, None, migrate.newest("keys"), keys.records)


class Vault(VaultPort):
    """The open vault. Made by `open_vault`."""

    def __init__(self, vault: Database, secrets: Database, keys: OpenKeys, lease: FileLock) -> None:
        self._vault = vault
        self._secrets = secrets
        self._keys = keys
        self._lease = lease

    # -- visits

    @override
    def visits(self, query: str = "", limit: int = _MANY) -> tuple[VisitSummary, ...]:
        return visits.visits(self._vault, query, limit)

    def find(self, words: str, limit: int = _MANY) -> tuple[VisitSummary, ...]:
        """Return visits whose note or transcript holds all words, newest first."""
        numbers = search.find_visits(self._vault, words, limit)
        return visits.visits_numbered(self._vault, numbers)

    @override
    def visit(self, visit: VisitId) -> Visit:
        return visits.visit(self._vault, visit)

    @override
    def add_visit(self, visit: Visit) -> None:
        with self._vault.transaction():
            visits.add_visit(self._vault, visit)

    @override
    def save_visit(self, visit: Visit) -> None:
        with self._vault.transaction():
            visits.save_visit(self._vault, visit)

    @override
    def correct_patient(self, visit: VisitId, patient: Patient, at: datetime) -> Visit:
        with self._vault.transaction():
            return visits.correct_patient(self._vault, visit, patient, at)

    @override
    def patients(self, query: str) -> tuple[Patient, ...]:
        return visits.patients(self._vault, query, _MANY)

    # -- consent

    @override
    def add_consent(self, consent: Consent) -> None:
        with self._vault.transaction():
            visits.add_consent(self._vault, consent)

    @override
    def consent(self, consent: ConsentId) -> Consent:
        return visits.consent(self._vault, consent)

    @override
    def withdraw_consent(self, consent: ConsentId, at: datetime) -> None:
        with self._vault.transaction():
            visits.withdraw_consent(self._vault, consent, at)

    # -- recordings

    @override
    def add_recording(
        self, row: RecordingRow, dictation: ConsentId | None = None
    ) -> RecordingSecret:
        pair = sealing.make_key_pair()
        # The row first: it names the key, and a row without a key says that the sound is gone.
        with self._vault.transaction():
            visits.add_recording(self._vault, row, dictation)
        with self._secrets.transaction():
            self._secrets.run(
                "INSERT INTO recording_key VALUES (?, ?, ?, ?)",
                *(row.key, row.id, pair.private, row.started_at.isoformat()),
            )
        return RecordingSecret(row.key, pair.public, pair.private)

    @override
    def recordings(self, visit: VisitId | None = None) -> tuple[RecordingRow, ...]:
        return visits.recordings(self._vault, visit)

    @override
    def recording_secret(self, recording: RecordingId) -> RecordingSecret:
        row = self._secrets.row("SELECT rkid, private FROM recording_key WHERE rid = ?", recording)
        if row is None:
            raise NotFoundError("recording_key")
        pair = sealing.key_pair_of(as_bytes(row[1]))
        return RecordingSecret(RecordingKeyId(as_text(row[0])), pair.public, pair.private)

    @override
    def close_recording(self, recording: RecordingId, samples: int) -> None:
        with self._vault.transaction():
            visits.close_recording(self._vault, recording, samples)

    def delete_key(self, recording: RecordingId) -> None:
        """Delete a recording's key: every copy of the sound is noise from now on."""
        with self._secrets.transaction():
            self._secrets.run("DELETE FROM recording_key WHERE rid = ?", recording)
        self._secrets.checkpoint()

    @override
    def erase(self, visit: VisitId) -> tuple[RecordingId, ...]:
        """Delete all that was heard and drafted at an unsigned visit; consent and visit stay.

        Keys die first, then transcript and drafts, so a crash in between leaves no readable
        sound; call it again to finish.

        Returns:
            The recordings whose journals can be removed now.

        Raises:
            VisitStateError: the visit has a signed note.
            NotFoundError: there is no such visit.
        """
        if notes.versions(self._vault, visit):
            raise VisitStateError(VisitState.SIGNED.value, VisitState.DISCARDED.value)
        recordings = tuple(row.id for row in visits.recordings(self._vault, visit))
        for recording in recordings:
            self.delete_key(recording)
        with self._vault.transaction():
            transcripts.clear_segments(self._vault, visit)
            heard.clear(self._vault, visit)
            notes.erase_drafts(self._vault, visit)
        self._vault.checkpoint()
        return recordings

    # -- transcript

    @override
    def put_segments(self, visit: VisitId, segments: Sequence[Segment]) -> None:
        with self._vault.transaction():
            transcripts.put_segments(self._vault, visit, segments)

    @override
    def clear_segments(self, visit: VisitId) -> None:
        with self._vault.transaction():
            transcripts.clear_segments(self._vault, visit)
            heard.clear(self._vault, visit)

    @override
    def transcript(self, visit: VisitId) -> Transcript:
        found = transcripts.transcript(self._vault, visit)
        stretches = heard.stretches(self._vault, visit)
        gaps = tuple(
            Gap(each.start, each.end - each.start, each.reason)
            for each in stretches
            if each.kind is StretchKind.GAP and each.reason is not None
        )
        revisions = heard.revisions(self._vault, visit)
        return replace(found, gaps=gaps, stretches=stretches, revisions=revisions)

    @override
    def segments(self, visit: VisitId, ids: Collection[SegmentId]) -> tuple[Segment, ...]:
        return transcripts.some_segments(self._vault, visit, ids)

    @override
    def add_stretches(self, visit: VisitId, stretches: Sequence[Stretch]) -> None:
        with self._vault.transaction():
            heard.add_stretches(self._vault, visit, stretches)

    @override
    def add_revisions(self, visit: VisitId, revisions: Sequence[Revision]) -> None:
        with self._vault.transaction():
            heard.add_revisions(self._vault, visit, revisions)

    @override
    def set_roles(self, visit: VisitId, roles: Sequence[RoleFound]) -> None:
        with self._vault.transaction():
            heard.set_roles(self._vault, visit, roles)

    @override
    def strike(self, visit: VisitId, span: Span) -> tuple[SegmentId, ...]:
        if notes.versions(self._vault, visit):
            raise VisitStateError(VisitState.SIGNED.value, VisitState.RECORDING.value)
        with self._vault.transaction():
            gone = heard.strike(self._vault, visit, span)
            own = notes.own_lines(self._vault, visit, frozenset(gone))
            notes.erase_drafts(self._vault, visit)
            if own is not None:
                notes.save_draft(self._vault, own)
        self._vault.checkpoint()
        return gone

    @override
    def set_differences(self, visit: VisitId, differences: Sequence[Difference]) -> None:
        with self._vault.transaction():
            heard.set_differences(self._vault, visit, differences)

    @override
    def differences(self, visit: VisitId) -> tuple[Difference, ...]:
        return heard.differences(self._vault, visit)

    # -- what the clinician taught

    @override
    def vocabulary(self) -> Vocabulary:
        return profile.vocabulary(self._vault)

    @override
    def save_vocabulary(self, vocabulary: Vocabulary) -> None:
        with self._vault.transaction():
            profile.save_vocabulary(self._vault, vocabulary)

    @override
    def voice(self) -> VoiceEnrolment | None:
        return profile.voice(self._vault)

    @override
    def save_voice(self, voice: VoiceEnrolment | None) -> None:
        with self._vault.transaction():
            profile.save_voice(self._vault, voice)
        self._vault.checkpoint()

    # -- notes

    @override
    def save_draft(self, draft: Draft) -> None:
        with self._vault.transaction():
            notes.save_draft(self._vault, draft)

    @override
    def draft(self, visit: VisitId) -> Draft | None:
        return notes.draft(self._vault, visit)

    @override
    def drafts(self, visit: VisitId) -> tuple[Draft, ...]:
        return notes.drafts(self._vault, visit)

    @override
    def save_decision(self, visit: VisitId, decision: Decision) -> None:
        with self._vault.transaction():
            notes.save_decision(self._vault, visit, decision)

    @override
    def decisions(self, visit: VisitId) -> tuple[Decision, ...]:
        return notes.decisions(self._vault, visit)

    @override
    def mark_seen(self, visit: VisitId, section: str) -> None:
        with self._vault.transaction():
            notes.mark_seen(self._vault, visit, section)

    @override
    def seen(self, visit: VisitId) -> frozenset[str]:
        return notes.seen(self._vault, visit)

    @override
    def add_version(self, version: NoteVersion, visit_state: VisitState) -> None:
        with self._vault.transaction():
            notes.add_version(self._vault, version, visit_state)

    @override
    def versions(self, visit: VisitId) -> tuple[NoteVersion, ...]:
        return notes.versions(self._vault, visit)

    @override
    def add_letter(self, letter: NoteVersion) -> None:
        with self._vault.transaction():
            notes.add_letter(self._vault, letter)

    @override
    def letters(self, visit: VisitId) -> tuple[NoteVersion, ...]:
        return notes.letters(self._vault, visit)

    @override
    def add_export(self, row: ExportRow) -> None:
        with self._vault.transaction():
            notes.add_export(self._vault, row)

    @override
    def sign_bytes(self, content: bytes) -> tuple[bytes, bytes]:
        pair = sealing.signing_pair_of(self._keys.signing)
        return sealing.sign(pair.private, content), pair.public

    @override
    def close(self) -> None:
        for database in (self._vault, self._secrets):
            database.checkpoint()
            database.close()
        self._lease.release()
