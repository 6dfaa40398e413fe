"""What the recorder can hear: the promise that sound card and file source keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.audio import GapReason

DEVICE_LOST: Final = "device_lost"
DEVICE_CHANGED: Final = "device_changed"


@dataclass(frozen=True, slots=True)
class Sound:
    """The next 16 kHz samples.

    Attributes:
        pcm: shape (n,), or (n, 2) where two microphones are kept apart.
        until_s: monotonic, when the last of them would have come without delay; None from a
            file, which has no such moment.
    """

    pcm: NDArray[np.int16]
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Samples that nobody has; the audio clock moves on. `count` 0 = nobody knows how many."""

    reason: GapReason
    count: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong with the device now (`is_over` False), or not any more.

    `code`: `DEVICE_LOST`, no sound comes; `DEVICE_CHANGED`, it comes from another microphone.
    """

    is_over: bool
    code: str = DEVICE_LOST


@dataclass(frozen=True, slots=True)
class End:
    """No more sound will come. `is_cut`: the file ended before its header says."""

    is_cut: bool = False


Heard = Sound | Lost | Trouble | End


class Source(Protocol):
    """Where sound comes from. One thread calls it."""

    is_live: bool
    """Whether what is not taken in time is lost."""

    def has_channels(self, count: int) -> bool:
        """Whether so many can be kept apart. Opens nothing; before `open`."""

    def open(self, channels: int) -> None:
        """Open the device or file. Blocks up to some seconds.

        Args:
            channels: how many `Sound` shall have, whatever the device has.

        Raises:
            AppError: it cannot be opened.
        """

    def take(self, timeout_s: float) -> Heard | None:
        """Return what came next, None when nothing came in time."""

    def hold(self) -> None:
        """Nothing is taken for now: a file waits."""

    def settle(self) -> tuple[Heard, ...]:
        """Close, and return what was left inside."""

    def hurry(self) -> None:
        """Nobody watches any more: what can be had faster may come faster."""
