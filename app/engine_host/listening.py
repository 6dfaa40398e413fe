"""What both ways of listening share: sound in frames, words, and whom to tell.

On the model's thread of the speech child.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from app.audio.windows import FRAME, LIVE, Edge, Gate, GateRules
from app.domain.audio import SAMPLE_RATE, Span

Audio = npt.NDArray[np.float32]
NO_LENGTH: Final = SAMPLE_RATE // 20
"""A word that is shorter has no sound of its own."""
_FORGET: Final = 4 * SAMPLE_RATE // FRAME
"""Frames without speech after which the voice model begins anew. What it carries along makes it
deaf: after 30 s of a fan at -15 dBFS it heard the first word 1.2 s late, after rustling paper
5.6 s, and even after silence it called .50 of the frames speech that are .61 for a fresh one. After
half as long, breathing opened the gate; after 4 s nothing of ten kinds of noise does."""
_RING: Final = 20  # frames: more than the margin before speech in either rule set


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word on the audio clock. `number` is its name in the recording; 0 while it has none."""

    text: str
    start: int
    end: int
    probability: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """Committed words, by their numbers, that the final pass heard otherwise.

    `after` is empty when they were not said.
    """

    numbers: tuple[int, ...]
    before: str
    after: str


def plain(text: str) -> str:
    """Return a word in lower case without its punctuation."""
    return "".join(c for c in text.lower() if c.isalnum() or c == "'")


class Names:
    """Numbers words, each once in a recording, however often sound is missing in between.

    Args:
        last: highest number that was ever given.
        told: committed words that no final holds yet, from before this child was started.
    """

    def __init__(self, last: int = 0, told: Sequence[Spoken] = ()) -> None:
        self._last = max([last, *(word.number for word in told)])
        self._told = sorted(told, key=lambda word: (word.start, word.number))

    def named(self, words: Sequence[Spoken]) -> list[Spoken]:
        """Return words, those without a number with the next ones."""
        named: list[Spoken] = []
        for word in words:
            if not word.number:
                self._last += 1
            named.append(word if word.number else replace(word, number=self._last))
        return named

    def claim(self, before: int) -> list[Spoken]:
        """Return, once, the words told earlier that begin before this sample."""
        claimed = [word for word in self._told if word.start < before]
        self._told = self._told[len(claimed) :]
        return claimed


@dataclass(frozen=True, slots=True)
class Manner:
    """How a listener listens.

    Attributes:
        live: when sound counts as speech for a listener that is live.
        tells_pauses: the times of final words leave room for pauses of 250 ms.
        held: words in lower case that wait for a third decode or the final, as numbers do.
        names: numbers the words of this recording.
        clock_s: a monotonic clock, to learn what a decode costs.
    """

    live: GateRules = LIVE
    tells_pauses: bool = False
    held: Collection[str] = ()
    names: Names = field(default_factory=Names)
    clock_s: Callable[[], float] = time.monotonic


class Voice(Protocol):
    """A voice activity model with a state."""

    def probabilities(self, pcm: Audio) -> list[float]:
        """Return one probability per frame."""

    def reset(self) -> None:
        """Forget what was heard."""


class Listener(Protocol):
    """Hears sound in order and tells an `Ear` what was said."""

    @property
    def heard_to(self) -> int:
        """Where the sound that comes next begins."""

    @property
    def settled(self) -> int:
        """All sound before this sample is decoded or was silence."""

    def hear(self, pcm: Audio, newest: int) -> None:
        """Take the sound that follows. `newest`: where the sound that has arrived ends."""

    def finish(self) -> None:
        """Decode what is left. The last call."""


class Ear(Protocol):
    """Whom a listener tells."""

    def opened(self, at_sample: int, pcm: Audio) -> None:
        """This sound is let in: somebody speaks."""

    def partial(self, words: Sequence[Spoken]) -> None:
        """The open utterance so far; replaces the one before."""

    def committed(self, words: Sequence[Spoken]) -> None:
        """These words are named now."""

    def final(self, words: Sequence[Spoken], changed: Sequence[Changed] = ()) -> None:
        """One utterance is final, and these of its committed words are others now.

        No words: what was committed was not said.
        """

    def unheard(self, spans: Sequence[Span]) -> None:
        """Somebody spoke here and no words came of it."""

    def settled(self, at_sample: int) -> None:
        """All sound before this sample is decoded or was silence."""


class Intake:
    """Cut sound into frames, ask for their probabilities, pass the gate.

    Args:
        voice: the model; its state is reset.
        rules: when sound counts as speech.
        at_sample: where the sound begins.
    """

    def __init__(self, voice: Voice, rules: GateRules, at_sample: int) -> None:
        voice.reset()
        self._voice = voice
        self._rest = np.zeros(0, np.float32)
        self._ring: deque[tuple[int, Audio]] = deque(maxlen=_RING)
        self._quiet_below = rules.close_below
        self._quiet = 0  # frames in a row that are no speech
        self.gate = Gate(rules, at_sample)
        self.heard_to = at_sample

    def frames(self, pcm: Audio) -> Iterator[tuple[int, Audio, Edge | None]]:
        """Yield (first sample, frame, edge of the gate) for each whole frame."""
        self.heard_to += len(pcm)
        pcm = np.concatenate([self._rest, pcm])
        whole = len(pcm) // FRAME * FRAME
        self._rest = pcm[whole:]
        if self._quiet >= _FORGET:
            self._begin_anew()
        chances = self._voice.probabilities(pcm[:whole])
        for i, chance in enumerate(chances):
            self._quiet = self._quiet + 1 if chance < self._quiet_below else 0
            frame = pcm[i * FRAME : (i + 1) * FRAME]
            at_sample = self.gate.at_sample
            self._ring.append((at_sample, frame))
            yield at_sample, frame, self.gate.hear(chance)

    def _begin_anew(self) -> None:
        """Reset the voice model; it hears the last moment again, or noise would startle it."""
        self._voice.reset()
        self._voice.probabilities(np.concatenate([frame for _, frame in self._ring]))
        self._quiet = 0

    def since(self, at_sample: int) -> tuple[int, Audio]:
        """Return the last frames from this sample on: what an opened gate lets in."""
        kept = [each for each in self._ring if each[0] + FRAME > at_sample]
        if not kept:
            return at_sample, np.zeros(0, np.float32)
        first = kept[0][0]
        pcm = np.concatenate([frame for _, frame in kept])
        skip = max(0, at_sample - first)
        return first + skip, pcm[skip:]

    def close(self) -> Edge | None:
        """End the sound: fill up the last frame with silence and shut the gate."""
        edges: list[Edge | None] = []
        if len(self._rest):
            missing = FRAME - len(self._rest)
            edges = [edge for _, _, edge in self.frames(np.zeros(missing, np.float32))]
            self.heard_to -= missing
        closed = [edge for edge in edges if edge is not None and not edge.is_open]
        return closed[-1] if closed else self.gate.shut()
