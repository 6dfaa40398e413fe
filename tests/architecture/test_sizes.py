"""Files stay small enough to be read in one go. Functions are measured by ruff."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALL = 500
"""Lines a file may have. Aim at 150; a file that grows past 300 probably does two things."""

FOLDERS = ("app", "models", "installer", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def test_there_are_files_to_measure() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_not_past_the_wall(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= WALL, f"{lines} lines: split it by duty"
