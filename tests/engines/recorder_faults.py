"""What can happen to a recorder that hears a sound server, as recipes that say what it cost.

Each breaks one thing while `MICROPHONE` is recorded, lets it hear again, finishes, and returns a
`Cost`. Tests run each once; the benchmark runs each many times. They need the fixture `pulse`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.audio.journal import JournalReader
from app.domain.audio import SAMPLE_RATE, GapReason, MarkKind
from app.domain.events import RecordingFailed, RecordingResumed, RecordingStarted
from app.engines.recorder import finish_living, recorder_status
from tests.engines.recording_desk import App, Desk, kill_recorder, recorder_pids
from tests.fakes.pulse import MICROPHONE, Pulse, wait_until


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fault cost one recording.

    Attributes:
        outage_s: for how long there was nothing to be heard, or nobody to hear it.
        missing_s: what the journal calls missing.
        clock_error_s: by how much the audio clock went wrong: the gaps are too short when it is
            positive, too long when negative.
        told: trouble codes, in order.
    """

    outage_s: float
    missing_s: float
    clock_error_s: float
    reasons: tuple[GapReason, ...]
    parts: int
    is_closed: bool
    told: tuple[str, ...]

    @property
    def lost_s(self) -> float:
        """Sound that is missing beyond the outage itself."""
        return self.missing_s - self.outage_s


@dataclass(slots=True)
class Ordeal:
    """One recording of `MICROPHONE` that something happens to."""

    desk: Desk
    before_s: float = 0.0
    outage_s: float = 0.0

    def begin(self) -> None:
        self.desk.start(replace(self.desk.plan, device=self.desk.plan.device or MICROPHONE))
        self.desk.wait_for_sound(2.0)
        self.before_s = self.desk.clock_offset_s()

    def end(self) -> Cost:
        """Let it hear again for a while, then finish."""
        heard_s = self.desk.seconds()
        self.desk.wait_for_sound(heard_s + 3.0)
        after_s = self.desk.clock_offset_s()
        self.desk.end()
        state = self.desk.state()
        return Cost(
            outage_s=self.outage_s,
            missing_s=sum(gap.count for gap in state.gaps) / SAMPLE_RATE,
            clock_error_s=after_s - self.before_s,
            reasons=tuple(gap.reason for gap in state.gaps),
            parts=state.parts,
            is_closed=state.is_closed,
            told=tuple(self.desk.troubles()),
        )


def unplug(desk: Desk, pulse: Pulse, away_s: float = 2.0) -> Cost:
    """Unload the microphone's module, and load it again."""
    ordeal = Ordeal(desk)
    ordeal.begin()
    gone_s = time.monotonic()
    pulse.unload()
    _pass(away_s)
    pulse.load()
    ordeal.outage_s = time.monotonic() - gone_s
    return ordeal.end()


def kill_server(desk: Desk, pulse: Pulse) -> Cost:
    """Kill the sound server, and start it again."""
    ordeal = Ordeal(desk)
    ordeal.begin()
    gone_s = time.monotonic()
    pulse.kill()
    pulse.start()
    ordeal.outage_s = time.monotonic() - gone_s
    return ordeal.end()


