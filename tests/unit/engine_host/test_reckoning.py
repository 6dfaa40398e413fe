"""Blocks in, sound and gaps out: what is missing is named where it was and as long as it was."""

from __future__ import annotations

import random

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE, GapReason
from app.engine_host.recorder.reckoning import Block, Opened, Reckoning
from app.engine_host.recorder.sources import Lost, Sound

RATE = 48_000
FRAMES = RATE // 50


def pcm(second: float, channels: int = 2) -> bytes:
    """Return 20 ms whose value says when it was spoken, in tenths of a second."""
    return np.full((FRAMES, channels), round(second * 10), np.int16).tobytes()


class Driver:
    """Hands out blocks as a driver would: late, doubled up, or not at all."""

    def __init__(self, channels: int = 1) -> None:
        self.reckoning = Reckoning(channels)
        self.reckoning.begin(Opened(RATE, 2))
        self.now_s = 100.0
        self.spoken_s = 0.0

    def run(self, seconds: float, *, is_flagged: bool = False) -> None:
        """Let so much sound come."""
        for _ in range(round(seconds * 50)):
            self.spoken_s += 0.02
            self.now_s = max(self.now_s, 100.0 + self.spoken_s)
            is_newest = self.now_s < 100.0 + self.spoken_s + 0.0199
            block = Block(pcm(self.spoken_s), is_flagged, self.now_s, is_newest)
            self.reckoning.hear([block])
            is_flagged = False

    def drop(self, seconds: float) -> None:
        self.spoken_s += seconds

    def wait(self, seconds: float) -> None:
        """Nothing comes; then all of it at once."""
        self.now_s = max(self.now_s, 100.0 + self.spoken_s + seconds)

    def clock(self) -> tuple[float, list[Lost]]:
        """Return the audio clock in seconds and what was lost."""
        heard = self.reckoning.heard
        lost = [each for each in heard if isinstance(each, Lost)]
        count = sum(len(each.pcm) for each in heard if isinstance(each, Sound))
        return (count + sum(each.count for each in lost)) / SAMPLE_RATE, lost

    def worst_offset_s(self) -> float:
        """Return how far from its place on the clock any sound stands."""
        at, worst = 0, 0.0
        for each in self.reckoning.heard:
            if isinstance(each, Lost):
                at += each.count
            elif isinstance(each, Sound):
                middle = (at + len(each.pcm) / 2) / SAMPLE_RATE
                spoken = float(np.median(each.pcm)) / 10
                worst = max(worst, abs(middle - spoken))
                at += len(each.pcm)
        return worst


def assert_nothing_lost(driver: Driver, seconds: float) -> None:
    clock_s, lost = driver.clock()
    assert lost == []
    assert clock_s == pytest.approx(seconds, abs=0.001)


def test_what_came_is_all_there_and_nothing_is_called_lost() -> None:
    driver = Driver()
    driver.run(10)
    driver.reckoning.end()
    assert_nothing_lost(driver, 10)


@pytest.mark.parametrize("late_s", [0.3, 0.9, 5.0])
def test_sound_that_a_driver_kept_for_a_while_is_no_loss(late_s: float) -> None:
    driver = Driver()
    driver.run(5)
    driver.wait(late_s)
    driver.run(late_s + 5)
    driver.reckoning.end()
    assert_nothing_lost(driver, late_s + 10)


@pytest.mark.parametrize("lost_s", [0.3, 2.0, 30.0])
def test_a_loss_after_a_late_block_stands_where_it_was(lost_s: float) -> None:
    driver = Driver()
    driver.run(5)
    driver.drop(lost_s)
    driver.run(5)
    driver.reckoning.end()
    clock_s, (lost,) = driver.clock()
    assert clock_s == pytest.approx(10 + lost_s, abs=0.03)
    assert lost.reason is GapReason.DEVICE
    assert lost.count / SAMPLE_RATE == pytest.approx(lost_s, abs=0.03)
    assert driver.worst_offset_s() < 0.15


def test_two_losses_in_a_row_are_two_gaps() -> None:
    driver = Driver()
    driver.run(5)
    driver.drop(0.4)
    driver.run(0.5)
    driver.drop(1.8)
    driver.run(5)
    driver.reckoning.end()
    clock_s, lost = driver.clock()
    assert [each.count / SAMPLE_RATE for each in lost] == pytest.approx([0.4, 1.8], abs=0.03)
    assert clock_s == pytest.approx(12.7, abs=0.03)


