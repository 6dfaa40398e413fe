"""Opening databases: every way a file can be wrong has a name, and nothing gets worse."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import (
    AppError,
    BugError,
    CorruptError,
    DiskFullError,
    FileAccessError,
    StoreError,
    TooNewError,
)
from app.foundation import sealing
from app.store import migrate
from app.store.connection import (
    PAGE_SIZE,
    Database,
    Place,
    as_bytes,
    as_int,
    as_text,
    create_database,
    open_database,
)

OWNER = "5b0e3c0e-0000-4000-8000-000000000001"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A vault of some pages, closed in order."""
    made = Place(
        tmp_path / "vault.db", "vault", OWNER, tmp_path / "quarantine", 9, sealing.random_bytes(32)
    )
    database = migrate.create_current(made)
    fill(database, 200)
    database.close()
    return made


def fill(database: Database, rows: int) -> None:
    with database.transaction():
        for number in range(rows):
            database.run("INSERT INTO patients(id, body) VALUES (?, ?)", f"{number}", "x" * 900)


def count(database: Database) -> int:
    row = database.row("SELECT count(*) FROM patients")
    assert row is not None
    return as_int(row[0])


def assert_refused(place: Place, kind: type[AppError]) -> None:
    """The open fails with this error and leaves the file as it was."""
    before = place.path.read_bytes() if place.path.exists() else None
    with pytest.raises(kind) as caught:
        open_database(place)
    assert type(caught.value) is kind
    assert isinstance(caught.value.__context__, AppError | OSError | None)
    after = place.path.read_bytes() if place.path.exists() else None
    assert after == before


def copies(place: Place) -> list[Path]:
    return sorted(place.quarantine.glob("vault.db.*")) if place.quarantine else []


# -- the good case


def test_the_settings_are_those_of_the_design(place: Place) -> None:
    database = open_database(place)
    found = {
        name: database.row(f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "foreign_keys", "temp_store", "secure_delete")
    }
    trusted = database.row("PRAGMA trusted_schema")
    database.close()
    assert found == {
        "journal_mode": ("wal",),
        "synchronous": (2,),
        "foreign_keys": (1,),
        "temp_store": (2,),
        "secure_delete": (1,),
    }
    assert trusted == (0,)


def test_a_new_file_is_private_and_not_made_twice(place: Place) -> None:
    assert place.path.stat().st_mode & 0o777 == 0o600
    assert not place.path.with_name("vault.db.new").exists()
    before = place.path.read_bytes()
    with pytest.raises(FileAccessError):
        create_database(place)
    assert place.path.read_bytes() == before


def test_a_half_made_file_of_a_crash_is_made_again(tmp_path: Path) -> None:
    place = Place(tmp_path / "vault.db", "vault", OWNER, None, 9, bytes(32))
    (tmp_path / "vault.db.new").write_bytes(b"half")
    migrate.create_current(place).close()
    assert count(migrate.open_current(place)) == 0


# -- bad files


@pytest.mark.parametrize("size", [0, 100, PAGE_SIZE - 1, PAGE_SIZE + 1])
def test_a_file_of_a_wrong_size_is_refused(place: Place, size: int) -> None:
    place.path.write_bytes(place.path.read_bytes()[:size])
    assert_refused(place, CorruptError)
    assert [path.stat().st_size for path in copies(place)] == [size]


def test_a_missing_file_is_not_made(place: Place) -> None:
    place.path.unlink()
    assert_refused(place, CorruptError)
    assert not place.path.exists()
    assert copies(place) == []


def test_random_bytes_are_refused(place: Place) -> None:
    place.path.write_bytes(sealing.random_bytes(8 * PAGE_SIZE))
    assert_refused(place, CorruptError)
    assert len(copies(place)) == 1


def test_plain_sqlite_is_refused(place: Place) -> None:
    place.path.unlink()
    connection = sqlite3.connect(place.path)
    connection.execute("CREATE TABLE app_marker(kind TEXT, owner TEXT)")
    connection.execute("INSERT INTO app_marker VALUES ('vault', ?)", (OWNER,))
    connection.commit()
    connection.close()
    assert_refused(place, CorruptError)


def test_a_file_under_another_key_is_refused(place: Place) -> None:
    assert_refused(replace(place, key=bytes(32)), CorruptError)


@pytest.mark.parametrize(("field", "value"), [("owner", "somebody else"), ("kind", "keys")])
def test_a_file_of_another_owner_or_kind_is_refused(place: Place, field: str, value: str) -> None:
    changes: dict[str, str] = {field: value}
    assert_refused(replace(place, **changes), CorruptError)  # type: ignore[arg-type]  # two texts


