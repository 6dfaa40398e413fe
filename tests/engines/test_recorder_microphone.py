"""The recorder with a real sound server and the real PortAudio: what is played is in the journal.

Needs PulseAudio; skips with a reason without it.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.audio.journal import JournalReader
from app.domain.audio import GapReason, MarkKind, StretchKind
from app.domain.events import (
    ChildEnded,
    GapNoted,
    LevelMeasured,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    TroubleArose,
)
from app.domain.ids import ConsentId
from app.engines.recorder import finish_living, living_recordings, recorder_status
from app.engines.traces import RecorderState
from tests.engines.recording_desk import (
    CLIP,
    App,
    Desk,
    clip,
    consent,
    eventually,
    kill_recorder,
    likeness,
)
from tests.fakes.pulse import MICROPHONE, SINK, Pulse, pulse, wait_until

__all__ = ["pulse"]

RATE = 16_000
ALIKE = 0.9
"""A clip that went through PulseAudio at 48 kHz and back scores 0.98 and more, another 0.2."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "audio")
    desk.plan = replace(desk.plan, device=MICROPHONE)
    yield desk
    desk.leave()


def test_what_is_played_is_in_the_journal_and_nothing_is_missing(pulse: Pulse, desk: Desk) -> None:
    began_s = time.monotonic()
    desk.start(desk.plan)
    desk.wait_for(RecordingStarted)
    started_s = time.monotonic()
    print(f"first sound on disk after {started_s - began_s:.2f} s")
    assert pulse.listeners()
    with pulse.playing(CLIP):
        desk.wait_for_sound(5.0)
    samples = desk.end()
    lasted_s = time.monotonic() - started_s
    heard = desk.sound()
    score = likeness(heard, clip()[8_000:48_000])
    print(f"likeness {score:.3f}; {samples / RATE:.2f} s in {lasted_s:.2f} s")
    assert score > ALIKE
    state = desk.state()
    assert (state.is_closed, state.samples, state.gaps) == (True, samples, ())
    assert b"".join(pcm for _, pcm in desk.audio) == heard.tobytes()
    peaks = [event.level.peak_dbfs for event in desk.heard(LevelMeasured)]
    assert max(peaks) > -12
    assert len(peaks) > 12 * samples / RATE
    wait_until(lambda: not pulse.listeners(), "the device stays open")


@pytest.mark.usefixtures("pulse")
def test_microphones_are_listed_and_the_default_one_is_marked(desk: Desk) -> None:
    devices = desk.recorder.devices()
    assert any(device.label == MICROPHONE for device in devices)
    assert [device.label for device in devices if device.is_default] == ["default"]
    assert len({device.name for device in devices}) == len(devices)


def test_each_microphone_of_the_sound_server_can_be_chosen(pulse: Pulse, desk: Desk) -> None:
    """ALSA has one name for all of them."""
    label = "source_properties=device.description=Room"
    remap = ("module-remap-source", f"master={SINK}.monitor", "source_name=room", "channels=1")
    maps = ("channel_map=mono", "master_channel_map=front-left", label)
    number = pulse.control("load-module", *remap, *maps).strip()
    try:
        devices = {device.name: device for device in desk.recorder.devices()}
        assert devices["PulseAudio: room"].label == "Room"
        assert devices["PulseAudio: room"].channels == 1
        assert not any("monitor" in name for name in devices)
        desk.start(replace(desk.plan, device="PulseAudio: room", channels=2))
        desk.wait_for(RecordingStarted)
        assert "room" in pulse.heard_from()
        with pulse.playing(CLIP):
            desk.wait_for_sound(4.0)
        desk.end()
    finally:
        pulse.control("unload-module", number)
    assert likeness(desk.sound(), clip()[8_000:32_000]) > ALIKE
    assert {event.level.channel for event in desk.heard(LevelMeasured)} == {0}


