"""Two microphones in one stream: taken apart, mixed to one, brought to 16 kHz.

Pure arithmetic. The mix is made in one place, so that what speech heard live and what it reads
from the journal later are the same bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.audio.resampling import Resampler
from app.domain.ports import JournalAudio


def mix(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return mono of s16 samples, shape (n,) or (n, channels): their mean, rounded down."""
    if pcm.ndim == 1:
        return pcm
    total = pcm.astype(np.int32).sum(axis=1)
    mono: NDArray[np.int16] = (total // pcm.shape[1]).astype(np.int16)
    return mono


def apart(audio: JournalAudio) -> NDArray[np.int16]:
    """Return the samples of a block, shape (n, channels)."""
    return np.frombuffer(audio.pcm, "<i2").astype(np.int16).reshape(-1, audio.channels)


def mixed(audio: JournalAudio) -> JournalAudio:
    """Return a block of several channels as one."""
    return JournalAudio(audio.at_sample, mix(apart(audio)).astype("<i2").tobytes())


def fit(samples: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Return samples of shape (n, found) as (n, channels).

    One wanted: the mean. Two wanted and one found: the same twice. More found: the first ones.
    """
    if channels == 1:
        return np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32)[:, None])
    if samples.shape[1] < channels:
        return np.ascontiguousarray(np.repeat(samples[:, :1], channels, axis=1))
    return np.ascontiguousarray(samples[:, :channels])


class ChannelResampler:
    """Turns float blocks of shape (n, channels) and one rate into 16 kHz s16 blocks.

    What comes out has the shape (n,) for one channel, else (n, channels). One stream, one thread.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._each = [Resampler(rate) for _ in range(channels)]

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return the next samples; may be empty."""
        columns = (np.ascontiguousarray(samples[:, n]) for n in range(len(self._each)))
        return _joined(
            [each.push(column) for each, column in zip(self._each, columns, strict=True)]
        )

    def flush(self) -> NDArray[np.int16]:
        """Return what is left. The last call."""
        return _joined([each.flush() for each in self._each])


def _joined(columns: list[NDArray[np.int16]]) -> NDArray[np.int16]:
    return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)
