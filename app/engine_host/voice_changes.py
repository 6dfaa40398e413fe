"""Where the voice changes inside a segment: one voice asks, the other answers, nobody pauses.

On the model's thread. A segment is listened to in pieces; where those are of two voices, the sound
around each word is, and words are shared out so that the voice changes as rarely as that allows.
Careful: what is doubtful is not cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio
from app.engine_host.voice_groups import Points, grouped, unit

_LEAST: Final = 2 * SAMPLE_RATE  # of a segment with two voices
_PIECE: Final = 5 * SAMPLE_RATE // 4
_AROUND: Final = SAMPLE_RATE // 2  # of sound on either side of the middle of a word
_LEAST_SOUND: Final = 3 * SAMPLE_RATE // 10
_CLEARLY: Final = 0.08  # nearer to one voice than to the other
_APART: Final = ((2, 0.65), (1, 0.55))
"""(pieces of each, nearness): two voices that nobody knew before are no nearer to each other."""
_IS_KNOWN: Final = 0.6
_IS_OTHER: Final = 0.42
"""Nearness of pieces to the only voice known: 5 % of the clinician's windows were below 0.52, 5 %
of the patients' above 0.52 and 0.36 (two OSCE recordings)."""
_CHANGE: Final = 0.6
"""What a change of voice costs: as much as three words that are nearer to a voice by 0.2."""

Words = Sequence[tuple[int, int]]
Sound = Callable[[int, int], Audio]
Embed = Callable[[Audio], Audio]


class Changes:
    """Finds the changes of voice in one segment.

    Args:
        sound: returns the sound of a span of the audio clock.
        embed: returns the point of some sound.
        centers: the voices known so far, of length 1, shape (n, 192).
    """

    def __init__(self, sound: Sound, embed: Embed, centers: Points) -> None:
        self._sound = sound
        self._embed = embed
        self._centers = centers

    def find(self, words: Words) -> list[int]:
        """Return the indices of the words with which another voice begins, in order.

        Args:
            words: (start, end) of each word of the segment, in samples, in order.
        """
        start, end = (words[0][0], words[-1][1]) if words else (0, 0)
        if len(words) < 2 or end - start < _LEAST:  # noqa: PLR2004 - words
            return []
        edges = np.linspace(start, end, round((end - start) / _PIECE) + 1).astype(int).tolist()
        pieces = self._points(list(pairwise(edges)))
        centers = self._centers if len(self._centers) > 1 else _two(pieces, self._centers)
        if centers is None or len(set(_clear(pieces, centers))) < 2:  # noqa: PLR2004 - voices
            return []
        middles = [(a + b) // 2 for a, b in words]
        around = [(max(start, m - _AROUND), min(end, m + _AROUND)) for m in middles]
        voices = _shared(self._points(around) @ centers.T)
        return [i for i in range(1, len(words)) if voices[i] != voices[i - 1]]

    def _points(self, spans: Words) -> Points:
        """Return the point of each span; zero where there is too little sound."""
        sounds = [self._sound(*each) for each in spans]
        nothing = np.zeros(self._centers.shape[1], np.float32)
        return np.stack(
            [self._embed(pcm) if len(pcm) >= _LEAST_SOUND else nothing for pcm in sounds]
        )


def _two(points: Points, known: Points) -> Points | None:
    """Return two voices among the pieces of one segment; None when they are not surely two.

    Args:
        points: the pieces.
        known: the one voice known so far, or none.
    """
    heard = points[points.any(axis=1)]
    if len(known) and len(heard):
        near = heard @ known[0]
        if near.max() >= _IS_KNOWN and near.min() < _IS_OTHER:
            return np.stack([known[0], unit(heard[near < _IS_OTHER].sum(axis=0))])
    if len(heard) < 2:  # noqa: PLR2004 - voices
        return None
    labels, centers = grouped(heard, np.ones(len(heard), np.float32), 2)
    fewest = int(np.bincount(labels, minlength=2).min())
    near_each = float(centers[0] @ centers[1])
    return centers if any(fewest >= n and near_each < apart for n, apart in _APART) else None


def _clear(points: Points, centers: Points) -> list[int]:
    """Return the voices of the pieces that are clearly of one."""
    near = points @ centers.T
    ranked = np.sort(near, axis=1)
    return [int(np.argmax(row)) for row in near[ranked[:, -1] - ranked[:, -2] >= _CLEARLY]]


def _shared(near: Points) -> list[int]:
    """Return the voice of each word: the best row of voices where each change costs (Viterbi).

    Args:
        near: nearness of each word to each voice, shape (words, voices).
    """
    total = near[0]
    came: list[list[int]] = []
    for row in near[1:]:
        best = int(np.argmax(total))
        stays = total >= total[best] - _CHANGE
        came.append([i if stays[i] else best for i in range(len(row))])
        total = np.where(stays, total, total[best] - _CHANGE) + row
    found = [int(np.argmax(total))]
    for each in reversed(came):
        found.append(each[found[-1]])
    return found[::-1]
