"""A file instead of a microphone, as fast as it can be read or at the speed of talk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.files import AudioFile
from app.audio.resampling import Resampler
from app.domain.audio import SAMPLE_RATE
from app.engine_host.recorder.sources import End, Heard, Sound

_PACED_BLOCK: Final = SAMPLE_RATE // 20  # 50 ms, as often as a level is shown


class FileSource:
    """Reads one file once. Nothing is lost when nobody takes it.

    Args:
        at_sample: sound before this is passed over: an earlier part has it.
    """

    is_live = False

    def __init__(self, path: Path, *, realtime: bool, at_sample: int = 0) -> None:
        self._path = path
        self._is_paced = realtime
        self._skip = at_sample
        self._file: AudioFile | None = None
        self._blocks: Iterator[NDArray[np.int16]] = iter(())
        self._due_s = 0.0  # monotonic: when the next paced block is due

    def open(self) -> None:
        """Open and look at the file.

        Raises:
            AudioFileError, FileAccessError: it is no sound, or not there.
        """
        self._file = AudioFile(self._path)
        self._blocks = self._resampled(self._file)

    def take(self, timeout_s: float) -> Heard | None:
        """Return the next block.

        Raises:
            AudioFileError: not one sample can be decoded.
        """
        if self._is_paced and not self._is_due(timeout_s):
            return None
        block = next(self._blocks, None)
        if block is None:
            return End(self._file is not None and self._file.is_cut)
        self._due_s += len(block) / SAMPLE_RATE
        return Sound(block) if len(block) else None

    def settle(self) -> tuple[Heard, ...]:
        """Close the file. What was not taken was not recorded."""
        if self._file is not None:
            self._file.close()
        return ()

    def hurry(self) -> None:
        """Stop pacing."""
        self._is_paced = False

    def _is_due(self, timeout_s: float) -> bool:
        now_s = time.monotonic()
        if self._due_s < now_s - 1.0:  # the beginning, or after a pause
            self._due_s = now_s
        wait_s = self._due_s - now_s
        time.sleep(max(0.0, min(wait_s, timeout_s)))
        return wait_s <= timeout_s

    def _resampled(self, file: AudioFile) -> Iterator[NDArray[np.int16]]:
        resampler = Resampler(file.rate)
        for block in file.blocks():
            yield from self._pieces(resampler.push(block))
        yield from self._pieces(resampler.flush())

    def _pieces(self, pcm: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
        passed = min(self._skip, len(pcm))
        self._skip -= passed
        pcm = pcm[passed:]
        size = _PACED_BLOCK if self._is_paced else max(1, len(pcm))
        for start in range(0, len(pcm), size):
            yield pcm[start : start + size]
