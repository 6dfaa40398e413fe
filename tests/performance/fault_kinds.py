"""What can break while a patient talks: each function is one fault on a stage, with real processes.

Every one begins the recording, plays, breaks something at a random moment, waits until the chain
has settled, and leaves the figures to the stage.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.domain.audio import SAMPLE_RATE
from app.domain.events import (
    ChildEnded,
    ChildReady,
    RecordingFailed,
    SpeechProgressed,
    TroubleArose,
)
from app.foundation import paths
from tests.fakes.pulse import MICROPHONE, SINK, wait_until
from tests.performance.clips import LEAD_S
from tests.performance.fault_stage import FADED_MIC, REMAP, Stage, control
from tests.performance.player import Player

_FREEZE_S: Final = 3.0
_AWAY_S: Final = 2.0
_DUTY_S: Final = 0.25
_SETTLE_S: Final = 300.0


def recorder_killed(stage: Stage) -> None:
    """Kill -9 of the recorder while somebody speaks."""
    _until_random(stage)
    os.kill(stage.child("recorder"), signal.SIGKILL)
    _end(stage)


def speech_killed(stage: Stage) -> None:
    """Kill -9 of the speech engine."""
    _until_random(stage, repeats=2, earliest_s=12.0)
    stage.remember()
    before = len(stage.running.all(ChildReady))
    os.kill(stage.child("speech"), signal.SIGKILL)
    _end(stage)
    stage.notes["came_back"] = len(stage.running.all(ChildReady)) - before


def speech_slow(stage: Stage) -> None:
    """The speech engine gets a fifth of its time: SIGSTOP for 0.2 s of each 0.25 s."""
    stage.record()
    with _slowed(stage.child("speech")):
        stage.play(repeats=2).wait()
        stage.remember()
        stage.chain.finish(stage.running, _SETTLE_S)
    lags = [each.lag_s for each in stage.running.all(SpeechProgressed)]
    stage.notes["lag_max_s"] = round(max(lags, default=0.0), 1)


def source_away(stage: Stage) -> None:
    """The microphone is unloaded, another one takes its place, and it comes back after 2 s."""
    stage.server.control("load-module", "module-null-sink", "sink_name=quiet", "norewinds=1")
    stage.server.control("set-default-source", "quiet.monitor")
    module = _load_microphone(stage)
    player = _until_random(stage, device=FADED_MIC)
    gone_s = time.monotonic()
    stage.server.control("unload-module", module)
    time.sleep(_AWAY_S)  # the fault itself: so long it is away
    _load_microphone(stage)
    back_s = time.monotonic()
    player.wait_for_start()
    stage.excuse(gone_s, back_s)
    _end(stage)
    stage.notes["told"] = bool(stage.running.all(TroubleArose))


def server_killed(stage: Stage) -> None:
    """Kill -9 of the sound server; it is back after a second, and somebody speaks again."""
    player = _until_random(stage)
    pid = stage.server.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the sound server does not end")
    player.stop()
    (stage.server.folder / "pid").unlink(missing_ok=True)
    (stage.server.folder / "native").unlink(missing_ok=True)
    time.sleep(1.0)  # the fault itself: so long it is away
    stage.server.start()
    stage.play()
    _end(stage)
    stage.notes["told"] = bool(stage.running.all(TroubleArose))


def disk_full(stage: Stage) -> None:
    """The disk fills up: the recording ends with words, and what was heard is kept."""
    with _small_disk(stage.folder / "disk") as disk:
        player = _until_random(stage, folder=disk / "audio")
        stage.remember()
        (disk / "filler").write_bytes(bytes(40_000_000))
        failed = stage.running.wait_for(RecordingFailed, 60.0)
        failed_s = next(at for at, _ in stage.running.times(RecordingFailed))
        stage.chain.settle(stage.running, _SETTLE_S)
        player.wait()
        stage.excuse(failed_s, failed_s + 60.0)
        stage.until_s = player.played_s(failed_s) - 0.5
        stage.notes |= {"code": failed.code, "closed": stage.running.state().is_closed}
        stage.notes |= stage.figures()


def recorder_frozen(stage: Stage) -> None:
    """SIGSTOP of the recorder for 3 s, as a sleeping machine does."""
    _until_random(stage)
    pid = stage.child("recorder")
    os.kill(pid, signal.SIGSTOP)
    time.sleep(_FREEZE_S)  # the fault itself
    os.kill(pid, signal.SIGCONT)
    _end(stage)
    stage.notes["child_ended"] = len(stage.running.all(ChildEnded))


def stopped_in_a_word(stage: Stage) -> None:
    """Stop is pressed in the middle of a word; what was said before is all there."""
    word = stage.draw.choice(stage.words[3:-1])
    stage.record()
    player = stage.play()
    player.wait_for_position(LEAD_S + (word.start + word.end) / 2 / SAMPLE_RATE)
    now_s = time.monotonic()
    stage.chain.finish(stage.running, _SETTLE_S)
    stage.until_s = player.played_s(now_s)
    player.stop()
    stage.excuse(now_s, now_s + 60.0)
    stage.notes["word"] = word.text


def nothing(stage: Stage) -> None:
    """Nothing breaks: what the same sound costs without a fault."""
    _until_random(stage)
    _end(stage)


KINDS: Final[dict[str, Callable[[Stage], None]]] = {
    "nothing": nothing,
    "recorder killed": recorder_killed,
    "speech killed": speech_killed,
    "speech slow": speech_slow,
    "source away": source_away,
    "server killed": server_killed,
    "disk full": disk_full,
    "recorder frozen": recorder_frozen,
    "stop in a word": stopped_in_a_word,
}


def _until_random(
    stage: Stage,
    *,
    repeats: int = 1,
    earliest_s: float = 3.0,
    device: str = MICROPHONE,
    folder: Path | None = None,
) -> Player:
    """Record and play up to a random moment within six seconds."""
    stage.record(device, folder)
    player = stage.play(repeats)
    player.wait_for_position(earliest_s + stage.draw.uniform(0.0, 6.0))
    stage.remember()
    return player


def _end(stage: Stage) -> None:
    """Let the sound play out, stop, and wait for all words."""
    stage.takes[-1].player.wait()
    stage.chain.finish(stage.running, _SETTLE_S)


def _load_microphone(stage: Stage) -> str:
    return control(
        stage.server,
        "load-module",
        "module-remap-source",
        f"master={SINK}.monitor",
        f"source_name={REMAP}",
    )


@contextlib.contextmanager
def _slowed(pid: int) -> Iterator[None]:
    """Let a process run a fifth of the time while the block runs."""
    is_over = threading.Event()

    def brake() -> None:
        while not is_over.is_set():
            os.kill(pid, signal.SIGSTOP)
            is_over.wait(0.8 * _DUTY_S)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.2 * _DUTY_S)

    thread = threading.Thread(target=brake, name="brake", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of 130 MB: the recorder stops below 100."""
    paths.private_folder(folder)
    mount = ["mount", "-t", "tmpfs", "-o", "size=130m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        raise SystemExit("disk full: no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
