"""What tests of the recorder share: a desk that starts recordings and keeps what is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.audio.journal import JournalReader
from app.domain.audio import SAMPLE_RATE
from app.domain.events import LevelMeasured, RecordingFailed, RecordingFinished, TroubleArose
from app.domain.ids import (
    ConsentId,
    PatientId,
    RecordingId,
    RecordingKeyId,
    UserId,
    VisitId,
    new_id,
)
from app.domain.ports import JournalState, RecordingPlan
from app.domain.visit import ConsentGranted
from app.engines.recorder import Recorder, finish_living, living_recordings
from app.foundation.sealing import make_key_pair
from tests.fakes.pulse import wait_until

CLIP = Path(__file__).parents[1] / "data" / "audio" / "jfk.flac"
CLIP_SAMPLES = 176_000

E = TypeVar("E")


def consent() -> ConsentGranted:
    return ConsentGranted(ConsentId(new_id()), VisitId(new_id()), PatientId(new_id()))


@dataclass(slots=True)
class Desk:
    """One recorder and all it said."""

    folder: Path
    said: list[object] = field(default_factory=list)
    audio: list[tuple[int, bytes]] = field(default_factory=list)
    offsets: list[tuple[float, float]] = field(default_factory=list)
    plan: RecordingPlan = field(init=False)
    recorder: Recorder = field(init=False)
    private_key: bytes = field(init=False)

    def __post_init__(self) -> None:
        pair = make_key_pair()
        self.private_key = pair.private
        self.plan = RecordingPlan(
            recording=RecordingId(new_id()),
            part=0,
            owner=UserId(new_id()),
            key=RecordingKeyId(new_id()),
            public_key=pair.public,
            folder=str(self.folder),
        )
        self.recorder = Recorder(self._hear, lambda _, at, pcm: self.audio.append((at, pcm)))

    def start(self, plan: RecordingPlan) -> None:
        self.plan = plan
        self.recorder.start(consent(), plan)

    def _hear(self, event: object) -> None:
        if isinstance(event, LevelMeasured):
            now_s = time.monotonic()
            self.offsets.append((now_s, now_s - event.at_sample / SAMPLE_RATE))
        self.said.append(event)

    def clock_offset_s(self, during_s: float = 1.5) -> float:
        """Return wall clock less audio clock, by the timeliest of the levels that come now.

        Between two moments it changes by as much as the audio clock went wrong in between.
        """
        began_s = time.monotonic()
        while time.monotonic() < began_s + during_s:
            count = len(self.offsets)
            wait_until(partial(self._has_more_than, count), "no level comes")
        return min(offset for at_s, offset in list(self.offsets) if at_s >= began_s)

    def _has_more_than(self, count: int) -> bool:
        return len(self.offsets) > count

    def heard(self, kind: type[E]) -> list[E]:
        return [event for event in list(self.said) if isinstance(event, kind)]

    def wait_for(self, kind: type[E], timeout_s: float = 30.0) -> E:
        wait_until(lambda: bool(self.heard(kind)), f"no {kind.__name__}", timeout_s)
        return self.heard(kind)[0]

    def troubles(self) -> list[str]:
        """Return the codes of what went wrong, in order."""
        return [event.code for event in self.heard(TroubleArose)]

    def wait_for_trouble(self, code: str, timeout_s: float = 30.0) -> None:
        wait_until(lambda: code in self.troubles(), f"nobody says {code}", timeout_s)

    def wait_for_sound(self, seconds: float) -> None:
        """Wait until the app has so much sound in all."""
        wait_until(lambda: self.seconds() >= seconds, "no sound comes")

    def seconds(self) -> float:
        return sum(len(pcm) for _, pcm in list(self.audio)) / 2 / SAMPLE_RATE

    def end(self) -> int:
        """Finish in order; return the length in samples."""
        self.recorder.finish()
        samples = self.wait_for(RecordingFinished).samples
        self.recorder.close()
        return samples

    def leave(self) -> None:
        """Whatever the test did, no recorder stays."""
        self.recorder.close()
        for recording in living_recordings(self.folder):
            assert finish_living(self.folder, recording, 20)

    def state(self) -> JournalState:
        return JournalReader(self.folder).inspect(self.plan.recording, self.private_key)

    def sound(self) -> NDArray[np.int16]:
        """Return what the journal holds, with zeros where nothing was kept."""
        blocks = list(JournalReader(self.folder).read(self.plan.recording, self.private_key))
        end = max((each.at_sample + len(each.pcm) // 2 for each in blocks), default=0)
        sound = np.zeros(end, np.int16)
        for each in blocks:
            pcm = np.frombuffer(each.pcm, "<i2")
            sound[each.at_sample : each.at_sample + len(pcm)] = pcm
        return sound

    def failed_with(self) -> str:
        return self.wait_for(RecordingFailed).code


def clip() -> NDArray[np.int16]:
    samples: NDArray[np.int16] = soundfile.read(CLIP, dtype="int16")[0]
    return samples


def likeness(heard: NDArray[np.int16], part: NDArray[np.int16]) -> float:
    """Return the best normalized correlation of `part` anywhere in `heard`: 1.0 is the same."""
    long, short = heard.astype(np.float64), part.astype(np.float64)
    size = len(long) + len(short)
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    products = product[: len(long) - len(short) + 1]
    energy = np.concatenate([[0.0], np.cumsum(long**2)])
    energies = energy[len(short) :] - energy[: len(energy) - len(short)]
    norms = np.sqrt(np.maximum(energies, 1.0) * np.sum(short**2))
    return float(np.max(products / norms))


def recorder_pids(of: int | None = None) -> list[int]:
    """Return the recorder children of a process, of this one by default (Linux).

    The first one works; a second one waits to take over.
    """
    found = []
    for task in Path(f"/proc/{of or os.getpid()}/task").glob("*/children"):
        for number in task.read_text().split():
            words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            if b"recorder" in words and b"--list" not in words:
                found.append(int(number))
    return sorted(found)


def kill_recorder(of: int | None = None) -> None:
    os.kill(recorder_pids(of)[0], signal.SIGKILL)


def eventually(is_true: Callable[[], bool], timeout_s: float = 20.0) -> bool:
    deadline_s = time.monotonic() + timeout_s
    while not is_true() and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return is_true()


APP = """
import sys, time
from dataclasses import replace
from pathlib import Path
from app.domain.ports import RecordingPlan
from tests.engines.recording_desk import Desk
desk = Desk(Path(sys.argv[1]))
print(desk.plan.recording, desk.private_key.hex(), flush=True)
desk.start(replace(desk.plan, **eval(sys.argv[2])))
from app.domain.events import LevelMeasured, RecordingStarted
desk.wait_for(LevelMeasured if desk.plan.is_armed else RecordingStarted)
print("recording", flush=True)
time.sleep(600)
"""
"""An app that records and then does nothing, to be killed. Arguments: folder, plan changes."""


class App:
    """Another process that runs our app's side, to be killed or frozen."""

    def __init__(self, folder: Path, **changes: object) -> None:
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(folder), repr(changes)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        assert self.process.stdout is not None
        recording, key = self.process.stdout.readline().split()
        self.recording, self.key = RecordingId(recording), bytes.fromhex(key)
        assert self.process.stdout.readline().strip() == "recording"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
