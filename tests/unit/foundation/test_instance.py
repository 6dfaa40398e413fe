"""One window per profile; the second start calls the first."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from app.foundation.instance import call, claim_instance

_HOLD = """
import pathlib, sys
from app.foundation.instance import claim_instance
instance = claim_instance(pathlib.Path(sys.argv[1]))
print("held" if instance else "refused", flush=True)
sys.stdin.readline()
print("called" if instance and instance.calls() else "quiet", flush=True)
sys.stdin.readline()
"""


def test_a_second_start_leaves_a_note_and_the_first_sees_it_once(tmp_path: Path) -> None:
    first = claim_instance(tmp_path)
    assert first is not None
    assert first.calls() == []
    assert claim_instance(tmp_path) is None
    assert first.calls() == ["raise"]
    assert first.calls() == []
    first.release()
    first.release()


def test_another_process_is_seen_and_its_death_frees_the_place(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    with other:
        assert other.stdout.readline() == "held\n"
        assert claim_instance(tmp_path) is None
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "called\n"
        other.kill()
    deadline_s = time.monotonic() + 10
    while (mine := claim_instance(tmp_path)) is None and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert mine is not None
    assert mine.calls() == []
    mine.release()


def test_a_word_reaches_the_window_that_runs_and_nobody_else(tmp_path: Path) -> None:
    assert not call(tmp_path, "pause")
    first = claim_instance(tmp_path)
    assert first is not None
    assert call(tmp_path, "pause")
    assert call(tmp_path, "stop")
    (tmp_path / "instance.notes" / "00000000000000000001.rubbish").touch()
    assert first.calls() == ["pause", "stop"]
    first.release()
    assert not call(tmp_path, "pause")
