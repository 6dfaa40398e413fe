"""The second pass with real children, a real journal and a real vault: it hears, it gives way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from app.audio.journal import JournalReader
from app.audio.journal_writing import JournalWriter
from app.domain.errors import ModelMissingError
from app.domain.events import SecondPassFinished, VisitAdvanced
from app.domain.ids import ModelId, RecordingId, RecordingKeyId, VisitId, new_id
from app.domain.ports import InstalledModel, RecordingPlan, SpeechPlan, SpeechPort
from app.domain.visit import Visit, VisitState
from app.engines.catalogue import Catalogue
from app.engines.speech import Speech
from app.engines.supervisor import child_command
from app.foundation import paths
from app.foundation.sealing import make_key_pair
from app.workflow.room import Room
from app.workflow.second_pass import SecondPass, SecondPassSetup
from app.workflow.transcribing import TranscriptionJob
from tests.engines.hearing import Desk as Ear
from tests.engines.hearing import pcm_of
from tests.performance.word_error import score
from tests.unit.workflow.conftest import Desk
from tests.unit.workflow.conftest import desk as desk  # noqa: PLC0414 - a fixture

ROOT = Path(__file__).parents[2]
WAIT_S = 120.0


def _found(model: str) -> InstalledModel | None:
    # the real folders, not those of a test: read when the tests are collected
    catalogue = Catalogue(ROOT / "models" / "catalogue.toml", paths.model_folders())
    try:
        return catalogue.find(ModelId(model))
    except ModelMissingError:
        return None


TINY, BASE = _found("whisper-tiny.en"), _found("whisper-base")
pytestmark = pytest.mark.skipif(
    TINY is None or BASE is None, reason="the starter speech models are not installed"
)


@dataclass
class Visited:
    """A visit that was recorded and transcribed with tiny.en, and a second pass with base."""

    desk: Desk
    visit: Visit
    pcm: bytes
    ports: list[Speech] = field(default_factory=list)
    finished: list[SecondPassFinished] = field(default_factory=list)
    may_run: bool = True

    def __post_init__(self) -> None:
        desk = self.desk
        room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
        desk.bus.subscribe(SecondPassFinished, self.finished.append)
        setup = SecondPassSetup(self._make, JournalReader, lambda _: BASE, lambda: self.may_run)
        self.second = SecondPass(room, setup)

    def _make(self, publish: Callable[[object], object]) -> SpeechPort:
        command = child_command("speech", "--background")
        self.ports.append(Speech(publish, command, silence_s=600.0, measures=False))
        return self.ports[-1]

    def record(self) -> TranscriptionJob:
        """Write the journal; return the job whose transcript is there."""
        session = self.desk.sessions.current()
        recording = RecordingId(new_id())
        pair = make_key_pair()
        session.audio_folder.mkdir(parents=True, exist_ok=True)
        key, folder = RecordingKeyId(new_id()), str(session.audio_folder)
        plan = RecordingPlan(recording, 0, session.account.uid, key, pair.public, folder)
        writer = JournalWriter(plan, 0)
        for at in range(0, len(self.pcm), 32_000):
            writer.audio(at // 2, self.pcm[at : at + 32_000])
        samples = len(self.pcm) // 2
        writer.close(samples)
        return TranscriptionJob(
            session, self.visit.id, recording, pair.private, SpeechPlan(), samples
        )

    def transcribe(self) -> str:
        """Keep what tiny.en hears; return it."""
        ear = Ear()
        try:
            ear.ready(TINY)
            segments = ear.hear(SpeechPlan(is_live=False), self.pcm)
        finally:
            ear.speech.close()
        session = self.desk.sessions.current()
        self.desk.result(session.ask(lambda vault: vault.put_segments(self.visit.id, segments)))
        return ear.text

    def wait(self, is_over: Callable[[], bool]) -> None:
        self.desk.inbox.run_until(is_over, timeout_s=WAIT_S)


@pytest.fixture
def visited(desk: Desk) -> Iterator[Visited]:
    made = Visited(desk, desk.visit(), pcm_of("speech/neck_and_history.flac"))
    yield made
    made.second.close()
    for port in made.ports:
        port.close()


def test_a_better_model_hears_the_journal_again_and_only_differences_are_shown(
    visited: Visited,
) -> None:
    first = visited.transcribe()
    visited.second.add(visited.record())
    visited.wait(lambda: bool(visited.finished))
    (found,) = visited.finished
    assert found.model == "whisper-base"
    assert found.visit == visited.visit.id
    record = visited.desk.result(visited.desk.visiting.open(visited.visit.id))
    now = " ".join(each.spoken for each in record.transcript.segments)
    assert score(first, now).rate < 0.02  # formatting alone was taken over
    assert len(found.differences) < len(first.split()) / 4
    for each in found.differences:
        visited.desk.result(visited.second.accept(visited.visit.id, each))
    session = visited.desk.sessions.current()
    left = visited.desk.result(session.ask(lambda vault: vault.differences(visited.visit.id)))
    assert left == ()


def test_a_recording_that_starts_ends_the_child_of_the_pass_at_once(visited: Visited) -> None:
    visited.second.add(visited.record())
    (port,) = visited.ports
    visited.wait(lambda: port._life.is_loaded)
    begun_s = time.monotonic()
    visited.may_run = False
    visited.desk.bus.dispatch(VisitAdvanced(VisitId("another"), VisitState.RECORDING))
    assert visited.second.visit is None
    while port._life.is_here:
        assert time.monotonic() - begun_s < 5.0
        visited.desk.result(visited.desk.pool.submit(partial(time.sleep, 0.01)))
    visited.may_run = True
    visited.second.nudge()
    visited.wait(lambda: bool(visited.finished))
    assert len(visited.ports) == 2
