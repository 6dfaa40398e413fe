"""A desk to test the speech child at: the real child, a real model, events in order."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from app.domain.events import (
    ChildReady,
    SegmentFinished,
    SpeechFinished,
    WordsCommitted,
)
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel, SpeechPlan
from app.domain.transcript import Segment, Word
from app.engines.catalogue import Catalogue
from app.engines.speech import Speech
from app.foundation import paths

DATA: Final = Path(__file__).parents[1] / "data"
WAIT_S: Final = 60.0
"""For one event of a child with a model; a busy machine took 12 s at worst."""
Event = TypeVar("Event")


def tiny() -> InstalledModel:
    """Return the smallest starter model; `make test` installs it."""
    return Catalogue(paths.catalogue(), paths.model_folders()).find(ModelId("whisper-tiny.en"))


def base() -> InstalledModel | None:
    """Return the model that knows other languages, None where it is not installed."""
    installed = Catalogue(paths.catalogue(), paths.model_folders()).installed("speech")
    return next((each for each in installed if each.card.id == "whisper-base"), None)


def voices() -> InstalledModel | None:
    """Return the model that tells speakers apart, None where it is not installed."""
    installed = Catalogue(paths.catalogue(), paths.model_folders()).installed("voices")
    return next(iter(installed), None)


def pcm_of(name: str) -> bytes:
    """Return a recording of tests/data as 16 kHz mono s16le."""
    sound, rate = soundfile.read(DATA / name, dtype="int16")
    assert rate == SAMPLE_RATE
    return bytes(sound.tobytes())


def noise(seconds: float, level: float) -> bytes:
    """Return white noise; `level` is its standard deviation, 1.0 is full scale."""
    draw = np.random.default_rng(7).normal(0.0, level, round(seconds * SAMPLE_RATE))
    return bytes((np.clip(draw, -1, 1) * 32_767).astype("<i2").tobytes())


@dataclass
class Desk:
    """A speech port whose events can be waited for."""

    command: Sequence[str] | None = None
    silence_s: float = WAIT_S
    events: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)
    seen: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.speech = Speech(self.events.put, self.command, silence_s=self.silence_s)

    def ready(
        self, model: InstalledModel | None = None, voices: InstalledModel | None = None
    ) -> None:
        """Load a model and wait until it is there."""
        self.speech.load(model or tiny(), voices)
        self.next(ChildReady)

    def talk(self, pcm: bytes, at_sample: int = 0) -> None:
        """Offer sound at the speaker's pace."""
        begun_s = time.monotonic()
        for start in range(0, len(pcm), 3_200):
            time.sleep(max(0.0, begun_s + start / 32_000 - time.monotonic()))
            block = pcm[start : start + 3_200]
            assert eventually(partial(self.speech.feed, at_sample + start // 2, block))

    def next(self, kind: type[Event], wait_s: float = WAIT_S) -> Event:
        """Return the next event of a kind; those before it are kept in `seen`."""
        deadline_s = time.monotonic() + wait_s
        while True:
            event = self.events.get(timeout=max(0.01, deadline_s - time.monotonic()))
            self.seen.append(event)
            if isinstance(event, kind):
                return event

    def feed(
        self, pcm: bytes, at_sample: int = 0, block_s: float = 1.0, wait_s: float = WAIT_S
    ) -> None:
        """Offer sound as fast as it is taken; a block that is refused `wait_s` long is an error."""
        size = 2 * round(block_s * SAMPLE_RATE)
        for start in range(0, len(pcm), size):
            block = pcm[start : start + size]
            deadline_s = time.monotonic() + wait_s
            while not self.speech.feed(at_sample + start // 2, block):
                assert time.monotonic() < deadline_s, "speech takes no sound"
                time.sleep(0.01)

    def hear(self, plan: SpeechPlan, pcm: bytes) -> list[Segment]:
        """Decode a whole recording."""
        self.speech.open(plan)
        self.feed(pcm)
        self.speech.finish()
        self.next(SpeechFinished)
        return self.segments

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child."""
        supervisor = self.speech._life._supervisor
        assert supervisor is not None
        assert supervisor._child is not None
        os.kill(supervisor._child.process.pid, number)

    @property
    def segments(self) -> list[Segment]:
        """All segments so far."""
        return [each.segment for each in self.seen if isinstance(each, SegmentFinished)]

    @property
    def committed(self) -> list[Word]:
        """All committed words so far."""
        return [
            word for each in self.seen if isinstance(each, WordsCommitted) for word in each.words
        ]

    @property
    def text(self) -> str:
        """What the segments say."""
        return " ".join(each.text for each in self.segments)


def eventually(is_true: Callable[[], bool], wait_s: float = 10.0) -> bool:
    """Wait until something is true."""
    deadline_s = time.monotonic() + wait_s
    while not is_true():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True
