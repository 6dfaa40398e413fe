"""The whole product on one recording, watched from outside: time, words, memory per process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_EVERY_S: Final = 0.25


@dataclass(slots=True)
class Run:
    """What one run of the demo gave."""

    text: str
    seconds_of_sound: float
    claims: int
    supported: int
    memory_mb: dict[str, int] = field(default_factory=dict)


def run_demo(audio: Path, model: str, *options: str) -> Run:
    """Run `stethoscribe demo` on a recording in a process of its own."""
    peaks: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "app", "demo", str(audio), "--json"]
        process = subprocess.Popen(
            [*command, "--model", model, "--to", out, *options],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, over))
        watcher.start()
        said, _ = process.communicate()
        over.set()
        watcher.join()
    if process.returncode != 0:
        raise SystemExit(f"the demo ended with {process.returncode}")
    told = json.loads(said)
    segments = told["transcript"]["segments"]
    claims = [each for section in told["note"]["sections"] for each in section["claims"]]
    return Run(
        " ".join(each["text"] for each in segments),
        max((each["end_s"] for each in segments), default=0.0),
        len(claims),
        sum(each["support"] == "supported" for each in claims),
        peaks,
    )


def _watch(pid: int, peaks: dict[str, int], over: threading.Event) -> None:
    """Keep the highest resident size in MB of the app and each child, by its name."""
    while not over.wait(_EVERY_S):
        for each in (pid, *_children(pid)):
            name, size = _name(each, pid), _resident_mb(each)
            peaks[name] = max(peaks.get(name, 0), size)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(each) for each in path.read_text("ascii").split()]
        except OSError:
            continue
    return found


def _name(pid: int, app: int) -> str:
    if pid == app:
        return "app"
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "gone"
    known = {b"recorder", b"speech", b"notes"}
    return next((each.decode() for each in words if each in known), "other")


def _resident_mb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
