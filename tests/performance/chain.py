"""The chain that a live visit runs through, with real children: recorder, journal, pump, speech.

As `app.workflow` wires it, without vault and window. Everything said is kept with the moment it
was said, on the monotonic clock.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self, TypeVar

from app.audio.journal import JournalReader
from app.domain.audio import BYTES_PER_SAMPLE
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    SpeechFinished,
    SpeechProgressed,
)
from app.domain.ids import (
    ConsentId,
    ModelId,
    PatientId,
    RecordingId,
    RecordingKeyId,
    UserId,
    VisitId,
    new_id,
)
from app.domain.ports import InstalledModel, JournalAudio, JournalState, RecordingPlan, SpeechPlan
from app.domain.visit import ConsentGranted
from app.engines.catalogue import Catalogue
from app.engines.pump import Pump
from app.engines.recorder import Recorder
from app.engines.speech import Speech
from app.foundation import paths
from app.foundation.sealing import make_key_pair
from tests.fakes.pulse import wait_until

LOAD_S: Final = 300.0
SHORT: Final = {"tiny.en": "whisper-tiny.en", "base": "whisper-base", "starter": "smollm2-135m"}
E = TypeVar("E")


def installed(name: str) -> InstalledModel:
    """Return an installed model by its id or a short name."""
    models = Catalogue(paths.catalogue(), paths.model_folders())
    return models.find(ModelId(SHORT.get(name, name)))


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was published, and when (monotonic, seconds)."""

    at_s: float
    event: object


