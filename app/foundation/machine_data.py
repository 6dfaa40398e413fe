"""Deletes what lies on this machine for everybody: models, packs with native code.

For an uninstall that was asked to. It runs as an administrator, so it follows no link, and takes
no more than what is ours. What people recorded and wrote lies in their own folders and stays.
"""

from __future__ import annotations

import shutil
import stat
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.foundation import paths

_WORK: Final = (".partial-", ".import.lease")
"""How names begin that an import leaves in a folder of models."""


@dataclass(frozen=True, slots=True)
class Places:
    """What to delete.

    Attributes:
        whole: folders that are ours with all that is in them.
        models: folders that an administrator chose: only models of the catalogue go.
        ids: the models of the catalogue.
    """

    whole: tuple[Path, ...]
    models: tuple[Path, ...] = ()
    ids: frozenset[str] = frozenset()


def places() -> Places:
    """Return the places of this machine.

    Raises:
        OSError, tomllib.TOMLDecodeError: the catalogue that came with the program is damaged.
    """
    whole = (paths.machine_folder(), paths.pack_root())
    catalogue = tomllib.loads(paths.catalogue().read_text("utf-8"))
    ids = frozenset(str(each["id"]) for each in catalogue.get("model", ()))
    elsewhere = paths.shared_models()
    is_inside = any(elsewhere.is_relative_to(each) for each in whole)
    return Places(whole, () if is_inside else (elsewhere,), ids)


def purge(what: Places) -> tuple[Path, ...]:
    """Delete it; return what is still there, because it is a link or could not be deleted."""
    doomed = [each for each in what.whole if each.exists() or each.is_symlink()]
    doomed += [each for folder in what.models for each in _ours(folder, what.ids)]
    for each in doomed:
        _delete(each)
    for folder in what.models:
        _drop_if_empty(folder)
    return tuple(each for each in doomed if each.exists() or each.is_symlink())


def _ours(folder: Path, ids: Iterable[str]) -> Iterator[Path]:
    known = set(ids)
    if _is_link(folder) or not folder.is_dir():
        return
    for each in sorted(folder.iterdir()):
        if each.name in known or each.name.startswith(_WORK):
            yield each


def _delete(path: Path) -> None:
    if _is_link(path):
        return
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)  # it does not follow links either
        return
    try:
        path.unlink()
    except OSError:
        return  # it is named among what is left


def _drop_if_empty(folder: Path) -> None:
    try:
        if not _is_link(folder):
            folder.rmdir()
    except OSError:
        return  # something of others is in it


def _is_link(path: Path) -> bool:
    """Whether it is a link, or on Windows a junction, that leads somewhere else."""
    try:
        found = path.lstat()
    except OSError:
        return False
    reparse = getattr(found, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT
    return stat.S_ISLNK(found.st_mode) or bool(reparse)
