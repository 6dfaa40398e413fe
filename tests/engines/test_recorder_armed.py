"""An armed recorder hears and keeps nothing until the press; then the two seconds before count."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.audio.journal import part_file
from app.audio.journal_format import HEADER_SIZE
from app.domain.audio import MarkKind
from app.domain.events import (
    ChildEnded,
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingStarted,
)
from app.engines.recorder import living_recordings
from tests.engines.recording_desk import (
    CLIP,
    CLIP_SAMPLES,
    App,
    Desk,
    clip,
    eventually,
    kill_recorder,
    likeness,
)
from tests.fakes.pulse import MICROPHONE, Pulse, pulse, wait_until

__all__ = ["pulse"]

RATE = 16_000
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "audio")
    desk.plan = replace(desk.plan, device=MICROPHONE, is_armed=True)
    yield desk
    desk.leave()


def header_only(desk: Desk) -> bool:
    parts = list(desk.folder.glob("*.saj"))
    return [part.stat().st_size for part in parts] == [HEADER_SIZE]


def wait_for_levels(desk: Desk, count: int) -> None:
    known = len(desk.heard(LevelMeasured))
    wait_until(lambda: len(desk.heard(LevelMeasured)) >= known + count, "no level comes")


def test_a_press_keeps_the_two_seconds_before_it(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    desk.wait_for(LevelMeasured)
    with pulse.playing(CLIP):
        wait_for_levels(desk, 80)  # 4 s
        assert header_only(desk)
        assert not desk.heard(RecordingStarted)
        assert not desk.audio
        pressed_s = time.monotonic()
        desk.recorder.go()
        desk.wait_for(RecordingStarted)
        print(f"recording {time.monotonic() - pressed_s:.3f} s after the press")
        assert desk.state().samples > 0
        desk.wait_for_sound(4.0)
        lasted_s = time.monotonic() - pressed_s
    samples = desk.end()
    state = desk.state()
    before_s = samples / RATE - lasted_s
    print(f"the journal begins {before_s:.2f} s before the press")
    assert 1.8 < before_s < 2.6
    assert (state.samples, state.is_closed, state.gaps, state.parts) == (samples, True, (), 1)
    assert desk.audio[0][0] == 0
    assert likeness(clip(), desk.sound()[:RATE]) > 0.9  # spoken before the press
    assert len(desk.heard(RecordingStarted)) == 1


def test_who_never_presses_leaves_nothing(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    wait_for_levels(desk, 10)
    desk.recorder.mark(MarkKind.PAUSE)
    desk.recorder.mark(MarkKind.BOOKMARK)
    assert desk.end() == 0
    assert not desk.heard(RecordingStarted)
    assert not desk.heard(RecordingPaused)
    assert eventually(lambda: list(desk.folder.iterdir()) == [])
    wait_until(lambda: not pulse.listeners(), "the device stays open")


def test_withdrawn_consent_ends_it_too(pulse: Pulse, desk: Desk) -> None:
    desk.start(desk.plan)
    wait_for_levels(desk, 1)
    desk.recorder.mark(MarkKind.CONSENT_WITHDRAWN)
    assert desk.wait_for(RecordingFinished).samples == 0
    assert eventually(lambda: list(desk.folder.iterdir()) == [])
    wait_until(lambda: not pulse.listeners(), "the device stays open")


@linux_only
def test_an_app_that_dies_before_the_press_leaves_nothing(pulse: Pulse, tmp_path: Path) -> None:
    app = App(tmp_path, device=MICROPHONE, is_armed=True)
    assert part_file(tmp_path, app.recording, 0).stat().st_size == HEADER_SIZE
    app.kill()
    assert eventually(lambda: not living_recordings(tmp_path))
    assert eventually(lambda: list(tmp_path.iterdir()) == [])
    wait_until(lambda: not pulse.listeners(), "the device stays open")


@linux_only
@pytest.mark.usefixtures("pulse")
def test_a_recorder_that_dies_before_the_press_is_armed_again(desk: Desk) -> None:
    desk.start(desk.plan)
    wait_for_levels(desk, 1)
    kill_recorder()
    desk.wait_for(ChildEnded)
    wait_for_levels(desk, 50)
    assert header_only(desk)
    desk.recorder.go()
    desk.wait_for_sound(3.0)
    samples = desk.end()
    state = desk.state()
    assert (state.samples, state.gaps, state.is_closed) == (samples, (), True)
    assert not desk.heard(RecordingFailed)


def test_an_armed_file_waits_for_the_press(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "audio")
    desk.start(replace(desk.plan, file=str(CLIP), is_armed=True))
    wait_until(lambda: header_only(desk), "no header")
    desk.recorder.go()
    assert desk.wait_for(RecordingFinished).samples == CLIP_SAMPLES
    assert np.array_equal(desk.sound(), clip())
    desk.leave()
