"""`purge` says what it would delete, asks, and never takes a person's own folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import cli


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, ["purge", *arguments], input=answer)


def test_a_person_is_told_where_their_own_data_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STETHOSCRIBE_ROOT", str(tmp_path))
    done = run()
    assert done.exit_code == 2
    assert str(tmp_path) in done.stderr


def test_nothing_is_deleted_without_a_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deletion itself: test_machine_data.py, and the Wine test of the MSI."""
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    kept = tmp_path / "stethoscribe" / "models" / "whisper-base"
    kept.mkdir(parents=True)
    done = run("--machine", answer="n\n")
    assert done.exit_code == 1
    assert str(tmp_path / "stethoscribe") in done.stdout
    assert kept.is_dir()
