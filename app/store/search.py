"""Finding visits by words: FTS5 tables beside the rows they index. Lane.

Names and identifiers are found by any three letters in a row, or by how a word begins; notes and
what was said by whole words or how they begin. Nothing is scanned: SECURITY.md, section 3.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from app.store.connection import Database

_TRIGRAM: Final = 3
"""Letters a trigram index needs to find anything."""


def fold(text: str) -> str:
    """Return text as it is indexed: without case, accents, NUL and lone surrogates."""
    plain = unicodedata.normalize("NFKD", text.replace("\0", " ")).casefold()
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return letters.encode("utf-8", "replace").decode("utf-8")


def index_patient(database: Database, number: int, names: str) -> None:
    """Index a patient's names and identifiers under the row's number, replacing what was there."""
    _put(database, "patient_words", "names", number, names)
    _put(database, "patient_parts", "names", number, names)


def index_note(database: Database, visit_number: int, text: str) -> None:
    """Index the newest note text of a visit."""
    _put(database, "note_words", "note", visit_number, text)


def index_segment(database: Database, number: int, text: str) -> None:
    """Index what was said in a segment."""
    _put(database, "segment_words", "said", number, text)


def drop_note(database: Database, visit_number: int) -> None:
    """Forget the note text of a visit."""
    database.run("DELETE FROM note_words WHERE rowid = ?", visit_number)


def drop_segments(database: Database, visit: str) -> None:
    """Forget what was said at a visit. Before the segments themselves are deleted."""
    database.run(
        "DELETE FROM segment_words WHERE rowid IN (SELECT number FROM segments WHERE visit = ?)",
        visit,
    )


def drop_segment(database: Database, visit: str, segment: str) -> None:
    """Forget one segment. Before the segment itself is deleted."""
    database.run(
        "DELETE FROM segment_words WHERE rowid IN "
        "(SELECT number FROM segments WHERE visit = ? AND id = ?)",
        *(visit, segment),
    )


def patient_filter(query: str) -> tuple[str, list[str]]:
    """Return an SQL condition on `patients.number` and its values; empty for an empty query."""
    tokens = fold(query).split()
    long = [each for each in tokens if len(each) >= _TRIGRAM]
    short = [each for each in tokens if len(each) < _TRIGRAM and _has_letters(each)]
    conditions, values = [], []
    for table, match in (
        ("patient_parts", " AND ".join(_quoted(each) for each in long)),
        ("patient_words", " AND ".join(f"{_quoted(each)}*" for each in short)),
    ):
        if match:
            conditions.append(
                f"patients.number IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)"  # noqa: S608 - constants
            )
            values.append(match)
    if tokens and not conditions:
        return "0", []
    return " AND ".join(conditions), values


def find_visits(database: Database, words: str, limit: int) -> list[int]:
    """Return numbers of visits whose note or transcript holds all the words, newest first."""
    tokens = [each for each in fold(words).split() if _has_letters(each)]
    if not tokens:
        return []
    match = " AND ".join(f"{_quoted(each)}*" for each in tokens)
    rows = database.rows(
        "SELECT rowid AS number FROM note_words WHERE note_words MATCH ? UNION "
        "SELECT visits.number FROM segment_words "
        "JOIN segments ON segments.number = segment_words.rowid "
        "JOIN visits ON visits.id = segments.visit WHERE segment_words MATCH ? "
        "ORDER BY 1 DESC LIMIT ?",
        *(match, match, limit),
    )
    return [number for (number,) in rows if isinstance(number, int)]


def _put(database: Database, table: str, column: str, number: int, text: str) -> None:
    database.run(f"DELETE FROM {table} WHERE rowid = ?", number)  # noqa: S608 - constants
    database.run(
        f"INSERT INTO {table}(rowid, {column}) VALUES (?, ?)",  # noqa: S608 - constants
        *(number, fold(text)),
    )


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _has_letters(token: str) -> bool:
    return any(each.isalnum() for each in token)
