"""Recording: consent, key pair, recorder, and the visit's way through its states. Main thread."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.audio.journal import part_file, part_numbers
from app.domain.audio import InputDevice, MarkKind
from app.domain.errors import AlreadyRecordingError, ConsentMissingError
from app.domain.events import (
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    TroubleArose,
    VisitAdvanced,
)
from app.domain.ids import RecordingId, RecordingKeyId, VisitId, new_id
from app.domain.ports import RecorderPort, RecordingPlan, SpeechPlan
from app.domain.store_ports import RecordingRow, RecordingSecret, VaultPort
from app.domain.visit import ConsentGranted, Visit, VisitState, can_move
from app.workflow.room import Room
from app.workflow.session import Session
from app.workflow.transcribing import Transcribing, TranscriptionJob


@dataclass(frozen=True, slots=True)
class Source:
    """Where sound comes from: a microphone (empty = the default one) or a file."""

    device: str = ""
    file: str = ""
    is_realtime: bool = True


@dataclass(frozen=True, slots=True)
class _Recording:
    id: RecordingId
    visit: VisitId
    session: Session


class Listening:
    """Starts and ends recordings, one at a time. Earlier visits may still be decoded or drafted."""

    def __init__(
        self,
        room: Room,
        recorder: RecorderPort,
        transcribing: Transcribing,
    ) -> None:
        self._post = room.post
        self._sessions = room.sessions
        self._pool = room.pool
        self._recorder = recorder
        self._transcribing = transcribing
        self._policy = room.policy
        self._current: _Recording | None = None
        room.bus.subscribe(RecordingPaused, lambda _: self._advance(VisitState.PAUSED))
        room.bus.subscribe(RecordingResumed, lambda _: self._advance(VisitState.RECORDING))
        room.bus.subscribe(RecordingFinished, self._on_finished)
        room.bus.subscribe(RecordingFailed, self._on_failed)

    @property
    def current(self) -> VisitId | None:
        """The visit that is being recorded, None if none is."""
        return self._current.visit if self._current is not None else None

    @property
    def recording(self) -> RecordingId | None:
        """The recording that runs, None if none does."""
        return self._current.id if self._current is not None else None

    @property
    def transcribing(self) -> VisitId | None:
        """The visit whose words are coming now."""
        return self._transcribing.visit

    def devices(self) -> Future[tuple[InputDevice, ...]]:
        """Return the microphones."""
        return self._pool.submit(self._recorder.devices)

    def start(self, granted: ConsentGranted, device: str = "") -> Future[RecordingId]:
        """Record from a microphone. "Recording" is true only after `RecordingStarted`.

        The future raises AlreadyRecordingError, ConsentMissingError, VisitStateError.
        """
        return self._start(granted, Source(device=device))

    def start_file(
        self, granted: ConsentGranted, path: Path, realtime: bool = False
    ) -> Future[RecordingId]:
        """Record from an audio file, as fast as it can be read or at the speed of talk."""
        return self._start(granted, Source(file=str(path.absolute()), is_realtime=realtime))

    def pause(self) -> None:
        """Keep no sound until `resume`."""
        self._recorder.mark(MarkKind.PAUSE)

    def resume(self) -> None:
        """Keep sound again."""
        self._recorder.mark(MarkKind.RESUME)

    def finish(self) -> None:
        """End the recording in order; transcript and draft follow by themselves."""
        self._recorder.finish()

    def withdraw(self, visit: VisitId) -> Future[None]:
        """Take consent back: the recorder stops at once.

        Keys, transcript and draft die in one step, then the journals are removed; the visit is
        planned again, to be typed. The future raises VisitStateError when the note is signed.
        """
        if (recording := self._current) is not None and recording.visit == visit:
            self._recorder.mark(MarkKind.CONSENT_WITHDRAWN)
            self._current = None
        self._transcribing.drop(visit)
        session = self._sessions.current()

        def job() -> None:
            for each in session.ask(_withdraw, visit).result():
                for part in part_numbers(session.audio_folder, each):
                    part_file(session.audio_folder, each, part).unlink(missing_ok=True)
            self._post.publish(VisitAdvanced(visit, VisitState.PLANNED))

        return self._pool.submit(job)

    def close(self) -> None:
        """Settle a running recording: it is finished in order, or goes on alone if it cannot be."""
        self._recorder.close()

    def _start(self, granted: ConsentGranted, source: Source) -> Future[RecordingId]:
        if self._current is not None:
            return _failed(AlreadyRecordingError())
        session = self._sessions.current()
        recording = _Recording(RecordingId(new_id()), granted.visit, session)
        self._current = recording

        def job() -> RecordingId:
            visit, secret = session.ask(_prepare, granted, recording.id).result()
            self._post.publish(VisitAdvanced(visit.id, visit.state))
            speech_plan = session.ask(_speech_plan, visit, source.is_realtime).result()
            self._transcribing.add(
                TranscriptionJob(session, visit.id, recording.id, secret.private_key, speech_plan)
            )
            self._recorder.start(granted, self._plan(session, recording.id, secret, source))
            return recording.id

        future = self._pool.submit(job)
        self._post.deliver(future, self, lambda _: None, lambda _: self._start_failed(recording))
        return future

    def _plan(
        self, session: Session, recording: RecordingId, secret: RecordingSecret, source: Source
    ) -> RecordingPlan:
        return RecordingPlan(
            recording=recording,
            part=0,
            owner=session.account.uid,
            key=secret.key,
            public_key=secret.public_key,
            folder=str(session.audio_folder),
            device=source.device,
            file=source.file,
            realtime=source.is_realtime,
            alone_minutes=self._policy.recorder_alone_minutes,
        )

    def _start_failed(self, recording: _Recording) -> None:
        """Nothing was heard: the visit can be recorded again."""
        if self._current == recording:
            self._current = None
        self._transcribing.forget(recording.id)
        self._move(recording, VisitState.PLANNED)

    def _advance(self, state: VisitState) -> None:
        if (recording := self._current) is not None:
            self._move(recording, state)

    def _on_finished(self, event: RecordingFinished) -> None:
        recording = self._current
        if recording is None or recording.id != event.recording:
            return
        self._current = None
        recording.session.ask(_close, recording.visit, event.recording, event.samples)
        self._post.publish(VisitAdvanced(recording.visit, VisitState.FINISHING))
        self._transcribing.end(event.recording, event.samples)

    def _on_failed(self, event: RecordingFailed) -> None:
        """Go on with what was heard: it is in the journal, however the recorder ended."""
        recording = self._current
        if recording is None or recording.id != event.recording:
            return
        self._post.publish(TroubleArose(event.code, event.facts))

        def measure() -> int:
            return self._transcribing.inspect(recording.session, recording.id).samples

        self._post.deliver(
            self._pool.submit(measure),
            self,
            lambda samples: self._on_measured(recording, samples),
            lambda _: self._start_failed(recording),
        )

    def _on_measured(self, recording: _Recording, samples: int) -> None:
        if samples:
            self._on_finished(RecordingFinished(recording.id, samples))
        else:
            self._start_failed(recording)

    def _move(self, recording: _Recording, state: VisitState) -> None:
        def job(vault: VaultPort) -> None:
            visit = vault.visit(recording.visit)
            if visit.state is not state and can_move(visit.state, state):
                vault.save_visit(visit.moved_to(state))
                self._post.publish(VisitAdvanced(visit.id, state))

        recording.session.ask(job)


def _prepare(
    vault: VaultPort, granted: ConsentGranted, recording: RecordingId
) -> tuple[Visit, RecordingSecret]:
    """Commit the recording and its key pair before a microphone opens. Lane."""
    visit = vault.visit(granted.visit)
    consent = vault.consent(granted.consent)
    if not consent.is_granted or visit.patient.id != granted.patient:
        raise ConsentMissingError
    moved = visit.moved_to(VisitState.RECORDING)
    if moved.started_at is None:
        moved = replace(moved, started_at=_now())
    row = RecordingRow(recording, visit.id, RecordingKeyId(new_id()), _now())
    secret = vault.add_recording(row)
    vault.save_visit(moved)
    return moved, secret


def _speech_plan(vault: VaultPort, visit: Visit, is_live: bool) -> SpeechPlan:
    known = len(vault.transcript(visit.id).segments)
    return SpeechPlan(language=visit.language, is_live=is_live, first_segment=known + 1)


def _close(vault: VaultPort, visit: VisitId, recording: RecordingId, samples: int) -> None:
    vault.close_recording(recording, samples)
    found = vault.visit(visit)
    vault.save_visit(replace(found.moved_to(VisitState.FINISHING), ended_at=_now()))


def _withdraw(vault: VaultPort, visit: VisitId) -> tuple[RecordingId, ...]:
    found = vault.visit(visit)
    erased = vault.erase(visit)
    if found.consent is not None:
        vault.withdraw_consent(found.consent, _now())
    if found.state is not VisitState.PLANNED:
        vault.save_visit(replace(found.moved_to(VisitState.PLANNED), consent=None))
    return erased


def _failed(error: Exception) -> Future[RecordingId]:
    future: Future[RecordingId] = Future()
    future.set_exception(error)
    return future


def _now() -> datetime:
    return datetime.now().astimezone()
