"""A made-up clinician, patient and consent in a throw-away profile, for recordings from files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from app.cli.face import Running
from app.domain.ids import PatientId, new_id
from app.domain.visit import (
    ConsentGranted,
    ConsentManner,
    Identifier,
    Patient,
    Person,
    Sex,
    Visit,
)
from app.foundation.i18n import _
from app.foundation.sealing import random_bytes

NAME: Final = "Demo Clinician"


def plan_visit(app: Running) -> Visit:
    """Make the account and a synthetic patient; return a planned visit."""
    app.result(app.services.unlocking.create(NAME, random_bytes(24).hex()))
    patient = Patient(
        PatientId(new_id()),
        "Demo",
        "Patient",
        date(1970, 1, 1),
        Sex.UNKNOWN,
        (Identifier("DEMO-0001", "urn:oid:2.999.1"),),
    )
    return app.result(app.services.visiting.plan(patient))


def consent(app: Running, visit: Visit) -> ConsentGranted:
    """Put the consent of the people in a sample recording into the ledger."""
    present = (Person(_("Patient (sample recording)"), agreed=True),)
    return app.result(app.services.visiting.grant(visit.id, NAME, ConsentManner.VERBAL, present))


def expecting(app: Running, visit: Visit, language: str, words: tuple[str, ...]) -> Visit:
    """Return the visit in a language, with words that may come up."""
    app.result(app.services.visiting.set_language(visit.id, language))
    app.result(app.services.visiting.set_terms(visit.id, words))
    return replace(visit, language=language, terms=words)
