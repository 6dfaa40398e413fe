"""Recordings that a crash left behind: found before the password, taken up after it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from app.audio.erasing import JournalEraser
from app.domain.audio import SAMPLE_RATE
from app.domain.errors import DiskFullError, FileAccessError, NotFoundError
from app.domain.events import VisitAdvanced
from app.domain.ids import ModelId, RecordingId
from app.domain.ports import SpeechPlan
from app.domain.store_ports import AccountsPort, RecordingRow, VaultPort
from app.domain.visit import Visit, VisitState
from app.workflow.room import Room
from app.workflow.session import Session
from app.workflow.speech_plans import speech_plan
from app.workflow.transcribing import Transcribing, TranscriptionJob

FINISH_WAIT_S: Final = 20.0
_CUT_SHORT: Final = frozenset(
    {VisitState.RECORDING, VisitState.PAUSED, VisitState.FINISHING, VisitState.DRAFTING}
)


@dataclass(frozen=True, slots=True)
class Recoverable:
    """A recording that a crash cut short, or whose words or draft are not finished.

    Attributes:
        seconds: how much of it verifies.
        is_living: its recorder runs on without a window.
    """

    recording: RecordingId
    visit: Visit
    seconds: float
    is_living: bool


@dataclass(frozen=True, slots=True)
class LeaseBook:
    """How living recorders are found and told to finish; made by bootstrap."""

    living: Callable[[Path], tuple[RecordingId, ...]]
    finish: Callable[[Path, RecordingId, float], bool]


class Recovery:
    """Takes up what was interrupted. Nothing is deleted, whatever happens."""

    def __init__(
        self,
        room: Room,
        accounts: AccountsPort,
        leases: LeaseBook,
        transcribing: Transcribing,
    ) -> None:
        self._accounts = accounts
        self._sessions = room.sessions
        self._pool = room.pool
        self._post = room.post
        self._leases = leases
        self._transcribing = transcribing

    def living(self) -> tuple[RecordingId, ...]:
        """Return recorders that outlived the app. Before any password; a few file locks."""
        found: list[RecordingId] = []
        for folder in self._accounts.audio_folders():
            found.extend(self._leases.living(Path(folder)))
        return tuple(found)

    def interrupted(self) -> Future[tuple[Recoverable, ...]]:
        """Return the recordings of the unlocked clinician that a crash cut short.

        Either the journal was never closed, or its words or its draft are not finished.
        """
        session = self._sessions.current()

        def job() -> tuple[Recoverable, ...]:
            with contextlib.suppress(FileAccessError, DiskFullError):  # readers know both ways
                JournalEraser(session.audio_folder).settle_all()
            living = self._leases.living(session.audio_folder)
            found: list[Recoverable] = []
            for row, visit in session.ask(_unfinished).result():
                samples = self._samples(session, row) if row.samples is None else row.samples
                if samples is None or row.samples == 0:  # no key any more; or never begun
                    continue
                found.append(Recoverable(row.id, visit, samples / SAMPLE_RATE, row.id in living))
            return tuple(found)

        return self._pool.submit(job)

    def _samples(self, session: Session, row: RecordingRow) -> int | None:
        try:
            return self._transcribing.inspect(session, row.id).samples
        except NotFoundError:
            return None

    def take_up(self, recording: RecordingId) -> Future[Visit]:
        """Close a recording, keep what verifies, transcribe what is missing, then draft.

        The future raises NotFoundError when it is unknown.
        """
        session = self._sessions.current()

        def job() -> Visit:
            if recording in self._leases.living(session.audio_folder):
                self._leases.finish(session.audio_folder, recording, FINISH_WAIT_S)
            state = self._transcribing.inspect(session, recording)
            voices = self._transcribing.voices
            visit, task = session.ask(_close, session, recording, state.samples, voices).result()
            session.ask(lambda vault: vault.add_stretches(visit.id, state.stretches)).result()
            self._post.publish(VisitAdvanced(visit.id, visit.state))
            self._transcribing.add(task)
            return visit

        return self._pool.submit(job)


def _unfinished(vault: VaultPort) -> list[tuple[RecordingRow, Visit]]:
    found = []
    for row in vault.recordings():
        visit = vault.visit(row.visit)
        if visit.state in _CUT_SHORT:
            found.append((row, visit))
    return found


def _close(
    vault: VaultPort,
    session: Session,
    recording: RecordingId,
    samples: int,
    voices: ModelId | None,
) -> tuple[Visit, TranscriptionJob]:
    row = next((each for each in vault.recordings() if each.id == recording), None)
    if row is None:
        raise NotFoundError("recording")
    visit = vault.visit(row.visit)
    if row.samples is None:
        vault.close_recording(recording, samples)
    if visit.state in {VisitState.RECORDING, VisitState.PAUSED}:
        visit = replace(visit.moved_to(VisitState.FINISHING), ended_at=visit.ended_at or _now())
        vault.save_visit(visit)
    segments = vault.transcript(visit.id).segments
    heard_to = min(max((each.end for each in segments), default=0), samples)
    wanted = SpeechPlan(is_live=False, at_sample=heard_to, is_dictation=visit.is_dictated)
    plan = speech_plan(vault, visit, wanted, voices)
    secret = vault.recording_secret(recording)
    return visit, TranscriptionJob(session, visit.id, recording, secret.private_key, plan, samples)


def _now() -> datetime:
    return datetime.now().astimezone()
