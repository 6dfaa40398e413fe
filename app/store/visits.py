"""Patients, visits, consents and recordings of a vault. Lane; the caller holds the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.errors import (
    ConsentMissingError,
    NotFoundError,
    VisitStateError,
    WrongPatientError,
)
from app.domain.ids import ConsentId, RecordingId, RecordingKeyId, VisitId
from app.domain.store_ports import RecordingRow, VisitSummary
from app.domain.visit import Consent, Patient, Visit, VisitState
from app.store import canonical, search
from app.store.connection import Database, Row, Value, as_int, as_text

_VISIT = (
    "SELECT visits.body, patients.body FROM visits JOIN patients ON patients.id = visits.patient"
)


# -- patients


def put_patient(database: Database, patient: Patient) -> None:
    """Keep a patient as they are now known."""
    database.run(
        "INSERT INTO patients(id, body) VALUES (?, ?) "
        "ON CONFLICT(id) DO UPDATE SET body = excluded.body",
        *(patient.id, canonical.dumps(patient)),
    )
    row = database.row("SELECT number FROM patients WHERE id = ?", patient.id)
    names = [patient.given, patient.family, *(each.value for each in patient.identifiers)]
    search.index_patient(database, as_int(row[0] if row else None), " ".join(names))


def patients(database: Database, query: str, limit: int) -> tuple[Patient, ...]:
    """Return patients by name or identifier, the last added first."""
    condition, values = search.patient_filter(query)
    rows = database.rows(
        f"SELECT body FROM patients {_where(condition)} ORDER BY number DESC LIMIT ?",  # noqa: S608 - constants
        *values,
        limit,
    )
    return tuple(canonical.loads(Patient, as_text(body)) for (body,) in rows)


# -- visits


def visits(database: Database, query: str, limit: int) -> tuple[VisitSummary, ...]:
    """Return visits, the last added first."""
    condition, values = search.patient_filter(query)
    return _summaries(database, condition, [*values, limit])


def visits_numbered(database: Database, numbers: Sequence[int]) -> tuple[VisitSummary, ...]:
    """Return the visits of these rows, the last added first."""
    marks = ", ".join("?" * len(numbers))
    return _summaries(database, f"visits.number IN ({marks})", [*numbers, len(numbers)])


def visit(database: Database, visit_id: VisitId) -> Visit:
    """Return one visit.

    Raises:
        NotFoundError: there is none.
    """
    row = database.row(f"{_VISIT} WHERE visits.id = ?", visit_id)
    if row is None:
        raise NotFoundError("visit")
    return _read_visit(row)


def number_of(database: Database, visit_id: VisitId) -> int:
    """Return the row number of a visit.

    Raises:
        NotFoundError: there is none.
    """
    row = database.row("SELECT number FROM visits WHERE id = ?", visit_id)
    if row is None:
        raise NotFoundError("visit")
    return as_int(row[0])


def add_visit(database: Database, made: Visit) -> None:
    """Keep a new visit and its patient."""
    put_patient(database, made.patient)
    database.run(
        "INSERT INTO visits(id, patient, state, body) VALUES (?, ?, ?, ?)",
        *(made.id, made.patient.id, made.state.value, canonical.dumps(made)),
    )


def save_visit(database: Database, changed: Visit) -> None:
    """Keep a visit's new state.

    Raises:
        NotFoundError: there is none.
        WrongPatientError: it was another patient's. A visit never changes hands.
    """
    if visit(database, changed.id).patient.id != changed.patient.id:
        raise WrongPatientError
    put_patient(database, changed.patient)
    database.run(
        "UPDATE visits SET state = ?, body = ? WHERE id = ?",
        *(changed.state.value, canonical.dumps(changed), changed.id),
    )


def correct_patient(database: Database, visit_id: VisitId, patient: Patient, at: datetime) -> Visit:
    """Keep a patient's name and numbers as they are right, and at the visit what they were.

    Raises:
        NotFoundError: there is no such visit.
        WrongPatientError: it is another patient's.
        VisitStateError: a note of this patient is signed: what it was exported with must stay.
    """
    found = visit(database, visit_id)
    changed = found.with_patient(patient, at)
    signed = database.row(
        "SELECT 1 FROM versions JOIN visits ON visits.id = versions.visit "
        "WHERE visits.patient = ? LIMIT 1",
        patient.id,
    )
    if signed is not None:
        raise VisitStateError(VisitState.SIGNED.value, found.state.value)
    if changed is not found:
        save_visit(database, changed)
    return changed


def set_state(database: Database, visit_id: VisitId, state: VisitState) -> None:
    """Move a visit. The caller checked that the move is allowed.

    Raises:
        NotFoundError: there is none.
    """
    save_visit(database, replace(visit(database, visit_id), state=state))


def _summaries(
    database: Database, condition: str, values: Sequence[Value]
) -> tuple[VisitSummary, ...]:
    rows = database.rows(
        "SELECT visits.body, patients.body, "  # noqa: S608 - conditions are constants
        "EXISTS(SELECT 1 FROM drafts WHERE drafts.visit = visits.id), "
        "(SELECT count(*) FROM versions WHERE versions.visit = visits.id) "
        "FROM visits JOIN patients ON patients.id = visits.patient "
        f"{_where(condition)} ORDER BY visits.number DESC LIMIT ?",
        *values,
    )
    return tuple(
        VisitSummary(_read_visit(row), has_draft=bool(row[2]), versions=as_int(row[3]))
        for row in rows
    )


def _where(condition: str) -> str:
    return f"WHERE {condition}" if condition else ""


def _read_visit(row: Row) -> Visit:
    found = canonical.loads(Visit, as_text(row[0]))
    return replace(found, patient=canonical.loads(Patient, as_text(row[1])))


# -- consents


def add_consent(database: Database, given: Consent) -> None:
    """Append to the ledger.

    Raises:
        NotFoundError: there is no such visit.
        WrongPatientError: the visit is another patient's.
    """
    if visit(database, given.visit).patient.id != given.patient:
        raise WrongPatientError
    database.run(
        "INSERT INTO consents(id, visit, body, withdrawn_at) VALUES (?, ?, ?, ?)",
        *(given.id, given.visit, canonical.dumps(replace(given, withdrawn_at=None))),
        given.withdrawn_at.isoformat() if given.withdrawn_at else None,
    )


def consent(database: Database, consent_id: ConsentId) -> Consent:
    """Return one consent.

    Raises:
        NotFoundError: there is none.
    """
    row = database.row("SELECT body, withdrawn_at FROM consents WHERE id = ?", consent_id)
    if row is None:
        raise NotFoundError("consent")
    found = canonical.loads(Consent, as_text(row[0]))
    if row[1] is None:
        return found
    return replace(found, withdrawn_at=datetime.fromisoformat(as_text(row[1])))


def withdraw_consent(database: Database, consent_id: ConsentId, at: datetime) -> None:
    """Note that it was taken back. The first time stands.

    Raises:
        NotFoundError: there is none.
    """
    if consent(database, consent_id).withdrawn_at is None:
        database.run(
            "UPDATE consents SET withdrawn_at = ? WHERE id = ?", at.isoformat(), consent_id
        )


# -- recordings


def add_recording(database: Database, row: RecordingRow, dictation: ConsentId | None) -> None:
    """Keep a new recording.

    Raises:
        NotFoundError: there is no such visit.
        ConsentMissingError: the visit's consent is missing, declined or withdrawn; or
            `dictation` is no entry of this visit that says so.
    """
    found = visit(database, row.visit)
    if dictation is not None:
        entry = consent(database, dictation)
        is_allowed = entry.visit == row.visit and entry.is_dictation
    else:
        is_allowed = found.consent is not None and consent(database, found.consent).is_granted
    if not is_allowed:
        raise ConsentMissingError
    database.run(
        "INSERT INTO recordings(id, visit, key, started_at, samples) VALUES (?, ?, ?, ?, ?)",
        *(row.id, row.visit, row.key, row.started_at.isoformat(), row.samples),
    )


def recordings(database: Database, visit_id: VisitId | None) -> tuple[RecordingRow, ...]:
    """Return the recordings of a visit, or all, oldest first."""
    rows = database.rows(
        "SELECT id, visit, key, started_at, samples FROM recordings "
        "WHERE ?1 IS NULL OR visit = ?1 ORDER BY number",
        visit_id,
    )
    return tuple(_read_recording(row) for row in rows)


def close_recording(database: Database, recording: RecordingId, samples: int) -> None:
    """Note how long a recording is.

    Raises:
        NotFoundError: there is none.
    """
    changed = database.run("UPDATE recordings SET samples = ? WHERE id = ?", samples, recording)
    if not changed:
        raise NotFoundError("recording")


def _read_recording(row: Row) -> RecordingRow:
    return RecordingRow(
        RecordingId(as_text(row[0])),
        VisitId(as_text(row[1])),
        RecordingKeyId(as_text(row[2])),
        datetime.fromisoformat(as_text(row[3])),
        None if row[4] is None else as_int(row[4]),
    )
