"""The first schema of vault.db, keys.db and org.db.

Content is canonical JSON in `body`; columns exist for what is searched, ordered or guarded. Order
is that of `number`, never of a clock. Signed versions, consents and exports cannot be changed.
"""

from __future__ import annotations

from typing import Final

from app.store.connection import Database

_VAULT: Final = (
    """CREATE TABLE patients(
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT""",
    """CREATE TABLE visits(
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        patient TEXT NOT NULL REFERENCES patients(id), state TEXT NOT NULL,
        body TEXT NOT NULL) STRICT""",
    "CREATE INDEX visits_of_patient ON visits(patient)",
    """CREATE TABLE consents(
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        visit TEXT NOT NULL REFERENCES visits(id), body TEXT NOT NULL,
        withdrawn_at TEXT) STRICT""",
    """CREATE TABLE recordings(
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        visit TEXT NOT NULL REFERENCES visits(id), key TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL, samples INTEGER) STRICT""",
    "CREATE INDEX recordings_of_visit ON recordings(visit)",
    """CREATE TABLE segments(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        id TEXT NOT NULL, start INTEGER NOT NULL, body TEXT NOT NULL,
        UNIQUE(visit, id)) STRICT""",
    """CREATE TABLE drafts(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        id TEXT NOT NULL, body TEXT NOT NULL) STRICT""",
    "CREATE INDEX drafts_of_visit ON drafts(visit)",
    """CREATE TABLE decisions(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        claim TEXT NOT NULL, body TEXT NOT NULL, UNIQUE(visit, claim)) STRICT""",
    """CREATE TABLE seen(
        visit TEXT NOT NULL REFERENCES visits(id), section TEXT NOT NULL,
        claims TEXT NOT NULL, PRIMARY KEY(visit, section)) STRICT""",
    """CREATE TABLE versions(
        number INTEGER PRIMARY KEY, visit TEXT NOT NULL REFERENCES visits(id),
        note TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
        UNIQUE(note, version)) STRICT""",
    "CREATE INDEX versions_of_visit ON versions(visit)",
    """CREATE TABLE exports(
        number INTEGER PRIMARY KEY, note TEXT NOT NULL, version INTEGER NOT NULL,
        format TEXT NOT NULL, sha256 TEXT NOT NULL, target TEXT NOT NULL,
        at TEXT NOT NULL) STRICT""",
)

_FROZEN: Final = ("versions", "exports")

_CONSENT_GUARD: Final = """CREATE TRIGGER consents_keep BEFORE UPDATE ON consents
    WHEN OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR (NEW.number, NEW.id, NEW.visit, NEW.body)
            IS NOT (OLD.number, OLD.id, OLD.visit, OLD.body)
    BEGIN SELECT RAISE(ABORT, 'frozen'); END"""

_WORDS: Final = "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'"
_INDEXES: Final = (
    ("patient_words", "names", _WORDS),
    ("patient_parts", "names", "tokenize = 'trigram'"),
    ("note_words", "note", _WORDS),
    ("segment_words", "said", _WORDS),
)
"""Parameters: SECURITY.md, section 3. Trigrams for names and identifiers only: they are 2.3 times
the size and 8 times the work."""

_KEYS: Final = (
    """CREATE TABLE recording_key(
        rkid TEXT NOT NULL PRIMARY KEY, rid TEXT NOT NULL UNIQUE,
        private BLOB NOT NULL CHECK(length(private) = 32), created TEXT NOT NULL) STRICT""",
)

_ORG: Final = (
    """CREATE TABLE users(
        uid TEXT NOT NULL PRIMARY KEY, folded TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL) STRICT""",
    """CREATE TABLE slots(
        uid TEXT NOT NULL REFERENCES users(uid), type INTEGER NOT NULL, body BLOB NOT NULL,
        sha256 BLOB NOT NULL, PRIMARY KEY(uid, type)) STRICT""",
    """CREATE TABLE wrapped_keys(
        uid TEXT NOT NULL REFERENCES users(uid), purpose INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY(uid, purpose)) STRICT""",
    """CREATE TABLE throttle(
        uid TEXT NOT NULL PRIMARY KEY REFERENCES users(uid), failures INTEGER NOT NULL,
        boot TEXT NOT NULL, at REAL NOT NULL) STRICT""",
    "CREATE TABLE settings(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT",
)


def vault(database: Database) -> None:
    """Make the tables of a vault."""
    for statement in _VAULT:
        database.run(statement)
    for table in _FROZEN:
        _forbid(database, table, "UPDATE")
    for table in (*_FROZEN, "consents"):
        _forbid(database, table, "DELETE")
    database.run(_CONSENT_GUARD)
    for name, column, options in _INDEXES:
        database.run(f"CREATE VIRTUAL TABLE {name} USING fts5({column}, {options})")
        # Without it FTS5 keeps deleted words: SECURITY.md, section 13.
        database.run(f"INSERT INTO {name}({name}, rank) VALUES ('secure-delete', 1)")  # noqa: S608 - constants


def keys(database: Database) -> None:
    """Make the table of recording keys."""
    for statement in _KEYS:
        database.run(statement)


def org(database: Database) -> None:
    """Make the tables of the organization database. No PHI in any of them."""
    for statement in _ORG:
        database.run(statement)


def _forbid(database: Database, table: str, verb: str) -> None:
    database.run(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'frozen'); END"
    )
