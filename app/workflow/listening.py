"""Recording: consent, key pair, recorder, and the visit's way through its states. Main thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.audio.erasing import JournalEraser
from app.domain.audio import ONE, InputDevice, MarkKind, Sides
from app.domain.errors import AlreadyRecordingError, ConsentMissingError
from app.domain.events import (
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    TroubleArose,
    VisitAdvanced,
)
from app.domain.ids import RecordingId, VisitId, new_id
from app.domain.ports import RecorderPort, RecordingPlan, SpeechPlan
from app.domain.store_ports import RecordingSecret, VaultPort
from app.domain.visit import ConsentGranted, Visit, VisitState, can_move
from app.workflow import recording_rows
from app.workflow.room import Room
from app.workflow.session import Session
from app.workflow.speech_plans import speech_plan
from app.workflow.transcribing import Transcribing, TranscriptionJob


@dataclass(frozen=True, slots=True)
class Source:
    """Where sound comes from: a microphone (empty = the default one) or a file.

    Attributes:
        channels: 2 keeps two microphones apart.
        clinician: the channel of the clinician where there are two.
        is_armed: the microphone is open, and nothing is kept until the visit begins.
        is_dictation: one person dictates.
    """

    device: str = ""
    file: str = ""
    is_realtime: bool = True
    channels: int = 1
    clinician: int = 0
    is_armed: bool = False
    is_dictation: bool = False

    def heard_by(self, device: str, sides: Sides) -> Source:
        """Return it with a microphone, or two."""
        channels = 1 if sides == ONE else 2
        return replace(self, device=device, channels=channels, clinician=int(sides == "right"))


@dataclass(frozen=True, slots=True)
class _Recording:
    id: RecordingId
    visit: VisitId
    session: Session
    source: Source
    is_leaving: bool = False
    is_cancelled: threading.Event = field(default_factory=threading.Event, compare=False)


@dataclass(frozen=True, slots=True)
class _SessionOpened:
    session: Session


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A recording that begins when a microphone that was opened ahead is closed."""

    granted: ConsentGranted
    source: Source
    future: Future[RecordingId] = field(default_factory=Future)


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
        self._arming: Future[RecordingId] | None = None
        self._next: _Waiting | None = None
        self._opening = threading.Lock()  # a microphone opens, or consent is withdrawn: never both
        room.sessions.on_enter(lambda session: self._post.publish(_SessionOpened(session)))
        room.bus.subscribe(_SessionOpened, self._on_session)
        room.bus.subscribe(RecordingPaused, self._on_paused)
        room.bus.subscribe(RecordingResumed, self._on_resumed)
        room.bus.subscribe(RecordingFinished, self._on_finished)
        room.bus.subscribe(RecordingFailed, self._on_failed)

    @property
    def current(self) -> VisitId | None:
        """The visit that is being recorded, None if none is."""
        if self._current is None or self._current.source.is_armed:
            return None
        return self._current.visit

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

    def clinician(self, recording: RecordingId) -> tuple[VisitId, int] | None:
        """Return visit and clinician's channel of the recording that runs; None: one channel."""
        current = self._current
        if current is None or current.id != recording or current.source.channels == 1:
            return None
        return current.visit, current.source.clinician

    def arm(
        self, granted: ConsentGranted, device: str = "", sides: Sides = ONE
    ) -> Future[RecordingId]:
        """Open the microphone ahead: the last 2 s stay in memory, nothing is kept.

        `start` of the same visit and device then begins with those 2 s, and at once. The future
        raises as that of `start`.
        """
        source = Source(is_armed=True).heard_by(device, sides)
        self._arming = self._start(granted, source)
        return self._arming

    def disarm(self) -> None:
        """Close a microphone that was opened ahead."""
        armed = self._current
        if armed is not None and armed.source.is_armed and not armed.is_leaving:
            self._current = replace(armed, is_leaving=True)
            self._recorder.finish()

    def start(
        self,
        granted: ConsentGranted,
        device: str = "",
        sides: Sides = ONE,
        *,
        is_dictation: bool = False,
    ) -> Future[RecordingId]:
        """Record from a microphone. "Recording" is true only after `RecordingStarted`.

        Args:
            granted: the consent to this visit.
            device: stable name; empty = the default one.
            sides: whether two microphones are kept apart, and whose is which.
            is_dictation: the clinician dictates; one microphone does.

        The future raises AlreadyRecordingError, ConsentMissingError, VisitStateError.
        """
        sides = ONE if is_dictation else sides
        source = Source(is_dictation=is_dictation).heard_by(device, sides)
        return self._record(granted, source)

    def start_file(
        self,
        granted: ConsentGranted,
        path: Path,
        realtime: bool = False,
        *,
        is_dictation: bool = False,
    ) -> Future[RecordingId]:
        """Record from an audio file, as fast as it can be read or at the speed of talk."""
        source = Source(file=str(path.absolute()), is_realtime=realtime, is_dictation=is_dictation)
        return self._record(granted, source)

    def pause(self) -> None:
        """Keep no sound until `resume`."""
        self._recorder.mark(MarkKind.PAUSE)

    def resume(self) -> None:
        """Keep sound again."""
        self._recorder.mark(MarkKind.RESUME)

    def bookmark(self) -> None:
        """Mark this moment."""
        self._recorder.mark(MarkKind.BOOKMARK)

    def off_record(self) -> None:
        """Keep no sound until `on_record`; the transcript shows that something was left out."""
        self._recorder.mark(MarkKind.OFF_RECORD_BEGIN)

    def on_record(self) -> None:
        """Keep sound again."""
        self._recorder.mark(MarkKind.OFF_RECORD_END)

    def finish(self) -> None:
        """End the recording in order; transcript and draft follow by themselves."""
        self._recorder.finish()

    def withdraw(self, visit: VisitId) -> Future[None]:
        """Take consent back: the recorder stops at once.

        Keys, transcript and draft die in one step, then the journals are removed; the visit is
        planned again, to be typed. The future raises VisitStateError when the note is signed.
        """
        if (recording := self._current) is not None and recording.visit == visit:
            with self._opening:
                recording.is_cancelled.set()
                self._recorder.mark(MarkKind.CONSENT_WITHDRAWN)
                self._recorder.finish()  # its deadline ends a recorder that does not obey
            self._current = None
        self._transcribing.drop(visit)
        session = self._sessions.current()

        def job() -> None:
            for each in session.ask(recording_rows.withdraw, visit).result():
                JournalEraser(session.audio_folder).remove(each)
            self._post.publish(VisitAdvanced(visit, VisitState.PLANNED))

        return self._pool.submit(job)

    def close(self) -> None:
        """Settle a running recording: it is finished in order, or goes on alone if it cannot be."""
        self._recorder.close()

    def _record(self, granted: ConsentGranted, source: Source) -> Future[RecordingId]:
        """Begin what is armed, or close it first when another source is wanted."""
        armed = self._current
        if armed is None or not armed.source.is_armed:
            return self._start(granted, source)
        wanted = (granted.visit, replace(source, is_armed=True))
        if (armed.visit, armed.source) == wanted and not armed.is_leaving:
            return self._go(armed)
        self._next = waiting = _Waiting(granted, source)
        self.disarm()
        return waiting.future

    def _start(self, granted: ConsentGranted, source: Source) -> Future[RecordingId]:
        if self._current is not None:
            return _failed(AlreadyRecordingError())
        session = self._sessions.current()
        recording = _Recording(RecordingId(new_id()), granted.visit, session, source)
        self._current = recording

        def job() -> RecordingId:
            secret, begin = session.ask(
                recording_rows.prepare, granted, recording.id, is_dictation=source.is_dictation
            ).result()
            plan = self._plan(recording, secret, begin)
            if not source.is_armed:
                self._begin(recording)
            with self._opening:
                if recording.is_cancelled.is_set():
                    raise ConsentMissingError
                self._recorder.start(granted, plan)
            return recording.id

        future = self._pool.submit(job)
        self._post.deliver(future, self, lambda _: None, lambda _: self._start_failed(recording))
        return future

    def _go(self, armed: _Recording) -> Future[RecordingId]:
        """Begin what was armed. Main thread."""
        begun = replace(armed, source=replace(armed.source, is_armed=False))
        self._current = begun
        arming = self._arming

        def job() -> RecordingId:
            if arming is not None:
                arming.result()
            self._begin(begun)
            with self._opening:
                if begun.is_cancelled.is_set():
                    raise ConsentMissingError
                self._recorder.go()
            return begun.id

        future = self._pool.submit(job)
        self._post.deliver(future, self, lambda _: None, lambda _: self._start_failed(begun))
        return future

    def _begin(self, recording: _Recording) -> None:
        """Move the visit and make speech ready for the recording. Pool."""
        session, source = recording.session, recording.source
        visit = session.ask(
            recording_rows.started, recording.visit, is_dictated=source.is_dictation
        ).result()
        self._post.publish(VisitAdvanced(visit.id, visit.state))
        wanted = SpeechPlan(
            is_live=source.is_realtime,
            at_sample=session.ask(recording_rows.begins_at, recording.visit, recording.id).result(),
            is_dictation=source.is_dictation,
        )
        self._listen(recording, visit, wanted)

    def _listen(self, recording: _Recording, visit: Visit, wanted: SpeechPlan) -> None:
        """Let speech hear a recording from a sample on. Pool."""
        session = recording.session
        secret = session.ask(lambda vault: vault.recording_secret(recording.id)).result()
        plan = session.ask(speech_plan, visit, wanted, self._transcribing.voices).result()
        self._transcribing.add(
            TranscriptionJob(session, visit.id, recording.id, secret.private_key, plan)
        )

    def _plan(self, recording: _Recording, secret: RecordingSecret, begin: int) -> RecordingPlan:
        source = recording.source
        return RecordingPlan(
            recording=recording.id,
            part=0,
            owner=recording.session.account.uid,
            key=secret.key,
            public_key=secret.public_key,
            folder=str(recording.session.audio_folder),
            at_sample=begin,
            origin=begin,
            device=source.device,
            file=source.file,
            realtime=source.is_realtime,
            channels=source.channels,
            is_armed=source.is_armed,
            alone_minutes=self._policy.recorder_alone_minutes,
        )

    def _start_failed(self, recording: _Recording) -> None:
        """Nothing was heard: the visit can be recorded again."""
        if self._current is not None and self._current.id == recording.id:
            self._current = None
        if recording.source.is_armed:
            self._disarmed(recording)
            return
        self._transcribing.forget(recording.id)
        if not recording.is_cancelled.is_set() and self._is_open(recording):
            future = recording.session.ask(
                recording_rows.not_started, recording.visit, recording.id
            )
            self._post.deliver(
                future,
                self,
                lambda state: self._post.publish(VisitAdvanced(recording.visit, state)),
                lambda _: None,
            )

    def _is_open(self, recording: _Recording) -> bool:
        """Whether the vault of a recording is open: it may be locked meanwhile."""
        return self._sessions.is_open and self._sessions.current() is recording.session

    def _on_session(self, event: _SessionOpened) -> None:
        """The clinician is back: a recording that went on behind the lock is heard again."""
        recording = self._current
        if recording is None or recording.session is event.session:
            return
        if recording.session.account.uid != event.session.account.uid:
            return
        self._current = resumed = replace(recording, session=event.session)
        if not resumed.source.is_armed:
            self._pool.submit(lambda: self._hear_on(resumed))

    def _hear_on(self, recording: _Recording) -> None:
        """Go on with what no words were kept of. Pool."""
        visit, heard_to = recording.session.ask(
            recording_rows.heard_to, recording.visit, recording.id
        ).result()
        source = recording.source
        wanted = SpeechPlan(
            is_live=source.is_realtime, at_sample=heard_to, is_dictation=source.is_dictation
        )
        self._listen(recording, visit, wanted)

    def _on_paused(self, event: RecordingPaused) -> None:
        self._advance(event.recording, VisitState.PAUSED)

    def _on_resumed(self, event: RecordingResumed) -> None:
        self._advance(event.recording, VisitState.RECORDING)

    def _advance(self, named: RecordingId, state: VisitState) -> None:
        """Move the visit of a recording, unless another one runs by now."""
        recording = self._current
        if recording is not None and recording.id == named:
            self._move(recording, state)

    def _on_finished(self, event: RecordingFinished) -> None:
        recording = self._current
        if recording is None or recording.id != event.recording:
            return
        self._current = None
        if recording.source.is_armed:
            self._disarmed(recording)
            return
        if not self._is_open(recording):  # behind the lock: recovery takes it up after unlocking
            return
        recording.session.ask(recording_rows.close, recording.visit, event.recording, event.samples)
        self._pool.submit(lambda: self._keep_stretches(recording))
        self._post.publish(VisitAdvanced(recording.visit, VisitState.FINISHING))
        self._transcribing.end(event.recording, event.samples)

    def _disarmed(self, recording: _Recording) -> None:
        """Nothing was kept. Begin what waited for the microphone, if anything did."""
        if self._is_open(recording):
            recording.session.ask(lambda vault: vault.close_recording(recording.id, 0))
        waiting, self._next = self._next, None
        if waiting is not None:
            _chain(self._start(waiting.granted, waiting.source), waiting.future)

    def _keep_stretches(self, recording: _Recording) -> None:
        """Put gaps, pauses and bookmarks where the transcript is. Pool."""
        state = self._transcribing.inspect(recording.session, recording.id)
        visit, stretches = recording.visit, state.stretches
        recording.session.ask(lambda vault: vault.add_stretches(visit, stretches)).result()

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
        if not self._is_open(recording):
            return

        def job(vault: VaultPort) -> None:
            visit = vault.visit(recording.visit)
            if visit.state is not state and can_move(visit.state, state):
                vault.save_visit(visit.moved_to(state))
                self._post.publish(VisitAdvanced(visit.id, state))

        recording.session.ask(job)


def _chain(first: Future[RecordingId], then: Future[RecordingId]) -> None:
    """Give what comes of one future to another."""

    def done(future: Future[RecordingId]) -> None:
        error = future.exception()
        if error is None:
            then.set_result(future.result())
        else:
            then.set_exception(error)

    first.add_done_callback(done)


def _failed(error: Exception) -> Future[RecordingId]:
    future: Future[RecordingId] = Future()
    future.set_exception(error)
    return future
