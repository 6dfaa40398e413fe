"""The speech child: sound in, words out, by Whisper behind a voice activity gate.

Frames in: `load {model, folder, files, threads, measure}`, `open {session, language, is_live,
hotwords, at_sample}`, `audio {session, at_sample}` with PCM, `listen {session}` (work on what
has come), `finish {session}`. Frames out: `loaded`, `partial`, `committed`, `final`, `progress`,
`finished`, `failed`. Sound is taken on the reader thread, everything else happens on the main
thread, which owns the models.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.domain.errors import EngineFailedError
from app.engine_host.batch import Batch
from app.engine_host.host import Outlet, claim_stdio, serve
from app.engine_host.listening import Audio, Listener, Spoken
from app.engine_host.live import Live
from app.engine_host.loading import measured, verified, working
from app.engine_host.stock_phrases import is_stock
from app.engine_host.voice_runtime import VoiceActivity
from app.engine_host.whisper_runtime import INTERIM, How, Take, Whisper
from app.engines.wire import Frame

FULL_SCALE: Final = 32_768.0


@dataclass(frozen=True, slots=True)
class _Block:
    session: int
    at_sample: int
    pcm: bytes

    @property
    def end(self) -> int:
        return self.at_sample + len(self.pcm) // 2


class Feed:
    """Sound that has come and was not listened to yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below
        self._blocks: deque[_Block] = deque()
        self._newest = 0

    def take(self, frame: Frame) -> None:
        """Keep an `audio` frame. Reader thread."""
        fields = frame.fields
        block = _Block(int(fields["session"]), int(fields["at_sample"]), frame.payload)
        with self._lock:
            self._blocks.append(block)
            self._newest = block.end

    def next(self, session: int) -> _Block | None:
        """Return the next block of a session, joined with those that follow without a gap."""
        with self._lock:
            while self._blocks and self._blocks[0].session < session:
                self._blocks.popleft()
            if not self._blocks or self._blocks[0].session != session:
                return None
            block = self._blocks.popleft()
            joined = [block.pcm]
            end = block.end
            while self._blocks and (each := self._blocks[0]).at_sample == end:
                if each.session != session or end - block.at_sample > SAMPLE_RATE:
                    break
                joined.append(self._blocks.popleft().pcm)
                end = each.end
            return replace(block, pcm=b"".join(joined))

    @property
    def newest(self) -> int:
        """Where the sound that has arrived ends."""
        return self._newest


class _Reporter:
    """Turns what a listener hears into frames."""

    def __init__(self, outlet: Outlet, session: int) -> None:
        self._outlet = outlet
        self._session = session

    def partial(self, words: Sequence[Spoken]) -> None:
        self._tell("partial", {"words": _rows(words)})

    def committed(self, words: Sequence[Spoken]) -> None:
        self._tell("committed", {"words": _rows(words)})

    def final(self, words: Sequence[Spoken]) -> None:
        if not is_stock(" ".join(word.text for word in words)):
            self._tell("final", {"words": _rows(words)})

    def settled(self, at_sample: int) -> None:
        self._tell("progress", {"decoded_to": at_sample})

    def heard(self, listener: Listener, newest: int, *, is_idle: bool = False) -> None:
        """Say what may be forgotten, how far behind the child is, and whether it is idle."""
        heard_to = listener.heard_to
        fields: dict[str, Any] = {"decoded_to": listener.settled, "heard_to": heard_to}
        lag_s = max(0, newest - heard_to) / SAMPLE_RATE
        self._tell("progress", {**fields, "lag_s": lag_s, "is_idle": is_idle})

    def finished(self, decoded_to: int) -> None:
        """Say that all sound of the session is words now."""
        self._tell("finished", {"decoded_to": decoded_to})

    def _tell(self, kind: str, fields: dict[str, Any]) -> None:
        self._outlet.send(Frame(kind, {"session": self._session, **fields}))


class SpeechChild:
    """Serves the frames of the speech engine."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._voice = VoiceActivity()
        self._model: Whisper | None = None
        self._session = 0
        self._plan: Mapping[str, Any] = {}
        self._hotwords = ""
        self._listener: Listener | None = None
        self._report = _Reporter(outlet, 0)
        self.feed = Feed()

    def load(self, frame: Frame) -> None:
        """Verify and load a model; the files are read once, and hashed before they are parsed."""
        begun_s = time.monotonic()
        fields = frame.fields
        files = verified(Path(fields["folder"]), fields["files"])
        self._listener = None
        self._model = None
        ready = working(files, int(fields["threads"]))
        self._model = ready.model
        speed = measured(self._model) if fields.get("measure") else None
        self._outlet.send(
            Frame(
                "loaded",
                {
                    "model": fields["model"],
                    "ms": round(1000 * (time.monotonic() - begun_s)),
                    "device": self._model.device,
                    "compute": self._model.compute,
                    "trouble": ready.trouble,
                    "speed": asdict(speed) if speed is not None else None,
                },
            )
        )

    def open(self, frame: Frame) -> None:
        """Begin a session: a stretch of a recording from a sample on."""
        self._plan = frame.fields
        self._session = int(frame.fields["session"])
        self._report = _Reporter(self._outlet, self._session)
        self._loaded().speak(str(frame.fields["language"]))
        self._hotwords = sentence(frame.fields["hotwords"])
        self._listen_from(int(frame.fields["at_sample"]))

    def listen(self, _: Frame) -> None:
        """Work on all sound that has come."""
        while self._listener is not None and (block := self.feed.next(self._session)):
            listener = self._listener
            if block.at_sample > listener.heard_to:  # a pause or a gap: nobody has this sound
                listener.finish()
                listener = self._listen_from(block.at_sample)
            known = listener.heard_to - block.at_sample
            pcm = np.frombuffer(block.pcm[: len(block.pcm) // 2 * 2], "<i2")[known:]
            listener.hear(pcm.astype(np.float32) / FULL_SCALE, self.feed.newest)
            self._report.heard(listener, self.feed.newest)
        if self._listener is not None:
            self._report.heard(self._listener, self.feed.newest, is_idle=True)

    def finish(self, frame: Frame) -> None:
        """Decode what is left of a session and end it."""
        self.listen(frame)
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.finish()
            self._report.finished(listener.heard_to)

    def _listen_from(self, at_sample: int) -> Listener:
        kind = Live if self._plan["is_live"] else Batch
        self._listener = kind(self._take, self._voice, self._report, at_sample)
        return self._listener

    def _take(self, pcm: Audio, how: How) -> Take:
        take = self._loaded().take(pcm, replace(how, hotwords=self._hotwords))
        if how.pad > INTERIM.pad:  # a sign of life during long stretches of careful decoding
            self._outlet.send(Frame("alive", {"session": self._session}))
        return take

    def _loaded(self) -> Whisper:
        if self._model is None:
            raise EngineFailedError("no_model")
        return self._model


def sentence(hotwords: Sequence[str]) -> str:
    """Return hotwords as a sentence: after a prompt without punctuation Whisper writes none."""
    text = ", ".join(hotwords)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _rows(words: Sequence[Spoken]) -> list[list[Any]]:
    return [
        [word.number, word.text, word.start, word.end, round(word.probability, 4)] for word in words
    ]


def main(argv: list[str]) -> None:
    """Run the child on stdin and stdout. Does not return."""
    del argv
    stdin, outlet = claim_stdio()
    child = SpeechChild(outlet)
    handlers = {
        "load": child.load, "open": child.open, "listen": child.listen, "finish": child.finish,
    }  # fmt: skip
    serve(stdin, outlet, handlers, {"audio": child.feed.take})
