"""Shared test settings.

A test that leaves a thread or a child process behind fails, and so does one that logs a
warning or an error nobody asked about (fixture `logged`). Order is random (pytest-randomly).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from app.foundation.log import SINK, Entry

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

hypothesis_settings.register_profile("default", deadline=None, max_examples=100)
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

PATIENCE_S = 10.0
"""How long a thread or child may take to leave; generous, for a busy machine."""


def _children() -> dict[int, str]:
    """Return the running child processes of this one, by id, with their names (Linux only)."""
    found: dict[int, str] = {}
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            numbers = task.read_text(encoding="ascii").split()
        except OSError:  # that thread just ended
            continue
        for number in numbers:
            try:
                stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
            except OSError:
                continue
            name, _, rest = stat.partition("(")[2].rpartition(")")
            if rest.split()[0] != "Z":  # a zombie has ended
                found[int(number)] = name
    return found


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail a test whose threads or child processes outlive it."""
    threads, children = set(threading.enumerate()), set(_children())
    yield
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        left = [thread.name for thread in set(threading.enumerate()) - threads]
        running = [name for pid, name in _children().items() if pid not in children]
        if not (left or running) or time.monotonic() > deadline_s:
            break
        time.sleep(0.02)
    if left or running:
        pytest.fail(f"left behind: threads {left}, children {running}")


class Logged(list[Entry]):
    """All entries a test logged. Asking for it means that warnings are expected."""

    @property
    def events(self) -> list[str]:
        """The names of the events, in order."""
        return [str(entry["event"]) for entry in self]


@pytest.fixture(autouse=True)
def _log_watch(request: pytest.FixtureRequest) -> Iterator[Logged]:
    """Make the allow-list strict, and fail a test that logs a warning it did not ask about."""
    entries = Logged()
    unwatch = SINK.watch(entries.append)
    SINK.is_strict = True
    yield entries
    unwatch()
    SINK.is_strict = False
    SINK.close()
    if "logged" not in request.fixturenames:
        bad = [entry for entry in entries if entry["level"] in {"warning", "error"}]
        if bad:
            pytest.fail(f"unexpected log lines: {bad}")


@pytest.fixture
def logged(_log_watch: Logged) -> Logged:
    """Return what this test logs; warnings and errors are then no failure."""
    return _log_watch


@dataclass(frozen=True, slots=True)
class Profile:
    """Folders of a made-up person: nothing outside `home` is touched by the program."""

    home: Path
    root: Path
    config: Path


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Return a fresh profile; the environment of this process and its children points at it."""
    home = tmp_path / "home"
    root = home / "root"
    folders = {
        "HOME": home,
        "STETHOSCRIBE_ROOT": root,
        "XDG_DATA_HOME": home / "data",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_STATE_HOME": home / "state",
        "XDG_RUNTIME_DIR": home / "runtime",
        "TMPDIR": home / "tmp",
    }
    for name, folder in folders.items():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    return Profile(home, root, home / "config")
