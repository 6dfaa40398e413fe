"""Installs signed packs of models and GPU libraries: everything is checked, or nothing is kept.

Order: manifest, signature, catalogue, version, names, room on the disk; then files are copied into
`.partial-<id>`, hashed on the way, written through, and renamed. What stopped half-way has a name
that no model has, and goes with the next import. Blocks: use the pool.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from app.domain.errors import DiskFullError, ModelMissingError, PackError
from app.domain.ids import ModelId
from app.domain.ports import ModelCard, ModelsPort, PackOffer, PacksPort
from app.engines.hardware import free_disk
from app.engines.pack_reading import MANIFEST, SIGNATURE, Pack, is_safe, packs_in
from app.foundation import paths
from app.foundation.letterbox import take_lease
from app.foundation.log import get_logger
from app.foundation.sealing import is_equal, is_signed

SCHEMA: Final = 1
MOST_MANIFEST: Final = 1 << 20
SPARE_BYTES: Final = 200_000_000
"""Left free beside a pack: journals of a visit in progress need room (20 minutes take 40 MB)."""
KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_BLOCK: Final = 1 << 20
_LEASE: Final = ".import.lease"
_PARTIAL: Final = ".partial-"
_ROLES: Final = {"speech": "speech", "notes": "notes", "voice": "voices", "vad": "vad"}
"""Kind of a pack → role in the catalogue."""
_log = get_logger()


class _File(BaseModel):
    model_config = ConfigDict(strict=True)

    path: Annotated[str, Field(min_length=1, max_length=400)]
    size: Annotated[int, Field(ge=0, lt=1 << 40)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Manifest(BaseModel):
    model_config = ConfigDict(strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    kind: Literal["speech", "notes", "voice", "vad", "gpu"]
    name: Annotated[str, Field(max_length=200)]
    license: Annotated[str, Field(max_length=200)]
    min_app: Annotated[str, Field(pattern=r"^\d{1,4}(\.\d{1,4}){0,3}$")]
    files: Annotated[list[_File], Field(min_length=1, max_length=512)]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose packs are taken.

    Attributes:
        product: the product's public key, 32 bytes; None in a build without one.
        clinic: keys of policy `models.keys`.
        allow: SHA-256 of manifests, policy `models.allow`; empty = all of the catalogue.
    """

    product: bytes | None = None
    clinic: tuple[bytes, ...] = ()
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Places:
    """Where packs go.

    Attributes:
        own: models of this user.
        shared: models of everybody.
        libraries: native code; only administrators may write there.
    """

    own: Path
    shared: Path
    libraries: Path


@dataclass(frozen=True, slots=True)
class _Judged:
    """A pack whose manifest was believed. Its files were not read yet."""

    pack: Pack
    manifest: _Manifest
    folder: Path
    is_shared: bool
    card: ModelCard | None

    @property
    def size(self) -> int:
        return sum(each.size for each in self.manifest.files)

    @property
    def partial(self) -> Path:
        return self.folder / f"{_PARTIAL}{self.manifest.id}"

    @property
    def offer(self) -> PackOffer:
        of = self.manifest
        memory_mb = self.card.memory_mb if self.card is not None else 0
        is_here = (self.folder / of.id).is_dir()
        return PackOffer(
            of.id, of.kind, of.name, of.license, self.size, memory_mb, str(self.folder), is_here
        )


