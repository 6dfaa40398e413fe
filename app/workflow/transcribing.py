"""From journal to transcript: one recording after the other through one speech child.

Sound comes on the recorder's reader thread and goes through the pump; events and decisions are
on the main thread. A second recording that begins while the first is still being decoded waits
in its journal: nothing is lost, its words come later.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.audio.journal import part_numbers
from app.audio.mono import mono
from app.domain.audio import Stretch, StretchKind
from app.domain.errors import AppError, CorruptError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    RolesFound,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    SpeechUnheard,
    TroubleArose,
    WordsRevised,
)
from app.domain.ids import ModelId, RecordingId, VisitId
from app.domain.ports import (
    InstalledModel,
    JournalAudio,
    JournalPort,
    JournalState,
    SpeechPlan,
    SpeechPort,
)
from app.engines.pump import Pump
from app.workflow.room import Room
from app.workflow.session import Session

SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class TranscriptionJob:
    """One recording to transcribe.

    Attributes:
        private_key: opens its journal; stays in this process.
        samples: its length, None while it is being recorded.
    """

    session: Session
    visit: VisitId
    recording: RecordingId
    private_key: bytes = field(repr=False)
    plan: SpeechPlan
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class _JobAdded:
    job: TranscriptionJob


@dataclass(frozen=True, slots=True)
class _Dropped:
    """All that speech said before a job was dropped was heard."""


@dataclass(frozen=True, slots=True)
class TranscriptFinished:
    """All sound of a recording is words now."""

    visit: VisitId
    recording: RecordingId


@dataclass(frozen=True, slots=True)
class SpeechSetup:
    """Made by bootstrap: the port, how journals are read, which models to use.

    Attributes:
        model: the one that turns speech into words, for the way and the language of a plan.
        voices: the one that tells speakers apart, None when it is not installed.
        smaller: what takes over from a model that keeps dying, with the seconds that its words
            come after a visit of 15 minutes; None when there is nothing smaller.
        finished: takes each recording whose words are complete, with its length. Main thread.
    """

    speech: SpeechPort
    journal: Callable[[Path], JournalPort]
    model: Callable[[SpeechPlan], InstalledModel]
    voices: Callable[[], InstalledModel | None]
    smaller: Callable[[InstalledModel, str], tuple[InstalledModel, int] | None]
    finished: Callable[[TranscriptionJob], object]


class Transcribing:
    """Feeds recordings to the speech child and keeps the segments that come back."""

    def __init__(self, room: Room, setup: SpeechSetup) -> None:
        self._post = room.post
        self._pool = room.pool
        self._setup = setup
        self._waiting: deque[TranscriptionJob] = deque()
        self._active: TranscriptionJob | None = None
        self._loaded: InstalledModel | None = None
        self._is_deaf = False
        self._pump: Pump | None = None
        self._lock = threading.Lock()  # guards _active and _pump against the reader thread
        room.sessions.on_leave(self.lock)
        room.bus.subscribe(_JobAdded, self._on_added)
        room.bus.subscribe(_Dropped, self._on_dropped)
        room.bus.subscribe(SegmentFinished, self._on_segment)
        room.bus.subscribe(WordsRevised, self._on_revised)
        room.bus.subscribe(SpeechUnheard, self._on_unheard)
        room.bus.subscribe(RolesFound, self._on_roles)
        room.bus.subscribe(SpeechProgressed, self._on_progress)
        room.bus.subscribe(SpeechFinished, self._on_finished)
        room.bus.subscribe(ChildReady, self._on_ready)
        room.bus.subscribe(ChildEnded, self._on_child_ended)
        room.bus.subscribe(ChildFailed, self._on_child_failed)

    @property
    def visit(self) -> VisitId | None:
        """The visit whose words are coming, None when nothing is decoded."""
        return self._active.visit if self._active is not None else None

    @property
    def dictated(self) -> VisitId | None:
        """The visit whose dictation is coming, None when nobody dictates."""
        job = self._active
        return job.visit if job is not None and job.plan.is_dictation else None

    @property
    def voices(self) -> ModelId | None:
        """The model that tells speakers apart, None when it is not installed."""
        found = self._setup.voices()
        return found.card.id if found is not None else None

    @property
    def model(self) -> InstalledModel | None:
        """The speech model in use."""
        return self._loaded

    def enroll(self, pcm: bytes) -> None:
        """Learn a voice; `VoiceEnrolled` follows. Main thread.

        Raises:
            ModelMissingError: there is no speech model, whose process does it.
        """
        if self._loaded is None:
            self._load(self._setup.model(SpeechPlan()))
        self._setup.speech.enroll(pcm)

    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> bool:
        """Decode a passage once more with names in mind; `HeardAgain` follows. Main thread.

        Returns:
            False when no speech model is loaded: it is not worth loading one.
        """
        if self._loaded is not None:
            self._setup.speech.hear_again(pcm, names, language)
        return self._loaded is not None

    def add(self, job: TranscriptionJob) -> None:
        """Queue a recording. Any thread."""
        self._post.publish(_JobAdded(job))

    def offer(self, recording: RecordingId, at_sample: int, pcm: bytes) -> None:
        """Take sound that the journal holds. The recorder's reader thread; never blocks."""
        with self._lock:
            job, pump = self._active, self._pump
            if pump is not None and job is not None and job.recording == recording:
                pump.offer(at_sample, pcm)

    def end(self, recording: RecordingId, samples: int) -> None:
        """Say how long a recording is: no more sound will come. Main thread."""
        if self._active is not None and self._active.recording == recording:
            if self._pump is not None:
                self._pump.end(samples)
            return
        self._waiting = deque(
            _with_samples(each, samples) if each.recording == recording else each
            for each in self._waiting
        )

    def drop(self, visit: VisitId) -> None:
        """Forget the recordings of a visit: nothing of them becomes words. Main thread."""
        self._waiting = deque(each for each in self._waiting if each.visit != visit)
        if self._active is not None and self._active.visit == visit:
            self._abandon()

    def is_coming(self, visit: VisitId) -> bool:
        """Whether words of a visit are coming, or wait. Main thread."""
        return self.visit == visit or any(each.visit == visit for each in self._waiting)

    def lock(self) -> None:
        """Nobody is unlocked: keys, words and engine go. What is left is in the journals."""
        self._waiting.clear()
        self._abandon()

    def _abandon(self) -> None:
        """End the engine. What it said of this job and is still on its way is of nobody."""
        self._setup.speech.close()
        self._loaded = None
        self._is_deaf = True
        self._leave_active()
        self._post.publish(_Dropped())

    def _on_dropped(self, _: _Dropped) -> None:
        self._is_deaf = False
        self._begin_next()

    def forget(self, recording: RecordingId) -> None:
        """Wait no longer for a recording that gave no sound. Main thread."""
        self._waiting = deque(each for each in self._waiting if each.recording != recording)
        if self._active is not None and self._active.recording == recording:
            self._leave_active()
            self._begin_next()

    def inspect(self, session: Session, recording: RecordingId) -> JournalState:
        """Return what the journal of a recording holds. Blocks: use the pool.

        Raises:
            NotFoundError: its key was deleted.
        """
        secret = session.ask(lambda vault: vault.recording_secret(recording)).result()
        if not part_numbers(session.audio_folder, recording):  # no sound ever came
            return JournalState(samples=0, is_closed=False, parts=0)
        reader = self._setup.journal(session.audio_folder)
        try:
            return reader.inspect(recording, secret.private_key)
        except CorruptError as error:  # kept as it is; the others go on
            self._post.publish(TroubleArose(error.code))
            return JournalState(samples=0, is_closed=False, parts=0)

    def close(self) -> None:
        """End the speech child. What is not decoded stays in the journal for the next start."""
        with self._lock:
            pump, self._pump, self._active = self._pump, None, None
        if pump is not None:
            pump.close()
        self._setup.speech.close()

    # -- events

    def _on_added(self, event: _JobAdded) -> None:
        self._waiting.append(event.job)
        self._begin_next()

    def _begin_next(self) -> None:
        if self._active is not None or not self._waiting or self._is_deaf:
            return
        job = self._waiting.popleft()
        try:
            model = self._setup.model(job.plan)
        except AppError as error:
            facts = tuple(error.facts.items())
            self._post.publish(TroubleArose(error.code, facts))
            self._begin_next()
            return
        speech = self._setup.speech
        self._load(model)
        speech.open(job.plan)
        reader = self._setup.journal(job.session.audio_folder)

        def read_from(at_sample: int) -> Iterator[JournalAudio]:
            return map(mono, reader.read(job.recording, job.private_key, at_sample))

        pump = Pump(speech, self._pool.submit, read_from, at_sample=job.plan.at_sample)
        with self._lock:
            self._active, self._pump = job, pump
        if job.samples is not None:
            pump.end(job.samples)

    def _load(self, model: InstalledModel) -> None:
        if self._loaded != model:
            self._setup.speech.load(model, self._setup.voices())
            self._loaded = model

    def _on_segment(self, event: SegmentFinished) -> None:
        if (job := self._active) is not None:
            job.session.ask(lambda vault: vault.put_segments(job.visit, [event.segment]))

    def _on_revised(self, event: WordsRevised) -> None:
        if (job := self._active) is not None:
            job.session.ask(lambda vault: vault.add_revisions(job.visit, event.revisions))

    def _on_unheard(self, event: SpeechUnheard) -> None:
        if (job := self._active) is not None:
            kind = StretchKind.INAUDIBLE
            stretches = [Stretch(span.start, span.end, kind) for span in event.spans]
            job.session.ask(lambda vault: vault.add_stretches(job.visit, stretches))

    def _on_roles(self, event: RolesFound) -> None:
        if (job := self._active) is not None:
            job.session.ask(lambda vault: vault.set_roles(job.visit, event.roles))

    def _on_progress(self, _: SpeechProgressed) -> None:
        if self._pump is not None:
            self._pump.nudge()

    def _on_ready(self, event: ChildReady) -> None:
        if event.child == SPEECH and self._pump is not None:
            self._pump.nudge()

    def _on_finished(self, event: SpeechFinished) -> None:
        job = self._active
        if job is None:
            return
        self._leave_active()
        self._post.publish(TranscriptFinished(job.visit, job.recording))
        self._setup.finished(_with_samples(job, event.decoded_to))
        self._begin_next()

    def _on_child_ended(self, event: ChildEnded) -> None:
        if event.child == SPEECH and event.pause_s is None:
            self._fall_back("child_gone")

    def _on_child_failed(self, event: ChildFailed) -> None:
        if event.child == SPEECH:
            self._fall_back(event.code)

    def _fall_back(self, code: str) -> None:
        """Let a smaller model go on: the port kept what was not settled and opens again."""
        job, failed = self._active, self._loaded
        smaller = None
        if job is not None and failed is not None:
            smaller = self._setup.smaller(failed, job.plan.language)
        if smaller is None:
            self._give_up(code)
            return
        model, wait_s = smaller
        facts = (("model", model.card.name), ("wait_s", wait_s))
        self._post.publish(TroubleArose("smaller_model", facts))
        self._load(model)

    def _give_up(self, code: str) -> None:
        """Leave the rest in the journal: recovery takes it up again at the next start."""
        self._loaded = None
        self._post.publish(TroubleArose(code))
        self._leave_active()

    def _leave_active(self) -> None:
        with self._lock:
            pump, self._pump, self._active = self._pump, None, None
        if pump is not None:
            pump.close()


def _with_samples(job: TranscriptionJob, samples: int) -> TranscriptionJob:
    return TranscriptionJob(
        job.session, job.visit, job.recording, job.private_key, job.plan, samples
    )