def test_half_of_it_kept_and_half_of_it_dropped_is_half_lost() -> None:
    driver = Driver()
    driver.run(5)
    driver.wait(4)
    driver.drop(1)  # the oldest second
    driver.run(8)
    driver.reckoning.end()
    clock_s, lost = driver.clock()
    assert [each.count / SAMPLE_RATE for each in lost] == pytest.approx([1.0], abs=0.03)
    assert clock_s == pytest.approx(14, abs=0.03)


def test_a_loss_without_a_late_block_shows_by_the_count() -> None:
    driver = Driver()
    for _ in range(10):
        driver.run(1)
    driver.drop(0.2)  # less than 250 ms
    driver.run(5, is_flagged=True)
    driver.reckoning.end()
    clock_s, (lost,) = driver.clock()
    assert lost.reason is GapReason.OVERFLOW
    assert clock_s == pytest.approx(15.2, abs=0.03)


def test_what_is_missing_after_a_stop_of_the_process_is_called_a_suspend() -> None:
    driver = Driver()
    driver.run(5)
    driver.drop(5)
    driver.reckoning.stopped(110.0)
    driver.run(5)
    driver.reckoning.end()
    assert [each.reason for each in driver.clock()[1]] == [GapReason.SUSPEND]


def test_a_device_that_comes_back_leaves_a_gap_as_long_as_it_was_away() -> None:
    driver = Driver()
    driver.run(5)
    driver.reckoning.end()
    driver.drop(7)
    driver.reckoning.begin(Opened(RATE, 2))
    driver.run(5)
    driver.reckoning.end()
    clock_s, lost = driver.clock()
    assert [each.count / SAMPLE_RATE for each in lost] == pytest.approx([7.0], abs=0.03)
    assert clock_s == pytest.approx(17, abs=0.03)
    assert driver.worst_offset_s() < 0.15


def test_a_recording_that_ends_without_its_device_says_so() -> None:
    driver = Driver()
    driver.run(5)
    driver.reckoning.end()
    driver.reckoning.miss(108.0)
    clock_s, lost = driver.clock()
    assert clock_s == pytest.approx(8, abs=0.03)
    assert lost == [Lost(GapReason.DEVICE, 48_000)]


def test_a_crowded_machine_loses_nothing() -> None:
    """The reading thread has to wait for up to three seconds again and again, for ten minutes."""
    dice = random.Random(5)
    driver = Driver()
    while driver.spoken_s < 599.99:
        driver.wait(dice.choice([0.0, 0.05, 0.2, 0.4, 1.0, 3.0]))
        driver.run(min(dice.choice([0.3, 1.0, 2.0]), 600 - driver.spoken_s))
    driver.reckoning.end()
    assert_nothing_lost(driver, 600)


@pytest.mark.parametrize(("found", "wanted"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_two_microphones_stay_apart_and_one_stands_for_two(found: int, wanted: int) -> None:
    reckoning = Reckoning(wanted)
    reckoning.begin(Opened(16_000, found))
    frames = np.tile(np.array([[1_000, 3_000]], np.int16), (320, 1))[:, :found]
    reckoning.hear([Block(frames.tobytes(), overflowed=False, at_s=1.0)])
    (sound,) = reckoning.heard
    assert isinstance(sound, Sound)
    expected = {(1, 1): 1_000, (2, 1): 2_000, (1, 2): [1_000, 1_000], (2, 2): [1_000, 3_000]}
    assert sound.pcm.shape == ((320,) if wanted == 1 else (320, 2))
    assert sound.pcm[100].tolist() == expected[found, wanted]


def worst_moment_s(driver: Driver) -> float:
    """Return how far the moment any sound says it came is from when it was spoken."""
    at, worst = 0, 0.0
    for each in driver.reckoning.heard:
        if isinstance(each, Lost):
            at += each.count
        elif isinstance(each, Sound):
            at += len(each.pcm)
            assert each.until_s is not None
            worst = max(worst, abs(each.until_s - 100.0 - at / SAMPLE_RATE))
    return worst


@pytest.mark.parametrize("dropped_s", [0.0, 0.8])
def test_sound_that_came_late_says_when_it_would_have_come(dropped_s: float) -> None:
    driver = Driver()
    driver.run(4)
    driver.drop(dropped_s)
    driver.wait(1.5)
    driver.run(6)
    driver.reckoning.end()
    assert worst_moment_s(driver) < 0.05
