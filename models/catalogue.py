"""Reads `catalogue.toml`: which models exist, and the size and hash of each of their files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

CATALOGUE: Final = Path(__file__).with_name("catalogue.toml")
SCHEMA: Final = 1
ROLES: Final = frozenset({"speech", "notes", "voices", "vad"})
TIERS: Final = frozenset({"starter", "small", "clinic"})
CHAT_KEYS: Final = (
    "bos",
    "system_prefix",
    "system_suffix",
    "user_prefix",
    "user_suffix",
    "assistant_prefix",
    "assistant_suffix",
)
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class CatalogueError(Exception):
    """The catalogue says something that cannot be right. The text names the entry."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    Attributes:
        path: relative to the model's folder, no `..`.
        size: bytes.
        sha256: 64 lower-case hex digits.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """One entry. An entry whose hashes nobody published has `verified` False and no files."""

    id: str
    role: str
    name: str
    tier: str
    license: str
    source: str
    hash_source: str
    verified: bool
    memory_mb: int
    files: tuple[ModelFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def read(path: Path = CATALOGUE) -> tuple[Model, ...]:
    """Return every entry, in the order of the file.

    Raises:
        CatalogueError: the file is no TOML, has another schema, or an entry is incomplete.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name} cannot be read: {type(error).__name__}") from error
    if data.get("schema") != SCHEMA:
        raise CatalogueError(f"{path.name} has schema {data.get('schema')!r}, expected {SCHEMA}")
    models = tuple(_model(entry) for entry in data.get("model", ()))
    twins = {model.id for model in models if sum(other.id == model.id for other in models) > 1}
    if twins:
        raise CatalogueError(f"two entries are called {', '.join(sorted(twins))}")
    return models


def find(models: tuple[Model, ...], model_id: str) -> Model:
    """Return the entry called `model_id`.

    Raises:
        CatalogueError: there is none.
    """
    for model in models:
        if model.id == model_id:
            return model
    raise CatalogueError(f"no model is called {model_id}")


def _model(entry: dict[str, Any]) -> Model:
    name = entry.get("id")
    if not isinstance(name, str) or not _ID.match(name):
        raise CatalogueError(f"{name!r} is no model id")
    try:
        model = Model(
            id=name,
            role=str(entry["role"]),
            name=str(entry["name"]),
            tier=str(entry["tier"]),
            license=str(entry["license"]),
            source=str(entry["source"]),
            hash_source=str(entry["hash_source"]),
            verified=bool(entry["verified"]),
            memory_mb=int(entry["memory_mb"]),
            files=tuple(_file(name, file) for file in entry.get("files", ())),
        )
    except KeyError as error:
        raise CatalogueError(f"{name}: {error.args[0]} is missing") from error
    _check(model, entry)
    return model


def _check(model: Model, entry: dict[str, Any]) -> None:
    faults = {
        f"role {model.role} is unknown": model.role not in ROLES,
        f"tier {model.tier} is unknown": model.tier not in TIERS,
        "license, source or hash_source is empty": not (
            model.license and model.source and model.hash_source
        ),
        "verified entries have files, others have none": model.verified != bool(model.files),
        "two files have one path": len({file.path for file in model.files}) != len(model.files),
        "a notes model is one GGUF file": model.role == "notes" and len(model.files) > 1,
        "context or chat is incomplete": model.role == "notes" and not _can_chat(entry),
        "can_judge is not true or false": type(entry.get("can_judge", False)) is not bool,
        "only a notes model can judge": model.role != "notes" and bool(entry.get("can_judge")),
    }
    for fault, is_true in faults.items():
        if is_true:
            raise CatalogueError(f"{model.id}: {fault}")


def _can_chat(entry: dict[str, Any]) -> bool:
    chat = entry.get("chat", {})
    return (
        isinstance(entry.get("context"), int)
        and all(isinstance(chat.get(key), str) for key in CHAT_KEYS)
        and all(isinstance(text, str) and text for text in chat.get("stop", [None]))
    )


def _file(model: str, entry: dict[str, Any]) -> ModelFile:
    path, size, sha256 = entry.get("path"), entry.get("size"), entry.get("sha256")
    if not isinstance(path, str) or not path or "\\" in path:
        raise CatalogueError(f"{model}: {path!r} is no path")
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise CatalogueError(f"{model}: {path!r} leaves the model's folder")
    if not isinstance(size, int) or size <= 0:
        raise CatalogueError(f"{model}: {path} has no size")
    if not isinstance(sha256, str) or not _SHA256.match(sha256):
        raise CatalogueError(f"{model}: {path} has no sha256 of 64 lower-case hex digits")
    return ModelFile(path, size, sha256)
