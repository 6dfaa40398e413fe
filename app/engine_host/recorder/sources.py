"""What the recorder can hear: the promise that sound card and file source keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.audio import GapReason


@dataclass(frozen=True, slots=True)
class Sound:
    """The next 16 kHz mono samples, shape (n,), n >= 1."""

    pcm: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Lost:
    """Samples that nobody has; the audio clock moves on. `count` 0 = nobody knows how many."""

    reason: GapReason
    count: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """No sound comes now (`is_over` False), or it comes again."""

    is_over: bool


@dataclass(frozen=True, slots=True)
class End:
    """No more sound will come. `is_cut`: the file ended before its header says."""

    is_cut: bool = False


Heard = Sound | Lost | Trouble | End


class Source(Protocol):
    """Where sound comes from. One thread calls it."""

    is_live: bool
    """Whether what is not taken in time is lost."""

    def open(self) -> None:
        """Open the device or file. Blocks up to some seconds.

        Raises:
            AppError: it cannot be opened.
        """

    def take(self, timeout_s: float) -> Heard | None:
        """Return what came next, None when nothing came in time."""

    def settle(self) -> tuple[Heard, ...]:
        """Close, and return what was left inside."""

    def hurry(self) -> None:
        """Nobody watches any more: what can be had faster may come faster."""
