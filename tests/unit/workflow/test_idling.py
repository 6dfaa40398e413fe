"""When a window that nobody uses locks; the clock is turned by hand."""

from __future__ import annotations

import pytest

from app.domain.policy import Policy
from app.workflow.idling import IdleRules, IdleWatch, Step

MINUTE, HOUR = 60.0, 3600.0


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def watch(clock: Hand) -> IdleWatch:
    """Ten minutes, twelve hours, the privacy screen while recording; somebody is unlocked."""
    made = IdleWatch(IdleRules.of(Policy()), clock)
    made.open()
    return made


def at(watch: IdleWatch, clock: Hand, seconds: float) -> Step:
    clock.now = 1_000.0 + seconds
    return watch.step()


def work(watch: IdleWatch, clock: Hand, until: float) -> None:
    """Use the window once a minute."""
    while clock.now + MINUTE <= 1_000.0 + until:
        clock.now += MINUTE
        assert watch.use()


def test_ten_minutes_without_use_lock_and_half_a_minute_before_it_is_said(
    watch: IdleWatch, clock: Hand
) -> None:
    assert at(watch, clock, 569) is Step.NOTHING
    assert at(watch, clock, 570) is Step.WARN_IDLE
    assert watch.left_s == 30
    assert at(watch, clock, 599.9) is Step.WARN_IDLE
    assert at(watch, clock, 600) is Step.LOCK


def test_a_use_takes_the_warning_back(watch: IdleWatch, clock: Hand) -> None:
    assert at(watch, clock, 590) is Step.WARN_IDLE
    assert watch.use()
    assert watch.step() is Step.NOTHING
    assert at(watch, clock, 590 + 600) is Step.LOCK


def test_a_use_that_comes_too_late_takes_nothing_back(watch: IdleWatch, clock: Hand) -> None:
    """The machine slept: no tick was in time, and the first key may be anybody's."""
    clock.now += 8 * HOUR
    assert not watch.use()
    assert watch.step() is Step.LOCK


def test_nothing_is_due_while_nobody_is_unlocked(watch: IdleWatch, clock: Hand) -> None:
    watch.close()
    assert at(watch, clock, 2 * HOUR) is Step.NOTHING
    assert watch.use()
    watch.open()
    assert watch.step() is Step.NOTHING


def test_the_hours_lock_who_works_without_a_break_and_no_use_helps(
    watch: IdleWatch, clock: Hand
) -> None:
    work(watch, clock, 12 * HOUR - MINUTE)
    assert watch.step() is Step.NOTHING
    assert at(watch, clock, 12 * HOUR - 20) is Step.WARN_HOURS
    assert watch.use()
    assert watch.step() is Step.WARN_HOURS
    assert at(watch, clock, 12 * HOUR) is Step.LOCK


def test_a_recording_is_covered_and_goes_on_below(watch: IdleWatch, clock: Hand) -> None:
    watch.record(is_running=True)
    assert at(watch, clock, 580) is Step.WARN_IDLE
    assert at(watch, clock, 600) is Step.COVER
    watch.cover()
    assert watch.step() is Step.NOTHING
    assert at(watch, clock, 3 * HOUR) is Step.NOTHING
    watch.uncover()
    assert watch.step() is Step.NOTHING
    assert at(watch, clock, 3 * HOUR + 600) is Step.COVER


def test_policy_can_lock_also_while_recording(clock: Hand) -> None:
    watch = IdleWatch(IdleRules.of(Policy(while_recording="full", idle_minutes=5)), clock)
    watch.open()
    watch.record(is_running=True)
    assert at(watch, clock, 299) is Step.WARN_IDLE
    assert at(watch, clock, 300) is Step.LOCK


def test_after_a_recording_below_the_cover_it_locks_later(watch: IdleWatch, clock: Hand) -> None:
    watch.record(is_running=True)
    clock.now += 700
    watch.cover()
    clock.now += 700
    watch.record(is_running=False)
    assert watch.use()  # somebody at the privacy screen: proves nothing, lengthens nothing
    assert at(watch, clock, 1_999) is Step.NOTHING
    assert watch.use()
    assert at(watch, clock, 2_000) is Step.LOCK


def test_the_hours_wait_for_the_end_of_a_recording(watch: IdleWatch, clock: Hand) -> None:
    watch.record(is_running=True)
    work(watch, clock, 13 * HOUR)
    assert watch.step() is Step.NOTHING
    watch.record(is_running=False)
    assert watch.step() is Step.WARN_HOURS
    assert watch.use()
    clock.now += 30
    assert watch.step() is Step.LOCK


def test_the_hours_lock_below_the_cover_after_the_recording(watch: IdleWatch, clock: Hand) -> None:
    watch.record(is_running=True)
    clock.now += 13 * HOUR
    watch.cover()
    assert watch.step() is Step.NOTHING
    watch.record(is_running=False)
    clock.now += 31
    assert watch.step() is Step.LOCK


def test_a_new_unlock_begins_anew(watch: IdleWatch, clock: Hand) -> None:
    clock.now += 13 * HOUR
    assert watch.step() is Step.LOCK
    watch.close()
    watch.open()
    assert watch.step() is Step.NOTHING
    assert watch.left_s == 600
