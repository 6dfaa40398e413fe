"""After a visit: hear the recording again with more care, and say what differs.

A better model decodes the journal in whole windows, in a speech child of its own at the lowest
priority. Live speech, decoding and drafting go first: the pass waits for them, is stopped by a
recording at once, and begins again later. The note never waits for it. Main thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.audio.mono import mono
from app.domain.errors import VisitStateError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    DraftFinished,
    SecondPassFinished,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import SegmentId, VisitId
from app.domain.ports import (
    InstalledModel,
    JournalAudio,
    JournalPort,
    SpeechPlan,
    SpeechPort,
)
from app.domain.store_ports import VaultPort
from app.domain.transcript import Difference, RevisionCause, Segment, Transcript, Word
from app.domain.visit import VisitState
from app.domain.vocabulary import Replacement
from app.engines.pump import Pump
from app.workflow.room import Room
from app.workflow.second_hearing import Compared, accepted, compared
from app.workflow.transcribing import TranscriptionJob

_OVER: Final = frozenset({VisitState.PLANNED, VisitState.DISCARDED, VisitState.SIGNED})
"""Consent was taken back, the visit was given up, or nothing can be changed any more."""
_FIRST: Final = frozenset({VisitState.RECORDING, VisitState.DRAFTING})
"""Somebody waits for what begins now: it has the machine."""


@dataclass(frozen=True, slots=True)
class SecondPassSetup:
    """Made by bootstrap.

    Attributes:
        make_speech: builds a speech port of its own that reports to the given callable, so that
            its words are not taken for those of a visit that is being recorded.
        journal: how journals are read.
        model: the better model for a language; None when there is none, or no time for it.
        may_run: whether nothing is recorded, decoded or drafted now.
    """

    make_speech: Callable[[Callable[[object], object]], SpeechPort]
    journal: Callable[[Path], JournalPort]
    model: Callable[[str], InstalledModel | None]
    may_run: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Heard:
    """An event of the pass's own child."""

    run: int
    event: object


@dataclass(slots=True)
class _Run:
    number: int
    job: TranscriptionJob
    model: InstalledModel
    speech: SpeechPort
    pump: Pump | None = None
    words: list[Word] = field(default_factory=list)


