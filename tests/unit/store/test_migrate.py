"""Schemas move forward one step at a time, and a failed step changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import BugError
from app.store import migrate
from app.store.connection import Database, Place, create_database, open_database
from app.store.migrations import m001_initial

STEPS = migrate.MIGRATIONS["vault"]


def second(database: Database) -> None:
    database.run("CREATE TABLE later(id INTEGER) STRICT")


def failing(database: Database) -> None:
    database.run("CREATE TABLE half(id INTEGER) STRICT")
    database.run("nonsense")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "vault.db", "vault", "me", tmp_path / "q", 9, bytes(32))
    migrate.create_current(made).close()
    return made


def tables(database: Database) -> set[object]:
    return {name for (name,) in database.rows("SELECT name FROM sqlite_schema")}


def test_a_new_file_has_the_newest_version(place: Place) -> None:
    database = migrate.open_current(place)
    assert migrate.version_of(database) == migrate.newest("vault") == len(STEPS)
    database.close()


def test_every_kind_of_file_can_be_made(tmp_path: Path) -> None:
    for kind in migrate.MIGRATIONS:
        made = Place(tmp_path / f"{kind}.db", kind, "me", None, migrate.newest(kind), bytes(32))
        database = migrate.create_current(made)
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
        database.close()


def test_a_step_is_run_once_and_after_a_copy(place: Place) -> None:
    database = open_database(place)
    database.run("INSERT INTO patients(id, body) VALUES ('p', 'kept')")
    for _ in range(2):
        migrate.migrate(database, place, (*STEPS, second))
    assert migrate.version_of(database) == len(STEPS) + 1
    database.close()
    copy = place.path.with_name(f"vault.db.v{len(STEPS)}.backup")
    assert copy.stat().st_mode & 0o777 == 0o600
    earlier = open_database(Place(copy, "vault", "me", None, 9, bytes(32)))
    assert earlier.rows("SELECT body FROM patients") == [("kept",)]
    assert "later" not in tables(earlier)
    earlier.close()


def test_a_failed_step_leaves_the_file_as_it_was(place: Place) -> None:
    database = open_database(place)
    before = tables(database)
    with pytest.raises(BugError):
        migrate.migrate(database, place, (*STEPS, second, failing))
    assert migrate.version_of(database) == len(STEPS) + 1
    assert tables(database) == before | {"later"}
    database.close()


def test_recording_keys_are_migrated_without_a_copy(tmp_path: Path) -> None:
    made = Place(tmp_path / "keys.db", "keys", "me", None, 9, bytes(32))
    database = migrate.create_current(made)
    migrate.migrate(database, made, (m001_initial.keys, second))
    database.close()
    assert not list(tmp_path.glob("*.backup*"))


def test_a_vault_of_the_release_before_gets_its_table_of_letters(tmp_path: Path) -> None:
    made = Place(tmp_path / "vault.db", "vault", "me", tmp_path / "q", 9, bytes(32))
    database = create_database(made)
    migrate.migrate(database, made, STEPS[:2])
    assert "letters" not in tables(database)
    database.close()
    database = migrate.open_current(made)
    assert "letters" in tables(database)
    database.run(
        "INSERT INTO patients(id, body) VALUES ('p', '{}')",
    )
    database.run("INSERT INTO visits(id, patient, state, body) VALUES ('v', 'p', 'signed', '{}')")
    database.run("INSERT INTO letters(visit, note, body) VALUES ('v', 'n', '{}')")
    for statement in ("UPDATE letters SET body = ''", "DELETE FROM letters"):
        with pytest.raises(BugError):
            database.run(statement)
    database.close()
