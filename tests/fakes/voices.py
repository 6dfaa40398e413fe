"""Sound that says which words are in it, and models that hear exactly those.

A word is a plateau of sound whose height is its number; silence is zero. So a test knows what
was said, whatever way the sound is cut, and a lost or doubled word shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Changed, Spoken
from app.engine_host.whisper_runtime import FULL_SAMPLES, Heard, How, Take

STEP: Final = 1 / 4_096
"""Height of word 1."""
Audio = npt.NDArray[np.float32]


def spoken(plan: Sequence[tuple[float, float]]) -> Audio:
    """Return sound: for each (pause, length) in seconds a pause and then the next word."""
    parts: list[Audio] = []
    for number, (pause_s, length_s) in enumerate(plan, 1):
        parts.append(np.zeros(round(pause_s * SAMPLE_RATE), np.float32))
        parts.append(np.full(round(length_s * SAMPLE_RATE), number * STEP, np.float32))
    parts.append(np.zeros(SAMPLE_RATE, np.float32))
    return np.concatenate(parts)


class FakeVoice:
    """Speech is whatever is not silent."""

    def probabilities(self, pcm: Audio) -> list[float]:
        return [0.95 if frame.any() else 0.01 for frame in pcm.reshape(-1, 512)]

    def reset(self) -> None:
        """Nothing to forget."""


@dataclass
class FakeWhisper:
    """Hears every plateau of at least 50 ms; a word cut at the window's end is left over."""

    takes: list[How] = field(default_factory=list)

    def take(self, pcm: Audio, how: How) -> Take:
        self.takes.append(how)
        pcm = pcm[:FULL_SAMPLES]
        words: list[Heard] = []
        for number, start, end in plateaus(pcm):
            if end - start >= SAMPLE_RATE // 20:
                words.append(Heard(f"word{number}", start, end, 0.9))
        consumed = len(pcm)
        if len(pcm) == FULL_SAMPLES and words and words[-1].end == len(pcm):
            consumed = words.pop().start  # as Whisper: what is incomplete begins the next window
        return Take(tuple(words), consumed)


def plateaus(pcm: Audio) -> list[tuple[int, int, int]]:
    """Return (number, first sample, sample behind the last) of each word."""
    numbers = np.rint(pcm / STEP).astype(int)
    found, at = [], 0
    for number, run in itertools.groupby(numbers.tolist()):
        length = len(list(run))
        if number:
            found.append((number, at, at + length))
        at += length
    return found


@dataclass
class FakeEar:
    """Keeps what it is told."""

    finals: list[list[Spoken]] = field(default_factory=list)
    named: list[Spoken] = field(default_factory=list)
    previews: list[list[Spoken]] = field(default_factory=list)
    settled_at: list[int] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    inaudible: list[Span] = field(default_factory=list)
    sound: list[Span] = field(default_factory=list)

    def opened(self, at_sample: int, pcm: Audio) -> None:
        self.sound += [] if not len(pcm) else [Span(at_sample, at_sample + len(pcm))]

    def partial(self, words: Sequence[Spoken]) -> None:
        self.previews.append(list(words))

    def committed(self, words: Sequence[Spoken]) -> None:
        self.named += words

    def final(self, words: Sequence[Spoken], changed: Sequence[Changed] = ()) -> None:
        self.finals += [list(words)] if words else []
        self.changed += changed

    def unheard(self, spans: Sequence[Span]) -> None:
        self.inaudible += spans

    def settled(self, at_sample: int) -> None:
        self.settled_at.append(at_sample)

    @property
    def words(self) -> list[Spoken]:
        """All final words."""
        return [word for group in self.finals for word in group]
