"""Where the voice changes inside a segment: one voice asks, the other answers, nobody pauses.

On the model's thread. Pieces of a segment are listened to one by one; where they are of two voices,
each boundary between words near the change is tried. Careful: what is doubtful is not cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio
from app.engine_host.voice_groups import Points, grouped

_LEAST: Final = 2 * SAMPLE_RATE  # of a segment with two voices
_PIECE: Final = 5 * SAMPLE_RATE // 4
_BESIDE: Final = 6 * SAMPLE_RATE // 5  # of sound on either side of a boundary
_LEAST_BESIDE: Final = 3 * SAMPLE_RATE // 10
_CLEARLY: Final = 0.08  # nearer to one voice than to the other
_APART: Final = 0.55  # voices that nobody knew before are farther apart than this
_GAIN: Final = 0.30  # of both sides together
_MOST_TRIES: Final = 8

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
        count = round((end - start) / _PIECE)
        edges = np.linspace(start, end, count + 1).astype(int).tolist()
        points = [self._point(*each) for each in pairwise(edges)]
        if any(each is None for each in points):
            return []
        known = np.stack([each for each in points if each is not None])
        centers = self._centers if len(self._centers) > 1 else _two(known)
        if centers is None:
            return []
        middles = [(a + b) // 2 for a, b in pairwise(edges)]
        found = [
            self._boundary(words, (middles[i], middles[j]), centers[[a, b]])
            for (i, a), (j, b) in pairwise(_clear(known, centers))
            if a != b
        ]
        return sorted({each for each in found if each})

    def _boundary(self, words: Words, span: tuple[int, int], pair: Points) -> int:
        """Return the word that the second voice of `pair` begins with, 0 for none."""
        tries = [i for i in range(1, len(words)) if span[0] <= words[i][0] <= span[1]][:_MOST_TRIES]
        scores = [self._score(words, i, pair) for i in tries]
        if not scores or max(scores) < _GAIN:
            return 0
        return tries[int(np.argmax(scores))]

    def _score(self, words: Words, i: int, pair: Points) -> float:
        """Return how well a boundary parts two voices: above 0 on both sides, or 0."""
        at_sample = (words[i - 1][1] + words[i][0]) // 2
        before = self._point(max(words[0][0], at_sample - _BESIDE), at_sample)
        behind = self._point(at_sample, min(words[-1][1], at_sample + _BESIDE))
        if before is None or behind is None:
            return 0.0
        near = pair @ np.stack([before, behind]).T
        sides = near[0, 0] - near[1, 0], near[1, 1] - near[0, 1]
        return float(sum(sides)) if min(sides) > 0 else 0.0

    def _point(self, start: int, end: int) -> Audio | None:
        pcm = self._sound(start, end)
        return self._embed(pcm) if len(pcm) >= _LEAST_BESIDE else None


def _two(points: Points) -> Points | None:
    """Return two voices among the pieces of one segment; None when they are not surely two."""
    labels, centers = grouped(points, np.ones(len(points), np.float32), 2)
    if len(centers) < 2 or min(np.bincount(labels, minlength=2)) < 1:  # noqa: PLR2004 - voices
        return None
    return centers if centers[0] @ centers[1] < _APART else None


def _clear(points: Points, centers: Points) -> list[tuple[int, int]]:
    """Return (piece, voice) of the pieces that are clearly of one voice."""
    near = points @ centers.T
    ranked = np.sort(near, axis=1)
    return [
        (i, int(np.argmax(row)))
        for i, row in enumerate(near)
        if ranked[i, -1] - ranked[i, -2] >= _CLEARLY
    ]
