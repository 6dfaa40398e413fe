"""Which sound is worth a model's time: the gate, and the windows that speech is packed into.

Pure arithmetic on samples of the audio clock; the probabilities come from a voice activity
model. Used in the speech child, on the model's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE, Span

FRAME: Final = 512
"""Samples that one probability stands for: 32 ms."""

Audio = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GateRules:
    """When sound counts as speech.

    Attributes:
        open_at: a frame at least this likely votes for opening.
        votes: how many of the last three frames must vote.
        close_below: a frame less likely than this is quiet.
        close_after: samples of quiet that close the gate.
        before, after: samples kept around speech.
    """

    open_at: float = 0.5
    votes: int = 2
    close_below: float = 0.35
    close_after: int = 4 * SAMPLE_RATE // 5
    before: int = 35 * SAMPLE_RATE // 100
    after: int = SAMPLE_RATE // 5


LIVE: Final = GateRules()
"""SPEECH.md section 1, row VAD. Closing after 0.8 s instead of 0.5 s: eight OSCE clips, 1,000
words, tiny.en: live word error 9.4 % instead of 12.2 %, because fewer sentences are torn."""

DICTATION: Final = GateRules(close_after=2 * SAMPLE_RATE // 5)
"""One person dictates and waits for the words: 0.4 s of quiet closes the gate."""

WHOLE: Final = GateRules(
    votes=1, close_after=2 * SAMPLE_RATE, before=2 * SAMPLE_RATE // 5, after=2 * SAMPLE_RATE // 5
)
"""For sound that is not live: the defaults of faster-whisper, which keep pauses below 2 s."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The gate opened or closed: speech begins or ended at this sample, margin included."""

    is_open: bool
    at_sample: int


