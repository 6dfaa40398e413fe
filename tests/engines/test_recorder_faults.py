"""Things break while a real recorder hears a real sound server: what it costs is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE, GapReason, StretchKind
from app.domain.errors import DiskFullError
from app.domain.events import (
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    TroublePassed,
)
from tests.engines.recorder_faults import (
    Cost,
    fill_disk,
    freeze,
    kill_and_go_on,
    kill_app,
    kill_server,
    speak_off_the_record_while_frozen,
    stop_in_sound,
    unplug,
)
from tests.engines.recording_desk import CLIP, Desk, clip, eventually, likeness
from tests.fakes.pulse import MICROPHONE, Pulse, pulse, wait_until

__all__ = ["pulse"]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
TRUE_S = 0.1
"""SPEECH.md: gaps are marked with their length within 100 ms."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "audio")
    desk.plan = replace(desk.plan, device=MICROPHONE)
    yield desk
    desk.leave()


def assert_honest(cost: Cost) -> None:
    print(cost)
    assert abs(cost.clock_error_s) < TRUE_S
    assert cost.is_closed


def test_an_unplugged_microphone_is_heard_again_and_its_gap_is_true(
    pulse: Pulse, desk: Desk
) -> None:
    cost = unplug(desk, pulse)
    assert_honest(cost)
    assert set(cost.reasons) == {GapReason.DEVICE}
    assert "device_lost" in cost.told
    assert cost.lost_s < 4.0  # PortAudio looks for devices again, a null sink starts in 2 s
    assert not desk.heard(RecordingFailed)


def test_a_killed_sound_server_costs_a_gap_of_true_length(pulse: Pulse, desk: Desk) -> None:
    cost = kill_server(desk, pulse)
    assert_honest(cost)
    # on a machine so busy that nothing of us ran for a second, the gap is told as a stop
    assert GapReason.DEVICE in cost.reasons or set(cost.reasons) == {GapReason.SUSPEND}
    assert cost.parts == 1


@pytest.mark.usefixtures("pulse")
def test_a_frozen_recorder_names_what_it_missed(desk: Desk) -> None:
    cost = freeze(desk)
    assert_honest(cost)
    assert set(cost.reasons) <= {GapReason.SUSPEND}
    assert cost.lost_s < 1.0


@pytest.mark.usefixtures("pulse")
def test_off_the_record_begins_and_ends_when_it_was_asked_for_though_sound_is_late(
    desk: Desk,
) -> None:
    asked = speak_off_the_record_while_frozen(desk)
    (paused,), (resumed,) = desk.heard(RecordingPaused), desk.heard(RecordingResumed)
    told_s = (paused.at_sample / SAMPLE_RATE, resumed.at_sample / SAMPLE_RATE)
    print(f"asked for at {asked}, told at {told_s}")
    assert told_s == pytest.approx(asked, abs=TRUE_S)
    (stretch,) = (each for each in desk.state().stretches if each.kind is StretchKind.OFF_RECORD)
    assert (stretch.start, stretch.end) == (paused.at_sample, resumed.at_sample)


@pytest.mark.usefixtures("pulse")
def test_a_killed_recorder_loses_a_second_at_most_beside_its_gap(desk: Desk) -> None:
    cost = kill_and_go_on(desk)
    assert_honest(cost)
    assert cost.reasons == (GapReason.RESTART,)
    assert cost.lost_s < 1.0
    assert cost.parts == 2


def test_a_stop_in_the_middle_of_a_sound_keeps_its_last_sample(pulse: Pulse, desk: Desk) -> None:
    cost = stop_in_sound(desk, pulse, CLIP)
    assert_honest(cost)
    heard = desk.sound()
    assert likeness(clip(), heard[-SAMPLE_RATE:]) > 0.9
    assert np.abs(heard[-800:].astype(np.int32)).max() > 0


@pytest.mark.usefixtures("pulse")
@linux_only
def test_a_killed_app_costs_no_sound(tmp_path: Path) -> None:
    cost = kill_app(tmp_path)
    assert_honest(cost)
    assert (cost.missing_s, cost.parts) == (0.0, 1)


@pytest.mark.usefixtures("pulse")
def test_a_full_disk_closes_the_journal_in_order_and_loses_nothing_that_was_told(
    tmp_path: Path,
) -> None:
    cost, code = fill_disk(tmp_path)
    assert_honest(cost)
    assert code == DiskFullError.code
    assert cost.missing_s < 0.01
    assert "disk_low" in cost.told


def test_sound_from_another_microphone_is_told_and_ours_is_taken_again(
    pulse: Pulse, desk: Desk
) -> None:
    """The stream stays active and no flag is set: SPEECH.md 1."""
    pulse.load("other", rate=44_100)
    try:
        desk.start(desk.plan)
        desk.wait_for_sound(4.0)
        before_s = desk.clock_offset_s()
        pulse.unload()
        desk.wait_for_trouble("device_changed")
        assert pulse.heard_from() == ["other.monitor"]
        pulse.load()
        wait_until(lambda: pulse.heard_from() == ["visit.monitor"], "it does not come back")
        assert eventually(lambda: TroublePassed("device_changed") in desk.said)
        known_s = desk.seconds()
        with pulse.playing(CLIP):
            desk.wait_for_sound(known_s + 4.0)
            error_s = desk.clock_offset_s() - before_s
            desk.end()
    finally:
        pulse.unload("other")
    gaps = desk.state().gaps
    print(f"clock wrong by {error_s * 1000:.0f} ms; gaps {[gap.count / 16_000 for gap in gaps]}")
    assert abs(error_s) < TRUE_S
    assert {gap.reason for gap in gaps} <= {GapReason.DEVICE}
    assert likeness(clip(), desk.sound()[-SAMPLE_RATE:]) > 0.9


def test_a_new_default_microphone_is_followed_at_once(pulse: Pulse, desk: Desk) -> None:
    pulse.load("other")
    try:
        desk.start(replace(desk.plan, device=""))
        desk.wait_for_sound(4.0)
        before_s = desk.clock_offset_s()
        pulse.control("set-default-source", "other.monitor")
        wait_until(lambda: pulse.heard_from() == ["other.monitor"], "it is not followed", 3.0)
        known_s = desk.seconds()
        with pulse.playing(CLIP, "other"):
            desk.wait_for_sound(known_s + 4.0)
            error_s = desk.clock_offset_s() - before_s
            desk.end()
    finally:
        pulse.control("set-default-source", "visit.monitor")
        pulse.unload("other")
    gaps = desk.state().gaps
    print(f"clock wrong by {error_s * 1000:.0f} ms; gaps {[gap.count / 16_000 for gap in gaps]}")
    assert abs(error_s) < TRUE_S
    assert likeness(clip(), desk.sound()[-SAMPLE_RATE:]) > 0.9
    assert desk.troubles().count("device_changed") == 1
