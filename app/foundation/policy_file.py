"""Read an administrator's policy. In doubt the whole of it is rejected: SECURITY.md 11.

On Linux it is a file: one flat JSON object with the names of SECURITY.md 11, those that exist so
far: `{"serial": 3, "identity.min_password": 20, "export.unsigned": "block"}`. On Windows it is the
registry, where group policy writes it: numbers, switches (0 or 1) and choices are values of
these names, lists are keys of these names with values `1`, `2` and so on.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from app.domain.policy import Policy
from app.foundation import registry
from app.foundation.policy_keys import Kind, PolicyModel, policy_keys
from app.foundation.registry import Branch

POLICY_FILE: Final = Path("/etc/stethoscribe/policy.json")

MAX_BYTES: Final = 65_536
"""No honest policy is longer; a longer one is not read into memory."""

STRICT: Final = Policy(
    min_password=15,
    idle_minutes=5,
    absolute_hours=12,
    while_recording="full",
    reauth_minutes=0,
    export_unsigned="block",
    export_formats=("clipboard_plain", "fhir_bundle"),
    export_patient_in_filename=False,
    export_ai_line=True,
    clipboard_clear_s=30,
    recorder_alone_minutes=15,
    demo_allowed=False,
)
"""What holds when a policy is rejected: the last column of the table in SECURITY.md 11."""


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """A policy and where it comes from.

    Attributes:
        source: `default` (there is none), `file` (there is one, on Windows in the registry), or
            `strict` (it was rejected).
        trouble: why it was rejected: the name of a key, or one of `unreadable`,
            `permissions`, `not_json`, `too_long`, `serial`. Empty when nothing is wrong.
    """

    policy: Policy
    source: Literal["default", "file", "strict"]
    trouble: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One key of the policy in force: its value, and where that comes from.

    Attributes:
        source: `default`, `file`, or `strict` where the file was rejected.
    """

    key: str
    value: object
    default: object
    source: str


class _PolicyError(Exception):
    """The policy cannot be used; the argument says why."""


def read_policy(
    path: Path | None = None, last_serial: int = 0, owner_uid: int = 0
) -> PolicyReading:
    """Return the policy in force.

    Args:
        path: a file; None = where this system keeps its policy. When nothing is there, the
            defaults hold.
        last_serial: serial of the last valid policy seen; an older one is rejected.
        owner_uid: who must own the file (POSIX); tests run as somebody else.
    """
    try:
        if path is None and sys.platform == "win32":
            raw = _of_registry()
        else:
            raw = _of_file(path or POLICY_FILE, owner_uid)
        if raw is None:
            return PolicyReading(Policy(), "default")
        serial, policy = _judge(raw, last_serial)
    except _PolicyError as error:
        return PolicyReading(STRICT, "strict", str(error))
    return PolicyReading(policy, "file", serial=serial)


def policy_place(system: str = sys.platform) -> str:
    """Return where this system keeps its policy, as administrators write it."""
    return rf"HKLM\{registry.POLICIES}" if system == "win32" else str(POLICY_FILE)


def from_registry(branch: Branch) -> dict[str, object]:
    """Return what a registry key says, as a policy file would say it.

    A key for a list that holds nothing counts as absent: policy editors leave them behind.
    What is of the wrong kind stays so, and is rejected with its name when it is judged.
    """
    switches = {each.name for each in policy_keys() if each.kind is Kind.SWITCH}
    raw: dict[str, object] = {}
    for name, value in branch.values.items():
        is_switch = name in switches and type(value) is int and value in {0, 1}
        raw[name] = bool(value) if is_switch else value
    for name, below in branch.below.items():
        if below.values or below.below:
            raw[name] = None if name in raw else _numbered(below)
    return raw


def _numbered(branch: Branch) -> list[object] | None:
    """Return the values `1`, `2` … in order, None when they are called otherwise."""
    if branch.below or not all(name.isdecimal() for name in branch.values):
        return None
    return [branch.values[name] for name in sorted(branch.values, key=int)]


def rows(reading: PolicyReading) -> tuple[PolicyRow, ...]:
    """Return every key with the value in force, in the order of SECURITY.md 11."""
    values, defaults = asdict(reading.policy), asdict(Policy())
    found = []
    for key in policy_keys():
        if key.name == "serial":
            continue
        source = reading.source
        if source == "file" and values[key.field] == defaults[key.field]:
            source = "default"
        found.append(PolicyRow(key.name, values[key.field], defaults[key.field], source))
    return tuple(found)


def _read(path: Path, owner_uid: int) -> str | None:
    """Return the file's text, None when there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError:
        raise _PolicyError("unreadable") from None
    try:
        _check_owner(os.fstat(descriptor), owner_uid)
        with contextlib.suppress(UnicodeDecodeError):
            data = os.read(descriptor, MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise _PolicyError("too_long")
            return data.decode("utf-8")
    except OSError:
        raise _PolicyError("unreadable") from None
    finally:
        os.close(descriptor)
    raise _PolicyError("not_json")


def _check_owner(found: os.stat_result, owner_uid: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _PolicyError("unreadable")
    if os.name == "posix" and (
        found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or found.st_uid != owner_uid
    ):
        raise _PolicyError("permissions")


def _of_registry() -> dict[str, object] | None:
    try:
        branch = registry.of_machine(registry.POLICIES)
    except OSError:
        raise _PolicyError("unreadable") from None
    return from_registry(branch) if branch is not None else None


def _of_file(path: Path, owner_uid: int) -> dict[str, object] | None:
    text = _read(path, owner_uid)
    if text is None:
        return None
    try:
        raw = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _PolicyError("not_json") from None
    if not isinstance(raw, dict):
        raise _PolicyError("not_json")
    return raw


def _judge(raw: dict[str, object], last_serial: int) -> tuple[int, Policy]:
    _check_names(raw)
    try:
        model = PolicyModel.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _PolicyError(str(first["loc"][0])) from None
    if model.serial < last_serial:
        raise _PolicyError("serial")
    values = model.model_dump(exclude={"serial"})
    return model.serial, Policy(**{name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:  # noqa: ANN401 - any value of a policy
    return tuple(value) if isinstance(value, list) else value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _check_names(raw: dict[str, object]) -> None:
    """Reject a key nobody knows; it is named only in a form that can be shown."""
    known = {each.name for each in policy_keys()}
    for name in raw:
        if name not in known:
            raise _PolicyError("".join(c for c in name[:64] if c.isalnum() or c in "._") or "?")
