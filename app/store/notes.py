"""Drafts, verdicts, what was seen, signed versions, exports.

Lane; the caller holds the transaction. Each save of a draft is a new row, so history stays.
Signed versions never change: triggers see to it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from app.domain.draft import Claim, Draft, Owner
from app.domain.errors import CorruptError, WrongPatientError
from app.domain.ids import DraftId, SegmentId, VisitId, new_id
from app.domain.note import NoteVersion
from app.domain.review import Decision
from app.domain.store_ports import ExportRow
from app.domain.visit import VisitState
from app.store import canonical, search, visits
from app.store.connection import Database, as_text

_CHANGED: Final = "@"
"""Between the id of a claim whose words changed and the print of what it rests on now."""


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
    """Note that the section was seen, with what a machine wrote or marked there."""
    claims = _machine_claims(draft(database, visit)).get(section, frozenset())
    database.run(
        "INSERT INTO seen VALUES (?, ?, ?) "
        "ON CONFLICT(visit, section) DO UPDATE SET claims = excluded.claims",
        *(visit, section, json.dumps(sorted(claims))),
    )


def seen(database: Database, visit: VisitId) -> frozenset[str]:
    """Return the sections seen.

    One that a model wrote anew since then is unseen again, and so is one in which a claim was
    checked against other words.
    """
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


def own_lines(database: Database, visit: VisitId, gone: frozenset[SegmentId]) -> Draft | None:
    """Return the newest draft with what persons own alone, None if that is nothing.

    What rests on segments that are gone is left out, whoever wrote it.
    """
    newest = draft(database, visit)
    if newest is None:
        return None
    sections = tuple(
        replace(
            section,
            claims=tuple(
                each
                for each in section.claims
                if each.owner is not Owner.MODEL and gone.isdisjoint(each.evidence)
            ),
        )
        for section in newest.sections
    )
    own = replace(newest, id=DraftId(new_id()), sections=sections, omissions=())
    return own if own.claims else None


def _machine_claims(newest: Draft | None) -> dict[str, frozenset[str]]:
    if newest is None:
        return {}
    return {
        section.key: frozenset(
            _mark(each) for each in section.claims if each.owner is Owner.MODEL or each.is_changed
        )
        for section in newest.sections
    }


def _mark(claim: Claim) -> str:
    return f"{claim.id}{_CHANGED}{claim.heard}" if claim.is_changed else claim.id


def _read_claims(text: str) -> frozenset[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise CorruptError
    return frozenset(
        mark for each in found for mark in (str(each), str(each).partition(_CHANGED)[0])
    )  # whoever saw a line marked as changed has seen the line


def _text_of(made: Draft) -> str:
    return "\n".join(claim.text for claim in made.claims)
