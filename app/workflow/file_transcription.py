"""Transcribe an audio file without a vault: nothing is kept. One pool thread per file."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import EngineFailedError, EngineTimeoutError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
)
from app.domain.ports import AudioFilePort, InstalledModel, SpeechPlan, SpeechPort
from app.domain.transcript import Segment, Transcript
from app.foundation.jobs import Pool

PATIENCE_S: Final = 180.0
"""How long the engine may say nothing at all: a 30 s window took 12 s at worst on a busy
2-core machine, so this is a hang."""


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file is decoded, in seconds of sound."""

    decoded_s: float


class FileTranscription:
    """Feeds files to a speech child of its own and collects the segments.

    Args:
        make_speech: builds a speech port that reports to the given callable.
        publish: gets SegmentFinished and FileProgress as they happen. Any thread.
    """

    def __init__(
        self,
        pool: Pool,
        files: AudioFilePort,
        make_speech: Callable[[Callable[[object], None]], SpeechPort],
        publish: Callable[[object], None],
    ) -> None:
        self._pool = pool
        self._files = files
        self._make_speech = make_speech
        self._publish = publish

    def start(self, path: Path, model: InstalledModel, plan: SpeechPlan) -> Future[Transcript]:
        """Transcribe a file.

        The future raises AudioFileError, ModelDamagedError, EngineFailedError,
        EngineTimeoutError.
        """
        return self._pool.submit(self._run, path, model, plan)

    def _run(self, path: Path, model: InstalledModel, plan: SpeechPlan) -> Transcript:
        blocks = self._files.stream(str(path))
        first = next(blocks, b"")  # a bad file is refused before a model is loaded
        run = _Run(self._publish)
        speech = self._make_speech(run.inbox.put)
        try:
            speech.load(model)
            run.wait_until(lambda: run.is_ready)
            speech.open(plan)
            at = _feed(run, speech, 0, first)
            for block in blocks:
                at = _feed(run, speech, at, block)
            speech.finish()
            run.wait_until(lambda: run.is_finished)
        finally:
            speech.close()
        return Transcript(tuple(run.segments), language=plan.language)


class _Run:
    def __init__(self, publish: Callable[[object], None]) -> None:
        self.inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.segments: list[Segment] = []
        self.is_ready = False
        self.is_finished = False
        self._publish = publish

    def wait_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self.take_one()

    def take_one(self) -> None:
        try:
            event = self.inbox.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise EngineTimeoutError from None
        self._note(event)

    def _note(self, event: object) -> None:
        match event:
            case ChildReady():
                self.is_ready = True
            case SegmentFinished(segment):
                self.segments.append(segment)
                self._publish(event)
            case SpeechProgressed(decoded_to):
                self._publish(FileProgress(decoded_to / SAMPLE_RATE))
            case SpeechFinished():
                self.is_finished = True
            case ChildFailed(code=code):
                raise EngineFailedError(code)
            case ChildEnded(pause_s=None):
                raise EngineFailedError("child_gone")
            case _:
                pass


def _feed(run: _Run, speech: SpeechPort, at: int, pcm: bytes) -> int:
    deadline_s = time.monotonic() + PATIENCE_S
    while not speech.feed(at, pcm):
        if time.monotonic() > deadline_s:
            raise EngineTimeoutError
        run.take_one()
    return at + len(pcm) // BYTES_PER_SAMPLE
