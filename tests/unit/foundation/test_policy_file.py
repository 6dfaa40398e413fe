"""A policy holds whole or not at all: SECURITY.md 11."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.bootstrap import policy_trouble
from app.domain.policy import Policy
from app.foundation.policy_file import STRICT, PolicyReading, read_policy, rows

GOOD: dict[str, object] = {
    "serial": 4,
    "identity.min_password": 20,
    "lock.idle_minutes": 3,
    "lock.absolute_hours": 8,
    "lock.while_recording": "full",
    "sign.reauth_minutes": 0,
    "export.unsigned": "block",
    "export.formats": ["text"],
    "export.patient_in_filename": True,
    "export.ai_line": False,
    "clipboard.clear_seconds": 15,
    "recorder.alone_minutes": 60,
    "demo.allowed": False,
}


def _read(folder: Path, content: object, **options: int) -> PolicyReading:
    path = folder / "policy.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o644)
    return read_policy(path, owner_uid=os.getuid(), **options)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "policy.json") == PolicyReading(Policy(), "default")


def test_every_key_is_read(tmp_path: Path) -> None:
    reading = _read(tmp_path, GOOD)
    assert reading.source == "file"
    assert reading.serial == 4
    assert reading.policy == Policy(
        20, 3, 8, "full", 0, "block", ("text",), True, False, 15, 60, False
    )


def test_an_absent_key_has_its_default(tmp_path: Path) -> None:
    reading = _read(tmp_path, {"export.unsigned": "block"})
    assert reading.policy == Policy(export_unsigned="block")


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ({**GOOD, "export.unsined": "block"}, "export.unsined"),
        ({"export.unsigned": "no"}, "export.unsigned"),
        ({"export.formats": "text"}, "export.formats"),
        ({"export.formats": ["docx"]}, "export.formats"),
        ({"identity.min_password": 14}, "identity.min_password"),
        ({"identity.min_password": "20"}, "identity.min_password"),
        ({"identity.min_password": 65}, "identity.min_password"),
        ({"lock.idle_minutes": 0}, "lock.idle_minutes"),
        ({"lock.idle_minutes": 31}, "lock.idle_minutes"),
        ({"lock.idle_minutes": 5.0}, "lock.idle_minutes"),
        ({"lock.idle_minutes": True}, "lock.idle_minutes"),
        ({"lock.absolute_hours": 25}, "lock.absolute_hours"),
        ({"lock.absolute_hours": 0}, "lock.absolute_hours"),
        ({"lock.while_recording": "never"}, "lock.while_recording"),
        ({"sign.reauth_minutes": 61}, "sign.reauth_minutes"),
        ({"clipboard.clear_seconds": 14}, "clipboard.clear_seconds"),
        ({"clipboard.clear_seconds": None}, "clipboard.clear_seconds"),
        ({"recorder.alone_minutes": 61}, "recorder.alone_minutes"),
        ({"export.ai_line": 1}, "export.ai_line"),
        ({"demo.allowed": "false"}, "demo.allowed"),
        ({"min_password": 20}, "min_password"),
        ({"serial": -1}, "serial"),
        ([GOOD], "not_json"),
        ("", "not_json"),
        ("{", "not_json"),
        ('{"serial": 1, "serial": 2}', "not_json"),
        ("[" * 50_000, "not_json"),
        (" " * 70_000, "too_long"),
        ({"models.keys": "A" * 44}, "models.keys"),
        ({"models.keys": ["A" * 44]}, "models.keys"),
        ({"models.keys": ["?"]}, "models.keys"),
        ({"models.allow": ["A" * 64]}, "models.allow"),
        ({"models.allow": ["0" * 63]}, "models.allow"),
    ],
)
def test_a_policy_with_one_fault_is_rejected_whole(
    tmp_path: Path, content: object, trouble: str
) -> None:
    assert _read(tmp_path, content) == PolicyReading(STRICT, "strict", trouble)


def test_bytes_that_are_no_text_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(b"\xff\xfe{}")
    path.chmod(0o644)
    assert read_policy(path, owner_uid=os.getuid()).trouble == "not_json"


def test_an_older_policy_is_rejected(tmp_path: Path) -> None:
    assert _read(tmp_path, {"serial": 3}, last_serial=4).trouble == "serial"
    assert _read(tmp_path, {"serial": 4}, last_serial=4).source == "file"


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_policy_others_can_write_is_rejected(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "policy.json"
    path.write_text("{}")
    path.chmod(mode)
    assert read_policy(path, owner_uid=os.getuid()).trouble == "permissions"


def test_a_policy_of_another_owner_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text("{}")
    path.chmod(0o644)
    assert read_policy(path, owner_uid=os.getuid() + 1).trouble == "permissions"


def test_a_folder_or_a_pipe_in_its_place_is_rejected_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_policy(tmp_path / "pipe", owner_uid=os.getuid()).trouble == "unreadable"
    assert read_policy(tmp_path, owner_uid=os.getuid()).trouble == "unreadable"


def test_strict_values_are_the_last_column_of_the_table() -> None:
    formats = ("clipboard_plain", "fhir_bundle")
    assert Policy(15, 5, 12, "full", 0, "block", formats, False, True, 30) == Policy(
        **{**{f: getattr(STRICT, f) for f in Policy.__slots__}, "demo_allowed": True}
    )
    assert STRICT.recorder_alone_minutes == 15
    assert not STRICT.demo_allowed


def test_keys_of_a_clinic_are_read(tmp_path: Path) -> None:
    key, allowed = "A" * 43 + "=", "0" * 64
    reading = _read(tmp_path, {"models.keys": [key], "models.allow": [allowed]})
    assert reading.policy.models_keys == (key,)
    assert reading.policy.models_allow == (allowed,)


def test_the_report_names_every_key_with_its_source(tmp_path: Path) -> None:
    reading = _read(tmp_path, {"serial": 2, "lock.idle_minutes": 3, "demo.allowed": True})
    found = {each.key: each for each in rows(reading)}
    assert found.keys() >= {*GOOD, "models.keys", "models.allow"} - {"serial"}
    assert (found["lock.idle_minutes"].value, found["lock.idle_minutes"].source) == (3, "file")
    assert found["lock.idle_minutes"].default == 10
    assert found["demo.allowed"].source == "default"
    strict = {each.key: each for each in rows(_read(tmp_path, "{"))}
    assert {each.source for each in strict.values()} == {"strict"}
    assert strict["export.unsigned"].value == "block"


def test_a_rejected_policy_is_told_with_its_key(tmp_path: Path) -> None:
    assert policy_trouble(_read(tmp_path, GOOD)) is None
    told = policy_trouble(_read(tmp_path, {"lock.idle_minutes": 0}))
    assert told is not None
    assert told.code == "policy_rejected"
    assert told.facts == (("key", "lock.idle_minutes"),)
