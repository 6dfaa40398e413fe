"""The one way to a SQLCipher file: SECURITY.md, section 5. One thread each: its lane.

`Database` runs statements and turns SQLite's errors into ours, without their text: that may hold
a query. Nothing above `store` knows SQLite.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias, cast

from sqlcipher3 import dbapi2 as sqlcipher  # type: ignore[import-untyped]  # ships no types

from app.domain.errors import (
    AppError,
    BugError,
    CorruptError,
    DiskFullError,
    FileAccessError,
    TooNewError,
    VaultBusyError,
)
from app.foundation.paths import atomic_write, private_folder, sync_folder

Value: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = tuple[Value, ...]

PAGE_SIZE: Final = 4096
"""SQLCipher's default; every file is a multiple of it."""

_CODES: Final[dict[int, type[AppError]]] = {
    sqlcipher.SQLITE_FULL: DiskFullError,
    sqlcipher.SQLITE_BUSY: VaultBusyError,
    sqlcipher.SQLITE_LOCKED: VaultBusyError,
    sqlcipher.SQLITE_CORRUPT: CorruptError,
    sqlcipher.SQLITE_NOTADB: CorruptError,
    sqlcipher.SQLITE_READONLY: FileAccessError,
    sqlcipher.SQLITE_CANTOPEN: FileAccessError,
    sqlcipher.SQLITE_PERM: FileAccessError,
    sqlcipher.SQLITE_IOERR: FileAccessError,
    sqlcipher.SQLITE_AUTH: FileAccessError,
}
_FEW_PAGES: Final = 16
"""SQLite makes its shared-memory file 32 KiB and a WAL of some pages: with less it cannot begin."""
_PRIMARY: Final = 0xFF
"""The low byte of an extended result code is the primary one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which file, whose, under which key.

    Attributes:
        owner: what the row of `app_marker` must say: a uid, or `org`.
        kind: `vault`, `keys` or `org`; named in errors.
        quarantine: where a copy of a damaged file goes; None for keys.db, of which there must be
            no second copy.
        newest: the schema version this program knows.
    """

    path: Path
    kind: str
    owner: str
    quarantine: Path | None
    newest: int
    key: bytes = field(repr=False)


class _Cursor(Protocol):
    rowcount: int

    def fetchall(self) -> list[Row]: ...


class _Connection(Protocol):
    in_transaction: bool

    def execute(self, sql: str, values: Sequence[Value] = ..., /) -> _Cursor: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> _Cursor: ...
    def enable_load_extension(self, enabled: bool, /) -> None: ...
    def close(self) -> None: ...


class Database:
    """An open file. Every statement goes through here. One thread."""

    def __init__(self, connection: _Connection, kind: str, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self.kind = kind

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """Return all rows of a query."""
        failure: AppError
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlcipher.Error, UnicodeError) as error:
            failure = _translated(error, self.kind, self._folder)
        raise failure  # outside of `except`: the foreign error must not hang on ours

    def row(self, sql: str, *values: Value) -> Row | None:
        """Return the first row of a query, None if there is none."""
        return next(iter(self.rows(sql, *values)), None)

    def run(self, sql: str, *values: Value) -> int:
        """Run a statement and return how many rows it changed."""
        failure: AppError
        try:
            return self._connection.execute(sql, values).rowcount
        except (sqlcipher.Error, UnicodeError) as error:
            failure = _translated(error, self.kind, self._folder)
        raise failure

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row of values."""
        failure: AppError
        try:
            self._connection.executemany(sql, rows)
        except (sqlcipher.Error, UnicodeError) as error:
            failure = _translated(error, self.kind, self._folder)
        else:
            return
        raise failure

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. When the block ends without error, the change is on disk."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk rolls back by itself
                with contextlib.suppress(AppError):
                    self.run("ROLLBACK")
            raise

    def checkpoint(self) -> None:
        """Move the WAL into the file and empty it. Best effort: a reader may hold it up."""
        with contextlib.suppress(AppError):
            self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close without a checkpoint of our own."""
        failure: AppError
        try:
            self._connection.close()
        except sqlcipher.Error as error:
            failure = _translated(error, self.kind, self._folder)
        else:
            return
        raise failure


def _translated(error: Exception, kind: str, folder: Path) -> AppError:
    code = getattr(error, "sqlite_errorcode", None)
    found = _CODES.get(code & _PRIMARY, BugError) if isinstance(code, int) else BugError
    if found is FileAccessError and _free(folder) < PAGE_SIZE * _FEW_PAGES:
        found = DiskFullError  # a WAL that cannot grow is told as a plain input/output error
    if found is DiskFullError or found is VaultBusyError:
        return found()
    if found is BugError:
        return BugError(file=kind, number=code if isinstance(code, int) else 0)
    return found(file=kind)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return sys.maxsize


# -- values of a row


