"""How fast an engine is on this machine: measured with real work, not guessed by its name."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import EngineFailedError, EngineTimeoutError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    GenerationEnded,
    PrefixEvaluated,
    SpeechFinished,
    SpeechSpeedMeasured,
    TextGenerated,
    TroubleArose,
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
TALK: Final = (
    "clinician: since when does your back hurt? patient: since I lifted a box on Monday. " * 24
)
"""About a minute and a half of talk; read ahead as a transcript is."""
LETTERS_PER_TOKEN: Final = 6
"""English has about 4.4 letters a token in these vocabularies; 6 is on the safe side."""
Event = TypeVar("Event")
Beside = TypeVar("Beside")
Publish = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """What one model did on this machine.

    Attributes:
        load_s: from the start of the child to its readiness, hashing included.
        factor: speech: seconds of sound decoded in one second; notes: tokens per second.
        unit: `x realtime` or `tokens/s`.
        device: where a speech model really decoded: `cuda` or `cpu`.
        whole: speech: seconds of work for a second of a whole recording, as the child measured.
        read: notes: tokens of a transcript read ahead in one second.
        trouble: why a graphics card that is there is not used; empty when it is, or none is.
    """

    model: str
    role: str
    load_s: float
    factor: float
    unit: str
    device: str = ""
    whole: float = 0.0
    read: float = 0.0
    trouble: str = ""


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
            self._note(speed)
            speech.open(SpeechPlan(is_live=False))
            begun_s = time.monotonic()
            speech.feed(0, pcm)
            speech.finish()
            trouble = _wait_with(inbox, SpeechFinished, TroubleArose)
            took_s = time.monotonic() - begun_s
        finally:
            speech.close()
        seconds = len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE
        reasons = [str(dict(e.facts).get("reason", "")) for e in trouble if e.code == "gpu_unused"]
        return EngineSpeed(
            model.card.id,
            "speech",
            load_s,
            seconds / took_s,
            "x realtime",
            device=speed.device,
            whole=speed.whole,
            trouble=reasons[0] if reasons else "",
        )

    def _notes(self, model: InstalledModel) -> EngineSpeed:
        inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        notes = self._make_notes(inbox.put)
        begun_s = time.monotonic()
        try:
            notes.load(model)
            _wait_for(inbox, ChildReady)
            load_s = time.monotonic() - begun_s
            notes.begin("Count from one to fifty in words.\n")
            before = _wait_for(inbox, PrefixEvaluated).tokens
            begun_s = time.monotonic()
            notes.extend(TALK)
            read = _tokens_read(inbox, before)
            read_s = time.monotonic() - begun_s
            notes.generate(GenerationPlan("measure", "Begin.", max_tokens=TOKENS))
            _wait_for(inbox, TextGenerated)
            begun_s = time.monotonic()
            ended = _wait_for(inbox, GenerationEnded)
            took_s = time.monotonic() - begun_s
        finally:
            notes.close()
        return EngineSpeed(
            model.card.id,
            "notes",
            load_s,
            ended.tokens / max(took_s, 1e-3),
            "tokens/s",
            read=read / max(read_s, 1e-3),
        )


def _tokens_read(inbox: queue.SimpleQueue[object], before: int) -> int:
    """Wait until all of the talk is read; return how many tokens it was.

    The child tells its progress; it is done when it has read so many tokens as letters allow.
    """
    least = before + len(TALK) // LETTERS_PER_TOKEN
    tokens = before
    while tokens < least:
        tokens = _wait_for(inbox, PrefixEvaluated).tokens
    return tokens - before


def _wait_for(inbox: queue.SimpleQueue[object], kind: type[Event]) -> Event:
    while True:
        event = _next(inbox)
        if isinstance(event, kind):
            return event


def _wait_with(
    inbox: queue.SimpleQueue[object], kind: type[Event], beside: type[Beside]
) -> list[Beside]:
    """Wait for an event; return what of another kind came before it."""
    found: list[Beside] = []
    while True:
        event = _next(inbox)
        if isinstance(event, kind):
            return found
        if isinstance(event, beside):
            found.append(event)


def _next(inbox: queue.SimpleQueue[object]) -> object:
    try:
        event = inbox.get(timeout=WAIT_S)
    except queue.Empty:
        raise EngineTimeoutError from None
    if isinstance(event, ChildFailed):
        raise EngineFailedError(event.code)
    if isinstance(event, ChildEnded) and event.pause_s is None:
        raise EngineFailedError("child_gone")
    return event