def freeze(desk: Desk, seconds: float = 5.0) -> Cost:
    """Stop the recorder's process and let it go on: what a suspend looks like from inside."""
    ordeal = Ordeal(desk)
    ordeal.begin()
    pid = recorder_pids()[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        _pass(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    ordeal.outage_s = seconds
    return ordeal.end()


def speak_off_the_record_while_frozen(desk: Desk, seconds: float = 0.7) -> tuple[float, float]:
    """Go off and on the record while nothing of the recorder runs, so that its sound is late.

    Returns:
        Where on the audio clock both were asked for, in seconds.
    """
    ordeal = Ordeal(desk)
    ordeal.begin()
    pid = recorder_pids()[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        began_s = time.monotonic()
        desk.recorder.mark(MarkKind.OFF_RECORD_BEGIN)
        _pass(seconds)
        ended_s = time.monotonic()
        desk.recorder.mark(MarkKind.OFF_RECORD_END)
        _pass(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    desk.wait_for(RecordingResumed)
    ordeal.end()
    return began_s - ordeal.before_s, ended_s - ordeal.before_s


def kill_and_go_on(desk: Desk) -> Cost:
    """Kill the recorder with SIGKILL; the app starts another one."""
    ordeal = Ordeal(desk)
    ordeal.begin()
    killed_s = time.monotonic()
    heard_s = desk.seconds()
    kill_recorder()
    wait_until(lambda: desk.seconds() > heard_s + 0.5, "the recorder does not come back")
    ordeal.outage_s = time.monotonic() - killed_s - 0.5
    return ordeal.end()


def stop_in_sound(desk: Desk, pulse: Pulse, clip: Path) -> Cost:
    """Finish while somebody speaks. `clock_error_s`: how much sound before the order is missing."""
    desk.start(replace(desk.plan, device=MICROPHONE))
    desk.wait_for(RecordingStarted)
    with pulse.playing(clip):
        desk.wait_for_sound(4.0)
        offset_s = desk.clock_offset_s(0.5)
        asked_s = time.monotonic()
        samples = desk.end()
    state = desk.state()
    missing_s = asked_s - offset_s - samples / SAMPLE_RATE
    told = tuple(desk.troubles())
    return Cost(0.0, 0.0, max(0.0, missing_s), (), state.parts, state.is_closed, told)


def kill_app(folder: Path, **changes: object) -> Cost:
    """Kill the app; the recorder goes on alone, and is finished by a note. Linux."""
    app = App(folder, device=MICROPHONE, **changes)
    before_s = _status_offset_s(folder, app)
    app.kill()
    after_s = _status_offset_s(folder, app, moments=3)
    assert finish_living(folder, app.recording, 20)
    state = JournalReader(folder).inspect(app.recording, app.key)
    missing_s = sum(gap.count for gap in state.gaps) / SAMPLE_RATE
    reasons = tuple(gap.reason for gap in state.gaps)
    return Cost(0.0, missing_s, after_s - before_s, reasons, state.parts, state.is_closed, ())


def fill_disk(folder: Path) -> tuple[Cost, str]:
    """Let the disk of the journal fill up; return what the recorder failed with, too. Linux."""
    with _small_disk(folder) as disk:
        desk = Desk(disk / "audio")
        desk.start(replace(desk.plan, device=MICROPHONE))
        desk.wait_for_sound(1.0)
        (disk / "filler").write_bytes(bytes(30_000_000))
        code = desk.wait_for(RecordingFailed).code
        told_s = desk.seconds()
        state = desk.state()
        missing_s = told_s - state.samples / SAMPLE_RATE
        cost = Cost(
            0.0, max(0.0, missing_s), 0.0, (), state.parts, state.is_closed, tuple(desk.troubles())
        )
        desk.leave()
        wait_until(lambda: not recorder_pids(), "the recorder stays")
    return cost, code


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of 120 MB: a recorder stops in order when less than 100 MB are left."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", str(disk)]
    is_possible = sys.platform == "linux" and not os.getuid()
    if not is_possible or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _status_offset_s(folder: Path, app: App, moments: int = 2) -> float:
    """Return wall clock less audio clock, as the status file tells both."""
    seen: dict[float, float] = {}
    asked_at_s = time.time()

    def has_enough() -> bool:
        status = recorder_status(folder, app.recording)
        if status is not None and status.samples and status.at_s > asked_at_s:
            seen[status.at_s] = status.at_s - status.samples / SAMPLE_RATE
        return len(seen) >= moments

    wait_until(has_enough, "the recorder says nothing")
    return min(seen.values())


def _pass(seconds: float) -> None:
    """Let time pass: how long a fault lasts is part of it."""
    time.sleep(seconds)
