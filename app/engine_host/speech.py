"""The speech child: sound in, words out, by Whisper behind a voice activity gate.

Frames in: `load {model, folder, files, threads, measure, voices}`, `open {session, language,
is_live, is_dictation, hotwords, at_sample, voiceprint, speakers, last_word, told}` with the words
that wait for a third decode, `audio {session, at_sample}` with PCM, `listen {session}` (work on
what has come), `finish {session}`, `enroll` with PCM, `again {names, language}`
with PCM. `told` are committed words that no final held when the child before died, and `last_word`
is the highest number given: words keep their numbers. Frames out: `loaded`, `partial`,
`committed`, `final {words, revised, speaker, role, confidence}`, `unheard {spans}`, `progress`,
`roles {rows}`, `finished`, `enrolled` with a voiceprint, `heard_again {words}`, `failed`. Sound is
taken on the reader thread, everything else happens on the main thread, which owns the models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.audio.windows import DICTATION, FRAME, LIVE
from app.domain.audio import SAMPLE_RATE
from app.domain.errors import EngineFailedError
from app.engine_host.batch import Batch
from app.engine_host.feed import Feed
from app.engine_host.heap import keep_heap
from app.engine_host.host import Outlet, claim_stdio, serve
from app.engine_host.hotwords import Hotwords
from app.engine_host.listening import Audio, Listener, Manner, Names
from app.engine_host.live import Live
from app.engine_host.loading import measured, verified, working
from app.engine_host.reporting import Reporter, spoken
from app.engine_host.speakers import Speakers
from app.engine_host.voice_runtime import VoiceActivity
from app.engine_host.voiceprints import Voiceprints
from app.engine_host.whisper_runtime import INTERIM, How, Take, Whisper
from app.engines.wire import Frame

FULL_SCALE: Final = 32_768.0
AGAIN: Final = replace(INTERIM, beam=5)
"""For a passage of some seconds that is heard again with names in mind; nobody waits for it."""


class SpeechChild:
    """Serves the frames of the speech engine."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._voice = VoiceActivity()
        self._model: Whisper | None = None
        self._voiceprints: Voiceprints | None = None
        self._session = 0
        self._plan: Mapping[str, Any] = {}
        self._hotwords = Hotwords(())
        self._manner = Manner()
        self._listener: Listener | None = None
        self._report = Reporter(outlet, 0)
        self.feed = Feed()

    def load(self, frame: Frame) -> None:
        """Verify and load a model; the files are read once, and hashed before they are parsed."""
        begun_s = time.monotonic()
        fields = frame.fields
        files = verified(Path(fields["folder"]), fields["files"])
        self._listener = None
        self._model = self._voiceprints = None
        ready = working(files, int(fields["threads"]), is_cpu=bool(fields.get("is_cpu")))
        self._model = ready.model
        self._voiceprints = _voiceprints(fields.get("voices"), int(fields["threads"]))
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
        fields = self._plan = frame.fields
        self._session = int(fields["session"])
        self._report = Reporter(self._outlet, self._session, self._speakers())
        self._loaded().speak(str(fields["language"]))
        self._hotwords = Hotwords(fields["hotwords"])
        self._manner = Manner(
            live=DICTATION if fields["is_dictation"] else LIVE,
            tells_pauses=bool(fields["is_dictation"]),
            held=frozenset(frame.payload.decode().split()),
            names=Names(int(fields["last_word"]), spoken(fields["told"])),
        )
        self._listen_from(int(fields["at_sample"]))

    def enroll(self, frame: Frame) -> None:
        """Learn a voice from sound; the answer is empty when it could not be learned."""
        pcm = _samples(frame.payload)
        self._voice.reset()
        chances = self._voice.probabilities(pcm[: len(pcm) // FRAME * FRAME])
        speech_s = sum(chance >= LIVE.open_at for chance in chances) * FRAME / SAMPLE_RATE
        learned = self._voiceprints.learn(pcm) if self._voiceprints is not None else b""
        self._outlet.send(Frame("enrolled", {"speech_s": speech_s}, learned))

    def again(self, frame: Frame) -> None:
        """Decode a passage once more with names in mind. The answer is None while one is heard."""
        if self._listener is not None or self._model is None:
            self._outlet.send(Frame("heard_again", {"words": None}))
            return
        self._model.speak(str(frame.fields["language"]))
        how = replace(AGAIN, hotwords=", ".join(frame.fields["names"]))
        words = self._model.take(_samples(frame.payload), how).words
        rows = [[each.text, each.start, each.end, each.probability] for each in words]
        self._outlet.send(Frame("heard_again", {"words": rows}))

    def listen(self, _: Frame) -> None:
        """Work on all sound that has come."""
        while self._listener is not None and (block := self.feed.next(self._session)):
            listener = self._listener
            if block.at_sample > listener.heard_to:  # a pause or a gap: nobody has this sound
                listener.finish()
                listener = self._listen_from(block.at_sample)
            known = listener.heard_to - block.at_sample
            listener.hear(_samples(block.pcm)[known:], block.end + self.feed.waiting)
            self._report.heard(listener, self.feed.waiting)
        if self._listener is not None:
            self._report.heard(self._listener, 0, is_idle=True)

    def finish(self, frame: Frame) -> None:
        """Decode what is left of a session and end it."""
        self.listen(frame)
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.finish()
            self._report.finished(listener.heard_to)

    def _listen_from(self, at_sample: int) -> Listener:
        kind = Live if self._plan["is_live"] else Batch
        self._listener = kind(self._take, self._voice, self._report, at_sample, self._manner)
        return self._listener

    def _speakers(self) -> Speakers | None:
        fields = self._plan
        if self._voiceprints is None or fields["is_dictation"]:
            return None
        clinician = bytes.fromhex(fields["voiceprint"])
        return Speakers(self._voiceprints, clinician, int(fields["speakers"]))

    def _take(self, pcm: Audio, how: How) -> Take:
        take = self._hotwords.used(self._loaded().take, pcm, how)
        if how.pad > INTERIM.pad:  # a sign of life during long stretches of careful decoding
            self._outlet.send(Frame("alive", {"session": self._session}))
        return take

    def _loaded(self) -> Whisper:
        if self._model is None:
            raise EngineFailedError("no_model")
        return self._model


def _voiceprints(voices: Mapping[str, Any] | None, threads: int) -> Voiceprints | None:
    """Load the model that tells speakers apart, if there is one."""
    if voices is None:
        return None
    files = verified(Path(voices["folder"]), voices["files"])
    (network,) = (content for name, content in files.items() if name.endswith(".onnx"))
    return Voiceprints(network, threads)


def _samples(pcm: bytes) -> Audio:
    """Return s16le as float32."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / FULL_SCALE


def main(argv: list[str]) -> None:
    """Run the child on stdin and stdout. Does not return."""
    del argv
    keep_heap()
    stdin, outlet = claim_stdio()
    child = SpeechChild(outlet)
    handlers = {
        "load": child.load, "open": child.open, "listen": child.listen, "finish": child.finish,
        "enroll": child.enroll, "again": child.again,
    }  # fmt: skip
    serve(stdin, outlet, handlers, {"audio": child.feed.take})
