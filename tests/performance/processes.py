"""Memory of this process and its children, by name (Linux)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_KNOWN: Final = ("recorder", "speech", "notes")


def resident_mb() -> dict[str, float]:
    """Return the resident size of this process (`app`) and of each child that runs.

    The younger of two recorders waits to take over: `spare`.
    """
    found = {"app": _resident_mb(os.getpid())}
    pids = [
        int(pid)
        for path in Path("/proc/self/task").glob("*/children")
        for pid in _read(path).split()
    ]
    for pid in sorted(pids):
        if name := _name(pid):
            found["spare" if name in found else name] = _resident_mb(pid)
    return found


def _name(pid: int) -> str:
    words = _read(Path(f"/proc/{pid}/cmdline")).split("\0")
    return next((each for each in words if each in _KNOWN), "")


def _resident_mb(pid: int) -> float:
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20 if len(fields) > 1 else 0.0


def _read(path: Path) -> str:
    """Return a file of /proc; empty when the process is gone."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
