"""What was said at a visit, segment by segment. Lane; the caller holds the transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from app.domain.ids import SegmentId, VisitId
from app.domain.transcript import Segment, Transcript
from app.store import canonical, search, visits
from app.store.connection import Database, as_int, as_text


def put_segments(database: Database, visit: VisitId, segments: Sequence[Segment]) -> None:
    """Add segments, or replace those with the same ids.

    Raises:
        NotFoundError: there is no such visit.
    """
    visits.number_of(database, visit)
    for segment in segments:
        database.run(
            "INSERT INTO segments(visit, id, start, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(visit, id) DO UPDATE SET start = excluded.start, body = excluded.body",
            *(visit, segment.id, segment.start, canonical.dumps(segment)),
        )
        row = database.row(
            "SELECT number FROM segments WHERE visit = ? AND id = ?", visit, segment.id
        )
        search.index_segment(database, as_int(row[0] if row else None), segment.text)


def clear_segments(database: Database, visit: VisitId) -> None:
    """Remove the transcript of a visit."""
    search.drop_segments(database, visit)
    database.run("DELETE FROM segments WHERE visit = ?", visit)


def transcript(database: Database, visit: VisitId) -> Transcript:
    """Return the segments of a visit and their language.

    Raises:
        NotFoundError: there is no such visit.
    """
    language = visits.visit(database, visit).language
    return Transcript(segments(database, visit), language=language)


def segments(database: Database, visit: VisitId) -> tuple[Segment, ...]:
    """Return the segments in order of time; imported ones, without times, as they came."""
    rows = database.rows("SELECT body FROM segments WHERE visit = ? ORDER BY start, number", visit)
    return tuple(canonical.loads(Segment, as_text(body)) for (body,) in rows)


def some_segments(
    database: Database, visit: VisitId, ids: Collection[SegmentId]
) -> tuple[Segment, ...]:
    """Return the segments of these ids in order of time; ids that are gone are passed over."""
    wanted = json.dumps(sorted(ids))
    rows = database.rows(
        "SELECT body FROM segments WHERE visit = ? AND id IN (SELECT value FROM json_each(?)) "
        "ORDER BY start, number",
        *(visit, wanted),
    )
    return tuple(canonical.loads(Segment, as_text(body)) for (body,) in rows)
