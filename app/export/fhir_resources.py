"""People, places, visit and models as FHIR R4 resources: EXPORT.md 5.2.

Each function returns a resource without text and id. Profiles of US Core are claimed only
where the note has what they demand.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from app.domain.note import (
    ExportAuthor,
    ExportModel,
    ExportNote,
    ExportOrganization,
    ExportPatient,
)
from app.domain.visit import VisitClass
from app.export import fhir_codes as codes
from app.export.cleaning import label
from app.export.fhir_elements import (
    Element,
    coding,
    concept,
    identifier,
    instant,
    is_npi,
    kept,
    urn,
    urn_identifier,
)

_CLASS_WORDS = {
    VisitClass.AMBULATORY: "Office visit",
    VisitClass.VIRTUAL: "Virtual visit",
    VisitClass.EMERGENCY: "Emergency visit",
    VisitClass.INPATIENT: "Inpatient visit",
    VisitClass.HOME: "Home visit",
}


def patient(person: ExportPatient) -> Element:
    """Return the Patient, with its profile when every identifier has a system."""
    identifiers = [
        identifier(each.value, each.system) for each in person.identifiers if label(each.value)
    ]
    return kept(
        {
            "resourceType": "Patient",
            "meta": _claimed("patient", identifiers, person.family),
            "identifier": identifiers,
            "name": _names(person.family, person.given),
            "gender": person.sex.value,
            "birthDate": person.birth_date.isoformat() if person.birth_date else None,
        }
    )


def practitioner(person: ExportAuthor) -> Element:
    """Return the Practitioner, by NPI or by the number the clinic or we gave them."""
    identifiers = [each for each in (_practitioner_identifier(person),) if each]
    return kept(
        {
            "resourceType": "Practitioner",
            "meta": _claimed("practitioner", identifiers, person.family),
            "identifier": identifiers,
            "name": _names(person.family, person.given),
        }
    )


def organization(clinic: ExportOrganization) -> Element:
    """Return the Organization; one without a name is known by our number for it (org-1)."""
    name = label(clinic.name)
    return kept(
        {
            "resourceType": "Organization",
            "meta": {"profile": [codes.profile("organization")]} if name else None,
            "identifier": None if name else [urn_identifier(urn("organization", clinic.id))],
            "active": True,
            "name": name,
        }
    )


def encounter(note: ExportNote, subject: Element) -> Element:
    """Return the Encounter. No US Core profile: it demands a coded type we do not have."""
    visit = note.visit
    number = label(visit.encounter_id or "")
    identified = identifier(number) if number else urn_identifier(urn("encounter", visit.id))
    return kept(
        {
            "resourceType": "Encounter",
            "identifier": [identified],
            "status": "finished" if visit.end else "in-progress",
            "class": coding(codes.ACT_CODE, visit.visit_class.value),
            "subject": subject,
            "period": period(note),
        }
    )


def period(note: ExportNote) -> Element:
    """Return the time of the visit; an end before its start (a clock was set) is left out."""
    visit = note.visit
    is_usable = visit.end is not None and visit.end >= visit.start
    end = instant(visit.end) if visit.end and is_usable else None
    return kept({"start": instant(visit.start), "end": end})


def device(model: ExportModel) -> Element:
    """Return a model as a Device of the kind "artificial intelligence"."""
    digest = label(model.sha256)
    version = label(model.version)
    return kept(
        {
            "resourceType": "Device",
            "identifier": [identifier(digest, codes.SHA256)] if digest else None,
            "manufacturer": label(model.maker),
            "deviceName": [{"name": model_name(model), "type": "model-name"}],
            "type": concept(codes.AI_DEVICE, codes.AI_DEVICE_CODE),
            "version": [{"value": version}] if version else None,
        }
    )


def device_urn(model: ExportModel) -> str:
    """Return the identity of a model: by its SHA-256, by its names where that is unknown."""
    if model.sha256:
        return urn("device", model.sha256)
    return urn("device", model.kind, model.name, model.version)


def model_name(model: ExportModel) -> str:
    """Return the name of a model, its kind when it has none."""
    return label(model.name) or ("Speech model" if model.kind == "asr" else "Language model")


def person_words(family: str, given: str) -> str:
    """Return a person's name for a narrative."""
    return label(f"{given} {family}") or "Name not recorded"


def visit_words(note: ExportNote) -> str:
    """Return the kind of visit for a narrative."""
    return _CLASS_WORDS[note.visit.visit_class]


def _names(family: str, given: str) -> list[Element]:
    name = kept({"family": label(family), "given": [each] if (each := label(given)) else None})
    return [name] if name else []


def _practitioner_identifier(person: ExportAuthor) -> Element:
    if is_npi(number := label(person.npi)):
        return identifier(number, codes.NPI)
    local = label(person.local_id)
    try:
        return urn_identifier(f"urn:uuid:{uuid.UUID(local)}")
    except ValueError:
        return identifier(local or number)


def _claimed(name: str, identifiers: Sequence[Element], family: str) -> Element | None:
    """Return a meta with the profile if identifiers with system and a family name are there."""
    is_complete = bool(identifiers) and all("system" in each for each in identifiers)
    return {"profile": [codes.profile(name)]} if is_complete and label(family) else None
