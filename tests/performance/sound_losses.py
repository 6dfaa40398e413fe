"""What of a played sound is in a recording, and whether it lies where the clock says. Pure.

The pauses of the played sound carry faint noise that is never twice the same (`signed`); speech
has noise of its own. So every tenth of a second can be told from its neighbors. The noise is kept
out of the speech: at -60 dBFS it already changed what tiny.en reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE
from tests.performance.clips import Pcm

Bright = npt.NDArray[np.float64]
FRAME: Final = SAMPLE_RATE // 10
_CHUNK: Final = SAMPLE_RATE
_SIGN: Final = 60.0
"""Standard deviation of the noise: -55 dBFS."""
_BAND_HZ: Final = (1_500.0, 6_000.0)
"""PulseAudio's resampler is clean up to 7 kHz."""
_AS_GOOD: Final = 0.9
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
        lag_s: where in the recording the first piece found says that the play began; None
            when nothing was found.
    """

    missing: tuple[tuple[float, float], ...]
    shift_s: float
    lag_s: float | None = None

    def outside(self, excused: Sequence[tuple[float, float]] = ()) -> float:
        """Return how many seconds are missing that no (from, to) excuses."""
        return sum(_outside(part, excused) for part in self.missing)


def signed(pcm: Pcm, seed: int, speech: Sequence[tuple[int, int]] = ()) -> Pcm:
    """Return a sound with the noise that tells its pieces apart, but for (from, to) of speech."""
    noise = np.random.default_rng(seed).normal(0.0, _SIGN, len(pcm))
    for first, last in speech:
        noise[first:last] = 0.0
    return np.clip(pcm + noise, -32_768, 32_767).astype(np.int16)


def compare(played: Pcm, recorded: Pcm) -> Losses:
    """Find each tenth of a second of what was played in what was recorded."""
    sent, got = _bright(played), _bright(recorded)
    lags = list(_lags(sent, got))
    known = [(at, lag) for at, lag in lags if lag is not None]
    frames = range(0, len(sent) - FRAME + 1, FRAME)
    near = sorted({lag for _, lag in known})
    missing = [at for at in frames if not _is_there(sent[at : at + FRAME], at, got, near)]
    shift = known[-1][1] - known[0][1] if known else 0
    lag_s = known[0][1] / SAMPLE_RATE if known else None
    return Losses(tuple(_joined(missing)), shift / SAMPLE_RATE, lag_s)


def _bright(pcm: Pcm) -> Bright:
    """Return what lies in a band that devices let through and where voices repeat little.

    Silence follows the sound: the end of one that breaks off in a loud vowel would ring on in
    the faint noise of its beginning, which would then be found nowhere.
    """
    size = len(pcm) + SAMPLE_RATE
    spectrum = np.fft.rfft(pcm.astype(np.float64), size)
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum[(hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    return np.asarray(np.fft.irfft(spectrum, size)[: len(pcm)], np.float64)


def _lags(played: Bright, recorded: Bright) -> Iterator[tuple[int, int | None]]:
    """Yield for each second where it lies in the recording, None where it does not.

    Where a sentence is played twice, the place next to the second before is the right one (for
    the first one found: the earliest), and no place lies before an earlier one.
    """
    before: int | None = None
    free = 0
    size = 1 << (len(recorded) + _CHUNK).bit_length()
    spectrum = np.fft.rfft(recorded, size)
    for at in range(0, len(played) - _CHUNK + 1, _CHUNK):
        piece = played[at : at + _CHUNK]
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)
        scores = _scores(product[: max(0, len(recorded) - _CHUNK + 1)], piece, recorded)
        scores[:free] = 0.0
        best = float(scores.max(initial=0.0))
        if best < _WHOLE:
            yield at, None
            continue
        good = np.flatnonzero(scores >= _AS_GOOD * best) - at
        near = 0 if before is None else np.argmin(np.abs(good - before))
        before = int(good[near])
        free = at + before + _CHUNK - _SLACK
        yield at, before


def _is_there(piece: Bright, at: int, recorded: Bright, lags: Sequence[int]) -> bool:
    """Return whether a piece lies at one of the lags, or very near."""
    for lag in lags:
        around = recorded[max(0, at + lag - _SLACK) : at + lag + len(piece) + _SLACK]
        if len(around) >= len(piece):
            product = np.correlate(around, piece, "valid")
            if _scores(product, piece, around).max(initial=0.0) >= _PRESENT:
                return True
    return False


def _scores(product: Bright, piece: Bright, sound: Bright) -> Bright:
    """Return the normalized correlation for each product of a piece with a sound: 1 is the same."""
    energy = np.concatenate([[0.0], np.cumsum(sound**2)])
    energies = energy[len(piece) : len(piece) + len(product)] - energy[: len(product)]
    least = 1e-6 * len(piece) * float(np.mean(sound**2)) + 1.0  # rounding, where all is silent
    found: Bright = product / np.sqrt(np.maximum(energies, least) * (np.sum(piece**2) + 1.0))
    return found


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