class Packs(PacksPort):
    """Looks at, installs and removes packs.

    Args:
        models: the catalogue; a model that is not in it is never loaded, so never installed.
        version: of this app, `1.2.3`.
    """

    def __init__(self, models: ModelsPort, places: Places, trust: Trust, version: str) -> None:
        self._models = models
        self._places = places
        self._trust = trust
        self._version = version

    @override
    def look(self, path: str, *, is_shared: bool = False) -> tuple[PackOffer, ...]:
        with self._judged(Path(path), is_shared) as found:
            return tuple(each.offer for each in found)

    @override
    def verify(self, path: str) -> tuple[PackOffer, ...]:
        with self._judged(Path(path), is_shared=False) as found:
            for each in found:
                for file in each.manifest.files:
                    for _ in _hashed(each.pack, file):
                        pass
            return tuple(each.offer for each in found)

    @override
    def install(self, path: str, *, is_shared: bool = False) -> tuple[PackOffer, ...]:
        with self._judged(Path(path), is_shared) as found, contextlib.ExitStack() as held:
            offers = tuple(each.offer for each in found)
            for folder in dict.fromkeys(each.folder for each in found):
                of = next(each for each in found if each.folder == folder)
                _make_folder(folder, is_shared=of.is_shared)
                if of.card is None and not paths.is_kept(folder):
                    raise PackError("folder", of.manifest.id)
                held.enter_context(_alone(folder))
                _check_room(folder, sum(each.size for each in found if each.folder == folder))
            try:
                for each in found:
                    _copy(each)
                with paths.file_errors():
                    for each in found:
                        _swap(each.partial, each.folder / each.manifest.id)
            finally:
                for each in found:
                    shutil.rmtree(each.partial, ignore_errors=True)
        _log.info("packs_installed", count=len(offers), bytes=sum(each.size for each in offers))
        return offers

    @override
    def remove(self, model: ModelId) -> None:
        known = any(card.id == model for card in self._models.cards())
        for folder in (self._places.own, self._places.shared) if known else ():
            if not (folder / model).is_dir():
                continue
            with paths.file_errors():
                gone = folder / f"{_PARTIAL}gone-{model}"
                shutil.rmtree(gone, ignore_errors=True)
                (folder / model).rename(gone)
                paths.sync_folder(folder)
                shutil.rmtree(gone)
            _log.info("model_removed")
            return
        raise ModelMissingError(model)

    @contextlib.contextmanager
    def _judged(self, path: Path, is_shared: bool) -> Iterator[tuple[_Judged, ...]]:
        with packs_in(path) as packs:
            found = tuple(self._judge(each, is_shared) for each in packs)
            if len({each.manifest.id for each in found}) != len(found):
                raise PackError("content")
            yield found

    def _judge(self, pack: Pack, is_shared: bool) -> _Judged:
        sizes = pack.sizes()
        text = _small(pack, MANIFEST, sizes, MOST_MANIFEST)
        signature = _signature(_small(pack, SIGNATURE, sizes, 4 * _SIGNATURE_BYTES))
        is_product = _is_by(self._trust.product, signature, text)
        if not is_product and not any(_is_by(key, signature, text) for key in self._trust.clinic):
            raise PackError("signature")
        manifest = _parsed(text)
        if _version(manifest.min_app) > _version(self._version):
            raise PackError("newer", manifest.id)
        if self._trust.allow and hashlib.sha256(text).hexdigest() not in self._trust.allow:
            raise PackError("unknown", manifest.id)
        _check_names(manifest, sizes)
        if manifest.kind == "gpu":
            if not is_product:
                raise PackError("native", manifest.id)
            return _Judged(pack, manifest, self._places.libraries, is_shared=True, card=None)
        folder = self._places.shared if is_shared else self._places.own
        return _Judged(pack, manifest, folder, is_shared, self._card(manifest))

    def _card(self, manifest: _Manifest) -> ModelCard:
        """Return the catalogue's entry, which must name the very same files."""
        files = {(each.path, each.size, each.sha256) for each in manifest.files}
        for card in self._models.cards():
            is_named = card.id == manifest.id and card.role == _ROLES[manifest.kind]
            if is_named and {(each.path, each.size, each.sha256) for each in card.files} == files:
                return card
        raise PackError("unknown", manifest.id)


