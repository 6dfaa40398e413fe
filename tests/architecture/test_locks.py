"""The locks hold what they promise: hashes, no index address, nothing that must stay out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted([*(ROOT / "locks").glob("*.lock"), ROOT / "models" / "starter.lock"])


def pinned(lock: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return {name.lower(): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    assert all("==" in line and re.search(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines)
    assert "://" not in text
    assert "--index" not in text


def test_av_is_in_no_lock() -> None:
    assert all("av" not in pinned(lock) for lock in LOCKS)


def test_the_locks_agree_with_each_other() -> None:
    run = pinned(ROOT / "locks" / "run.lock")
    for name in ("test.lock", "build.lock"):
        other = pinned(ROOT / "locks" / name)
        assert {key: run[key] for key in run.keys() & other.keys()} == {
            key: other[key] for key in run.keys() & other.keys()
        }


def test_windows_has_the_versions_of_the_other_systems() -> None:
    """What Windows with Python 3.12 needs of run.lock is in windows.lock, one version each."""
    windows = pinned(ROOT / "locks" / "windows.lock")
    rows = re.findall(
        r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?: ; (.*?))? \\$",
        (ROOT / "locks" / "run.lock").read_text("utf-8"),
        re.MULTILINE,
    )
    system = {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
        "python_full_version": "3.12.9",
        "python_version": "3.12",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    wanted = {
        name.lower(): version
        for name, version, marker in rows
        if not marker or Marker(marker).evaluate(system)
    }
    wanted.pop("hf-xet")  # left out of every product: trim.toml
    assert windows == wanted


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[<>=\[;~! ]", line)[0].lower() for line in wanted}
    locked = pinned(ROOT / "locks" / "test.lock") | pinned(ROOT / "locks" / "llama.lock")
    assert names - locked.keys() == set()
