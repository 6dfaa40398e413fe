"""Letters that were made from a signed note and signed themselves.

Drafts and versions say more since this step (template, prints of evidence, addenda), so that an
earlier program refuses the file instead of reading half of it.
"""

from __future__ import annotations

from typing import Final

from app.store.connection import Database

_VAULT: Final = (
    """CREATE TABLE letters(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        note TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT""",
    "CREATE INDEX letters_of_visit ON letters(visit)",
    """CREATE TRIGGER letters_no_update BEFORE UPDATE ON letters
        BEGIN SELECT RAISE(ABORT, 'frozen'); END""",
    """CREATE TRIGGER letters_no_delete BEFORE DELETE ON letters
        BEGIN SELECT RAISE(ABORT, 'frozen'); END""",
)


def vault(database: Database) -> None:
    """Add the table of letters."""
    for statement in _VAULT:
        database.run(statement)
