"""A file instead of a microphone: as fast as it can be read, or paced as a device would be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.channels import ChannelResampler, fit
from app.audio.files import AudioFile
from app.domain.audio import SAMPLE_RATE
from app.engine_host.recorder.sources import End, Heard, Sound

_PACED_BLOCK: Final = SAMPLE_RATE // 20
"""50 ms, as often as a level is shown; more when the pace is more."""
_LARGEST_BLOCK: Final = SAMPLE_RATE // 2


class FileSource:
    """Reads one file once. Nothing is lost when nobody takes it.

    Args:
        pace: how many seconds of sound come in a second; 0 = all there is.
        at_sample: sound before this is passed over: an earlier part has it.
    """

    is_live = False

    def __init__(self, path: Path, *, pace: float, at_sample: int = 0) -> None:
        self._path = path
        self._pace = pace
        self._skip = at_sample
        self._file: AudioFile | None = None
        self._blocks: Iterator[NDArray[np.int16]] = iter(())
        self._began_s: float | None = None  # monotonic: when `_given` was nothing
        self._given = 0  # samples since then

    def has_channels(self, count: int) -> bool:
        """Whether the file has so many. Raises as `open` does."""
        with AudioFile(self._path) as file:
            return file.channels >= count

    def open(self, channels: int) -> None:
        """Open and look at the file.

        Raises:
            AudioFileError, FileAccessError: it is no sound, or not there.
        """
        self._file = AudioFile(self._path)
        self._blocks = self._resampled(self._file, channels)

    def take(self, timeout_s: float) -> Heard | None:
        """Return the next block, when it is due.

        Raises:
            AudioFileError: not one sample can be decoded.
        """
        if self._pace and not self._is_due(timeout_s):
            return None
        block = next(self._blocks, None)
        if block is None:
            return End(self._file is not None and self._file.is_cut)
        self._given += len(block)
        return Sound(block) if len(block) else None

    def hold(self) -> None:
        """A pause: time stands still for a file."""
        self._began_s = None

    def settle(self) -> tuple[Heard, ...]:
        """Close the file. What was not taken was not recorded."""
        if self._file is not None:
            self._file.close()
        return ()

    def hurry(self) -> None:
        """Stop pacing."""
        self._pace = 0.0

    def _is_due(self, timeout_s: float) -> bool:
        """Wait for the end of what was given: by the clock, so that no lateness adds up."""
        now_s = time.monotonic()
        if self._began_s is None:
            self._began_s, self._given = now_s, 0
        wait_s = self._began_s + self._given / (SAMPLE_RATE * self._pace) - now_s
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
        return wait_s <= timeout_s

    def _resampled(self, file: AudioFile, channels: int) -> Iterator[NDArray[np.int16]]:
        resampler = ChannelResampler(file.rate, channels)
        for block in file.wide_blocks():
            yield from self._pieces(resampler.push(fit(block, channels)))
        yield from self._pieces(resampler.flush())

    def _pieces(self, pcm: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
        passed = min(self._skip, len(pcm))
        self._skip -= passed
        pcm = pcm[passed:]
        start = 0
        while start < len(pcm):
            size = min(_LARGEST_BLOCK, int(_PACED_BLOCK * max(1.0, self._pace)))
            size = size if self._pace else len(pcm)
            yield pcm[start : start + size]
            start += size