def test_without_a_consent_no_device_is_opened(pulse: Pulse, desk: Desk) -> None:
    with subprocess.Popen(
        ["pactl", "subscribe"], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as watcher:
        desk.recorder.start(replace(consent(), consent=ConsentId("")), desk.plan)
        code = desk.failed_with()
        seen = pulse.listeners()
        watcher.terminate()
        assert watcher.stdout is not None
        seen += [line for line in watcher.stdout if "source-output" in line]
    assert (code, seen) == ("consent_missing", [])
    assert not desk.folder.exists()


@pytest.mark.usefixtures("pulse")
def test_off_the_record_is_told_kept_out_and_survives_a_dead_recorder(desk: Desk) -> None:
    desk.start(desk.plan)
    desk.wait_for_sound(1.0)
    desk.recorder.mark(MarkKind.PAUSE)
    desk.recorder.mark(MarkKind.OFF_RECORD_BEGIN)
    wait_until(lambda: len(desk.heard(RecordingPaused)) == 2, "it is not off the record")
    assert [event.is_off_record for event in desk.heard(RecordingPaused)] == [False, True]
    known_s = desk.seconds()
    kill_recorder()
    wait_until(lambda: len(desk.heard(RecordingPaused)) == 3, "it does not come back")
    assert desk.heard(RecordingPaused)[2].is_off_record
    count = len(desk.heard(LevelMeasured))
    wait_until(lambda: len(desk.heard(LevelMeasured)) > count + 20, "no level comes")
    assert desk.seconds() == known_s
    desk.recorder.mark(MarkKind.RESUME)
    desk.wait_for(RecordingResumed)
    desk.wait_for_sound(known_s + 1.0)
    desk.end()
    (stretch,) = (each for each in desk.state().stretches if each.kind is StretchKind.OFF_RECORD)
    assert stretch.end == desk.heard(RecordingResumed)[0].at_sample
    assert stretch.start == desk.heard(RecordingPaused)[1].at_sample
    assert desk.state().gaps == ()


@pytest.mark.usefixtures("pulse")
def test_a_microphone_that_is_not_there_is_named(desk: Desk) -> None:
    desk.start(replace(desk.plan, device="ALSA: no such microphone"))
    assert desk.failed_with() == "device_missing"
    assert desk.state().samples == 0


def test_a_pause_keeps_no_sound_and_the_clock_goes_on(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    desk.wait_for(RecordingStarted)
    with pulse.playing(CLIP):
        desk.wait_for_sound(1.0)
        desk.recorder.mark(MarkKind.PAUSE)
        paused = desk.wait_for(RecordingPaused)
        count = len(desk.heard(LevelMeasured))
        wait_until(lambda: len(desk.heard(LevelMeasured)) > count + 15, "no level in a pause")
        desk.recorder.mark(MarkKind.RESUME)
        resumed = desk.wait_for(RecordingResumed)
        desk.wait_for_sound(2.0)
    desk.end()
    assert resumed.at_sample - paused.at_sample > 0.5 * RATE
    assert not desk.sound()[paused.at_sample : resumed.at_sample].any()
    assert desk.sound()[resumed.at_sample :].any()
    assert desk.state().gaps == ()


def test_a_killed_app_does_not_end_the_recording_and_a_note_does(
    pulse: Pulse, tmp_path: Path
) -> None:
    app = App(tmp_path, device=MICROPHONE)
    app.kill()
    assert living_recordings(tmp_path) == (app.recording,)
    assert eventually(lambda: _is_alone(tmp_path, app))
    with pulse.playing(CLIP):
        before = _state(tmp_path, app)
        assert eventually(lambda: _state(tmp_path, app) > before + 3 * RATE)
    assert finish_living(tmp_path, app.recording, 20)
    reader = JournalReader(tmp_path)
    assert reader.inspect(app.recording, app.key).is_closed
    heard = b"".join(each.pcm for each in reader.read(app.recording, app.key))
    assert likeness(np.frombuffer(heard, "<i2"), clip()[8_000:32_000]) > ALIKE
    wait_until(lambda: not pulse.listeners(), "the device stays open")


def test_nobody_listens_for_longer_than_policy_allows(pulse: Pulse, tmp_path: Path) -> None:
    app = App(tmp_path, device=MICROPHONE, alone_minutes=0)
    app.kill()
    assert eventually(lambda: not living_recordings(tmp_path))
    assert JournalReader(tmp_path).inspect(app.recording, app.key).is_closed
    wait_until(lambda: not pulse.listeners(), "the device stays open")


def test_a_killed_recorder_costs_a_gap_that_is_named(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    with pulse.playing(CLIP):
        desk.wait_for_sound(2.0)
        known = desk.seconds()
        kill_recorder()
        killed_s = time.monotonic()
        kept = JournalReader(desk.folder).inspect(desk.plan.recording, desk.private_key)
        assert kept.samples / RATE > known - 0.01  # what the app heard was in the journal
        desk.wait_for(ChildEnded)
        gap = desk.wait_for(GapNoted).gap
        print(f"recorder killed: it hears again after {time.monotonic() - killed_s:.2f} s")
        desk.wait_for_sound(known + 1.0)
    desk.end()
    state = desk.state()
    assert (state.parts, state.is_closed) == (2, True)
    assert [each.reason for each in state.gaps] == [GapReason.RESTART]
    assert abs(state.gaps[0].count - gap.count) < RATE
    assert gap.count / RATE < 4.0
    assert TroubleArose("recorder_restarted") in desk.said


def test_a_recorder_killed_while_paused_stays_paused(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    desk.wait_for_sound(1.0)
    desk.recorder.mark(MarkKind.PAUSE)
    desk.wait_for(RecordingPaused)
    known = desk.seconds()
    with pulse.playing(CLIP):
        kill_recorder()
        wait_until(lambda: len(desk.heard(RecordingPaused)) == 2, "it does not come back paused")
        count = len(desk.heard(LevelMeasured))
        wait_until(lambda: len(desk.heard(LevelMeasured)) > count + 20, "no level in a pause")
    assert desk.seconds() == known
    desk.end()


def test_a_silent_driver_is_told_and_its_gap_is_as_long_as_it_lasted(
    pulse: Pulse, desk: Desk
) -> None:
    """The clock does not lie: what no device heard is a gap of about its length."""
    desk.start(desk.plan)
    desk.wait_for_sound(4.0)
    pulse.control("suspend-sink", SINK, "1")
    silent_s = time.monotonic()
    desk.wait_for_trouble("device_lost")
    wait_until(lambda: _status(desk) is RecorderState.LOST, "the status does not say it")
    pulse.control("suspend-sink", SINK, "0")
    lasted_s = time.monotonic() - silent_s
    gap = desk.wait_for(GapNoted).gap
    print(f"no sound for {lasted_s:.2f} s: gap of {gap.count / RATE:.2f} s, {gap.reason.name}")
    assert abs(gap.count / RATE - lasted_s) < 1.0
    desk.end()
    assert desk.state().gaps == (gap,)


def test_a_device_that_goes_away_and_comes_back_is_heard_again(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    desk.wait_for_sound(1.0)
    pulse.stop()
    gone_s = time.monotonic()
    desk.wait_for_trouble("device_lost")
    print(f"device gone: said after {time.monotonic() - gone_s:.2f} s")
    pulse.start()
    known = desk.seconds()
    with pulse.playing(CLIP):
        desk.wait_for_sound(known + 2.0)
    lasted_s = time.monotonic() - gone_s
    desk.end()
    assert not desk.heard(RecordingFailed)
    gaps = desk.state().gaps
    assert sum(gap.count for gap in gaps) / RATE < lasted_s
    assert sum(gap.count for gap in gaps) / RATE > lasted_s - 5.0
    assert likeness(clip(), desk.sound()[-RATE:]) > ALIKE


def _status(desk: Desk) -> RecorderState | None:
    status = recorder_status(desk.folder, desk.plan.recording)
    return status.state if status is not None else None


def _state(folder: Path, app: App) -> int:
    return JournalReader(folder).inspect(app.recording, app.key).samples


def _is_alone(folder: Path, app: App) -> bool:
    status = recorder_status(folder, app.recording)
    return status is not None and status.is_alone