class SecondPass:
    """One recording after the other, whenever nothing else has to be done."""

    def __init__(self, room: Room, setup: SecondPassSetup) -> None:
        self._room = room
        self._post = room.post
        self._setup = setup
        self._waiting: deque[TranscriptionJob] = deque()
        self._run: _Run | None = None
        self._runs = 0
        room.bus.subscribe(_Heard, self._on_heard)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)
        room.bus.subscribe(DraftFinished, lambda _: self.nudge())
        room.bus.subscribe(TranscriptEdited, self._on_edited)

    @property
    def visit(self) -> VisitId | None:
        """The visit that is heard again now, None when none is."""
        return self._run.job.visit if self._run is not None else None

    def add(self, job: TranscriptionJob) -> None:
        """Hear a recording again when there is time. Its transcript is complete and kept.

        Args:
            job: with the length of the recording.
        """
        self._waiting.append(job)
        self.nudge()

    def nudge(self) -> None:
        """Begin, if something waits and nothing else is to be done."""
        while self._run is None and self._waiting and self._setup.may_run():
            job = self._waiting.popleft()
            model = self._setup.model(job.plan.language)
            if model is not None and job.samples:
                self._begin(job, model)

    def stop(self) -> None:
        """Leave the machine to something else, at once. What was begun begins again later."""
        if (run := self._run) is not None:
            self._leave(run)
            self._waiting.appendleft(run.job)

    def drop(self, visit: VisitId) -> None:
        """Forget the recordings of a visit."""
        self._waiting = deque(each for each in self._waiting if each.visit != visit)
        if (run := self._run) is not None and run.job.visit == visit:
            self._leave(run)
            self.nudge()

    def close(self) -> None:
        """Forget everything and end the child; for a lock and for the end of the program."""
        self._waiting.clear()
        if (run := self._run) is not None:
            self._run = None
            if run.pump is not None:
                run.pump.close()
            run.speech.close()

    # -- what a person decides

    def accept(self, visit: VisitId, difference: Difference) -> Future[Segment]:
        """Take what the second pass heard. `TranscriptEdited` follows.

        The future raises NotFoundError: the words are others meanwhile; VisitStateError.
        """

        def job(vault: VaultPort) -> Segment:
            if vault.versions(visit):
                raise VisitStateError(VisitState.SIGNED.value, VisitState.IN_REVIEW.value)
            replacements = vault.vocabulary().replacements
            segment, revision = accepted(vault.transcript(visit), difference, replacements)
            vault.put_segments(visit, [segment])
            vault.add_revisions(visit, [revision])
            _settle(vault, visit, difference)
            self._post.publish(TranscriptEdited(visit, (segment,), revisions=(revision,)))
            return segment

        return self._room.sessions.current().ask(job)

    def keep(self, visit: VisitId, difference: Difference) -> Future[None]:
        """Keep what the transcript says: the difference is settled."""
        return self._room.sessions.current().ask(_settle, visit, difference)

    # -- the pass

    def _begin(self, job: TranscriptionJob, model: InstalledModel) -> None:
        self._runs += 1
        number = self._runs
        speech = self._setup.make_speech(lambda event: self._post.publish(_Heard(number, event)))
        run = self._run = _Run(number, job, model, speech)
        speech.load(model)
        speech.open(_plan(job.plan))
        reader = self._setup.journal(job.session.audio_folder)

        def read_from(at_sample: int) -> Iterator[JournalAudio]:
            return map(mono, reader.read(job.recording, job.private_key, at_sample))

        run.pump = Pump(speech, self._room.pool.submit, read_from, at_sample=job.plan.at_sample)
        run.pump.end(job.samples or 0)

    def _leave(self, run: _Run) -> None:
        self._run = None
        if run.pump is not None:
            run.pump.close()
        self._room.pool.submit(run.speech.close)  # waits for the child to be gone

    def _on_advanced(self, event: VisitAdvanced) -> None:
        if event.state in _OVER:
            self.drop(event.visit)
        elif event.state in _FIRST:
            self.stop()
        else:
            self.nudge()

    def _on_edited(self, event: TranscriptEdited) -> None:
        """What was struck must not come back: the pass may have heard it already."""
        if event.gone:
            self.drop(event.visit)

    def _on_heard(self, heard: _Heard) -> None:
        run = self._run
        if run is None or run.number != heard.run or run.pump is None:
            return
        match heard.event:
            case ChildReady() | SpeechProgressed():
                run.pump.nudge()
            case SegmentFinished(segment):
                run.words += segment.words
            case SpeechFinished():
                self._leave(run)
                self._compare(run)
            case ChildFailed() | ChildEnded(pause_s=None):  # the transcript stays as it is
                self._leave(run)
                self.nudge()
            case _:
                pass

    def _compare(self, run: _Run) -> None:
        job = run.job

        def work() -> tuple[Difference, ...]:
            segments, own, replacements = job.session.ask(_read, job).result()
            found = compared(segments, run.words, own, replacements)
            kept = job.session.ask(_keep, job.visit, segments, found).result()
            if kept.revisions:
                self._post.publish(
                    TranscriptEdited(job.visit, kept.segments, revisions=kept.revisions)
                )
            return kept.differences

        self._post.deliver(
            self._room.pool.submit(work),
            self,
            lambda differences: self._finish(run, differences),
            lambda _: self.nudge(),  # locked or erased meanwhile: nothing is changed
        )

    def _finish(self, run: _Run, differences: tuple[Difference, ...]) -> None:
        self._post.publish(SecondPassFinished(run.job.visit, differences, run.model.card.id))
        self.nudge()


def _plan(plan: SpeechPlan) -> SpeechPlan:
    """Return how to hear the same sound again, whole."""
    return replace(plan, is_live=False, voiceprint=b"", first_segment=1)


# -- lane


def _read(
    vault: VaultPort, job: TranscriptionJob
) -> tuple[tuple[Segment, ...], frozenset[SegmentId], tuple[Replacement, ...]]:
    """Return the segments of a recording, those a person changed, and the replacements."""
    transcript = vault.transcript(job.visit)
    first = f"s{job.plan.first_segment:04d}"
    segments = tuple(
        each
        for each in transcript.segments
        if each.words
        and (len(each.id), each.id) >= (len(first), first)
        and each.start < (job.samples or each.end)
    )
    return segments, _own(transcript), vault.vocabulary().replacements


def _own(transcript: Transcript) -> frozenset[SegmentId]:
    by_person = (each for each in transcript.revisions if each.cause is RevisionCause.PERSON)
    return frozenset(each.segment for each in by_person if each.segment is not None)


def _keep(
    vault: VaultPort, visit: VisitId, segments: tuple[Segment, ...], found: Compared
) -> Compared:
    """Keep what was found, but not where the transcript is another one meanwhile."""
    if vault.versions(visit):
        return Compared()
    now = {each.id: each for each in vault.transcript(visit).segments}
    same = {each.id for each in segments if now.get(each.id) == each}
    kept = Compared(
        tuple(each for each in found.segments if each.id in same),
        tuple(each for each in found.revisions if each.segment in same),
        tuple(each for each in found.differences if each.segment in same),
    )
    if kept.segments:
        vault.put_segments(visit, kept.segments)
        vault.add_revisions(visit, kept.revisions)
    earlier = [each for each in vault.differences(visit) if each not in kept.differences]
    vault.set_differences(visit, (*earlier, *kept.differences))
    return kept


def _settle(vault: VaultPort, visit: VisitId, difference: Difference) -> None:
    left = [each for each in vault.differences(visit) if each != difference]
    vault.set_differences(visit, left)
