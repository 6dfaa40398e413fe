"""Transcribe an audio file without a vault: nothing is kept. One pool thread per file."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.clinical.hotwords import hotwords
from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, Stretch, StretchKind
from app.domain.errors import EngineFailedError, EngineTimeoutError, LanguageError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    RolesFound,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    SpeechUnheard,
    WordsRevised,
)
from app.domain.ids import SegmentId
from app.domain.ports import AudioFilePort, InstalledModel, SpeechPlan, SpeechPort
from app.domain.transcript import Revision, RoleFound, Segment, Transcript
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

    def start(
        self,
        path: Path,
        model: InstalledModel,
        plan: SpeechPlan,
        voices: InstalledModel | None = None,
    ) -> Future[Transcript]:
        """Transcribe a file.

        Raises:
            LanguageError: the model does not know the language.

        Args:
            path: of the audio file.
            model: turns speech into words.
            plan: how to listen.
            voices: tells speakers apart; without it roles come from words alone.

        The future raises AudioFileError, ModelDamagedError, EngineFailedError,
        EngineTimeoutError.
        """
        if not model.card.knows(plan.language):
            raise LanguageError(model.card.id, plan.language)
        listened = replace(plan, hotwords=hotwords(plan.hotwords))
        return self._pool.submit(self._run, path, listened, model, voices)

    def _run(
        self, path: Path, plan: SpeechPlan, model: InstalledModel, voices: InstalledModel | None
    ) -> Transcript:
        blocks = self._files.stream(str(path))
        first = next(blocks, b"")  # a bad file is refused before a model is loaded
        run = _Run(self._publish)
        speech = self._make_speech(run.inbox.put)
        try:
            speech.load(model, voices)
            run.wait_until(lambda: run.is_ready)
            speech.open(plan)
            at = _feed(run, speech, 0, first)
            for block in blocks:
                at = _feed(run, speech, at, block)
            speech.finish()
            run.wait_until(lambda: run.is_finished)
        finally:
            speech.close()
        return run.transcript(plan.language)


class _Run:
    def __init__(self, publish: Callable[[object], None]) -> None:
        self.inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._segments: dict[SegmentId, Segment] = {}
        self._stretches: list[Stretch] = []
        self._revisions: list[Revision] = []
        self.is_ready = False
        self.is_finished = False
        self._publish = publish

    def transcript(self, language: str) -> Transcript:
        """Return all that was told."""
        segments = tuple(self._segments.values())
        stretches, revisions = tuple(sorted(self._stretches, key=_start)), tuple(self._revisions)
        return Transcript(segments, (), language, stretches, revisions)

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
            case SpeechProgressed(decoded_to):
                self._publish(FileProgress(decoded_to / SAMPLE_RATE))
            case SpeechFinished():
                self.is_finished = True
            case ChildFailed(code=code):
                raise EngineFailedError(code)
            case ChildEnded(pause_s=None):
                raise EngineFailedError("child_gone")
            case _:
                self._hear(event)

    def _hear(self, event: object) -> None:
        match event:
            case SegmentFinished(segment):
                self._segments[segment.id] = segment
                self._publish(event)
            case SpeechUnheard(spans):
                kind = StretchKind.INAUDIBLE
                self._stretches += [Stretch(span.start, span.end, kind) for span in spans]
            case WordsRevised(revisions):
                self._revisions += revisions
            case RolesFound(roles):
                for each in roles:
                    self._name(each)
            case _:
                pass

    def _name(self, found: RoleFound) -> None:
        if (segment := self._segments.get(found.segment)) is not None:
            self._segments[found.segment] = replace(
                segment,
                role=found.role,
                role_confidence=found.role_confidence,
                speaker=found.speaker,
            )


def _start(stretch: Stretch) -> int:
    return stretch.start


def _feed(run: _Run, speech: SpeechPort, at: int, pcm: bytes) -> int:
    deadline_s = time.monotonic() + PATIENCE_S
    while not speech.feed(at, pcm):
        if time.monotonic() > deadline_s:
            raise EngineTimeoutError
        run.take_one()
    return at + len(pcm) // BYTES_PER_SAMPLE
