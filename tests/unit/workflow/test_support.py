"""The support bundle tells about the machine, and nothing about anybody."""

from __future__ import annotations

import json
from pathlib import Path

from app.domain.audio import InputDevice, RoomHeard
from app.engines.workplace import Check
from app.foundation.doctor_words import check_words, gpu_words, memory_words, tone_words
from app.workflow import support
from app.workflow.administration import DoctorReport, Machine
from app.workflow.measuring import EngineSpeed

SECRET = "ZZPHI-12345678"


def report() -> DoctorReport:
    return DoctorReport(
        "0.1.0",
        Machine("cpu", 2, True, 8_000, 9_000),
        (InputDevice(f"usb:{SECRET}", f"{SECRET}'s headset", 1, 48_000),),
        (),
        (EngineSpeed("whisper-base", "speech", 1.0, 3.0, "x realtime", trouble="gpu_library"),),
        (("microphone", "device_missing"),),
        checks=(Check("swap", "warning", "plain"),),
        room=RoomHeard(120, 32_000, 0, -40.0, "heard"),
    )


def test_nothing_of_a_person_goes_in(tmp_path: Path) -> None:
    line = {"at": "2026-01-01", "event": "child_ended", "child": "speech", "said": SECRET}
    (tmp_path / "stethoscribe-2026-01-01.jsonl").write_text(
        json.dumps(line) + "\n" + f"not json {SECRET}\n" + json.dumps([SECRET]) + "\n"
    )
    crash = f"ValueError\n  {Path.home()}/app/x.py:3 f\n"
    (tmp_path / "crash-1.txt").write_text(crash)
    said = support.text(report(), tmp_path)
    assert SECRET not in said
    assert str(Path.home()) not in said
    assert "child_ended" in said
    assert "ValueError" in said
    assert "swap: warning (plain)" in said
    assert "gpu_library" in said
    assert "microphone: device_missing" in said
    assert "export.unsigned: banner (default)" in said


def test_without_logs_it_says_so() -> None:
    said = support.text(report(), None)
    assert "== Log\nempty" in said
    assert "== Crash reports\nnone" in said


def test_a_long_log_is_cut_to_its_end(tmp_path: Path) -> None:
    rows = [json.dumps({"event": "x", "count": number}) for number in range(1_000)]
    (tmp_path / "stethoscribe-2026-01-01.jsonl").write_text("\n".join(rows))
    said = support.text(report(), tmp_path)
    assert '"count": 999' in said
    assert '"count": 699' not in said


def test_every_finding_has_words() -> None:
    for name, detail in (
        ("encryption", "plain"),
        ("encryption", "encrypted"),
        ("swap", "none"),
        ("swap", "plain"),
        ("clock", "alone"),
        ("clock", "past"),
    ):
        assert check_words(name, detail) != check_words("x", "not_told")
    assert check_words("space", "free", 7) == "7 MB"
    assert "cuBLAS" in gpu_words("gpu_library")
    assert "smaller" in memory_words("short")
    assert "heard" in tone_words("heard")
