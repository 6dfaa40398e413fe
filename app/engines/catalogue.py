"""The model catalogue, and which of its models lie on this machine. Any thread."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from app.domain.errors import CatalogueError, ModelDamagedError, ModelMissingError
from app.domain.ids import ModelId
from app.domain.ports import ChatTemplate, InstalledModel, ModelCard, ModelFile, ModelsPort

SCHEMA: Final = 1
_BLOCK_BYTES: Final = 1 << 20
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]*")


class _File(BaseModel):
    model_config = ConfigDict(strict=True)

    path: str
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Chat(BaseModel):
    model_config = ConfigDict(strict=True)

    bos: str = ""
    system_prefix: str = ""
    system_suffix: str = ""
    user_prefix: str = ""
    user_suffix: str = ""
    assistant_prefix: str = ""
    assistant_suffix: str = ""
    stop: list[str] = Field(default_factory=list)


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str
    role: str
    runtime: str
    name: str
    tier: str
    license: str
    source: str
    verified: bool
    quantization: str = ""
    params_m: int = 0
    memory_mb: Annotated[int, Field(ge=0)]
    languages: list[str] = Field(default_factory=lambda: ["en"])
    files: list[_File] = Field(default_factory=list)
    context: int = 0
    chat: _Chat | None = None
    can_judge: bool = False


class Catalogue(ModelsPort):
    """Reads the catalogue when it is made.

    Args:
        file: the catalogue, TOML.
        folders: where models may lie, in order; the first that holds a model whole is used.

    Raises:
        CatalogueError: it cannot be read, or is written in a later schema.
    """

    def __init__(self, file: Path, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._cards = _read(file)

    @override
    def cards(self) -> tuple[ModelCard, ...]:
        return self._cards

    @override
    def installed(self, role: str = "") -> tuple[InstalledModel, ...]:
        wanted = [card for card in self._cards if card.files and role in ("", card.role)]
        found = [(card, self._folder_of(card)) for card in wanted]
        return tuple(InstalledModel(card, str(folder)) for card, folder in found if folder)

    @override
    def find(self, model: ModelId) -> InstalledModel:
        card = next((each for each in self._cards if each.id == model), None)
        if card is None or not card.files:
            raise ModelMissingError(model)
        folder = self._folder_of(card)
        if folder is not None:
            return InstalledModel(card, str(folder))
        if any((each / card.id).is_dir() for each in self._folders):
            raise ModelDamagedError(model, "size")
        raise ModelMissingError(model)

    @override
    def check(self, model: InstalledModel) -> None:
        for each in model.card.files:
            path = Path(model.folder) / each.path
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    size = file.tell()
            except OSError:
                raise ModelMissingError(model.card.id) from None
            if size != each.size:
                raise ModelDamagedError(model.card.id, "size")
            if digest != each.sha256:
                raise ModelDamagedError(model.card.id, "hash")

    def _folder_of(self, card: ModelCard) -> Path | None:
        """Return the first folder that holds all files of a model in the right sizes."""
        for folder in self._folders:
            if all(_size(folder / card.id / each.path) == each.size for each in card.files):
                return folder / card.id
        return None


def _read(file: Path) -> tuple[ModelCard, ...]:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        if data.get("schema") != SCHEMA:
            raise CatalogueError
        entries = [_Entry.model_validate(each) for each in data["model"]]
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise CatalogueError from None
    if len({entry.id for entry in entries}) != len(entries):
        raise CatalogueError
    return tuple(_card(entry) for entry in entries)


def _card(entry: _Entry) -> ModelCard:
    """Return the card. What was not verified has no files, so nobody can load it."""
    if not _ID.fullmatch(entry.id) or any(not _is_inside(each.path) for each in entry.files):
        raise CatalogueError
    if entry.can_judge and entry.role != "notes":
        raise CatalogueError
    files = [ModelFile(each.path, each.size, each.sha256) for each in entry.files]
    return ModelCard(
        id=ModelId(entry.id),
        role=entry.role,
        name=entry.name,
        maker=entry.source.partition("/")[0],
        version=entry.quantization,
        license=entry.license,
        source=entry.source,
        files=tuple(files) if entry.verified else (),
        memory_mb=entry.memory_mb,
        context=entry.context,
        languages=tuple(entry.languages),
        chat=_chat(entry.chat),
        tier=entry.tier,
        can_judge=entry.can_judge,
    )


def _chat(chat: _Chat | None) -> ChatTemplate | None:
    if chat is None:
        return None
    fields: dict[str, Any] = chat.model_dump(exclude={"assistant_suffix", "stop"})
    return ChatTemplate(**fields, stop=tuple(chat.stop))


def _is_inside(path: str) -> bool:
    """Whether a file lies inside its model's folder, whatever the catalogue says."""
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
