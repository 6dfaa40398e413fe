"""What goes with a transcript: stretches without words, changed words, who spoke, differences.

Lane; the caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain.audio import Span, Stretch, StretchKind
from app.domain.ids import SegmentId, VisitId
from app.domain.transcript import Difference, Revision, RoleFound, Segment
from app.store import canonical, search, transcripts, visits
from app.store.connection import Database, as_text


def add_stretches(database: Database, visit: VisitId, stretches: Sequence[Stretch]) -> None:
    """Add stretches; one that is there already is kept once.

    Raises:
        NotFoundError: there is no such visit.
    """
    visits.number_of(database, visit)
    for each in stretches:
        database.run(
            "INSERT INTO stretches(visit, start, body) VALUES (?, ?, ?) "
            "ON CONFLICT(visit, body) DO NOTHING",
            *(visit, each.start, canonical.dumps(each)),
        )


def stretches(database: Database, visit: VisitId) -> tuple[Stretch, ...]:
    """Return the stretches of a visit in order of time."""
    rows = database.rows("SELECT body FROM stretches WHERE visit = ? ORDER BY start, number", visit)
    return tuple(canonical.loads(Stretch, as_text(body)) for (body,) in rows)


def add_revisions(database: Database, visit: VisitId, revisions: Sequence[Revision]) -> None:
    """Append to the history of changed words.

    Raises:
        NotFoundError: there is no such visit.
    """
    visits.number_of(database, visit)
    for each in revisions:
        database.run(
            "INSERT INTO revisions(visit, segment, body) VALUES (?, ?, ?)",
            *(visit, each.segment, canonical.dumps(each)),
        )


def revisions(database: Database, visit: VisitId) -> tuple[Revision, ...]:
    """Return the changed words of a visit, oldest first."""
    rows = database.rows("SELECT body FROM revisions WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(Revision, as_text(body)) for (body,) in rows)


def set_roles(database: Database, visit: VisitId, roles: Sequence[RoleFound]) -> None:
    """Say who speaks in segments that are there; unknown ones are passed over.

    What a person set (confidence 1.0), a person alone sets otherwise.
    """
    found = {each.id: each for each in transcripts.segments(database, visit)}
    changed = [
        replace(
            found[each.segment],
            role=each.role,
            role_confidence=each.role_confidence,
            speaker=each.speaker,
        )
        for each in roles
        if each.segment in found
        and (found[each.segment].role_confidence < 1.0 or each.role_confidence == 1.0)
    ]
    transcripts.put_segments(database, visit, changed)


def strike(database: Database, visit: VisitId, span: Span) -> tuple[SegmentId, ...]:
    """Erase the segments that touch a span, their history, and what was found in it.

    Words that were taken back belong to no segment and tell no time: the visit's all go.

    Returns:
        The segments that are gone.
    """
    gone = [
        each
        for each in transcripts.segments(database, visit)
        if each.start < span.end and span.start < each.end
    ]
    for segment in gone:
        _forget(database, visit, segment)
    for each in stretches(database, visit):
        if each.kind is StretchKind.INAUDIBLE and each.start < span.end and span.start < each.end:
            database.run(
                "DELETE FROM stretches WHERE visit = ? AND body = ?",
                *(visit, canonical.dumps(each)),
            )
    start = min([span.start, *(each.start for each in gone)])
    end = max([span.end, *(each.end for each in gone)])
    database.run("DELETE FROM revisions WHERE visit = ? AND segment IS NULL", visit)
    _forget_differences(database, visit, Span(start, end))
    add_stretches(database, visit, [Stretch(start, end, StretchKind.OFF_RECORD)])
    return tuple(each.id for each in gone)


def _forget_differences(database: Database, visit: VisitId, span: Span) -> None:
    rows = database.rows("SELECT number, body FROM differences WHERE visit = ?", visit)
    for number, body in rows:
        found = canonical.loads(Difference, as_text(body))
        if found.start < span.end and span.start < found.end:
            database.run("DELETE FROM differences WHERE number = ?", number)


def _forget(database: Database, visit: VisitId, segment: Segment) -> None:
    search.drop_segment(database, visit, segment.id)
    for statement in (
        "DELETE FROM segments WHERE visit = ? AND id = ?",
        "DELETE FROM differences WHERE visit = ? AND segment = ?",
    ):
        database.run(statement, visit, segment.id)
    words = {word.id for word in segment.words}
    for each in database.rows("SELECT number, body FROM revisions WHERE visit = ?", visit):
        found = canonical.loads(Revision, as_text(each[1]))
        if found.segment == segment.id or words & set(found.words):
            database.run("DELETE FROM revisions WHERE number = ?", each[0])


def set_differences(database: Database, visit: VisitId, found: Sequence[Difference]) -> None:
    """Keep what the second pass heard otherwise, in the place of what was kept before.

    Raises:
        NotFoundError: there is no such visit.
    """
    visits.number_of(database, visit)
    database.run("DELETE FROM differences WHERE visit = ?", visit)
    for each in found:
        database.run(
            "INSERT INTO differences(visit, segment, body) VALUES (?, ?, ?)",
            *(visit, each.segment, canonical.dumps(each)),
        )


def differences(database: Database, visit: VisitId) -> tuple[Difference, ...]:
    """Return the differences that wait for a person."""
    rows = database.rows("SELECT body FROM differences WHERE visit = ? ORDER BY number", visit)
    return tuple(canonical.loads(Difference, as_text(body)) for (body,) in rows)


def clear(database: Database, visit: VisitId) -> None:
    """Forget all of it."""
    for statement in (
        "DELETE FROM stretches WHERE visit = ?",
        "DELETE FROM revisions WHERE visit = ?",
        "DELETE FROM differences WHERE visit = ?",
    ):
        database.run(statement, visit)