class Gate:
    """Turn probabilities of speech into edges, and remember them for a while.

    Args:
        rules: when sound counts as speech.
        at_sample: where the first frame begins.
    """

    def __init__(self, rules: GateRules, at_sample: int = 0) -> None:
        self._rules = rules
        self._votes: deque[bool] = deque(maxlen=3)
        self._first = self.at_sample = at_sample
        self._closed_at = at_sample
        self._spoken_to = at_sample
        self._chances: deque[float] = deque()  # one per frame since _first
        self._inside: deque[bool] = deque()  # the same: what the gate let in
        self.is_open = False

    @property
    def settled(self) -> int:
        """All sound before this sample is speech that was handed out, or surely none."""
        if self.is_open:
            return self._spoken_to
        return max(self._closed_at, self.at_sample - self._rules.before - 3 * FRAME)

    @property
    def quiet(self) -> int:
        """Samples of quiet that an open gate has heard at the end; 0 for one that is shut."""
        return self.at_sample - self._spoken_to if self.is_open else 0

    @property
    def closing(self) -> int:
        """Where an open gate would close now: behind the speech, margin included."""
        return min(self.at_sample, self._spoken_to + self._rules.after)

    def hear(self, probability: float) -> Edge | None:
        """Take the next frame; return an edge if there is one."""
        rules = self._rules
        start, self.at_sample = self.at_sample, self.at_sample + FRAME
        self._votes.append(probability >= rules.open_at)
        self._chances.append(probability)
        self._inside.append(self.is_open)
        if probability >= rules.close_below and self.is_open:
            self._spoken_to = self.at_sample
        if not self.is_open and sum(self._votes) >= rules.votes:
            self.is_open = True
            self._spoken_to = self.at_sample
            back = len(self._votes) - 1 - list(self._votes).index(True)
            for i in range(1, min(back + 1, len(self._inside)) + 1):
                self._inside[-i] = True
            first = start - FRAME * back
            return Edge(True, max(self._closed_at, first - rules.before))
        if self.is_open and self.at_sample - self._spoken_to >= rules.close_after:
            return self.shut()
        return None

    def shut(self) -> Edge | None:
        """Close an open gate at once; the sound ends here."""
        if not self.is_open:
            return None
        self.is_open = False
        self._votes.clear()
        self._closed_at = self.closing
        return Edge(False, self._closed_at)

    def pause(self, span: Span) -> Span:
        """Return the longest quiet stretch inside a span; empty at its start if there is none."""
        low, high = self._frames(span)
        best = begin = low
        length = 0
        for i in range(low, high):
            if not self._is_quiet(i):
                begin = i + 1
            elif i + 1 - begin > length:
                best, length = begin, i + 1 - begin
        start = max(span.start, self._first + best * FRAME)
        return Span(start, max(start, min(span.end, start + length * FRAME)))

    def calmest(self, span: Span) -> int:
        """Return where inside a span speech is least likely: the middle of three frames.

        The start of the span where nothing is known of it.
        """
        low, high = self._frames(span)
        known = list(self._chances)[low:high]
        if len(known) < 3:  # noqa: PLR2004 - frames
            return span.start
        sums = [sum(known[i : i + 3]) for i in range(len(known) - 2)]
        best = min(sums)
        ties = [i for i, each in enumerate(sums) if each <= best]
        at_sample = self._first + (low + ties[len(ties) // 2] + 1) * FRAME + FRAME // 2
        return min(max(at_sample, span.start), span.end)

    def has_speech(self, span: Span) -> int:
        """Return how many samples of a span are not quiet."""
        low = max(0, (span.start - self._first) // FRAME)
        high = min(len(self._chances), (span.end - self._first) // FRAME)
        return FRAME * sum(not self._is_quiet(i) for i in range(low, high))

    def speech(self, span: Span) -> list[Span]:
        """Return the stretches of a span that are speech and that the gate let in."""
        low, high = self._frames(span)
        found: list[Span] = []
        for i in range(low, high):
            if self._is_quiet(i) or not self._inside[i]:
                continue
            start = max(span.start, self._first + i * FRAME)
            end = min(span.end, self._first + (i + 1) * FRAME)
            if found and found[-1].end == start:
                start = found.pop().start
            found.append(Span(start, end))
        return found

    def forget(self, before: int) -> None:
        """Drop what is known of sound before this sample."""
        while self._chances and self._first + FRAME <= before:
            self._chances.popleft()
            self._inside.popleft()
            self._first += FRAME

    def _frames(self, span: Span) -> tuple[int, int]:
        """Return the first frame that a span touches and the one behind its last."""
        low = max(0, (span.start - self._first) // FRAME)
        high = max(low, min(len(self._chances), -(-(span.end - self._first) // FRAME)))
        return low, high

    def _is_quiet(self, i: int) -> bool:
        return self._chances[i] < self._rules.close_below


class Clips:
    """Speech with the long pauses cut out, and the way back to the audio clock.

    Offsets count samples from the first one held.
    """

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, Audio]] = deque()
        self._length = 0

    @classmethod
    def of(cls, pieces: Iterable[tuple[int, Audio]]) -> Self:
        """Return clips of some sound: where each piece begins on the audio clock, and it."""
        made = cls()
        for piece in pieces:
            made.add(*piece)
        return made

    def __len__(self) -> int:
        return self._length

    def add(self, at_sample: int, pcm: Audio) -> None:
        """Append sound that begins at this sample of the audio clock."""
        if len(pcm):
            self._pieces.append((at_sample, pcm))
            self._length += len(pcm)

    def cut_after(self, at_sample: int) -> None:
        """Drop what lies at or beyond this sample of the audio clock."""
        while self._pieces and self._pieces[-1][0] + len(self._pieces[-1][1]) > at_sample:
            start, pcm = self._pieces.pop()
            self._length -= len(pcm)
            if start < at_sample:
                self.add(start, pcm[: at_sample - start])

    def head(self, count: int) -> Audio:
        """Return the first `count` samples as one array, or fewer if there are fewer."""
        found = [pcm for _, pcm in self.first(count)]
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def first(self, count: int) -> list[tuple[int, Audio]]:
        """Return the first `count` samples as they were added: where each piece begins, and it."""
        found: list[tuple[int, Audio]] = []
        for start, pcm in self._pieces:
            if count <= 0:
                break
            found.append((start, pcm[:count]))
            count -= len(found[-1][1])
        return found

    def drop(self, count: int) -> None:
        """Forget the first `count` samples."""
        while self._pieces and count > 0:
            start, pcm = self._pieces.popleft()
            self._length -= len(pcm)
            if len(pcm) > count:
                self._pieces.appendleft((start + count, pcm[count:]))
                self._length += len(pcm) - count
            count -= len(pcm)

    def clock(self, offset: int) -> int:
        """Return the sample of the audio clock at an offset; the end of the last for beyond."""
        end = 0
        for start, pcm in self._pieces:
            if offset < len(pcm):
                return start + max(0, offset)
            offset -= len(pcm)
            end = start + len(pcm)
        return end
