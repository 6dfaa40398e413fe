"""How fast an engine is on this machine: measured with real work, not guessed by its name."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import EngineFailedError, EngineTimeoutError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    GenerationEnded,
    SpeechFinished,
    SpeechSpeedMeasured,
    TextGenerated,
)
from app.domain.ports import (
    AudioFilePort,
    GenerationPlan,
    InstalledModel,
    NotesPort,
    SpeechPlan,
    SpeechPort,
)

WAIT_S: Final = 120.0
TOKENS: Final = 48
Publish = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """What one model did on this machine.

    Attributes:
        load_s: from the start of the child to its readiness, hashing included.
        factor: speech: seconds of sound decoded in one second; notes: tokens per second.
        unit: `x realtime` or `tokens/s`.
    """

    model: str
    role: str
    load_s: float
    factor: float
    unit: str


class Measuring:
    """Runs an engine of its own for some seconds. Blocks: use the pool.

    Args:
        clip: path of the sample recording that is decoded.
    """

    def __init__(
        self,
        files: AudioFilePort,
        clip: str,
        make_speech: Callable[[Publish], SpeechPort],
        make_notes: Callable[[Publish], NotesPort],
        note: Callable[[SpeechSpeedMeasured], object],
    ) -> None:
        self._files = files
        self._clip = clip
        self._make_speech = make_speech
        self._make_notes = make_notes
        self._note = note

    def measure(self, model: InstalledModel) -> EngineSpeed:
        """Return the speed of a speech or notes model.

        Raises:
            EngineFailedError: the child or the model failed.
            EngineTimeoutError: nothing came for two minutes.
        """
        return self._speech(model) if model.card.role == "speech" else self._notes(model)

    def _speech(self, model: InstalledModel) -> EngineSpeed:
        pcm = b"".join(self._files.stream(self._clip))[: 30 * SAMPLE_RATE * BYTES_PER_SAMPLE]
        inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        speech = self._make_speech(inbox.put)
        begun_s = time.monotonic()
        try:
            speech.load(model)
            _wait_for(inbox, ChildReady)
            load_s = time.monotonic() - begun_s
            speed = _wait_for(inbox, SpeechSpeedMeasured)
            if isinstance(speed, SpeechSpeedMeasured):
                self._note(speed)
            speech.open(SpeechPlan(is_live=False))
            begun_s = time.monotonic()
            speech.feed(0, pcm)
            speech.finish()
            _wait_for(inbox, SpeechFinished)
            took_s = time.monotonic() - begun_s
        finally:
            speech.close()
        seconds = len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE
        return EngineSpeed(model.card.id, "speech", load_s, seconds / took_s, "x realtime")

    def _notes(self, model: InstalledModel) -> EngineSpeed:
        inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        notes = self._make_notes(inbox.put)
        begun_s = time.monotonic()
        try:
            notes.load(model)
            _wait_for(inbox, ChildReady)
            load_s = time.monotonic() - begun_s
            notes.begin("Count from one to fifty in words.\n")
            notes.generate(GenerationPlan("measure", "Begin.", max_tokens=TOKENS))
            _wait_for(inbox, TextGenerated)
            begun_s = time.monotonic()
            ended = _wait_for(inbox, GenerationEnded)
            took_s = time.monotonic() - begun_s
        finally:
            notes.close()
        tokens = ended.tokens if isinstance(ended, GenerationEnded) else 0
        return EngineSpeed(model.card.id, "notes", load_s, tokens / max(took_s, 1e-3), "tokens/s")


def _wait_for(inbox: queue.SimpleQueue[object], kind: type) -> object:
    while True:
        try:
            event = inbox.get(timeout=WAIT_S)
        except queue.Empty:
            raise EngineTimeoutError from None
        if isinstance(event, kind):
            return event
        if isinstance(event, ChildFailed):
            raise EngineFailedError(event.code)
        if isinstance(event, ChildEnded) and event.pause_s is None:
            raise EngineFailedError("child_gone")
