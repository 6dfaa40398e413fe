"""When an unlocked window is nobody's any more: SECURITY.md 7. Pure; the clock is given."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.policy import Policy

WARN_S: Final = 30.0
"""How long before it happens it is said."""
SECONDS_PER_MINUTE: Final = 60.0
SECONDS_PER_HOUR: Final = 3600.0


class Step(enum.Enum):
    """What is to happen now."""

    NOTHING = "nothing"
    WARN_IDLE = "warn_idle"
    """Any use takes it back."""
    WARN_HOURS = "warn_hours"
    """Nothing takes it back: the password is asked once in so many hours."""
    COVER = "cover"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class IdleRules:
    """What policy says of an unlocked window that nobody uses.

    Attributes:
        idle_s: without use for so long: lock.
        hours_s: unlocked for so long: lock, used or not.
        covers: while a recording runs, the screen is covered instead; else it is locked.
    """

    idle_s: float
    hours_s: float
    covers: bool

    @classmethod
    def of(cls, policy: Policy) -> IdleRules:
        """Return the rules of a policy."""
        return cls(
            policy.idle_minutes * SECONDS_PER_MINUTE,
            policy.absolute_hours * SECONDS_PER_HOUR,
            policy.while_recording == "privacy",
        )


class IdleWatch:
    """Counts from the last use and from the unlock, and says what is due.

    While the screen is covered nothing counts as use: whoever presses keys there has proved
    nothing. After a recording that ended below the cover the time counts anew, so that transcript
    and draft get done; then it locks.
    """

    def __init__(self, rules: IdleRules, clock: Callable[[], float]) -> None:
        """Args: `clock` gives seconds that count on while the machine sleeps."""
        self._rules, self._clock = rules, clock
        self._is_open = self._is_recording = self._is_covered = False
        self._opened_at = self._used_at = clock()
        self._recorded_until = -math.inf

    def open(self) -> None:
        """Somebody unlocked."""
        self._is_open, self._is_covered = True, False
        self._opened_at = self._used_at = self._clock()
        self._recorded_until = -math.inf

    def close(self) -> None:
        """The window is locked: nothing is due."""
        self._is_open = self._is_covered = False

    def cover(self) -> None:
        """The screen is covered now."""
        self._is_covered = True

    def uncover(self) -> None:
        """Whoever is unlocked has proved to be there."""
        self._is_covered = False
        self._used_at = self._clock()

    def record(self, *, is_running: bool) -> None:
        """Say whether a recording runs."""
        if self._is_recording and not is_running:
            self._recorded_until = self._clock()
            if self._is_covered:
                self._used_at = self._recorded_until
        self._is_recording = is_running

    def use(self) -> bool:
        """Somebody did something. Return False if it came too late: `step` is due first.

        The first key after a night of sleep may be anybody's.
        """
        if not self._is_open or self._is_covered:
            return True
        if self.step() in {Step.COVER, Step.LOCK}:
            return False
        self._used_at = self._clock()
        return True

    @property
    def left_s(self) -> float:
        """Seconds until the next lock or cover; infinite when none comes."""
        return min(self._idle_at(), self._hours_at()) - self._clock()

    def step(self) -> Step:
        """Return what is due."""
        if not self._is_open:
            return Step.NOTHING
        left_s = self.left_s
        if left_s <= 0:
            covers = self._is_recording and self._rules.covers
            return Step.COVER if covers else Step.LOCK
        if left_s > WARN_S or self._is_covered:
            return Step.NOTHING
        is_by_hours = self._hours_at() <= self._idle_at()
        return Step.WARN_HOURS if is_by_hours else Step.WARN_IDLE

    def _idle_at(self) -> float:
        if self._is_covered and self._is_recording:
            return math.inf  # covered already
        return self._used_at + self._rules.idle_s

    def _hours_at(self) -> float:
        """Return when the hours are over: never in a recording, and with a warning after it."""
        if self._is_recording:
            return math.inf
        return max(self._opened_at + self._rules.hours_s, self._recorded_until + WARN_S)
