"""The shape of a long sound in a few columns, for drawing. Pure arithmetic; any thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.channels import apart
from app.domain.ports import JournalAudio

FULL_SCALE: Final = 32_768


class Outline:
    """Gathers blocks into columns of equal length.

    Args:
        samples: how long the sound is on the audio clock; >= 1.
        width: samples in a column; >= 1.
    """

    def __init__(self, samples: int, width: int) -> None:
        self._width = width
        self._peaks = np.zeros(-(-samples // width), np.int32)

    def add(self, blocks: Iterable[JournalAudio]) -> None:
        """Take blocks in. What lies behind the end is left out."""
        for block in blocks:
            if block.pcm:
                self._take(block)

    def _take(self, block: JournalAudio) -> None:
        loud = np.abs(apart(block).astype(np.int32)).max(axis=1)
        first = block.at_sample // self._width
        last = min((block.at_sample + len(loud) - 1) // self._width, len(self._peaks) - 1)
        if last < first:
            return
        begins = np.arange(first, last + 1) * self._width - block.at_sample
        inside = loud[: (last + 1) * self._width - block.at_sample]
        found = np.maximum.reduceat(inside, np.maximum(begins, 0))
        columns = self._peaks[first : last + 1]
        np.maximum(columns, found, out=columns)

    @property
    def peaks(self) -> tuple[float, ...]:
        """The loudest sample of each column, 0 to 1 of full scale; 0 where there is no sound."""
        shares: NDArray[np.float64] = np.minimum(self._peaks / FULL_SCALE, 1.0)
        return tuple(shares.tolist())
