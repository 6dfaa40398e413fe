"""What live speech leaves behind: stretches without words, changed words, what a voice is like.

Content is canonical JSON in `body`, as in the first schema.
"""

from __future__ import annotations

from typing import Final

from app.store.connection import Database

_VAULT: Final = (
    """CREATE TABLE stretches(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        start INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE(visit, body)) STRICT""",
    """CREATE TABLE revisions(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        segment TEXT, body TEXT NOT NULL) STRICT""",
    "CREATE INDEX revisions_of_visit ON revisions(visit)",
    """CREATE TABLE differences(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        segment TEXT NOT NULL, body TEXT NOT NULL) STRICT""",
    "CREATE INDEX differences_of_visit ON differences(visit)",
    "CREATE TABLE profile(name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT",
)


def vault(database: Database) -> None:
    """Add the tables of live speech."""
    for statement in _VAULT:
        database.run(statement)
