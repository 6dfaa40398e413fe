"""What of a played sound is in a recording, and whether it lies where the clock says. Pure.

The played sound carries faint noise all the way (`signed`), so every tenth of a second of it can
be told from any other, pauses included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from tests.performance.clips import Pcm

FRAME: Final = SAMPLE_RATE // 10
_CHUNK: Final = SAMPLE_RATE
_SIGN: Final = 260.0
"""Standard deviation of the noise: -42 dBFS. Tiny.en reads the same words with and without."""
_WHOLE: Final = 0.8
_PRESENT: Final = 0.6
"""A piece that went through PulseAudio at 48 kHz and back correlates by .95 and more with
itself, another piece by .2 and less."""
_SLACK: Final = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Losses:
    """How a recording differs from what was played.

    Attributes:
        missing: seconds of the played sound that are not there, as (from, to).
        shift_s: by how much the last piece found lies later in the recording than the first
            one says: 0 when every gap is marked with its true length.
    """

    missing: tuple[tuple[float, float], ...]
    shift_s: float

    def outside(self, excused: Sequence[tuple[float, float]] = ()) -> float:
        """Return how many seconds are missing that no (from, to) excuses."""
        return sum(_outside(part, excused) for part in self.missing)


def signed(pcm: Pcm, seed: int) -> Pcm:
    """Return a sound with the noise that tells its pieces apart."""
    noise = np.random.default_rng(seed).normal(0.0, _SIGN, len(pcm))
    return np.clip(pcm + noise, -32_768, 32_767).astype(np.int16)


def compare(played: Pcm, recorded: Pcm) -> Losses:
    """Find each tenth of a second of what was played in what was recorded."""
    lags = list(_lags(played, recorded))
    known = [(at, lag) for at, lag in lags if lag is not None]
    frames = range(0, len(played) - FRAME + 1, FRAME)
    near = sorted({lag for _, lag in known})
    missing = [at for at in frames if not _is_there(played[at : at + FRAME], at, recorded, near)]
    shift = known[-1][1] - known[0][1] if known else 0
    return Losses(tuple(_joined(missing)), shift / SAMPLE_RATE)


def _lags(played: Pcm, recorded: Pcm) -> Iterator[tuple[int, int | None]]:
    """Yield for each second where it lies in the recording, None where it does not."""
    size = 1 << (len(recorded) + _CHUNK).bit_length()
    spectrum = np.fft.rfft(recorded.astype(np.float64), size)
    for at in range(0, len(played) - _CHUNK + 1, _CHUNK):
        piece = played[at : at + _CHUNK].astype(np.float64)
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)
        first = int(np.argmax(product[: max(1, len(recorded))]))
        score = _likeness(piece, recorded[first : first + _CHUNK])
        yield at, first - at if score >= _WHOLE else None


def _is_there(piece: Pcm, at: int, recorded: Pcm, lags: Sequence[int]) -> bool:
    """Return whether a piece lies at one of the lags, or very near."""
    short = piece.astype(np.float64)
    for lag in lags:
        first = max(0, at + lag - _SLACK)
        around = recorded[first : at + lag + len(piece) + _SLACK].astype(np.float64)
        if len(around) < len(short):
            continue
        best = int(np.argmax(np.correlate(around, short, "valid")))
        if _likeness(short, around[best : best + len(short)]) >= _PRESENT:
            return True
    return False


def _likeness(one: np.typing.NDArray[np.float64], other: np.typing.NDArray[np.generic]) -> float:
    if len(one) != len(other):
        return 0.0
    far = other.astype(np.float64)
    norm = float(np.sqrt(np.sum(one**2) * np.sum(far**2)))
    return float(np.sum(one * far)) / norm if norm else 0.0


def _joined(frames: Sequence[int]) -> Iterator[tuple[float, float]]:
    """Yield neighboring frames as one span of seconds."""
    begin: int | None = None
    for i, at in enumerate(frames):
        begin = at if begin is None else begin
        if i + 1 == len(frames) or frames[i + 1] != at + FRAME:
            yield begin / SAMPLE_RATE, (at + FRAME) / SAMPLE_RATE
            begin = None


def _outside(part: tuple[float, float], excused: Sequence[tuple[float, float]]) -> float:
    begin, end = part
    covered = 0.0
    at = begin
    for first, last in sorted(excused):
        low, high = max(at, first), min(end, last)
        if high > low:
            covered += high - low
            at = high
    return round(end - begin - covered, 6)
