"""The recorder tells what it truly does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.audio import SAMPLE_RATE
from app.domain.events import RecordingFailed, RecordingStarted
from app.domain.ids import RecordingId, VisitId
from app.domain.visit import ConsentGranted, ConsentManner, Person, VisitState
from app.ui.viewmodels.recorder import HOLDING, RecorderModel, RecorderState
from tests.fakes.services import Stage, fill


@pytest.fixture
def model(stage: Stage) -> RecorderModel:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    return RecorderModel(stage.services)


def consented(stage: Stage) -> ConsentGranted:
    person = Person("Baker, Thomas", agreed=True)
    future = stage.visiting.grant(VisitId("v4"), "me", ConsentManner.VERBAL, (person,))
    return future.result()


def test_recording_is_said_only_once_sound_is_on_disk(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.choose("usb")
    model.start(consented(stage))
    qtbot.waitUntil(lambda: stage.listening.current is not None)
    assert model.state is RecorderState.STARTING
    assert stage.listening.starts == ["usb"]
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)


def test_pause_resume_and_stop_follow_what_the_recorder_says(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.start(consented(stage))
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    stage.listening.tick(192)
    qtbot.waitUntil(lambda: model.seconds == 192)
    model.pause_or_resume()
    qtbot.waitUntil(lambda: model.state is RecorderState.PAUSED)
    model.pause_or_resume()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    model.finish()
    qtbot.waitUntil(lambda: model.state is RecorderState.IDLE)
    assert model.visit is None


def test_the_clock_goes_on_after_a_pause_from_where_it_stood(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    shown: list[float] = []
    model.level_measured.connect(lambda: shown.append(model.seconds))
    model.start(consented(stage))
    stage.listening.sound_arrives()
    stage.listening.tick(60)
    qtbot.waitUntil(lambda: model.seconds == 60)
    for begin, end in (
        (model.pause_or_resume, model.pause_or_resume),
        (model.off_or_on_record, model.off_or_on_record),
    ):
        begin()
        qtbot.waitUntil(lambda: model.state in HOLDING)
        stage.listening.tick(30)
        end()
        qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
        stage.listening.tick(1)
        qtbot.waitUntil(lambda: model.at_sample == stage.listening.samples)
    assert (model.seconds, model.at_sample) == (62, 122 * SAMPLE_RATE)
    assert set(shown) <= {60, 61, 62}
    assert shown == sorted(shown)
    model.pause_or_resume()
    qtbot.waitUntil(lambda: model.state is RecorderState.PAUSED)
    stage.listening.tick(5)
    model.finish()
    qtbot.waitUntil(lambda: model.state is RecorderState.IDLE)
    assert model.seconds == 62


def test_a_second_recording_of_a_visit_goes_on_with_its_clock(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    granted = consented(stage)
    model.start(granted)
    stage.listening.sound_arrives()
    stage.listening.tick(60)
    qtbot.waitUntil(lambda: model.seconds == 60)
    model.pause_or_resume()
    qtbot.waitUntil(lambda: model.state is RecorderState.PAUSED)
    stage.listening.tick(30)
    model.finish()
    qtbot.waitUntil(lambda: model.state is RecorderState.IDLE)
    end = stage.listening.samples
    stage.world.move(granted.visit, VisitState.IN_REVIEW)
    model.start(granted)
    stage.listening.samples = end  # the visit's recordings share one clock
    stage.listening.sound_arrives()
    stage.listening.tick(1)
    qtbot.waitUntil(lambda: model.seconds == 61)
    model.start(replace(granted, visit=VisitId("v3")))
    assert model._unkept.samples == 0


def test_a_refused_start_leaves_the_recorder_idle(
    qtbot: QtBot, stage: Stage, model: RecorderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_args: object, **_named: object) -> object:
        from app.domain.errors import DeviceMissingError  # noqa: PLC0415 - only here

        raise DeviceMissingError

    monkeypatch.setattr(stage.listening, "start", missing)
    with qtbot.waitSignal(model.trouble_arose):
        model.start(consented(stage))
    assert model.state is RecorderState.IDLE


def test_a_file_is_recorded_like_a_microphone(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.start_file(consented(stage), Path("talk.wav"))
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    assert stage.listening.starts == ["talk.wav False"]


def test_a_failed_recording_is_over_and_events_of_another_one_are_not_ours(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.start(consented(stage))
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    stage.services.bus.dispatch(RecordingFailed(RecordingId("other"), "device_lost"))
    stage.services.bus.dispatch(RecordingStarted(RecordingId("other")))
    assert model.is_running
    stage.services.bus.dispatch(RecordingFailed(stage.listening.recording, "device_lost"))
    assert model.state is RecorderState.CATCHING_UP


def test_the_lag_is_kept(qtbot: QtBot, stage: Stage, model: RecorderModel) -> None:
    with qtbot.waitSignal(model.lag_changed):
        stage.listening.lag(6.5)
    assert model.lag_s == 6.5


def test_microphones_are_listed(qtbot: QtBot, model: RecorderModel) -> None:
    with qtbot.waitSignal(model.devices_changed):
        model.load_devices()
    assert [each.name for each in model.devices] == ["usb", "array"]


def test_off_the_record_is_another_state_than_a_pause(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.start(consented(stage))
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    model.off_or_on_record()
    qtbot.waitUntil(lambda: model.state is RecorderState.OFF_RECORD)
    model.pause_or_resume()
    model.bookmark()
    assert model.state is RecorderState.OFF_RECORD
    model.off_or_on_record()
    qtbot.waitUntil(lambda: model.state is RecorderState.RECORDING)
    model.off_or_on_record()
    qtbot.waitUntil(lambda: model.state is RecorderState.OFF_RECORD)
    model.finish()
    qtbot.waitUntil(lambda: model.state is RecorderState.IDLE)


def test_a_microphone_is_opened_ahead_and_closed_again(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    granted = consented(stage)
    model.choose("usb")
    model.arm(granted)
    model.arm(granted)
    assert (stage.listening.arms, stage.listening.armed) == (["usb"], granted.visit)
    stage.listening.tick(1, -20)
    qtbot.waitUntil(lambda: model.level.rms_dbfs == -20)
    assert model.state is RecorderState.IDLE
    qtbot.waitUntil(lambda: not model._arming)
    model.disarm()
    assert stage.listening.armed is None
    assert not model.is_armed


def test_a_microphone_that_is_about_to_open_is_closed_once_it_did(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.arm(consented(stage))
    model.disarm()
    assert not model.is_armed
    qtbot.waitUntil(lambda: stage.listening.armed is None)


def test_a_microphone_that_is_unplugged_while_ready_is_not_called_ready(
    qtbot: QtBot, stage: Stage, model: RecorderModel
) -> None:
    model.arm(consented(stage))
    qtbot.waitUntil(lambda: model._armed is not None)
    assert model._armed is not None
    stage.services.bus.dispatch(RecordingFailed(RecordingId("other"), "device_lost"))
    assert model.is_armed
    stage.services.bus.dispatch(RecordingFailed(model._armed, "device_lost"))
    assert not model.is_armed


def test_a_microphone_that_cannot_be_opened_ahead_is_no_trouble(
    qtbot: QtBot, stage: Stage, model: RecorderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_args: object, **_named: object) -> object:
        from app.domain.errors import DeviceMissingError  # noqa: PLC0415 - only here

        raise DeviceMissingError

    troubles: list[object] = []
    model.trouble_arose.connect(troubles.append)
    monkeypatch.setattr(stage.listening, "arm", missing)
    model.arm(consented(stage))
    qtbot.waitUntil(lambda: not model.is_armed)
    assert troubles == []