def as_text(value: Value) -> str:
    """Return a text column's value.

    Raises:
        CorruptError: it is something else.
    """
    if not isinstance(value, str):
        raise CorruptError
    return value


def as_int(value: Value) -> int:
    """Return an integer column's value.

    Raises:
        CorruptError: it is something else.
    """
    if not isinstance(value, int):
        raise CorruptError
    return value


def as_bytes(value: Value) -> bytes:
    """Return a blob column's value.

    Raises:
        CorruptError: it is something else.
    """
    if not isinstance(value, bytes):
        raise CorruptError
    return value


# -- opening


def open_database(place: Place) -> Database:
    """Open an existing file of ours, ready for use.

    Raises:
        CorruptError: missing, empty, cut, damaged, foreign, or another owner's. A copy is in
            quarantine; the file is as it was.
        TooNewError: a later version of the program wrote it; nothing was touched.
        FileAccessError, VaultBusyError: it cannot be read or is in use.
    """
    try:
        _check_size(place)
        if _has_wal(place.path):
            # Closing a writable connection copies the WAL into the file, even a foreign WAL.
            # So look first with one that cannot write.
            _open_checked(place, "ro").close()
        return _set_up(_open_checked(place, "rw"))
    except CorruptError:
        _keep_copy(place)
        raise


def create_database(place: Place) -> Database:
    """Make a new file with its marker row, and open it without a schema (version 0).

    It is made under another name and renamed, so a crash leaves a whole file or none.

    Raises:
        FileAccessError: there is one already, or the folder cannot be written.
    """
    if place.path.exists():
        raise FileAccessError(file=place.kind, reason="exists")
    private_folder(place.path.parent)
    fresh = place.path.with_name(place.path.name + ".new")
    for leftover in (fresh, fresh.with_name(fresh.name + "-journal")):
        leftover.unlink(missing_ok=True)
    atomic_write(fresh, b"")  # with its permissions, before anything is in it
    database = _connect(place, fresh, "rw")
    try:
        with database.transaction():
            database.run("CREATE TABLE app_marker(kind TEXT NOT NULL, owner TEXT NOT NULL) STRICT")
            database.run("INSERT INTO app_marker VALUES (?, ?)", place.kind, place.owner)
    finally:
        database.close()
    fresh.rename(place.path)
    sync_folder(place.path.parent)
    return open_database(place)


def _connect(place: Place, path: Path, mode: str) -> Database:
    failure: AppError
    try:
        connection = sqlcipher.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
    except sqlcipher.Error as error:
        failure = _translated(error, place.kind, path.parent)
    else:
        connection.isolation_level = None
        database = Database(cast("_Connection", connection), place.kind, path.parent)
        database.rows("PRAGMA cipher_log_level=NONE")
        database.rows(f"PRAGMA key=\"x'{place.key.hex()}'\"")
        return database
    raise failure


def _open_checked(place: Place, mode: str) -> Database:
    database = _connect(place, place.path, mode)
    try:
        _check(place, database)
    except BaseException:
        database.close()
        raise
    return database


def _check(place: Place, database: Database) -> None:
    try:
        marker = database.rows("SELECT kind, owner FROM app_marker")
    except BugError:  # no such table: a file of ours has it
        marker = []
    if marker != [(place.kind, place.owner)]:
        raise CorruptError(file=place.kind, reason="foreign")
    version = database.row("PRAGMA user_version")
    if version is None or as_int(version[0]) > place.newest:
        raise TooNewError(file=place.kind)
    if database.rows("PRAGMA quick_check(1)") != [("ok",)]:
        raise CorruptError(file=place.kind, reason="damaged")


def _set_up(database: Database) -> Database:
    try:
        for pragma in (
            "cipher_memory_security=ON",
            "trusted_schema=OFF",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else REPLACE deletes past the guards
            "temp_store=MEMORY",
            "secure_delete=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=5000",
        ):
            database.rows(f"PRAGMA {pragma}")
    except BaseException:
        database.close()
        raise
    return database


def _check_size(place: Place) -> None:
    try:
        size = place.path.stat().st_size
    except FileNotFoundError:
        raise CorruptError(file=place.kind, reason="missing") from None
    except OSError:
        raise FileAccessError(file=place.kind) from None
    if size == 0 or size % PAGE_SIZE:
        raise CorruptError(file=place.kind, reason="size")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _has_wal(path: Path) -> bool:
    wal = _wal(path)
    return wal.is_file() and wal.stat().st_size > 0


def _keep_copy(place: Place) -> None:
    """Copy a damaged file to quarantine, once for each state it is found in. Best effort."""
    if place.quarantine is None:
        return
    with contextlib.suppress(OSError, AppError):
        for path in (place.path, _wal(place.path)):
            if not path.is_file():
                continue
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
            copy = private_folder(place.quarantine) / f"{path.name}.{digest}"
            if not copy.exists():
                shutil.copyfile(path, copy)
                copy.chmod(0o600)
