"""What the vault keeps of a recording, from before the microphone opens to its end. All: lane."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.errors import ConsentMissingError
from app.domain.ids import RecordingId, RecordingKeyId, VisitId, new_id
from app.domain.store_ports import RecordingRow, RecordingSecret, VaultPort
from app.domain.visit import ConsentGranted, Visit, VisitState


def prepare(
    vault: VaultPort, granted: ConsentGranted, recording: RecordingId, *, is_dictation: bool
) -> tuple[RecordingSecret, int]:
    """Commit the recording and its key pair before a microphone opens.

    Args:
        vault: of the clinician.
        granted: the ticket. One for a dictation opens no microphone for the talk of a visit.
        recording: its id.
        is_dictation: only the clinician is recorded.

    Returns:
        The keys, and where the recording begins on the visit's audio clock.

    Raises:
        ConsentMissingError, VisitStateError: it may not be recorded.
    """
    visit = vault.visit(granted.visit)
    consent = vault.consent(granted.consent)
    is_allowed = consent.is_granted or (is_dictation and consent.is_dictation)
    if not is_allowed or visit.patient.id != granted.patient:
        raise ConsentMissingError
    visit.moved_to(VisitState.RECORDING)  # raises when that is not possible
    begin = begins_at(vault, visit.id, recording)
    row = RecordingRow(recording, visit.id, RecordingKeyId(new_id()), _now())
    return vault.add_recording(row, consent.id if consent.is_dictation else None), begin


def begins_at(vault: VaultPort, visit: VisitId, recording: RecordingId) -> int:
    """Return where a recording begins: where those before it ended."""
    ends = [row.samples or 0 for row in vault.recordings(visit) if row.id != recording]
    said = [each.end for each in vault.transcript(visit).segments] if not ends else []
    return max([0, *ends, *said])


def heard_to(vault: VaultPort, visit: VisitId, recording: RecordingId) -> tuple[Visit, int]:
    """Return a visit, and up to where the words of a running recording are kept."""
    begin = begins_at(vault, visit, recording)
    ends = [each.end for each in vault.transcript(visit).segments]
    return vault.visit(visit), max([begin, *ends])


def not_started(vault: VaultPort, visit: VisitId, recording: RecordingId) -> VisitState:
    """Close a recording that never began; the visit is what it was before."""
    vault.close_recording(recording, 0)
    found = vault.visit(visit)
    if found.state in {VisitState.RECORDING, VisitState.PAUSED, VisitState.CONSENTED}:
        was_drafted = vault.draft(visit) is not None
        state = VisitState.IN_REVIEW if was_drafted else VisitState.PLANNED
        found = replace(found, state=state)
        vault.save_visit(found)
    return found.state


def started(vault: VaultPort, visit: VisitId, *, is_dictated: bool) -> Visit:
    """Move the visit to recording."""
    moved = vault.visit(visit).moved_to(VisitState.RECORDING)
    moved = replace(moved, is_dictated=is_dictated)
    if moved.started_at is None:
        moved = replace(moved, started_at=_now())
    vault.save_visit(moved)
    return moved


def close(vault: VaultPort, visit: VisitId, recording: RecordingId, samples: int) -> None:
    """Note that a recording is complete; its words are to come."""
    vault.close_recording(recording, samples)
    found = vault.visit(visit)
    vault.save_visit(replace(found.moved_to(VisitState.FINISHING), ended_at=_now()))


def withdraw(vault: VaultPort, visit: VisitId) -> tuple[RecordingId, ...]:
    """Erase what was heard; return the recordings whose journals can go."""
    found = vault.visit(visit)
    erased = vault.erase(visit)
    for row in vault.recordings(visit):
        if row.samples is None:
            vault.close_recording(row.id, 0)
    if found.consent is not None:
        vault.withdraw_consent(found.consent, _now())
    if found.state is not VisitState.PLANNED:
        vault.save_visit(replace(found.moved_to(VisitState.PLANNED), consent=None, dictation=None))
    return erased


def _now() -> datetime:
    return datetime.now().astimezone()
