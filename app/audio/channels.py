"""Two microphones in one stream: taken apart, and mixed to one. Pure arithmetic; any thread.

The mix is made in one place, so that what speech heard live and what it reads from the journal
later are the same bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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


def mono(audio: JournalAudio) -> JournalAudio:
    """Return a block as one channel; one that has one comes back as it is."""
    if audio.channels == 1:
        return audio
    return JournalAudio(audio.at_sample, mix(apart(audio)).astype("<i2").tobytes())