def test_a_file_cut_at_a_page_is_refused(place: Place) -> None:
    data = place.path.read_bytes()
    for pages in (1, 2, len(data) // PAGE_SIZE // 2, len(data) // PAGE_SIZE - 1):
        place.path.write_bytes(data[: pages * PAGE_SIZE])
        assert_refused(place, CorruptError)


def test_a_turned_bit_in_any_page_is_seen(place: Place) -> None:
    data = place.path.read_bytes()
    for start in range(0, len(data), PAGE_SIZE):
        broken = bytearray(data)
        broken[start + (start // PAGE_SIZE * 37) % PAGE_SIZE] ^= 1
        place.path.write_bytes(broken)
        assert_refused(place, CorruptError)


def test_swapped_pages_are_seen(place: Place) -> None:
    data = place.path.read_bytes()
    one, two = data[PAGE_SIZE * 3 : PAGE_SIZE * 4], data[PAGE_SIZE * 5 : PAGE_SIZE * 6]
    swapped = data.replace(one, bytes(PAGE_SIZE)).replace(two, one)
    place.path.write_bytes(swapped.replace(bytes(PAGE_SIZE), two))
    assert len(place.path.read_bytes()) == len(data)
    assert_refused(place, CorruptError)


def test_the_same_damage_is_copied_once(place: Place) -> None:
    place.path.write_bytes(sealing.random_bytes(2 * PAGE_SIZE))
    for _ in range(3):
        assert_refused(place, CorruptError)
    (copy,) = copies(place)
    assert copy.read_bytes() == place.path.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_recording_keys_are_never_copied(place: Place, tmp_path: Path) -> None:
    place.path.write_bytes(sealing.random_bytes(2 * PAGE_SIZE))
    assert_refused(replace(place, quarantine=None), CorruptError)
    assert not (tmp_path / "quarantine").exists()


def test_a_newer_schema_is_not_touched(place: Place) -> None:
    database = open_database(place)
    database.run("PRAGMA user_version=99")
    database.close()
    assert_refused(place, TooNewError)
    assert copies(place) == []


# -- the write-ahead log


def crashed(place: Place, target: Path) -> Place:
    """Return a copy of the file as a crash leaves it: with a full WAL."""
    database = open_database(place)
    fill_more(database)
    target.mkdir()
    for name in ("vault.db", "vault.db-wal"):
        shutil.copyfile(place.path.with_name(name), target / name)
    database.close()
    return replace(place, path=target / "vault.db")


def fill_more(database: Database) -> None:
    with database.transaction():
        database.run("UPDATE patients SET body = ?", "y" * 900)
        database.run("INSERT INTO patients(id, body) VALUES ('last', 'z')")


def test_a_log_left_by_a_crash_is_read(place: Place, tmp_path: Path) -> None:
    left = crashed(place, tmp_path / "crash")
    assert left.path.with_name("vault.db-wal").stat().st_size > 0
    database = open_database(left)
    assert count(database) == 201
    database.close()


def test_a_stale_index_of_the_log_does_no_harm(place: Place, tmp_path: Path) -> None:
    left = crashed(place, tmp_path / "crash")
    left.path.with_name("vault.db-shm").write_bytes(sealing.random_bytes(32_768))
    database = open_database(left)
    assert count(database) == 201
    database.close()


def test_a_log_of_another_file_changes_nothing(place: Place, tmp_path: Path) -> None:
    left = crashed(place, tmp_path / "crash")
    other = Place(tmp_path / "o" / "vault.db", "vault", OWNER, None, 9, sealing.random_bytes(32))
    migrate.create_current(other).close()
    foreign = open_database(other)
    fill(foreign, 50)
    shutil.copyfile(other.path.with_name("vault.db-wal"), left.path.with_name("vault.db-wal"))
    foreign.close()
    assert_refused(left, CorruptError)
    assert len(copies(left)) == 1


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.99])
def test_a_cut_log_opens_or_is_named(place: Place, tmp_path: Path, keep: float) -> None:
    left = crashed(place, tmp_path / "crash")
    log = left.path.with_name("vault.db-wal")
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * keep)])
    database = open_database(left)
    assert count(database) in {200, 201}
    database.close()


def test_a_log_of_noise_opens_or_is_named(place: Place, tmp_path: Path) -> None:
    left = crashed(place, tmp_path / "crash")
    left.path.with_name("vault.db-wal").write_bytes(sealing.random_bytes(50_000))
    database = open_database(left)
    assert count(database) == 200
    database.close()


# -- errors


def test_a_transaction_is_all_or_nothing(place: Place) -> None:
    database = open_database(place)

    def fail() -> None:
        with database.transaction():
            database.run("DELETE FROM patients")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert count(database) == 200
    database.close()


ATTEMPTS: list[Callable[[Database], object]] = [
    lambda database: database.rows("SELECT 'ZZPHI' FROM nowhere"),
    lambda database: database.run("INSERT INTO patients(id, body) VALUES ('1', 'ZZPHI')"),
    lambda database: database.run("INSERT INTO patients(id, body) VALUES (?, ?)", "n", "\ud800"),
    lambda database: database.run_many("INSERT INTO nope VALUES (?)", [("ZZPHI",)]),
    lambda database: database.rows("SELECT * FROM note_words WHERE note_words MATCH ?", '"ZZPHI'),
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_errors_carry_no_sql_and_no_value(
    place: Place, attempt: Callable[[Database], object]
) -> None:
    database = open_database(place)
    with pytest.raises(AppError) as caught:
        attempt(database)
    error = caught.value
    assert isinstance(error, BugError)
    assert error.__context__ is None
    assert error.__cause__ is None
    assert not re.search("ZZPHI|SELECT|INSERT|patients|nowhere", repr((error.args, error.facts)))
    database.close()


def test_a_full_disk_has_a_name_and_loses_nothing(place: Place) -> None:
    database = open_database(place)
    pages = database.row("PRAGMA page_count")
    assert pages is not None
    database.rows(f"PRAGMA max_page_count={as_int(pages[0])}")
    with pytest.raises(DiskFullError):
        fill_far(database)
    assert count(database) == 200
    database.rows("PRAGMA max_page_count=100000")
    fill_far(database)
    assert count(database) == 1200
    database.close()


def fill_far(database: Database) -> None:
    with database.transaction():
        for number in range(1000):
            database.run("INSERT INTO patients(id, body) VALUES (?, ?)", f"far{number}", "x" * 900)


READS: list[Callable[[], object]] = [
    lambda: as_text(1),
    lambda: as_text(None),
    lambda: as_int("x"),
    lambda: as_bytes("x"),
]


@pytest.mark.parametrize("read", READS)
def test_a_column_of_another_type_is_corrupt(read: Callable[[], object]) -> None:
    with pytest.raises(StoreError):
        read()
