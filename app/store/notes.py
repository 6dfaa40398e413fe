"""Drafts, verdicts, what was seen, signed versions, exports.

Lane; the caller holds the transaction. Each save of a draft is a new row, so history stays.
Signed versions never change: triggers see to it.
"""

from __future__ import annotations

import json

from app.domain.draft import Draft, Owner
from app.domain.errors import CorruptError, WrongPatientError
from app.domain.ids import VisitId
from app.domain.note import NoteVersion
from app.domain.review import Decision
from app.domain.store_ports import ExportRow
from app.domain.visit import VisitState
from app.store import canonical, search, visits
from app.store.connection import Database, as_text


def save_draft(database: Database, draft: Draft) -> None:
    """Keep a draft as the newest of its visit.

    Raises:
        NotFoundError: there is no such visit.
    """
    number = visits.number_of(database, draft.visit)
    database.run(
        "INSERT INTO drafts(visit, id, body) VALUES (?, ?, ?)",
        *(draft.visit, draft.id, canonical.dumps(draft)),
    )
    search.index_note(database, number, _text_of(draft))


def draft(database: Database, visit: VisitId) -> Draft | None:
    """Return the newest draft."""
    row = database.row(
        "SELECT body FROM drafts WHERE visit = ? ORDER BY number DESC LIMIT 1", visit
    )
    return None if row is None else canonical.loads(Draft, as_text(row[0]))


def drafts(database: Database, visit: VisitId) -> tuple[Draft, ...]:
    """Return all drafts of a visit, oldest first."""
    rows = database.rows("SELECT body FROM drafts WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(Draft, as_text(body)) for (body,) in rows)


def save_decision(database: Database, visit: VisitId, decision: Decision) -> None:
    """Keep a verdict in the place of an earlier one on the same claim."""
    database.run(
        "INSERT INTO decisions(visit, claim, body) VALUES (?, ?, ?) "
        "ON CONFLICT(visit, claim) DO UPDATE SET body = excluded.body",
        *(visit, decision.claim, canonical.dumps(decision)),
    )


def decisions(database: Database, visit: VisitId) -> tuple[Decision, ...]:
    """Return the verdicts, in the order claims were first decided."""
    rows = database.rows("SELECT body FROM decisions WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(Decision, as_text(body)) for (body,) in rows)


def mark_seen(database: Database, visit: VisitId, section: str) -> None:
    """Note that the section was seen, with the claims a model wrote there."""
    claims = _machine_claims(draft(database, visit)).get(section, frozenset())
    database.run(
        "INSERT INTO seen VALUES (?, ?, ?) "
        "ON CONFLICT(visit, section) DO UPDATE SET claims = excluded.claims",
        *(visit, section, json.dumps(sorted(claims))),
    )


def seen(database: Database, visit: VisitId) -> frozenset[str]:
    """Return the sections seen. A section a model wrote anew since then is unseen again."""
    now = _machine_claims(draft(database, visit))
    rows = database.rows("SELECT section, claims FROM seen WHERE visit = ?", visit)
    return frozenset(
        as_text(section)
        for section, claims in rows
        if now.get(as_text(section), frozenset()) <= _read_claims(as_text(claims))
    )


def add_version(database: Database, version: NoteVersion, state: VisitState) -> None:
    """Keep a signed version and move its visit.

    Raises:
        NotFoundError: there is no such visit.
        WrongPatientError: version and visit are of two patients.
    """
    if visits.visit(database, version.visit).patient.id != version.patient:
        raise WrongPatientError
    database.run(
        "INSERT INTO versions(visit, note, version, body) VALUES (?, ?, ?, ?)",
        *(version.visit, version.note, version.version, canonical.dumps(version)),
    )
    number = visits.number_of(database, version.visit)
    search.index_note(database, number, _text_of(version.draft))
    visits.set_state(database, version.visit, state)


def versions(database: Database, visit: VisitId) -> tuple[NoteVersion, ...]:
    """Return the signed versions, oldest first."""
    rows = database.rows("SELECT body FROM versions WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(NoteVersion, as_text(body)) for (body,) in rows)


def add_letter(database: Database, letter: NoteVersion) -> None:
    """Keep a signed letter.

    Raises:
        NotFoundError: there is no such visit.
        WrongPatientError: letter and visit are of two patients.
    """
    if visits.visit(database, letter.visit).patient.id != letter.patient:
        raise WrongPatientError
    database.run(
        "INSERT INTO letters(visit, note, body) VALUES (?, ?, ?)",
        *(letter.visit, letter.note, canonical.dumps(letter)),
    )


def letters(database: Database, visit: VisitId) -> tuple[NoteVersion, ...]:
    """Return the signed letters, oldest first."""
    rows = database.rows("SELECT body FROM letters WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(NoteVersion, as_text(body)) for (body,) in rows)


def add_export(database: Database, row: ExportRow) -> None:
    """Record what is about to leave."""
    database.run(
        "INSERT INTO exports(note, version, format, sha256, target, at) VALUES (?, ?, ?, ?, ?, ?)",
        *(row.note, row.version, row.format, row.sha256, row.target, row.at.isoformat()),
    )


def erase_drafts(database: Database, visit: VisitId) -> None:
    """Delete drafts, verdicts and marks of an unsigned visit.

    Raises:
        NotFoundError: there is no such visit.
    """
    search.drop_note(database, visits.number_of(database, visit))
    for statement in (
        "DELETE FROM drafts WHERE visit = ?",
        "DELETE FROM decisions WHERE visit = ?",
        "DELETE FROM seen WHERE visit = ?",
    ):
        database.run(statement, visit)


def _machine_claims(newest: Draft | None) -> dict[str, frozenset[str]]:
    if newest is None:
        return {}
    return {
        section.key: frozenset(each.id for each in section.claims if each.owner is Owner.MODEL)
        for section in newest.sections
    }


def _read_claims(text: str) -> frozenset[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise CorruptError
    return frozenset(str(each) for each in found)


def _text_of(made: Draft) -> str:
    return "\n".join(claim.text for claim in made.claims)
