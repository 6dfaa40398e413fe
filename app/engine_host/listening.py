"""What both ways of listening share: sound in frames, words, and whom to tell.

On the model's thread of the speech child.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from app.audio.windows import FRAME, Edge, Gate, GateRules

Audio = npt.NDArray[np.float32]
_RING: Final = 20  # frames: more than the margin before speech in either rule set


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word on the audio clock. `number` is its name in the recording; 0 while it may change."""

    text: str
    start: int
    end: int
    probability: float
    number: int = 0


def plain(text: str) -> str:
    """Return a word in lower case without its punctuation."""
    return "".join(c for c in text.lower() if c.isalnum() or c == "'")


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

    def partial(self, words: Sequence[Spoken]) -> None:
        """The open utterance so far; replaces the one before."""

    def committed(self, words: Sequence[Spoken]) -> None:
        """These words are named now."""

    def final(self, words: Sequence[Spoken]) -> None:
        """One utterance is final."""

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
        self.gate = Gate(rules, at_sample)
        self.heard_to = at_sample

    def frames(self, pcm: Audio) -> Iterator[tuple[int, Audio, Edge | None]]:
        """Yield (first sample, frame, edge of the gate) for each whole frame."""
        self.heard_to += len(pcm)
        pcm = np.concatenate([self._rest, pcm])
        whole = len(pcm) // FRAME * FRAME
        self._rest = pcm[whole:]
        chances = self._voice.probabilities(pcm[:whole])
        for i, chance in enumerate(chances):
            frame = pcm[i * FRAME : (i + 1) * FRAME]
            at_sample = self.gate.at_sample
            self._ring.append((at_sample, frame))
            yield at_sample, frame, self.gate.hear(chance)

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
