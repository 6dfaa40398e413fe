"""From blocks of a device to sound on the audio clock: resampled, and what is missing is named.

Pure: blocks with their times in, `Heard` out. Journal thread.

After a late block nobody knows yet whether the driver kept the sound or dropped it. Sound is
held back until it shows, usually a second, so that a gap stands where it was. A loss without a
late block shows some two seconds later, by the sample count alone: `LossMeter`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from app.audio.channels import ChannelResampler, fit
from app.audio.resampling import pcm_to_float
from app.domain.audio import SAMPLE_RATE, GapReason
from app.engine_host.recorder.loss_meter import LOSS_S, LossMeter
from app.engine_host.recorder.sources import Heard, Lost, Sound

LATE_S: Final = 0.25
"""SPEECH.md 1: age of the last block > 250 ms."""
SETTLE_S: Final = 1.0
"""What a driver kept comes at once when it comes: PulseAudio gave back 4 s within 0.1 s."""
LONGEST_HOLD_S: Final = 4.0
"""On a machine where every block is late, sound must come all the same."""
EXCUSE_S: Final = 5.0
"""For so long what stopped us explains what is missing."""


@dataclass(frozen=True, slots=True)
class Block:
    """What one read gave.

    Attributes:
        at_s: monotonic, when it was done.
        is_newest: the driver had no further block at that moment.
    """

    pcm: bytes
    overflowed: bool
    at_s: float
    is_newest: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A device was opened, at its own rate and number of channels."""

    rate: int
    channels: int


class Reckoning:
    """Keeps the audio clock honest for one recording, through all streams of its device.

    Args:
        channels: of the sound that comes out.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self.heard: deque[Heard] = deque()
        """What is known so far, in order."""
        self.heard_to_s = 0.0
        """Monotonic: when the last sample came."""
        self.opened: Opened | None = None
        self._resampler = ChannelResampler(SAMPLE_RATE, channels)
        self._meter = LossMeter(SAMPLE_RATE)
        self._count = 0  # samples of the open stream, at its rate
        self._has_broken = False  # a stream ended since the last block
        self._stopped_s: float | None = None  # monotonic: when we found that we had not run
        self._overflowed_s: float | None = None
        self._held: deque[Heard] = deque()
        self._usual_s: float | None = None  # deficit before the late block; None = nothing held
        self._least_s = 0.0  # deficit since
        self._holding_since_s = 0.0
        self._held_until_s = 0.0

    def begin(self, opened: Opened) -> None:
        """A stream begins."""
        self.opened = opened
        self._resampler = ChannelResampler(opened.rate, self._channels)
        self._meter = LossMeter(opened.rate)
        self._count = 0

    def end(self) -> None:
        """The stream is gone; what is inside comes out."""
        if self.opened is not None and len(rest := self._resampler.flush()):
            self._put(Sound(rest, self._came_s(self.heard_to_s)))
        self._release(now_s=self.heard_to_s)
        self._has_broken = self._has_broken or self.opened is not None
        self.opened = None

    def miss(self, until_s: float) -> None:
        """The recording ends without the device: what was not heard until then is a gap."""
        self._lose(GapReason.DEVICE, until_s - self.heard_to_s)

    def stopped(self, now_s: float) -> None:
        """This process did not run for a while: it was stopped, or the machine was asleep."""
        self._stopped_s = now_s

    def slept(self, slept_s: float) -> None:
        """The machine was asleep, and the monotonic clock with it."""
        self._lose(GapReason.SUSPEND, slept_s)

    def hear(self, blocks: list[Block]) -> None:
        """Take blocks that came one after the other, at least one."""
        opened = self.opened
        if opened is None:
            return
        samples = np.frombuffer(b"".join(each.pcm for each in blocks), np.int16)
        frames = samples.reshape(-1, opened.channels)
        self._account(blocks, len(frames), opened.rate)
        pcm = self._resampler.push(fit(pcm_to_float(frames), self._channels))
        if len(pcm):
            self._put(Sound(pcm, self._came_s(blocks[-1].at_s)))
        self._decide(blocks[-1].at_s)

    def _account(self, blocks: list[Block], count: int, rate: int) -> None:
        """Hold what came against the clock; name what did not come."""
        now_s = blocks[-1].at_s
        if any(each.overflowed for each in blocks):
            self._overflowed_s = now_s
        if self._has_broken:  # the stream is a new one: its meter knows nothing of the pause
            self._has_broken = False
            self._lose(self._reason(now_s), now_s - count / rate - self.heard_to_s)
        elif self._count and _is_late(blocks, self.heard_to_s):
            self._hold(now_s)
        self._count += count
        self.heard_to_s = now_s
        if not blocks[-1].is_newest:
            return  # more is there already: nobody knows yet how much is missing
        if self._usual_s is not None:
            self._least_s = min(self._least_s, self._meter.deficit_s(self._count, now_s))
        elif lost_s := self._meter.note(self._count, now_s):
            self._lose(self._reason(now_s), lost_s)

    def _hold(self, now_s: float) -> None:
        """A block is late: wait and see."""
        usual_s = self._meter.usual_s
        if self._usual_s is not None and self._least_s < float("inf"):
            usual_s = self._least_s  # late again: what was missing before is known by now
            self._release(now_s)
        if self._usual_s is None and usual_s is not None:
            self._usual_s = usual_s
            self._least_s = float("inf")
            self._holding_since_s = now_s
        self._held_until_s = min(now_s, self._holding_since_s + LONGEST_HOLD_S) + SETTLE_S

    def _decide(self, now_s: float) -> None:
        if self._usual_s is None:
            return
        if self._least_s - self._usual_s <= LOSS_S or now_s >= self._held_until_s:
            self._release(now_s)

    def _release(self, now_s: float) -> None:
        """Let go what was held, after the gap that was found."""
        if self._usual_s is None:
            return
        lost_s = self._least_s - self._usual_s
        self._usual_s = None
        if LOSS_S < lost_s < float("inf"):
            self._lose(self._reason(now_s), lost_s)
            self._meter.restart()
            self._held = deque(_later(each, lost_s) for each in self._held)
        self.heard.extend(self._held)
        self._held.clear()

    def _came_s(self, now_s: float) -> float:
        """Return when the newest sample would have come had no block been late."""
        if self.opened is None or (usual_s := self._usual_s or self._meter.usual_s) is None:
            return now_s
        return min(now_s, usual_s + self._count / self.opened.rate)

    def _put(self, heard: Heard) -> None:
        (self.heard if self._usual_s is None else self._held).append(heard)

    def _lose(self, reason: GapReason, lost_s: float) -> None:
        self._put(Lost(reason, max(0, round(lost_s * SAMPLE_RATE))))

    def _reason(self, now_s: float) -> GapReason:
        if self._stopped_s is not None and now_s - self._stopped_s < EXCUSE_S:
            return GapReason.SUSPEND
        if self._overflowed_s is not None and now_s - self._overflowed_s < EXCUSE_S:
            return GapReason.OVERFLOW
        return GapReason.DEVICE


def _later(heard: Heard, seconds: float) -> Heard:
    """Return what was held back with its moment behind what turned out to be lost."""
    if isinstance(heard, Sound) and heard.until_s is not None:
        return replace(heard, until_s=heard.until_s + seconds)
    return heard


def _is_late(blocks: list[Block], heard_to_s: float) -> bool:
    times = [heard_to_s, *(each.at_s for each in blocks)]
    return any(after - before > LATE_S for before, after in pairwise(times))
