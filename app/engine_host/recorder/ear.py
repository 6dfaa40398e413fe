"""How loud it is and what is wrong with it, told to the app. Journal thread."""

from __future__ import annotations

import math
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.channels import mix
from app.audio.levels import edge_dbfs, measure
from app.domain.audio import SAMPLE_RATE
from app.engine_host.recorder.sound_watch import Loudness, SoundWatch
from app.engine_host.recorder.tee import Tee
from app.engines.wire import Frame

LEVEL_SAMPLES: Final = SAMPLE_RATE // 20
_LEVEL_EVERY_S: Final = 0.045  # 20 Hz, and no more when a file is read fast
_BURST_S: Final = 0.25  # sound may come late, and all at once


class Ear:
    """Measures all sound in blocks of 50 ms.

    Args:
        watches: whether warnings are wanted; not for a file that is read as fast as it can be.
    """

    def __init__(self, tee: Tee, channels: int, *, watches: bool) -> None:
        self._tee = tee
        self._watches = watches
        self._watch = SoundWatch(channels)
        self._heard = 0  # samples, whether they are kept or not
        self._waiting: NDArray[np.int16] | None = None
        self._due_s = 0.0  # monotonic: when the next level may be told
        self.peak_dbfs: float | None = None
        """Of the loudest channel, None for digital silence."""

    def hear(self, pcm: NDArray[np.int16], at_sample: int, *, is_paused: bool) -> None:
        """Measure sound, shape (n,) or (n, channels), that ends at `at_sample`."""
        if self._waiting is not None:
            pcm = np.concatenate([self._waiting, pcm])
        whole = len(pcm) - len(pcm) % LEVEL_SAMPLES
        # A file that is read fast: the last block is enough to show.
        start = 0 if self._watches else max(0, whole - LEVEL_SAMPLES)
        for begin in range(start, whole, LEVEL_SAMPLES):
            block = pcm[begin : begin + LEVEL_SAMPLES]
            self._measure(block, at_sample - (len(pcm) - begin - len(block)), is_paused)
        self._waiting = pcm[whole:]

    def trouble(self, code: str, *, is_over: bool, **facts: int) -> None:
        """Tell the app that something is wrong, or is right again."""
        self._tee.send(Frame("trouble", {"code": code, "is_over": is_over, "facts": facts}))

    def _measure(self, block: NDArray[np.int16], at_sample: int, is_paused: bool) -> None:
        columns = block[:, None] if block.ndim == 1 else block
        levels = tuple(measure(columns[:, n], n) for n in range(columns.shape[1]))
        loudness = Loudness(levels, edge_dbfs(mix(block)))
        self._heard += len(block)
        self.peak_dbfs = finite(max(level.peak_dbfs for level in levels))
        self._tell(loudness, at_sample)
        if is_paused or not self._watches:
            self._watch.restart(self._heard)
            return
        for warned in self._watch.judge(loudness, self._heard):
            facts = {"channel": warned.channel} if len(levels) > 1 else {}
            self.trouble(warned.code, is_over=warned.is_over, **facts)

    def _tell(self, loudness: Loudness, at_sample: int) -> None:
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = max(self._due_s, now_s - _BURST_S) + _LEVEL_EVERY_S
        for level in loudness.levels:
            fields = {
                "peak": finite(level.peak_dbfs),
                "rms": finite(level.rms_dbfs),
                "is_clipping": level.is_clipping,
                "channel": level.channel,
                "at_sample": at_sample,
            }
            self._tee.level(Frame("level", fields))


def finite(level_dbfs: float) -> float | None:
    """Return a level as a frame holds it. JSON has no infinity: digital silence is null."""
    return round(level_dbfs, 2) if math.isfinite(level_dbfs) else None
