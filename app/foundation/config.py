"""The settings of one person on one workstation: `settings.toml`, without patient data.

What an administrator decides is policy (`policy_file.py`). A file that cannot be read or
migrated is left as it is and put aside before the next save; the defaults hold meanwhile.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.foundation.paths import atomic_write, file_errors

SCHEMA_VERSION: Final = 1

MIGRATIONS: Final[Mapping[int, Callable[[dict[str, object]], dict[str, object]]]] = {}
"""From schema version n to n + 1: a function from raw settings to raw settings."""

MAX_BYTES: Final = 262_144
"""Settings are some hundred bytes; anything this long is not ours."""

_Short = Annotated[str, Field(max_length=200)]


class Settings(BaseModel):
    """What a person can choose; `title` is the short text of a setting, `description` the long."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    schema_version: int = SCHEMA_VERSION
    look: Annotated[
        Literal["system", "light", "dark", "contrast"],
        Field(title="Look", description="Light, dark, high contrast, or as the system does it."),
    ] = "system"
    text_size: Annotated[
        int,
        Field(
            title="Text size",
            description="Size of text in percent of the system's.",
            ge=75,
            le=250,
        ),
    ] = 100
    motion: Annotated[
        Literal["system", "reduced"],
        Field(title="Motion", description="Less of what moves, or as the system does it."),
    ] = "system"
    language: Annotated[
        str,
        Field(
            title="Language",
            description="Language of the window; `system` = as the system, where it is there.",
            pattern=r"^(system|[a-z]{2,3}(_[A-Z]{2})?)$",
        ),
    ] = "system"
    speech_model: Annotated[
        _Short,
        Field(title="Speech model", description="Empty: the best one this computer can run."),
    ] = ""
    notes_model: Annotated[
        _Short,
        Field(title="Notes model", description="Empty: the best one this computer can run."),
    ] = ""
    input_device: Annotated[
        _Short,
        Field(title="Microphone", description="Empty: the system's default microphone."),
    ] = ""
    two_microphones: Annotated[
        Literal["one", "left", "right"],
        Field(
            title="Two microphones",
            description="Where a device has two: on which side (channel) the clinician's is.",
        ),
    ] = "one"
    note_template: Annotated[
        _Short,
        Field(title="Note template", description="Template of new notes. Empty: SOAP."),
    ] = ""
    consent_line: Annotated[
        bool,
        Field(
            title="Consent in the note",
            description="Put the sentence of the consent ledger into every new draft.",
        ),
    ] = False
    code_look_up: Annotated[
        bool,
        Field(
            title="Look-up of codes",
            description="Look up ICD-10-CM codes for words you select. Nothing is suggested.",
        ),
    ] = False
    clinic_id: Annotated[
        _Short,
        Field(title="Clinic number", description="Made once, so that exports name one clinic."),
    ] = ""
    clinic_name: Annotated[
        _Short,
        Field(title="Clinic", description="Name of the clinic as it stands in exported files."),
    ] = ""
    copy_layout: Annotated[
        _Short,
        Field(title="Copies", description="Target system that copies are laid out for."),
    ] = ""
    export_folder: Annotated[
        str,
        Field(title="Export folder", description="Offered first when exporting.", max_length=4096),
    ] = ""


@dataclass(frozen=True, slots=True)
class SettingsReading:
    """Settings and what was wrong with the file.

    Attributes:
        trouble: empty, or one of `unreadable`, `not_toml`, `too_new`, `migration`, or the
            name of a setting whose value cannot be used.
    """

    settings: Settings
    trouble: str = ""


def read_settings(path: Path) -> SettingsReading:
    """Return the settings in `path`; the defaults when there is no such file or it is no use."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return SettingsReading(Settings())
    except OSError:
        return SettingsReading(Settings(), "unreadable")
    if len(data) > MAX_BYTES:
        return SettingsReading(Settings(), "not_toml")
    try:
        raw: dict[str, object] = tomllib.loads(data.decode("utf-8"))
    except ValueError:  # TOMLDecodeError and UnicodeDecodeError quote the file: not kept
        return SettingsReading(Settings(), "not_toml")
    return parse_settings(raw, MIGRATIONS)


def parse_settings(
    raw: dict[str, object],
    migrations: Mapping[int, Callable[[dict[str, object]], dict[str, object]]],
    target: int = SCHEMA_VERSION,
) -> SettingsReading:
    """Migrate and check raw settings; the defaults and a reason when that fails."""
    version = raw.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return SettingsReading(Settings(), "schema_version")
    if version > target:
        return SettingsReading(Settings(), "too_new")
    try:
        for step in range(version, target):
            raw = migrations[step](dict(raw))
    except (KeyError, TypeError, ValueError):
        return SettingsReading(Settings(), "migration")
    try:
        return SettingsReading(Settings.model_validate({**raw, "schema_version": SCHEMA_VERSION}))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return SettingsReading(Settings(), str(first["loc"][0]))


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings whole or not at all. Blocks: use the pool.

    A file that is there and could not be read is first renamed to `<name>.kept`.

    Raises:
        DiskFullError: no space left; the old file is as it was.
        FileAccessError: the folder is missing or read-only; the old file is as it was.
    """
    if read_settings(path).trouble:
        with file_errors():
            path.replace(path.with_name(path.name + ".kept"))
    atomic_write(path, _toml(settings).encode("utf-8"))


def _toml(settings: Settings) -> str:
    """Return flat TOML. A JSON string is a TOML basic string, but for DEL."""
    lines = []
    for name, value in settings.model_dump().items():
        text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        lines.append(f"{name} = {text}\n")
    return "".join(lines)
