"""The kernel confirms what we asked for: acceptance A19."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.foundation.hardening import Hardening, read_back

TOP = Path(__file__).parents[3]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux only so far")


def run(code: str) -> str:
    """Run code in a process of its own: hardening cannot be undone."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


PRINT = "from app.foundation.hardening import *; harden(is_child={}); print(read_back())"


@linux_only
@pytest.mark.parametrize("is_child", [False, True])
def test_a_hardened_process_leaves_no_core_and_cannot_be_read(is_child: bool) -> None:
    assert run(PRINT.format(is_child)) == repr(
        Hardening((0, 0), is_dumpable=False, is_privilege_locked=is_child)
    )


@linux_only
def test_a_new_program_is_dumpable_again_so_each_child_must_repeat_it() -> None:
    code = (
        "import os, sys; from app.foundation.hardening import *; harden(is_child=True)\n"
        "os.execv(sys.executable, [sys.executable, '-c',"
        " 'from app.foundation.hardening import *; print(read_back())'])"
    )
    found = run(code)
    assert "is_dumpable=True" in found
    assert "core_limit=(0, 0)" in found
    assert "is_privilege_locked=True" in found


@linux_only
def test_a_hardened_process_still_opens_its_own_files_by_number(tmp_path: Path) -> None:
    """Models are hashed and loaded through /proc/self/fd, also by an ordinary user."""
    path = tmp_path / "model"
    path.write_text("weights", encoding="utf-8")
    lower = "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n" if os.getuid() == 0 else ""
    code = (
        "import os, resource, threading; from app.foundation.hardening import *\n"
        f"number = os.open({str(path)!r}, os.O_RDONLY)\n{lower}"
        "harden(is_child=True)\n"
        "show = lambda: print(open(f'/proc/self/fd/{number}').read())\n"
        "show(); thread = threading.Thread(target=show); thread.start(); thread.join()"
    )
    assert run(code) == "weights\nweights"


def test_this_process_is_not_hardened_by_reading() -> None:
    assert read_back() == read_back()
