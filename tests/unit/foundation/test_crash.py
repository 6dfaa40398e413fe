"""A crash leaves a report without what was said."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.foundation import crash
from app.foundation.crash import CrashReporter
from tests.conftest import Logged

PHI = "ZZPHI-12345678"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def reporter(tmp_path: Path, stream: io.StringIO, logged: Logged) -> Iterator[CrashReporter]:
    made = CrashReporter(tmp_path, "0.1.0", stream)
    made.install()
    yield made
    made.uninstall()
    assert all(PHI not in str(entry) for entry in logged)


def _reports(folder: Path) -> list[Path]:
    return sorted(folder.glob("crash-*.txt"))


def _fail(said: str) -> None:
    patient = said
    raise ValueError(patient)


@pytest.mark.usefixtures("reporter")
def test_an_error_on_the_main_thread_leaves_a_private_report(
    tmp_path: Path, stream: io.StringIO
) -> None:
    try:
        _fail(PHI)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (report,) = _reports(tmp_path)
    text = report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "Stethoscribe 0.1.0" in text
    assert "builtins.ValueError" in text
    assert "_fail" in text
    assert PHI not in text + stream.getvalue()
    assert str(report) in stream.getvalue()


@pytest.mark.usefixtures("reporter")
def test_an_error_on_another_thread_leaves_a_report(tmp_path: Path) -> None:
    thread = threading.Thread(target=_fail, args=(PHI,), name="notes-reader")
    thread.start()
    thread.join()
    (report,) = _reports(tmp_path)
    assert "thread: notes-reader" in report.read_text()
    assert PHI not in report.read_text()


@pytest.mark.usefixtures("reporter")
def test_an_interrupt_from_the_keyboard_is_no_crash(tmp_path: Path) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert _reports(tmp_path) == []


def test_a_loop_of_errors_does_not_fill_the_disk(
    tmp_path: Path, reporter: CrashReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "MAX_REPORTS", 3)
    made = [reporter.report(ValueError(), "main") for _ in range(5)]
    assert len(_reports(tmp_path)) == 3
    assert made[3:] == [None, None]


@pytest.mark.usefixtures("logged")
def test_a_folder_that_cannot_be_written_raises_nothing(tmp_path: Path) -> None:
    reporter = CrashReporter(tmp_path / "missing", "0.1.0")
    assert reporter.report(ValueError(), "main") is None


def test_the_hooks_are_given_back(tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    reporter = CrashReporter(tmp_path, "0.1.0")
    reporter.install()
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_a_native_crash_leaves_the_names_of_functions(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, faulthandler\n"
        "from app.foundation.crash import CrashReporter\n"
        f"CrashReporter(pathlib.Path({str(tmp_path)!r}), '0.1.0').install()\n"
        f"def heard(said={PHI!r}):\n"
        "    faulthandler._sigsegv()\n"
        "heard()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], check=False, timeout=60, env={**os.environ}
    )
    assert ended.returncode != 0
    text = (tmp_path / "native-crash.log").read_text()
    assert "heard" in text
    assert PHI not in text
