"""Leases and notes, for a process that no pipe reaches. No port, no socket.

A lease is a file under an operating-system lock: while the lock is held, its owner
lives, whatever a process table or a stale file says. A note is an empty file whose name
is the message, so it cannot be half written.

Two users: a recorder that outlived its app, and a second start of the app that asks the
first to raise its window. Any thread.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock, Timeout

_NOTE = re.compile(r"(?P<order>\d+)\.(?P<word>[a-z-]+)")


def take_lease(path: Path) -> FileLock | None:
    """Return the held lock, or None while another process holds it."""
    lock = FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock


def is_leased(path: Path) -> bool:
    """Return whether a living process holds the lease."""
    if (lock := take_lease(path)) is None:
        return True
    lock.release()
    return False


def leave_note(folder: Path, word: str) -> None:
    """Leave a one-word message. The folder must exist and be private.

    Raises:
        ValueError: `word` is not made of lower-case letters and hyphens.
        OSError: the note cannot be written.
    """
    name = f"{time.time_ns():020d}.{word}"
    if _NOTE.fullmatch(name) is None:
        raise ValueError(word)
    (folder / name).touch(mode=0o600, exist_ok=False)


def take_notes(folder: Path, known: Collection[str]) -> list[str]:
    """Remove all notes and return the known words, oldest first."""
    words: list[str] = []
    for path in sorted(folder.iterdir()):
        note = _NOTE.fullmatch(path.name)
        if note is None:
            continue
        path.unlink(missing_ok=True)
        if note["word"] in known:
            words.append(note["word"])
    return words
