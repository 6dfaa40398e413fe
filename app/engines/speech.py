"""The app's side of the speech child. It keeps what is not settled, so a dead child loses nothing.

Sound goes out at once as `audio`; `listen` asks the child to work and is sent again only when
the last one was answered, so that its inbox never fills. All methods may be called from any
thread and none waits. Frames: `engine_host/speech.py`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from typing_extensions import override

from app.clinical.speaker_cues import SpeakerCues
from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import ChildBusyError, ChildGoneError
from app.domain.events import (
    ChildFailed,
    ChildReady,
    PartialHeard,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    WordsCommitted,
)
from app.domain.ids import SegmentId, WordId
from app.domain.ports import InstalledModel, SpeechPlan, SpeechPort
from app.domain.transcript import Segment, Word
from app.engines import hardware
from app.engines.child_life import ChildLife, Kin
from app.engines.supervisor import child_command
from app.engines.wire import Frame

CHILD: Final = "speech"
LIVE_SAMPLES: Final = 10 * SAMPLE_RATE
"""Sound that may be on its way to a child that listens live (ARCHITECTURE.md, Threads)."""
WHOLE_SAMPLES: Final = 60 * SAMPLE_RATE
"""The same for whole files: two windows, so the child never waits for the next one."""
LOAD_SILENCE_S: Final = 300.0
"""Reading, hashing and loading a large model from a slow disk."""
SILENCE_S: Final = 120.0
"""A 30 s window took 12 s at worst on a busy 2-core machine; ten times that is a hang."""
GRACE_S: Final = 0.5
"""For leaving: an engine exits at end of input, even in the middle of a decode."""

Publish = Callable[[object], object]


@dataclass(slots=True)
class _Session:
    """One recording, or the part of it after a restart. Samples of the audio clock."""

    plan: SpeechPlan
    number: int
    cues: SpeakerCues = field(default_factory=SpeakerCues)
    kept: deque[tuple[int, bytes]] = field(default_factory=deque)  # not settled yet
    settled: int = 0
    heard_to: int = 0
    fed_to: int = 0
    segments: int = 0
    words: int = 0  # highest number of a word ever told
    first_word: int = 0  # where the child's own count begins
    told_to: int = 0  # end of the last committed word that was told
    is_asked: bool = False  # a `listen` is not answered yet
    is_ending: bool = False


class Speech(SpeechPort):
    """Own the speech child. What it had not finished is fed again when it dies.

    Args:
        publish: takes events, on any thread.
        command: how to start the child; None = as installed.
        threads: CPU threads of a decode; 0 = what suits this machine.
        silence_s: a child that owes something and says nothing for so long is ended.
    """

    def __init__(
        self,
        publish: Publish,
        command: Sequence[str] | None = None,
        *,
        threads: int = 0,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._publish = publish
        self._threads = threads or hardware.speech_threads(hardware.physical_cores())
        self._silence_s = silence_s
        self._lock = threading.RLock()  # guards all below
        kin = Kin(self._send_load, self._on_frame, lambda _: None, publish)
        self._life = ChildLife(CHILD, command or child_command(CHILD), self._lock, kin, GRACE_S)
        self._model: InstalledModel | None = None
        self._voices: InstalledModel | None = None
        self._session: _Session | None = None
        self._sessions = 0

    @override
    def load(self, model: InstalledModel, voices: InstalledModel | None = None) -> None:
        with self._lock:
            self._model = model
            self._voices = voices
            self._life.begin()

    @override
    def enroll(self, pcm: bytes) -> None:
        with self._lock:
            self._send(Frame("enroll", {}, pcm))

    @override
    def open(self, plan: SpeechPlan) -> None:
        with self._lock:
            at_sample = plan.at_sample
            self._session = _Session(
                plan, 0, settled=at_sample, heard_to=at_sample, fed_to=at_sample
            )
            self._session.segments = plan.first_segment - 1
            self._open()

    @override
    def feed(self, at_sample: int, pcm: bytes) -> bool:
        with self._lock:
            session = self._session
            if session is None or not self._life.is_loaded or session.is_ending:
                return False
            limit = LIVE_SAMPLES if session.plan.is_live else WHOLE_SAMPLES
            waiting = _samples_after(session.kept, session.heard_to)
            if waiting and waiting + len(pcm) // BYTES_PER_SAMPLE > limit:
                return False
            if not self._send(_audio(session, at_sample, pcm)):
                return False
            session.kept.append((at_sample, pcm))
            session.fed_to = at_sample + len(pcm) // BYTES_PER_SAMPLE
            self._ask()
            return True

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
        fields = {
            "model": self._model.card.id,
            **_place(self._model),
            "threads": self._threads,
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
        session.number = self._sessions
        session.first_word = session.words
        session.heard_to = session.settled
        session.is_asked = False
        fields = {
            "session": session.number,
            "language": session.plan.language,
            "is_live": session.plan.is_live,
            "hotwords": list(session.plan.hotwords),
            "at_sample": session.settled,
        }
        self._send(Frame("open", fields))
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
        if frame.kind == "loaded":
            self._on_loaded(frame.fields)
        elif frame.kind == "failed":
            self._on_failed(frame.fields)
        elif self._session is not None and frame.fields.get("session") == self._session.number:
            self._on_heard(self._session, frame)

    def _on_heard(self, session: _Session, frame: Frame) -> None:
        fields = frame.fields
        match frame.kind:
            case "partial":
                words = (_word(row, session.first_word) for row in fields["words"])
                self._publish(PartialHeard(tuple(words)))
            case "committed":
                self._on_committed(session, fields["words"])
            case "final":
                self._on_final(session, fields["words"])
            case "progress":
                self._on_progress(session, fields)
            case "finished":
                self._session = None
                self._expect()
                self._publish(SpeechFinished(fields["decoded_to"]))
            case _:  # `alive`: the watchdog has seen it
                pass

    def _on_loaded(self, fields: dict[str, Any]) -> None:
        self._life.is_loaded = True
        self._expect()
        self._open()
        self._publish(ChildReady(CHILD, fields["model"], fields["ms"]))

    def _on_committed(self, session: _Session, rows: list[list[Any]]) -> None:
        """Tell words, but not those that were told before the child died and came again."""
        words = [_word(row, session.first_word) for row in rows]
        session.words = max(session.words, session.first_word + rows[-1][0]) if rows else 0
        fresh = tuple(word for word in words if word.start >= session.told_to)
        if fresh:
            session.told_to = fresh[-1].end
            self._publish(WordsCommitted(fresh))

    def _on_final(self, session: _Session, rows: list[list[Any]]) -> None:
        if not rows:
            return
        session.segments += 1
        segment = SegmentId(f"s{session.segments:04d}")
        words = tuple(
            _word(row, session.first_word, f"{segment}.{i}") for i, row in enumerate(rows, 1)
        )
        text = " ".join(word.text for word in words)
        role, confidence = session.cues.hear(text)
        start, end = words[0].start, words[-1].end
        self._settle(session, end)
        session.told_to = max(session.told_to, end)
        self._publish(SegmentFinished(Segment(segment, text, role, confidence, start, end, words)))

    def _on_progress(self, session: _Session, fields: dict[str, Any]) -> None:
        self._settle(session, fields["decoded_to"])
        lag_s = 0.0
        if "heard_to" in fields:
            session.heard_to = max(session.heard_to, fields["heard_to"])
            lag_s = float(fields["lag_s"])
            if fields["is_idle"]:
                session.is_asked = False
                if session.heard_to < session.fed_to:
                    self._ask()
                self._expect()
        self._publish(SpeechProgressed(session.settled, lag_s))

    @staticmethod
    def _settle(session: _Session, at_sample: int) -> None:
        """Forget sound that is words now."""
        session.settled = max(session.settled, at_sample)
        while session.kept and _end_of(session.kept[0]) <= session.settled:
            session.kept.popleft()

    def _on_failed(self, fields: dict[str, Any]) -> None:
        code, facts = fields["code"], tuple(fields.get("facts", {}).items())
        if self._life.is_loaded:  # a bug while decoding: a fresh child takes the sound again
            self._life.expect(0.0)
            return
        self._life.dismiss()  # the model cannot be used: another try would end the same
        self._publish(ChildFailed(CHILD, code, "", facts))


def _place(model: InstalledModel) -> dict[str, Any]:
    """Return where a model lies and what its files must be."""
    files = [asdict(each) for each in model.card.files]
    return {"folder": model.folder, "files": files}


def _audio(session: _Session, at_sample: int, pcm: bytes) -> Frame:
    return Frame("audio", {"session": session.number, "at_sample": at_sample}, pcm)


def _end_of(block: tuple[int, bytes]) -> int:
    return block[0] + len(block[1]) // BYTES_PER_SAMPLE


def _samples_after(blocks: deque[tuple[int, bytes]], heard_to: int) -> int:
    """Return how much of some sound lies behind a sample."""
    total = 0
    for block in reversed(blocks):
        if _end_of(block) <= heard_to:
            break
        total += _end_of(block) - max(block[0], heard_to)
    return total


def _word(row: list[Any], first_word: int, name: str = "") -> Word:
    """Return a word as the child tells it: [number, text, start, end, probability]."""
    number, text, start, end, probability = row
    word = WordId(f"w{first_word + number}" if number else name)
    return Word(word, text, start, end, probability)
