"""How loud a piece of sound is. Pure arithmetic; any thread."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.audio import Level

FULL_SCALE: Final = 32_768
CLIPPED_SAMPLES: Final = 3
"""So many samples at full scale in one block count as clipping. One alone is an honest peak;
three are what a flattened 1 kHz peak leaves at 16 kHz (chosen by arithmetic: a sine that is
overdriven by 3 % stays at the limit for 3 samples)."""


def rms_dbfs(pcm: NDArray[np.int16]) -> float:
    """Return how loud a piece of audio is.

    Args:
        pcm: mono samples, shape (n,), n >= 1, any rate.

    Returns:
        20 * log10(rms / 32768) in dBFS: 0.0 for a full-scale square wave, -3.01 for a
        full-scale sine (AES17 calls that 0), -inf for digital silence.

    Raises:
        ValueError: `pcm` is empty.
    """
    if not len(pcm):
        raise ValueError("empty")
    return _dbfs(math.sqrt(float(np.mean(np.square(pcm, dtype=np.float64)))))


def edge_dbfs(pcm: NDArray[np.int16]) -> float:
    """Return how loud the difference from sample to sample is: speech more than rumble.

    Args:
        pcm: mono samples at 16 kHz, shape (n,), n >= 2.

    Returns:
        As `rms_dbfs`, -inf when all samples are the same. Pink noise (a fan, a street) keeps
        within 1 dB from one 50 ms to the next in this measure, not in `rms_dbfs`.
    """
    steps = np.diff(pcm.astype(np.float64))
    return _dbfs(math.sqrt(float(np.mean(np.square(steps)))))


def measure(pcm: NDArray[np.int16], channel: int = 0) -> Level:
    """Return peak, loudness and whether the block clips. Raises `ValueError` when empty."""
    magnitude = np.abs(pcm.astype(np.int32))
    at_limit = int(np.count_nonzero(magnitude >= FULL_SCALE - 1))
    return Level(
        peak_dbfs=_dbfs(float(magnitude.max(initial=0))),
        rms_dbfs=rms_dbfs(pcm),
        is_clipping=at_limit >= CLIPPED_SAMPLES,
        channel=channel,
    )


def _dbfs(amplitude: float) -> float:
    return 20 * math.log10(amplitude / FULL_SCALE) if amplitude else -math.inf
