"""Ask the speech child to learn a voice, and hand back what it says."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from app.domain.errors import AppError, EngineFailedError, LockedError
from app.domain.events import ChildEnded, ChildFailed, VoiceEnrolled
from app.domain.ids import ModelId
from app.workflow.room import Room
from app.workflow.transcribing import SPEECH, Transcribing


@dataclass(frozen=True, slots=True)
class _Wanted:
    pcm: bytes
    future: Future[VoiceEnrolled]


class VoiceLearner:
    """One voice at a time; a second wish replaces the first."""

    def __init__(self, room: Room, transcribing: Transcribing) -> None:
        self._post = room.post
        self._sessions = room.sessions
        self._transcribing = transcribing
        self._future: Future[VoiceEnrolled] | None = None
        room.sessions.on_leave(self._on_left)
        room.bus.subscribe(_Wanted, self._on_wanted)
        room.bus.subscribe(VoiceEnrolled, self._on_enrolled)
        room.bus.subscribe(ChildEnded, self._on_ended)
        room.bus.subscribe(ChildFailed, self._on_failed)

    @property
    def model(self) -> ModelId | None:
        """The model that tells speakers apart, None when it is not installed."""
        return self._transcribing.voices

    def learn(self, pcm: bytes) -> Future[VoiceEnrolled]:
        """Learn a voice from 16 kHz mono s16le sound. Any thread.

        The future raises ModelMissingError, EngineFailedError, LockedError.
        """
        future: Future[VoiceEnrolled] = Future()
        self._post.publish(_Wanted(pcm, future))
        return future

    def _on_wanted(self, wanted: _Wanted) -> None:
        self._fail(EngineFailedError("replaced"))
        self._future = wanted.future
        if not self._sessions.is_open:  # left since it was asked
            self._on_left()
            return
        try:
            self._transcribing.enroll(wanted.pcm)
        except AppError as error:
            self._fail(error)

    def _on_enrolled(self, event: VoiceEnrolled) -> None:
        future, self._future = self._future, None
        if future is not None:
            future.set_result(event)

    def _on_left(self) -> None:
        self._fail(LockedError())

    def _on_ended(self, event: ChildEnded) -> None:
        if event.child == SPEECH:
            self._fail(EngineFailedError("child_gone"))

    def _on_failed(self, event: ChildFailed) -> None:
        if event.child == SPEECH:
            self._fail(EngineFailedError(event.code))

    def _fail(self, error: AppError) -> None:
        future, self._future = self._future, None
        if future is not None:
            future.set_exception(error)
