"""Starts a child of the installed product as the app does, and tells its first frame. Wine test.

python.exe -X launcher child.py NAME [ARGUMENT ...]
"""

from __future__ import annotations

import queue
import sys

from app.engines.supervisor import Supervisor, Tie, child_command
from app.engines.wire import Frame

WAIT_S = 120


def main(name: str, *arguments: str) -> int:
    """Start it, wait for its first frame, let it go; return 0, or 1 when it ended instead."""
    frames: queue.Queue[Frame | None] = queue.Queue()
    command = child_command(name, *arguments)
    print("command:", *command)
    child = Supervisor(command, Tie.LEASHED, frames.put, lambda _status: frames.put(None))
    child.start()
    first = frames.get(timeout=WAIT_S)
    child.stop()
    print("first frame:", first.kind if first is not None else "none, it ended")
    return int(first is None)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
