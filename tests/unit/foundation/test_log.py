"""The log says only what the allow-list knows, in seven private files."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from app.domain.errors import DeviceLostError, DiskFullError
from app.foundation.log import FILES_KEPT, SINK, LogFieldError, get_logger, open_log, stack_lines
from tests.conftest import Logged

_log = get_logger()
PHI = "ZZPHI-12345678"


def _lines(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.glob("stethoscribe-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_an_entry_is_one_json_line_in_a_private_file(tmp_path: Path) -> None:
    open_log(tmp_path)
    _log.info("child_ended", child="speech", status=-11, ms=172)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (line,) = _lines(tmp_path)
    assert line.pop("at")
    assert line == {
        "level": "info",
        "event": "child_ended",
        "child": "speech",
        "status": -11,
        "ms": 172,
    }


def test_entries_from_before_the_file_is_open_are_kept(tmp_path: Path) -> None:
    _log.info("started", version="0.1.0")
    open_log(tmp_path)
    _log.info("opened")
    assert [line["event"] for line in _lines(tmp_path)] == ["started", "opened"]


@pytest.mark.parametrize(
    "fields",
    [
        {"patient": "x"},
        {"text": "x"},
        {"code": "the patient said that it hurts"},
        {"visit": 7},
        {"ms": "12"},
        {"ms": 1.5},
        {"count": True},
        {"code": "x" * 65},
        {"child": "a\nb"},
    ],
)
def test_a_field_that_is_not_allowed_fails_in_tests(fields: dict[str, object]) -> None:
    with pytest.raises(LogFieldError):
        _log.info("started", **fields)


@pytest.mark.parametrize("event", ["Child ended", "", "childEnded", f"said_{PHI}", "a__b"])
def test_an_event_name_that_is_no_constant_fails_in_tests(event: str) -> None:
    with pytest.raises(LogFieldError):
        _log.info(event)


def test_in_a_release_what_is_not_allowed_is_dropped(tmp_path: Path) -> None:
    SINK.is_strict = False
    open_log(tmp_path)
    _log.info("started", patient=PHI, code=f"said {PHI}", count=3)
    _log.info(f"heard {PHI}")
    (first, second) = _lines(tmp_path)
    assert first["count"] == 3
    assert set(first) == {"at", "level", "event", "count"}
    assert second["event"] == "event_name_rejected"
    assert all(PHI not in file.read_text() for file in tmp_path.iterdir())


def test_an_exception_is_logged_without_its_text_or_locals(tmp_path: Path, logged: Logged) -> None:
    open_log(tmp_path)

    def listen(heard: str) -> None:
        json.loads("{" + heard)

    try:
        try:
            listen(PHI)
        except ValueError as error:
            raise DiskFullError(7) from error
    except DiskFullError as error:
        _log.error("save_failed", exc_info=error)
    text = next(tmp_path.iterdir()).read_text()
    assert PHI not in text
    assert "json.decoder.JSONDecodeError" in text
    assert "DiskFullError disk_full" in text
    assert "in listen" not in text
    assert "listen" in text
    assert logged.events == ["save_failed"]


def test_a_suppressed_cause_is_left_out() -> None:
    def translate() -> None:
        try:
            int(PHI)
        except ValueError:
            raise DeviceLostError from None

    with pytest.raises(DeviceLostError) as caught:
        translate()
    lines = stack_lines(caught.value)
    assert [line for line in lines if not line.startswith(" ")] == [
        "app.domain.errors.DeviceLostError device_lost"
    ]


def test_only_the_seven_newest_files_are_kept(tmp_path: Path) -> None:
    for day in range(10, 20):
        (tmp_path / f"stethoscribe-2020-01-{day}.jsonl").touch()
    (tmp_path / "crash-1.txt").touch()
    open_log(tmp_path)
    _log.info("started")
    files = sorted(path.name for path in tmp_path.glob("stethoscribe-*"))
    assert len(files) == FILES_KEPT
    assert files[0] == "stethoscribe-2020-01-14.jsonl"
    assert (tmp_path / "crash-1.txt").exists()


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    open_log(tmp_path / "missing")
    _log.info("started")


def test_a_log_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    _log.info("started")
    entry_day = SINK._buffer[0]["at"]
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    logs.mkdir()
    (logs / f"stethoscribe-{str(entry_day)[:10]}.jsonl").symlink_to(elsewhere)
    open_log(logs)
    assert not elsewhere.exists()
