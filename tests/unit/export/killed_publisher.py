"""Kill a process with SIGKILL while it publishes a file, and tell what it left (JSON on stdout).

A program of its own, because it forks. Arguments: `steps FOLDER` kills before and after each
system call that counts, `times FOLDER` at 20 moments of a run of exports.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.export.files import publish_file

DATA = b"whole line of a note\n" * 20_000
TIMES = 20


def _dying_at(point: int) -> None:
    """Make the call number `point // 2` the last one: before it (even) or after it (odd)."""
    calls = 0

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            number, calls = calls, calls + 1
            if point == 2 * number:
                os.kill(os.getpid(), signal.SIGKILL)
            found = real(*args, **options)
            if point == 2 * number + 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return call

    for name in ("open", "fsync", "link", "unlink"):
        setattr(os, name, wrapped(getattr(os, name)))


def _forked(work: Callable[[], object]) -> int:
    """Run `work` in a child; return the signal that ended it, 0 when it came to its end."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _left(folder: Path) -> dict[str, bool]:
    """Return the files without a temporary name, and whether each is whole."""
    found = [each for each in folder.iterdir() if not each.name.endswith(".part")]
    return {each.name: each.read_bytes() == DATA for each in found}


def steps(base: Path) -> list[dict[str, Any]]:
    """Kill at each step, 20 times each, until a step comes that is never reached."""
    rows: list[dict[str, Any]] = []
    for point in range(100):
        for turn in range(TIMES):
            folder = base / f"{point}-{turn}"
            folder.mkdir()

            def work(point: int = point, folder: Path = folder) -> None:
                _dying_at(point)
                publish_file(folder, "note.txt", DATA)

            status = _forked(work)
            if status == 0:
                return rows
            left = _left(folder)
            after = publish_file(folder, "note.txt", DATA).name
            rows.append({"point": point, "status": status, "left": left, "after": after})
    return rows


def times(base: Path) -> list[dict[str, Any]]:
    """Kill a process that exports without end, at 20 moments."""
    rows: list[dict[str, Any]] = []
    for turn in range(TIMES):
        folder = base / f"t{turn}"
        folder.mkdir()

        def work(turn: int = turn, folder: Path = folder) -> None:
            def end() -> None:
                time.sleep(0.003 + turn * 0.0017)
                os.kill(os.getpid(), signal.SIGKILL)

            threading.Thread(target=end, daemon=True).start()
            while True:
                publish_file(folder, "note.txt", DATA)

        rows.append({"status": _forked(work), "left": _left(folder)})
    return rows


if __name__ == "__main__":
    print(json.dumps({"steps": steps, "times": times}[sys.argv[1]](Path(sys.argv[2]))))
