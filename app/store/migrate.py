"""Brings a file's schema up to date: numbered steps on `user_version`, one transaction each.

Lane. A file with data is copied before its first step; keys.db is not, because a deleted
recording key must not live on in a copy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from app.foundation.paths import file_errors, sync_folder
from app.store.connection import Database, Place, as_int, create_database, open_database
from app.store.migrations import m001_initial, m002_live_speech, m003_letters

Migration: TypeAlias = Callable[[Database], None]
"""Changes a schema from one version to the next, inside a transaction it does not see."""

MIGRATIONS: Final[Mapping[str, tuple[Migration, ...]]] = {
    "vault": (m001_initial.vault, m002_live_speech.vault, m003_letters.vault),
    "keys": (m001_initial.keys,),
    "org": (m001_initial.org,),
}
"""By kind of file. Step n brings version n to n + 1; a released step never changes."""


def newest(kind: str) -> int:
    """Return the schema version this program writes."""
    return len(MIGRATIONS[kind])


def open_current(place: Place) -> Database:
    """Open a file and bring it up to date.

    Raises:
        CorruptError, TooNewError, FileAccessError, VaultBusyError: see `open_database`.
        DiskFullError: no room for the copy or a step; the file is as it was.
    """
    return _current(open_database(place), place)


def create_current(place: Place) -> Database:
    """Make a file with the newest schema.

    Raises:
        FileAccessError: there is one already, or the folder cannot be written.
    """
    return _current(create_database(place), place)


def migrate(database: Database, place: Place, steps: Sequence[Migration]) -> None:
    """Run the steps a file has not had, each in its own transaction."""
    version = version_of(database)
    if 0 < version < len(steps) and place.quarantine is not None:
        _copy_first(database, place.path, version)
    for number, step in enumerate(steps[version:], version + 1):
        with database.transaction():
            step(database)
            database.run(f"PRAGMA user_version={number}")


def version_of(database: Database) -> int:
    """Return a file's schema version; 0 before its first step."""
    row = database.row("PRAGMA user_version")
    return 0 if row is None else as_int(row[0])


def _current(database: Database, place: Place) -> Database:
    try:
        migrate(database, place, MIGRATIONS[place.kind])
    except BaseException:
        database.close()
        raise
    return database


def _copy_first(database: Database, path: Path, version: int) -> None:
    database.checkpoint()
    copy = path.with_name(f"{path.name}.v{version}.backup")
    partial = copy.with_name(copy.name + ".partial")
    with file_errors():
        shutil.copyfile(path, partial)
        partial.chmod(0o600)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(copy)
        sync_folder(path.parent)
