"""The app's side of the speech child. It keeps what is not settled, so a dead child loses nothing.

Sound goes out at once as `audio`; `listen` asks the child to work and is sent again only when
the last one was answered, so that its inbox never fills. All methods may be called from any
thread and none waits. Frames: `engine_host/speech.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

from typing_extensions import override

from app.domain.audio import BYTES_PER_SAMPLE
from app.domain.errors import ChildBusyError, ChildGoneError
from app.domain.events import (
    ChildFailed,
    ChildReady,
    HeardAgain,
    SpeechFinished,
    SpeechSpeedMeasured,
    TroubleArose,
    VoiceEnrolled,
)
from app.domain.ids import WordId
from app.domain.ports import InstalledModel, SpeechPlan, SpeechPort
from app.domain.transcript import Word
from app.engines import hardware
from app.engines.child_life import ChildLife, Kin
from app.engines.speech_session import Session
from app.engines.supervisor import child_command
from app.engines.wire import Frame

CHILD: Final = "speech"
LOAD_SILENCE_S: Final = 300.0
"""Reading, hashing and loading a large model from a slow disk."""
SILENCE_S: Final = 120.0
"""A 30 s window took 12 s at worst on a busy 2-core machine; ten times that is a hang."""
GPU_DEATHS: Final = 2
"""After so many deaths the GPU is left alone: its driver takes a whole process down."""
GRACE_S: Final = 0.5
"""For leaving: an engine exits at end of input, even in the middle of a decode."""

Publish = Callable[[object], object]


class Speech(SpeechPort):
    """Own the speech child. What it had not finished is fed again when it dies.

    Args:
        publish: takes events, on any thread.
        command: how to start the child; None = as installed.
        silence_s: a child that owes something and says nothing for so long is ended.
        held_words: words in lower case, such as names of drugs, that are not committed before
            three decodes agree; names of several words are left out.
        measures: tell `SpeechSpeedMeasured` when a model is loaded for the first time; takes a
            second or two.
    """

    def __init__(
        self,
        publish: Publish,
        command: Sequence[str] | None = None,
        *,
        silence_s: float = SILENCE_S,
        held_words: Collection[str] = (),
        measures: bool = True,
    ) -> None:
        self._measures = measures
        single = sorted(word for word in held_words if len(word.split()) == 1)
        self._held_words = "\n".join(single).encode()
        self._publish = publish
        self._threads = hardware.speech_threads(hardware.physical_cores())
        self._silence_s = silence_s
        self._lock = threading.RLock()  # guards all below
        kin = Kin(self._send_load, self._on_frame, self._on_lost, publish)
        self._life = ChildLife(CHILD, command or child_command(CHILD), self._lock, kin, GRACE_S)
        self._model: InstalledModel | None = None
        self._voices: InstalledModel | None = None
        self._session: Session | None = None
        self._sessions = 0
        self._speeds: dict[tuple[str, bool], dict[str, float]] = {}  # by SHA-256 and `is_cpu`
        self._is_enrolling = False
        self._is_hearing_again = False

    @override
    def load(self, model: InstalledModel, voices: InstalledModel | None = None) -> None:
        with self._lock:
            self._model = model
            self._voices = voices
            self._on_lost(False)  # the child that was asked ends
            self._life.begin()

    @override
    def enroll(self, pcm: bytes) -> None:
        with self._lock:
            self._is_enrolling = True
            if not self._send(Frame("enroll", {}, pcm)):
                self._on_lost(False)

    @override
    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> None:
        with self._lock:
            self._is_hearing_again = True
            fields = {"names": list(names), "language": language}
            if not self._send(Frame("again", fields, pcm)):
                self._on_lost(False)

    @override
    def open(self, plan: SpeechPlan) -> None:
        with self._lock:
            self._session = Session(plan)
            self._open()

    @override
    def feed(self, at_sample: int, pcm: bytes) -> bool:
        with self._lock:
            session = self._session
            if session is None or not self._life.is_loaded or session.is_ending:
                return False
            samples = len(pcm) // BYTES_PER_SAMPLE
            session.newest = max(session.newest, at_sample + samples)
            if not session.takes(samples):
                return False
            if not self._send(_audio(session, at_sample, pcm)):
                return False
            session.keep(at_sample, pcm)
            self._ask()
            return True

    @override
    def announce(self, samples: int) -> None:
        with self._lock:
            if self._session is not None:
                self._session.newest = max(self._session.newest, samples)

    @override
    def finish(self) -> None:
        with self._lock:
            if self._session is not None and not self._session.is_ending:
                self._session.is_ending = True
                if self._life.is_loaded:
                    self._send(Frame("finish", {"session": self._session.number}))
                    self._expect()

    @override
    def close(self) -> None:
        with self._lock:
            old = self._life.part()
            self._model = self._voices = None
            self._session = None
            self._on_lost(False)
        self._life.end(old)

    # -- to the child, under the lock

    def _send(self, frame: Frame) -> bool:
        """Queue a frame. A child that died is no matter: its successor gets it all again."""
        if not self._life.is_here:
            return False
        try:
            self._life.send(frame)
        except (ChildGoneError, ChildBusyError):
            return False
        return True

    def _send_load(self) -> None:
        if self._model is None:
            return
        is_cpu = self._life.deaths >= GPU_DEATHS
        fields = {
            "model": self._model.card.id,
            **_place(self._model),
            "threads": self._threads,
            "is_cpu": is_cpu,
            "measure": self._measures and (self._model.card.sha256, is_cpu) not in self._speeds,
            "voices": _place(self._voices) if self._voices is not None else None,
        }
        self._send(Frame("load", fields))
        self._life.expect(max(LOAD_SILENCE_S, self._silence_s))

    def _open(self) -> None:
        """Begin the session in the child, or begin it again behind what is settled."""
        session = self._session
        if session is None or not self._life.is_loaded:
            return
        self._sessions += 1
        fields = session.opening(self._sessions)
        self._send(Frame("open", fields, self._held_words))
        for at_sample, pcm in session.kept:
            self._send(_audio(session, at_sample, pcm))
        if session.kept:
            self._ask()
        if session.is_ending:
            self._send(Frame("finish", {"session": session.number}))
        self._expect()

    def _ask(self) -> None:
        """Let the child work on what it got, unless it is at it."""
        session = self._session
        if session is not None and not session.is_asked:
            session.is_asked = self._send(Frame("listen", {"session": session.number}))
            self._expect()

    def _expect(self) -> None:
        """Tell the watchdog whether the child owes us something."""
        session = self._session
        if self._life.is_loaded:
            is_owed = session is not None and (session.is_asked or session.is_ending)
            self._life.expect(self._silence_s if is_owed else None)

    # -- from the child: its reader thread

    def _on_frame(self, frame: Frame) -> None:
        match frame.kind:
            case "loaded":
                self._on_loaded(frame.fields)
            case "failed":
                self._on_failed(frame.fields)
            case "enrolled":
                self._on_enrolled(frame)
            case "heard_again":
                self._on_heard_again(frame.fields["words"])
            case _ if self._session is not None and (
                frame.fields.get("session") == self._session.number
            ):
                self._on_heard(self._session, frame)

    def _on_heard(self, session: Session, frame: Frame) -> None:
        hear = {
            "partial": session.partial,
            "committed": session.committed,
            "final": session.final,
            "unheard": session.unheard,
            "roles": session.roles,
            "progress": session.progress,
        }.get(frame.kind)
        if hear is not None:
            for event in hear(frame.fields):
                self._publish(event)
            if frame.fields.get("is_idle"):
                session.is_asked = False
                if session.heard_to < session.fed_to:
                    self._ask()
                self._expect()
        elif frame.kind == "finished":  # `alive` is for the watchdog
            self._session = None
            self._expect()
            self._publish(SpeechFinished(frame.fields["decoded_to"]))

    def _on_loaded(self, fields: dict[str, Any]) -> None:
        self._life.is_loaded = True
        self._expect()
        self._open()
        self._publish(ChildReady(CHILD, fields["model"], fields["ms"]))
        sha256 = self._model.card.sha256 if self._model is not None else ""
        weights = (sha256, self._life.deaths >= GPU_DEATHS)
        if fields.get("speed"):
            self._speeds[weights] = fields["speed"]
        if speed := self._speeds.get(weights):
            device, compute = fields["device"], fields["compute"]
            self._publish(
                SpeechSpeedMeasured(fields["model"], **speed, device=device, compute=compute)
            )
        if fields.get("trouble"):
            self._publish(TroubleArose("gpu_unused", (("reason", fields["trouble"]),)))

    def _on_enrolled(self, frame: Frame) -> None:
        self._is_enrolling = False
        self._publish(VoiceEnrolled(frame.payload, float(frame.fields["speech_s"])))

    def _on_heard_again(self, rows: list[list[Any]] | None) -> None:
        self._is_hearing_again = False
        words = None if rows is None else tuple(_word(i, *row) for i, row in enumerate(rows))
        self._publish(HeardAgain(words))

    def _on_lost(self, _: bool) -> None:
        """Nobody learns the voice or hears again any more: say so, once."""
        if self._is_hearing_again:
            self._is_hearing_again = False
            self._publish(HeardAgain(None))
        if self._is_enrolling:
            self._is_enrolling = False
            self._publish(VoiceEnrolled(b""))

    def _on_failed(self, fields: dict[str, Any]) -> None:
        code, facts = fields["code"], tuple(fields.get("facts", {}).items())
        if self._life.is_loaded:  # a bug while decoding: a fresh child takes the sound again
            self._life.expect(0.0)
            return
        self._life.dismiss()  # the model cannot be used: another try would end the same
        self._publish(ChildFailed(CHILD, code, "", facts))


def _word(index: int, text: str, start: int, end: int, probability: float) -> Word:
    return Word(WordId(f"again.{index}"), text, start, end, probability)


def _place(model: InstalledModel) -> dict[str, Any]:
    """Return where a model lies and what its files must be."""
    files = [asdict(each) for each in model.card.files]
    return {"folder": model.folder, "files": files}


def _audio(session: Session, at_sample: int, pcm: bytes) -> Frame:
    return Frame("audio", {"session": session.number, "at_sample": at_sample}, pcm)
