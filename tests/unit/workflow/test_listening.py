"""A microphone that was opened ahead never stands in the way of another source."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from app.audio.journal import JournalReader
from app.domain.audio import InputDevice, MarkKind
from app.domain.errors import ModelMissingError
from app.domain.events import RecordingFinished, RecordingPaused
from app.domain.ids import RecordingId, VisitId, new_id
from app.domain.ports import InstalledModel, RecordingPlan, SpeechPlan
from app.domain.visit import ConsentGranted, ConsentManner, Person, VisitState
from app.workflow.listening import Listening
from app.workflow.room import Room
from app.workflow.transcribing import SpeechSetup, Transcribing
from tests.unit.engines.test_pump import FakeSpeech
from tests.unit.workflow.conftest import Desk


class Recorder:
    """Notes what is asked of it; an armed recording that is finished ends without sound."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.plans: list[RecordingPlan] = []

    def devices(self) -> tuple[InputDevice, ...]:
        return ()

    def start(self, consent: ConsentGranted, plan: RecordingPlan) -> None:
        del consent
        self.plans.append(plan)

    def go(self) -> None:
        raise AssertionError

    def mark(self, kind: MarkKind) -> None:
        raise AssertionError(kind)

    def finish(self) -> None:
        self._desk.inbox.publish(RecordingFinished(self.plans[-1].recording, 0))

    def close(self) -> None:
        """Nothing runs."""


class DeafSpeech(FakeSpeech):
    """Is never spoken to here; the jobs wait without a model."""

    @override
    def close(self) -> None:
        """Nothing runs."""


@pytest.mark.parametrize("is_left", [False, True])
def test_a_file_can_be_opened_while_the_microphone_is_armed(
    desk: Desk, tmp_path: Path, is_left: bool
) -> None:
    recorder = Recorder(desk)
    listening = listening_at(desk, recorder)
    visit = desk.visit()
    present = (Person("patient", agreed=True),)
    granted = desk.result(desk.visiting.grant(visit.id, "Dr. Ash", ConsentManner.VERBAL, present))
    desk.result(listening.arm(granted))
    assert listening.current is None
    if is_left:
        listening.disarm()
    desk.result(listening.start_file(granted, tmp_path / "talk.wav"))
    armed, file = recorder.plans
    assert (armed.is_armed, file.is_armed) == (True, False)
    assert file.file.endswith("talk.wav")
    assert listening.current == visit.id


def test_a_pause_of_another_recording_does_not_pause_this_one(desk: Desk, tmp_path: Path) -> None:
    recorder = Recorder(desk)
    listening = listening_at(desk, recorder)
    visit = desk.visit()
    present = (Person("patient", agreed=True),)
    granted = desk.result(desk.visiting.grant(visit.id, "Dr. Ash", ConsentManner.VERBAL, present))
    desk.result(listening.start_file(granted, tmp_path / "talk.wav"))
    desk.bus.dispatch(RecordingPaused(RecordingId(new_id()), 0, is_off_record=False))
    assert state_of(desk, visit.id) is VisitState.RECORDING
    desk.bus.dispatch(RecordingPaused(recorder.plans[-1].recording, 0, is_off_record=False))
    assert state_of(desk, visit.id) is VisitState.PAUSED


def listening_at(desk: Desk, recorder: Recorder) -> Listening:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    setup = SpeechSetup(
        DeafSpeech(), JournalReader, no_model, lambda: None, lambda *_: None, lambda _: None
    )
    return Listening(room, recorder, Transcribing(room, setup))


def state_of(desk: Desk, visit: VisitId) -> VisitState:
    return desk.result(desk.sessions.current().ask(lambda vault: vault.visit(visit))).state


def no_model(plan: SpeechPlan) -> InstalledModel:
    del plan
    raise ModelMissingError("none")
