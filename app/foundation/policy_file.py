"""Read an administrator's policy. In doubt the whole of it is rejected: SECURITY.md 11.

The file is one flat JSON object with the names of SECURITY.md 11, those that exist so far:
`{"serial": 3, "identity.min_password": 20, "export.unsigned": "block"}`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.domain.policy import ALL_FORMATS, Policy
from app.foundation.sealing import KEY_SIZE

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
        source: `default` (there is no file), `file`, or `strict` (the file was rejected).
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


def _check_key(text: str) -> str:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("key") from None
    if len(key) != KEY_SIZE:
        raise ValueError("key")
    return text


_PublicKey = Annotated[str, AfterValidator(_check_key)]
"""An Ed25519 public key, base64."""
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _PolicyModel(BaseModel):
    """Keys, types and ranges. A `min_password` below 15 needs MFA, which is not there yet."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    serial: Annotated[int, Field(ge=0)] = 0
    min_password: Annotated[int, Field(alias="identity.min_password", ge=15, le=64)] = 15
    idle_minutes: Annotated[int, Field(alias="lock.idle_minutes", ge=1, le=30)] = 10
    absolute_hours: Annotated[int, Field(alias="lock.absolute_hours", ge=1, le=24)] = 12
    while_recording: Annotated[Literal["privacy", "full"], Field(alias="lock.while_recording")] = (
        "privacy"
    )
    reauth_minutes: Annotated[int, Field(alias="sign.reauth_minutes", ge=0, le=60)] = 15
    export_unsigned: Annotated[Literal["banner", "block"], Field(alias="export.unsigned")] = (
        "banner"
    )
    export_formats: Annotated[
        list[Literal["clipboard_plain", "text", "fhir_bundle", "fhir_docref"]],
        Field(alias="export.formats"),
    ] = list(ALL_FORMATS)
    export_patient_in_filename: Annotated[bool, Field(alias="export.patient_in_filename")] = False
    export_ai_line: Annotated[bool, Field(alias="export.ai_line")] = True
    clipboard_clear_s: Annotated[int, Field(alias="clipboard.clear_seconds", ge=15, le=300)] = 90
    recorder_alone_minutes: Annotated[int, Field(alias="recorder.alone_minutes", ge=0, le=60)] = 15
    demo_allowed: Annotated[bool, Field(alias="demo.allowed")] = True
    models_keys: Annotated[list[_PublicKey], Field(alias="models.keys", max_length=32)] = []
    models_allow: Annotated[list[_Hash], Field(alias="models.allow", max_length=512)] = []


def read_policy(
    path: Path = POLICY_FILE, last_serial: int = 0, owner_uid: int = 0
) -> PolicyReading:
    """Return the policy in force.

    Args:
        path: the file; when it is not there, the defaults hold.
        last_serial: serial of the last valid policy seen; an older one is rejected.
        owner_uid: who must own the file (POSIX); tests run as somebody else.
    """
    try:
        text = _read(path, owner_uid)
        if text is None:
            return PolicyReading(Policy(), "default")
        serial, policy = _parse(text, last_serial)
    except _PolicyError as error:
        return PolicyReading(STRICT, "strict", str(error))
    return PolicyReading(policy, "file", serial=serial)


def rows(reading: PolicyReading) -> tuple[PolicyRow, ...]:
    """Return every key with the value in force, in the order of SECURITY.md 11."""
    values, defaults = asdict(reading.policy), asdict(Policy())
    found = []
    for name, field in _PolicyModel.model_fields.items():
        if name == "serial":
            continue
        source = reading.source
        if source == "file" and values[name] == defaults[name]:
            source = "default"
        found.append(PolicyRow(field.alias or name, values[name], defaults[name], source))
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


def _parse(text: str, last_serial: int) -> tuple[int, Policy]:
    try:
        raw = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _PolicyError("not_json") from None
    if not isinstance(raw, dict):
        raise _PolicyError("not_json")
    _check_names(raw)
    try:
        model = _PolicyModel.model_validate(raw)
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
    known = {field.alias or name for name, field in _PolicyModel.model_fields.items()}
    for name in raw:
        if name not in known:
            raise _PolicyError("".join(c for c in name[:64] if c.isalnum() or c in "._") or "?")
