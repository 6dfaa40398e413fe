"""The model catalogue and what of it is on this machine. Blocking calls are short, but `check`.

The file's format is told in `models/README.md`. A file is hashed here for people who ask; an
engine hashes again what it loads, on the handle it loads from.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from app.domain.errors import CatalogueError, ModelDamagedError, ModelMissingError
from app.domain.ids import ModelId
from app.domain.ports import ChatTemplate, InstalledModel, ModelCard, ModelFile, ModelsPort

SCHEMA: Final = 1
WINDOW: Final = 8_192
"""Tokens a notes model is loaded for: the catalogue's memory figures are for this window."""
_BLOCK: Final = 1 << 20


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Chat(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    bos: str = ""
    system_prefix: str = ""
    system_suffix: str = ""
    user_prefix: str = ""
    user_suffix: str = ""
    assistant_prefix: str = ""
    stop: list[str] = []


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    role: Literal["speech", "notes", "voice", "vad"]
    name: str
    license: str
    source: str
    tier: str = ""
    verified: bool = False
    quantization: str = ""
    memory_mb: Annotated[int, Field(gt=0)]
    context: int = 0
    languages: list[str] = ["en"]
    files: list[_File] = []
    chat: _Chat | None = None


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    schema_: Annotated[int, Field(alias="schema")]
    model: list[_Model]


class Catalogue(ModelsPort):
    """Reads `catalogue.toml` once and looks for its files in folders.

    Args:
        path: the catalogue.
        folders: where models may lie, the first that has one wins.
    """

    def __init__(self, path: Path, folders: Sequence[Path]) -> None:
        self._path = path
        self._folders = tuple(folders)
        self._cards: tuple[ModelCard, ...] | None = None

    @override
    def cards(self) -> tuple[ModelCard, ...]:
        if self._cards is None:
            self._cards = _read(self._path)
        return self._cards

    @override
    def installed(self, role: str = "") -> tuple[InstalledModel, ...]:
        found: list[InstalledModel] = []
        for card in self.cards():
            if card.files and role in {"", card.role}:
                try:
                    found.append(self.find(card.id))
                except (ModelMissingError, ModelDamagedError):
                    continue
        return tuple(found)

    @override
    def find(self, model: ModelId) -> InstalledModel:
        card = next((each for each in self.cards() if each.id == model), None)
        if card is None or not card.files:
            raise ModelMissingError(model)
        for base in self._folders:
            folder = base / card.id
            if any((folder / each.path).exists() for each in card.files):
                for each in card.files:
                    _check_size(card, folder, each)
                return InstalledModel(card, str(folder))
        raise ModelMissingError(model)

    @override
    def check(self, model: InstalledModel) -> None:
        for each in model.card.files:
            _check_size(model.card, Path(model.folder), each)
            digest = hashlib.sha256()
            try:
                with (Path(model.folder) / each.path).open("rb") as file:
                    while block := file.read(_BLOCK):
                        digest.update(block)
            except OSError:
                raise ModelDamagedError(model.card.id, "unreadable") from None
            if digest.hexdigest() != each.sha256:
                raise ModelDamagedError(model.card.id, "hash")


def _check_size(card: ModelCard, folder: Path, file: ModelFile) -> None:
    try:
        size = (folder / file.path).stat().st_size
    except FileNotFoundError:
        raise ModelDamagedError(card.id, "missing_file") from None
    except OSError:
        raise ModelDamagedError(card.id, "unreadable") from None
    if size != file.size:
        raise ModelDamagedError(card.id, "size")


def _read(path: Path) -> tuple[ModelCard, ...]:
    try:
        data = _Catalogue.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        raise CatalogueError from None
    ids = [each.id for each in data.model]
    if data.schema_ != SCHEMA or len(set(ids)) < len(ids):
        raise CatalogueError
    return tuple(_card(each) for each in data.model)


def _card(given: _Model) -> ModelCard:
    maker, _, _ = given.source.partition("/")
    files = tuple(ModelFile(each.path, each.size, each.sha256) for each in given.files)
    return ModelCard(
        id=ModelId(given.id),
        role=given.role,
        name=given.name,
        maker=maker,
        version=given.quantization or "1",
        license=given.license,
        source=given.source,
        files=files if given.verified else (),
        memory_mb=given.memory_mb,
        context=min(given.context, WINDOW),
        languages=tuple(given.languages),
        chat=None if given.chat is None else _chat(given.chat),
        tier=given.tier,
    )


def _chat(given: _Chat) -> ChatTemplate:
    return ChatTemplate(
        given.bos,
        given.system_prefix,
        given.system_suffix,
        given.user_prefix,
        given.user_suffix,
        given.assistant_prefix,
        tuple(given.stop),
    )
