"""Whatever speech refuses and the recorder drops: each sample arrives once, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from typing_extensions import override

from app.domain.errors import CorruptError
from app.domain.ports import InstalledModel, JournalAudio, SpeechPlan, SpeechPort
from app.engines.pump import Pump


@dataclass
class FakeSpeech(SpeechPort):
    """Takes sound while it has room; keeps what it took."""

    room: int = 100
    taken: list[int] = field(default_factory=list)
    is_finished: bool = False
    announced: int = 0

    @override
    def load(self, model: InstalledModel, voices: InstalledModel | None = None) -> None:
        raise NotImplementedError

    @override
    def enroll(self, pcm: bytes) -> None:
        raise NotImplementedError

    @override
    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> None:
        raise NotImplementedError

    @override
    def open(self, plan: SpeechPlan) -> None:
        raise NotImplementedError

    @override
    def feed(self, at_sample: int, pcm: bytes) -> bool:
        count = len(pcm) // 2
        assert count
        assert not self.is_finished
        if count > self.room:
            return False
        self.room -= count
        self.taken += range(at_sample, at_sample + count)
        return True

    @override
    def announce(self, samples: int) -> None:
        self.announced = samples

    @override
    def finish(self) -> None:
        assert not self.is_finished
        self.is_finished = True

    @override
    def close(self) -> None:
        raise NotImplementedError


@dataclass
class FakeJournal:
    """Blocks in order, with jumps where a pause was; may be torn for a moment."""

    blocks: list[JournalAudio] = field(default_factory=list)
    reads: int = 0
    is_damaged: bool = False

    def read_from(self, at_sample: int) -> Iterator[JournalAudio]:
        self.reads += 1
        for block in list(self.blocks):
            end = block.at_sample + len(block.pcm) // 2
            if end > at_sample:
                if self.is_damaged:
                    raise CorruptError
                skipped = max(0, at_sample - block.at_sample)
                yield JournalAudio(block.at_sample + skipped, block.pcm[2 * skipped :])

    @property
    def samples(self) -> list[int]:
        return [
            at
            for block in self.blocks
            for at in range(block.at_sample, block.at_sample + len(block.pcm) // 2)
        ]


class PumpMachine(RuleBasedStateMachine):
    """A recording, a speech engine of changing speed, and a pool that runs when it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.speech, self.journal = FakeSpeech(), FakeJournal()
        self.jobs: list[Callable[[], None]] = []
        self.pump = Pump(self.speech, self.jobs.append, self.journal.read_from)
        self.at = 0
        self.has_ended = False

    def record(self, count: int) -> JournalAudio:
        block = JournalAudio(self.at, bytes(2 * count))
        self.journal.blocks.append(block)
        self.at += count
        return block

    @precondition(lambda self: not self.has_ended)
    @rule(count=st.integers(1, 40))
    def hear(self, count: int) -> None:
        block = self.record(count)
        self.pump.offer(block.at_sample, block.pcm)

    @precondition(lambda self: not self.has_ended)
    @rule(count=st.integers(1, 40))
    def drop_a_block_on_the_way(self, count: int) -> None:
        self.record(count)

    @precondition(lambda self: not self.has_ended)
    @rule(count=st.integers(1, 1_000))
    def pause(self, count: int) -> None:
        self.at += count

    @rule(room=st.integers(1, 200))
    def speech_gets_on(self, room: int) -> None:
        self.speech.room = max(self.speech.room, room)
        self.pump.nudge(0)

    @precondition(lambda self: self.jobs)
    @rule()
    def run_a_job(self) -> None:
        self.jobs.pop(0)()

    @precondition(lambda self: not self.has_ended)
    @rule()
    def end(self) -> None:
        self.has_ended = True
        self.pump.end(self.at)

    @invariant()
    def what_arrived_is_a_head_of_the_recording(self) -> None:
        assert self.speech.taken == self.journal.samples[: len(self.speech.taken)]
        assert len(self.jobs) <= 1

    @override
    def teardown(self) -> None:
        if not self.has_ended:
            self.end()
        for _ in range(500):
            self.speech_gets_on(200)
            while self.jobs:
                self.run_a_job()
            if self.speech.is_finished:
                break
        assert self.speech.is_finished
        assert self.speech.taken == self.journal.samples


PumpMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestPump = PumpMachine.TestCase


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal([JournalAudio(10 * i, bytes(20)) for i in range(5)])


def run_all(jobs: list[Callable[[], None]]) -> None:
    while jobs:
        jobs.pop(0)()


def test_live_sound_never_touches_the_journal(journal: FakeJournal) -> None:
    speech, jobs = FakeSpeech(), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from)
    for block in journal.blocks:
        pump.offer(block.at_sample, block.pcm)
    assert not pump.is_behind
    assert (journal.reads, jobs) == (0, [])
    assert speech.taken == list(range(50))


def test_a_recording_that_was_over_is_read_to_its_end(journal: FakeJournal) -> None:
    speech, jobs = FakeSpeech(), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from, at_sample=25)
    pump.end(50)
    run_all(jobs)
    assert speech.taken == list(range(25, 50))
    assert speech.is_finished


def test_speech_is_told_how_long_the_recording_is_while_it_takes_nothing(
    journal: FakeJournal,
) -> None:
    speech, jobs = FakeSpeech(room=0), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from)
    for block in journal.blocks:
        pump.offer(block.at_sample, block.pcm)
    assert speech.taken == []
    assert speech.announced == 50


def test_a_refusal_keeps_the_place_in_the_journal(journal: FakeJournal) -> None:
    speech, jobs = FakeSpeech(room=10), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from)
    pump.end(50)
    for _ in range(10):
        run_all(jobs)
        speech.room = 10
        pump.nudge()
    assert speech.taken == list(range(50))
    assert journal.reads <= 2


def test_speech_goes_on_behind_a_damaged_stretch(journal: FakeJournal) -> None:
    speech, jobs = FakeSpeech(), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from)
    journal.is_damaged = True
    pump.offer(40, bytes(20))
    run_all(jobs)
    assert speech.taken == list(range(40, 50))
    pump.end(50)
    run_all(jobs)
    assert speech.is_finished


def test_a_closed_pump_feeds_nothing(journal: FakeJournal) -> None:
    speech, jobs = FakeSpeech(), list[Callable[[], None]]()
    pump = Pump(speech, jobs.append, journal.read_from)
    pump.end(50)
    pump.close()
    run_all(jobs)
    pump.offer(0, bytes(20))
    assert speech.taken == []
    assert not speech.is_finished
