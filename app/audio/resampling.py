"""Any rate and any number of channels in, 16 kHz mono 16-bit out, without seams between blocks.

One object per stream, one thread. soxr's HQ quality, as SPEECH.md 1 asks.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.domain.audio import SAMPLE_RATE

RATES: Final = range(4_000, 768_000 + 1)
"""Rates somebody may have recorded speech with. Outside, a header lies."""

_PCM_SCALE: Final = 32_768.0
_PCM_MAX: Final = 32_767.0


def tame(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the same samples, but NaN as 0 and infinity as full scale."""
    found: NDArray[np.float32] = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return found


def to_mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the channels of (n, channels) float samples; NaN becomes 0, infinity full scale."""
    return np.ascontiguousarray(tame(samples).mean(axis=1, dtype=np.float32))


def pcm_to_float(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return s16 samples as floats in -1..1."""
    return pcm.astype(np.float32) / np.float32(_PCM_SCALE)


def float_to_pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return floats in -1..1 as s16; what is louder is clipped."""
    limited = np.clip(np.rint(samples * _PCM_SCALE), -_PCM_SCALE, _PCM_MAX)
    pcm: NDArray[np.int16] = limited.astype(np.int16)
    return pcm


class Resampler:
    """Turns mono float blocks of one rate into 16 kHz s16 blocks.

    Some 15 ms stay inside until more comes or `flush` is called.

    Raises:
        ValueError: the rate is not in `RATES`.
    """

    def __init__(self, rate: int) -> None:
        if rate not in RATES:
            raise ValueError(rate)
        self._stream: soxr.ResampleStream | None = None
        if rate != SAMPLE_RATE:
            self._stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, "float32", "HQ")

    def push(self, mono: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return the next samples; may be empty."""
        if self._stream is None:
            return float_to_pcm(mono)
        return float_to_pcm(self._stream.resample_chunk(mono))

    def flush(self) -> NDArray[np.int16]:
        """Return what is left. The last call."""
        if self._stream is None:
            return np.empty(0, np.int16)
        last = self._stream.resample_chunk(np.empty(0, np.float32), last=True)
        return float_to_pcm(last)
