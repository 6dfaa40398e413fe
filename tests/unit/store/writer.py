"""A process that writes to a vault and says what is safe; the tests kill it.

Usage: python -m tests.unit.store.writer save|migrate <root> <word> <rounds>, keys as hex on stdin.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from app.domain.ids import UserId
from app.domain.visit import VisitState
from app.store import migrate
from app.store.connection import Database, Place, create_database
from app.store.keys import OpenKeys
from app.store.vault import open_vault
from tests.unit.store.conftest import (
    make_consent,
    make_draft,
    make_segment,
    make_version,
    make_visit,
)

STEPS = 400


def keys_as_text(keys: OpenKeys) -> str:
    """Return keys for this program's input. Only for tests: real keys never leave a process."""
    return " ".join(
        [keys.uid, *(each.hex() for each in (keys.vault, keys.records, keys.sharing, keys.signing))]
    )


def step(number: int) -> migrate.Migration:
    """Return a migration that makes a table and fills it."""

    def run(database: Database) -> None:
        database.run(f"CREATE TABLE step_{number}(body TEXT) STRICT")
        for _ in range(5):
            database.run(f"INSERT INTO step_{number} VALUES (?)", "x" * 500)

    return run


def acknowledge(number: int) -> None:
    """Say that a change is safe."""
    sys.stdout.write(f"safe {number}\n")
    sys.stdout.flush()


def save(root: Path, keys: OpenKeys, word: str, rounds: int) -> None:
    """Save drafts and sign versions, one after the other."""
    vault = open_vault(root, keys)
    visit = make_visit(word, word, word)
    vault.add_visit(visit)
    consent = make_consent(visit)
    vault.add_consent(consent)
    visit = replace(visit.moved_to(VisitState.CONSENTED), consent=consent.id)
    vault.save_visit(visit)
    for number in range(1, rounds + 1):
        text = f"{word} {number}"
        vault.put_segments(visit.id, [make_segment(number, text, number)])
        draft = make_draft(visit, text)
        vault.save_draft(draft)
        vault.add_version(make_version(visit, draft, number), VisitState.SIGNED)
        acknowledge(number)
    sys.stdin.read()


def move(root: Path, key: bytes) -> None:
    """Bring a new file through many steps; each is acknowledged after the next began."""
    place = Place(root / "many.db", "vault", "me", root / "quarantine", STEPS, key)
    database = create_database(place)
    for number in range(1, STEPS + 1):
        migrate.migrate(database, place, [step(each) for each in range(1, number + 1)])
        acknowledge(number)
    sys.stdin.read()


def main() -> None:
    """Read the arguments and write until killed."""
    what, root, word, rounds = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    uid, *parts = sys.stdin.readline().split()
    keys = OpenKeys(UserId(uid), *(bytes.fromhex(each) for each in parts))
    if what == "save":
        save(root, keys, word, rounds)
    else:
        move(root, keys.vault)


if __name__ == "__main__":
    main()