@dataclass(slots=True)
class Heard:
    """What one recording gave. Appended to on several threads, read afterwards."""

    plan: RecordingPlan
    private_key: bytes
    said: list[Said] = field(default_factory=list)
    newest: int = 0  # behind the newest sample that the journal holds

    def all(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [each.event for each in list(self.said) if isinstance(each.event, kind)]

    def times(self, kind: type[E]) -> list[tuple[float, E]]:
        """Return the events of a kind with their moments."""
        return [(each.at_s, each.event) for each in list(self.said) if isinstance(each.event, kind)]

    def wait_for(self, kind: type[E], timeout_s: float = 60.0) -> E:
        """Wait for the first event of a kind."""
        wait_until(lambda: bool(self.all(kind)), f"no {kind.__name__}", timeout_s)
        return self.all(kind)[0]

    def blocks(self) -> list[JournalAudio]:
        """Return what the journal holds."""
        reader = JournalReader(Path(self.plan.folder))
        return list(reader.read(self.plan.recording, self.private_key))

    def state(self) -> JournalState:
        """Return what the journal says of itself."""
        reader = JournalReader(Path(self.plan.folder))
        return reader.inspect(self.plan.recording, self.private_key)


class Chain:
    """One speech child for many recordings, one after the other.

    Args:
        folder: where journals go.
        watch: is told every event on the thread that published it; for those that keep nothing.
        keeps: which events are kept.
    """

    def __init__(
        self,
        folder: Path,
        watch: Callable[[object], None] = lambda _: None,
        keeps: Callable[[object], bool] = lambda event: not isinstance(event, LevelMeasured),
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._keeps = keeps
        self._pool = ThreadPoolExecutor(2)
        self._lock = threading.Lock()  # guards _pump and _heard
        self._pump: Pump | None = None
        self._heard: Heard | None = None
        self._loaded = threading.Event()
        self._trouble = ""
        self._events: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._server = threading.Thread(target=self._serve, name="chain", daemon=True)
        self._server.start()
        self.speech = Speech(self._publish)
        self.recorder = Recorder(self._publish, self._on_audio)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, model: InstalledModel) -> None:
        """Start the speech child and wait for its model."""
        self._loaded.clear()
        self.speech.load(model)
        if not self._loaded.wait(LOAD_S) or self._trouble:
            raise SystemExit(f"the speech model does not load: {self._trouble}")

    def record(self, speech: SpeechPlan, **changes: object) -> Heard:
        """Begin a recording; returns when its first sound is on disk."""
        heard = self.begin(speech, **changes)
        wait_until(
            lambda: bool(heard.all(RecordingStarted) or heard.all(RecordingFailed)),
            "no sound comes",
            60.0,
        )
        if failed := heard.all(RecordingFailed):
            raise SystemExit(f"the recording does not begin: {failed[0].code}")
        return heard

    def begin(self, speech: SpeechPlan, **changes: object) -> Heard:
        """Begin a recording.

        Args:
            speech: how to decode.
            changes: fields of the recording plan.
        """
        pair = make_key_pair()
        plan = RecordingPlan(
            recording=RecordingId(new_id()),
            part=0,
            owner=UserId(new_id()),
            key=RecordingKeyId(new_id()),
            public_key=pair.public,
            folder=str(self._folder),
        )
        plan = replace(plan, **changes)  # type: ignore[arg-type]  # fields of the plan
        heard = Heard(plan, pair.private)
        reader = JournalReader(Path(plan.folder))

        def read_from(at_sample: int) -> Iterator[JournalAudio]:
            return reader.read(plan.recording, pair.private, at_sample)

        with self._lock:
            self._heard = heard
            self._pump = Pump(self.speech, self._pool.submit, read_from)
        self.speech.open(speech)
        consent = ConsentGranted(ConsentId(new_id()), VisitId(new_id()), PatientId(new_id()))
        self.recorder.start(consent, plan)
        return heard

    def finish(self, heard: Heard, timeout_s: float = 600.0) -> None:
        """End the recording and wait until all its sound is words."""
        self.recorder.finish()
        self.settle(heard, timeout_s)

    def settle(self, heard: Heard, timeout_s: float = 600.0) -> None:
        """Wait until a recording that ends is over and all its sound is words."""
        wait_until(
            lambda: bool(heard.all(RecordingFinished) or heard.all(RecordingFailed)),
            "the recording does not end",
            timeout_s,
        )
        heard.wait_for(SpeechFinished, timeout_s)
        self.recorder.close()

    def close(self) -> None:
        """End both children."""
        with self._lock:
            if self._pump is not None:
                self._pump.close()
            self._heard = self._pump = None
        self.recorder.close()
        self.speech.close()
        self._pool.shutdown()
        self._events.put(None)
        self._server.join()

    def _publish(self, event: object) -> None:
        """Stamp it. What follows from it happens on a thread of its own, as in the app."""
        now_s = time.monotonic()
        self._watch(event)
        with self._lock:
            heard = self._heard
        if heard is not None and self._keeps(event):
            heard.said.append(Said(now_s, event))
        self._events.put(event)

    def _serve(self) -> None:
        while (event := self._events.get()) is not None:
            with self._lock:
                heard, pump = self._heard, self._pump
            if isinstance(event, ChildFailed) or (
                isinstance(event, ChildEnded) and event.pause_s is None
            ):
                self._trouble = str(event)
            if self._trouble or isinstance(event, ChildReady):
                self._loaded.set()
            if heard is not None and pump is not None:
                self._go_on(event, heard, pump)

    def _go_on(self, event: object, heard: Heard, pump: Pump) -> None:
        if isinstance(event, (SpeechProgressed, ChildReady)):
            pump.nudge()
        elif isinstance(event, RecordingFinished):
            pump.end(event.samples)
        elif isinstance(event, RecordingFailed):
            self._pool.submit(self._end_failed, heard, pump)

    @staticmethod
    def _end_failed(heard: Heard, pump: Pump) -> None:
        """As the app does: what the journal holds is all there will be."""
        pump.end(heard.state().samples)

    def _on_audio(self, recording: RecordingId, at_sample: int, pcm: bytes) -> None:
        with self._lock:
            heard, pump = self._heard, self._pump
        if pump is not None and heard is not None and heard.plan.recording == recording:
            heard.newest = at_sample + len(pcm) // BYTES_PER_SAMPLE
            pump.offer(at_sample, pcm)
