"""Leases tell who lives; notes are read once, in order."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.foundation.letterbox import is_leased, leave_note, take_lease, take_notes

HOLD = """
import sys
from pathlib import Path
from app.foundation.letterbox import take_lease
lease = take_lease(Path(sys.argv[1]))
print("held" if lease else "busy", flush=True)
sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lease until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_lease_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    assert not is_leased(path)
    lease = take_lease(path)
    assert lease is not None
    assert is_leased(path)
    assert take_lease(path) is None
    lease.release()
    assert not is_leased(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_lease_ends_with_its_process(tmp_path: Path, end: signal.Signals) -> None:
    path = tmp_path / "lease"
    with hold(path) as child:
        assert is_leased(path)
        child.send_signal(end)
        child.wait(10)
        assert not is_leased(path)


def test_notes_are_taken_once_and_in_order(tmp_path: Path) -> None:
    words = ["pause", "resume", "finish", "pause"]
    for word in words:
        leave_note(tmp_path, word)
    (tmp_path / "stranger.txt").touch()
    leave_note(tmp_path, "unknown")
    assert take_notes(tmp_path, {"pause", "resume", "finish"}) == words
    assert take_notes(tmp_path, {"pause"}) == []
    assert [path.name for path in tmp_path.iterdir()] == ["stranger.txt"]


@pytest.mark.parametrize("word", ["", "Pause", "a b", "../x", "x\n", "ä"])
def test_a_note_is_one_plain_word(tmp_path: Path, word: str) -> None:
    with pytest.raises(ValueError):
        leave_note(tmp_path, word)
    assert list(tmp_path.iterdir()) == []
