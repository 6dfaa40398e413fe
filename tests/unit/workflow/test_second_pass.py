"""When the second pass runs, when it gives way, and what is kept of it. The decode is scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE
from app.domain.errors import NotFoundError, VisitStateError
from app.domain.events import (
    ChildEnded,
    ChildReady,
    SecondPassFinished,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import ModelId, RecordingId, VisitId, new_id
from app.domain.ports import (
    InstalledModel,
    JournalAudio,
    JournalPort,
    JournalState,
    ModelCard,
    SpeechPlan,
    SpeechPort,
)
from app.domain.transcript import Difference, RevisionCause, Segment
from app.domain.visit import Visit, VisitState
from app.workflow.room import Room
from app.workflow.second_pass import SecondPass, SecondPassSetup
from app.workflow.transcribing import TranscriptionJob
from tests.unit.workflow.conftest import Desk
from tests.unit.workflow.test_second_hearing import said

BETTER = InstalledModel(
    ModelCard(ModelId("whisper-base"), "speech", "Base", "", "", "MIT", "", (), 300), "models/base"
)
SECONDS = 12


class Journal(JournalPort):
    """Holds silence of one length."""

    @override
    def read(
        self, recording: RecordingId, private_key: bytes, from_sample: int = 0
    ) -> Iterator[JournalAudio]:
        for at in range(from_sample, SECONDS * SAMPLE_RATE, SAMPLE_RATE):
            yield JournalAudio(at, bytes(2 * SAMPLE_RATE))

    @override
    def inspect(self, recording: RecordingId, private_key: bytes) -> JournalState:
        return JournalState(SECONDS * SAMPLE_RATE, is_closed=True, parts=1)


class Child(SpeechPort):
    """A speech child that hears what it is told to, when it is told that all sound has come."""

    def __init__(self, publish: Callable[[object], object], hears: list[Segment]) -> None:
        self._publish = publish
        self.hears = hears
        self.plan: SpeechPlan | None = None
        self.model = ""
        self.samples = 0
        self.is_finished = self.is_closed = False

    @override
    def load(self, model: InstalledModel, voices: InstalledModel | None = None) -> None:
        self.model = model.card.id

    @override
    def enroll(self, pcm: bytes) -> None:
        raise AssertionError

    @override
    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> None:
        raise AssertionError

    @override
    def open(self, plan: SpeechPlan) -> None:
        self.plan = plan

    @override
    def feed(self, at_sample: int, pcm: bytes) -> bool:
        if self.model == "" or self.is_closed:
            return False
        assert at_sample == self.samples
        self.samples += len(pcm) // 2
        return True

    @override
    def announce(self, samples: int) -> None:
        pass

    @override
    def finish(self) -> None:
        self.is_finished = True

    @override
    def close(self) -> None:
        self.is_closed = True

    def speak(self) -> None:
        """Tell what is heard, as the real child does."""
        self._publish(ChildReady("speech", self.model))
        self._publish(SpeechProgressed(0, 0.0))
        for each in self.hears:
            self._publish(SegmentFinished(each))
        self._publish(SpeechFinished(SECONDS * SAMPLE_RATE))

    def die(self) -> None:
        self._publish(ChildEnded("speech", -9, None))


@dataclass
class Bench:
    """A second pass, its children, and what it published."""

    desk: Desk
    visit: Visit
    children: list[Child] = field(default_factory=list)
    hears: list[Segment] = field(default_factory=list)
    model: InstalledModel | None = BETTER
    may_run: bool = True
    finished: list[SecondPassFinished] = field(default_factory=list)
    edits: list[TranscriptEdited] = field(default_factory=list)
    foreign: list[SegmentFinished] = field(default_factory=list)

    def __post_init__(self) -> None:
        desk = self.desk
        room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
        desk.bus.subscribe(SecondPassFinished, self.finished.append)
        desk.bus.subscribe(TranscriptEdited, self.edits.append)
        desk.bus.subscribe(SegmentFinished, self.foreign.append)
        self.second = SecondPass(
            room,
            SecondPassSetup(
                self._make, lambda _: Journal(), lambda _: self.model, lambda: self.may_run
            ),
        )

    def _make(self, publish: Callable[[object], object]) -> Child:
        self.children.append(Child(publish, self.hears))
        return self.children[-1]

    @property
    def job(self) -> TranscriptionJob:
        session = self.desk.sessions.current()
        samples = SECONDS * SAMPLE_RATE
        plan = SpeechPlan(language="en", hotwords=("metoprolol",), voiceprint=b"1234")
        recording = RecordingId(new_id())
        return TranscriptionJob(session, self.visit.id, recording, b"", plan, samples)

    def keep(self, *segments: Segment) -> None:
        session = self.desk.sessions.current()
        self.desk.result(session.ask(lambda vault: vault.put_segments(self.visit.id, segments)))

    def wait(self, is_over: Callable[[], bool]) -> None:
        self.desk.inbox.run_until(is_over, timeout_s=30)

    def run(self) -> SecondPassFinished:
        """Let the newest child hear everything; return what came of it."""
        child = self.children[-1]
        self.desk.pool.submit(lambda: None)
        self.wait_for_sound(child)
        child.speak()
        self.wait(lambda: bool(self.finished))
        return self.finished[-1]

    def wait_for_sound(self, child: Child) -> None:
        while not child.is_finished:
            self.desk.result(self.desk.pool.submit(lambda: None))

    @property
    def segments(self) -> tuple[Segment, ...]:
        return self.desk.result(self.desk.visiting.open(self.visit.id)).transcript.segments


@pytest.fixture
def bench(desk: Desk) -> Bench:
    return Bench(desk, desk.visit())


DOSE = "I take fifty milligrams of metoprolol."
OTHER = "I take fifteen milligrams of metoprolol."


def test_a_recording_is_heard_again_whole_and_without_touching_live_words(bench: Bench) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.hears.append(said(1, 1, DOSE))
    bench.second.add(bench.job)
    assert bench.second.visit == bench.visit.id
    assert bench.run() == SecondPassFinished(bench.visit.id, (), "whisper-base")
    (child,) = bench.children
    assert child.samples == SECONDS * SAMPLE_RATE
    assert child.plan == SpeechPlan(language="en", is_live=False, hotwords=("metoprolol",))
    assert bench.foreign == []  # nobody else hears the words of the pass
    assert bench.edits == []
    assert bench.second.visit is None


def test_a_clinical_difference_waits_for_a_person_and_replaces_nothing(bench: Bench) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.hears.append(said(1, 1, OTHER))
    bench.second.add(bench.job)
    (difference,) = bench.run().differences
    assert (difference.before, difference.after) == ("fifty", "fifteen")
    assert [each.spoken for each in bench.segments] == [DOSE]
    assert bench.edits == []
    session = bench.desk.sessions.current()
    kept = bench.desk.result(session.ask(lambda vault: vault.differences(bench.visit.id)))
    assert kept == (difference,)


def test_formatting_is_taken_over_and_told(bench: Bench) -> None:
    bench.keep(said(1, 1, "i feel dizzy today"))
    bench.hears.append(said(1, 1, "I feel dizzy today."))
    bench.second.add(bench.job)
    assert bench.run().differences == ()
    assert [each.text for each in bench.segments] == ["I feel dizzy today."]
    assert [each.text for edit in bench.edits for each in edit.segments] == ["I feel dizzy today."]
    record = bench.desk.result(bench.desk.visiting.open(bench.visit.id))
    assert {each.cause for each in record.transcript.revisions} == {RevisionCause.SECOND_PASS}


def test_accepting_writes_the_words_and_settles_the_difference(bench: Bench) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.hears.append(said(1, 1, OTHER))
    bench.second.add(bench.job)
    (difference,) = bench.run().differences
    changed = bench.desk.result(bench.second.accept(bench.visit.id, difference))
    assert changed.spoken == OTHER
    assert bench.segments == (changed,)
    bench.wait(lambda: bool(bench.edits))
    assert bench.edits[0].revisions[0].cause is RevisionCause.PERSON
    session = bench.desk.sessions.current()
    assert bench.desk.result(session.ask(lambda vault: vault.differences(bench.visit.id))) == ()
    with pytest.raises(NotFoundError):
        bench.desk.result(bench.second.accept(bench.visit.id, difference))


def test_keeping_settles_the_difference_and_changes_nothing(bench: Bench) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.hears.append(said(1, 1, OTHER))
    bench.second.add(bench.job)
    (difference,) = bench.run().differences
    bench.desk.result(bench.second.keep(bench.visit.id, difference))
    assert [each.spoken for each in bench.segments] == [DOSE]
    session = bench.desk.sessions.current()
    assert bench.desk.result(session.ask(lambda vault: vault.differences(bench.visit.id))) == ()


@pytest.mark.parametrize("begun", [VisitState.RECORDING, VisitState.DRAFTING])
def test_what_somebody_waits_for_stops_the_pass_and_it_begins_again_later(
    bench: Bench, begun: VisitState
) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.hears.append(said(1, 1, DOSE))
    bench.second.add(bench.job)
    first = bench.children[0]
    bench.wait_for_sound(first)
    bench.may_run = False
    bench.desk.bus.dispatch(VisitAdvanced(VisitId("other"), begun))
    assert bench.second.visit is None
    while not first.is_closed:
        bench.desk.result(bench.desk.pool.submit(lambda: None))
    first.speak()  # too late: nobody listens to a child that was left
    bench.desk.bus.dispatch(VisitAdvanced(VisitId("other"), VisitState.FINISHING))
    assert len(bench.children) == 1
    bench.may_run = True
    bench.desk.bus.dispatch(VisitAdvanced(VisitId("other"), VisitState.IN_REVIEW))
    assert len(bench.children) == 2
    assert bench.run().visit == bench.visit.id
    assert len(bench.finished) == 1


def test_the_pass_waits_while_something_else_is_done(bench: Bench) -> None:
    bench.may_run = False
    bench.second.add(bench.job)
    assert bench.children == []
    bench.may_run = True
    bench.second.nudge()
    assert len(bench.children) == 1


def test_without_a_better_model_there_is_no_pass(bench: Bench) -> None:
    bench.model = None
    bench.second.add(bench.job)
    assert bench.children == []
    bench.model = BETTER
    bench.second.nudge()
    assert bench.children == []


def test_a_child_that_cannot_go_on_leaves_the_transcript_alone(bench: Bench) -> None:
    bench.keep(said(1, 1, DOSE))
    bench.second.add(bench.job)
    bench.second.add(bench.job)
    bench.children[0].die()
    bench.wait(lambda: len(bench.children) == 2)  # the next recording has its turn
    assert bench.finished == []
    assert [each.spoken for each in bench.segments] == [DOSE]


def test_a_dropped_visit_is_not_heard_again(bench: Bench) -> None:
    bench.second.add(bench.job)
    bench.second.add(bench.job)
    bench.second.drop(bench.visit.id)
    assert bench.second.visit is None
    bench.second.nudge()
    assert len(bench.children) == 1


def test_closing_forgets_what_waits(bench: Bench) -> None:
    bench.second.add(bench.job)
    bench.second.add(bench.job)
    bench.second.close()
    assert bench.children[0].is_closed
    bench.second.nudge()
    assert len(bench.children) == 1


def test_only_segments_of_this_recording_are_compared(bench: Bench) -> None:
    bench.keep(said(1, 1, "Something from an earlier recording."), said(2, 1, DOSE))
    bench.hears.append(said(1, 1, DOSE))
    job = bench.job
    later = SpeechPlan(first_segment=2)
    bench.second.add(
        TranscriptionJob(job.session, job.visit, job.recording, b"", later, job.samples)
    )
    assert bench.run().differences == ()


def test_a_signed_note_is_not_touched(bench: Bench) -> None:
    desk = bench.desk
    bench.visit = visit = desk.reviewed()
    bench.keep(said(1, 1, DOSE))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    bench.hears.append(said(1, 1, OTHER))
    bench.second.add(bench.job)
    assert bench.run().differences == ()
    (segment,) = bench.segments
    difference = Difference(segment.id, segment.start, segment.end, DOSE, OTHER)
    with pytest.raises(VisitStateError):
        desk.result(bench.second.accept(visit.id, difference))
    assert bench.segments == (segment,)