def key_of(text: str) -> bytes:
    """Return the 32 bytes of a public key in base64.

    Raises:
        ValueError: it is none.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise ValueError("key") from None
    if len(key) != KEY_BYTES:
        raise ValueError("key")
    return key


def product_key(file: Path) -> bytes | None:
    """Return the key that came with the program, None in a build without one."""
    try:
        return key_of(file.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _small(pack: Pack, name: str, sizes: dict[str, int], most: int) -> bytes:
    if name not in sizes:
        raise PackError("signature" if name == SIGNATURE else "form")
    with pack.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise PackError("form")
    return content


def _signature(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise PackError("signature") from None


def _is_by(key: bytes | None, signature: bytes, content: bytes) -> bool:
    return (
        key is not None
        and len(signature) == _SIGNATURE_BYTES
        and is_signed(key, signature, content)
    )


def _parsed(text: bytes) -> _Manifest:
    """Return what a signed manifest says."""
    try:
        head = _Head.model_validate_json(text)
        if head.schema_ > SCHEMA:
            raise PackError("newer")
        return _Manifest.model_validate_json(text)
    except (ValidationError, RecursionError):
        raise PackError("content") from None


class _Head(BaseModel):
    model_config = ConfigDict(strict=True)

    schema_: Annotated[int, Field(alias="schema", ge=1)]


def _check_names(manifest: _Manifest, sizes: dict[str, int]) -> None:
    """Let the pack hold what the manifest names, nothing less and nothing more."""
    wanted = {each.path: each.size for each in manifest.files}
    twins = len({name.lower() for name in wanted}) != len(manifest.files)
    ours = {MANIFEST, SIGNATURE}
    held = {name: size for name, size in sizes.items() if name not in ours}
    if twins or wanted != held or ours & set(wanted) or not all(map(is_safe, wanted)):
        raise PackError("content", manifest.id)


def _version(text: str) -> tuple[int, ...]:
    numbers = [int("".join(c for c in part if c.isdigit()) or 0) for part in text.split(".")]
    return tuple((*numbers, 0, 0, 0, 0)[:4])


def _make_folder(folder: Path, *, is_shared: bool) -> None:
    if is_shared:
        paths.public_folder(folder)
    else:
        paths.private_folder(folder)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a models folder; what an import that was killed left is cleared away first."""
    with paths.file_errors():
        lease = take_lease(folder / _LEASE)
        if lease is None or not (folder / _LEASE).exists():  # its holder just took it away
            raise PackError("busy")
    try:
        for left in folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / _LEASE).unlink(missing_ok=True)
        lease.release()


def _check_room(folder: Path, size: int) -> None:
    free = free_disk(folder)
    if free < size + SPARE_BYTES:
        raise DiskFullError(free)


def _copy(of: _Judged) -> None:
    """Write the files of a pack into its partial folder.

    Raises:
        PackError: one is not what the manifest says.
        DiskFullError, FileAccessError: the disk said no.
    """
    for file in of.manifest.files:
        target = of.partial / file.path
        _make_folder(target.parent, is_shared=of.is_shared)
        with paths.file_errors():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(target, flags, 0o600), "wb") as out:
                for block in _hashed(of.pack, file):
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if of.is_shared:
                target.chmod(0o644)
    with paths.file_errors():
        paths.sync_folder(of.partial)


def _hashed(pack: Pack, file: _File) -> Iterator[bytes]:
    """Yield the bytes of a file; the end is reached only if size and hash are right."""
    digest, left = hashlib.sha256(), file.size
    with pack.open(file.path) as stream:
        while block := _read(stream):
            left -= len(block)
            if left < 0:
                break
            digest.update(block)
            yield block
    if left or not is_equal(digest.digest(), bytes.fromhex(file.sha256)):
        raise PackError("content")


def _read(stream: BinaryIO) -> bytes:
    return stream.read(_BLOCK)


def _swap(partial: Path, final: Path) -> None:
    """Give a folder its name; what had it before goes."""
    old = final.with_name(f"{_PARTIAL}old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    partial.rename(final)
    paths.sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)
