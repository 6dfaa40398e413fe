"""Codes and addresses of FHIR R4: all of EXPORT.md 5.2 and 5.3 that others could rename.

This module holds codes from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute,
Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available
at no cost under the license at http://loinc.org/license. LOINC is a registered United States
trademark of Regenstrief Institute, Inc. Codes go without display names: those change.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final

NAMESPACE: Final = uuid.UUID("5e1f0c0e-7b6d-5a52-9c39-0d1d6a1c7b1a")
"""Of our UUIDv5 identities: EXPORT.md 5.1."""

LOINC: Final = "http://loinc.org"
URN: Final = "urn:ietf:rfc:3986"
NPI: Final = "http://hl7.org/fhir/sid/us-npi"
SHA256: Final = "https://stethoscribe.invalid/sha256"
XHTML: Final = "http://www.w3.org/1999/xhtml"
OBSERVATION_VALUE: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
EMPTY_REASON: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
AI_DEVICE: Final = "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS"
"""HL7 AI Transparency, STU1 ballot: may move."""

AI_DEVICE_CODE: Final = "Artificial-Intelligence"
CATEGORY: Final = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
_PROFILES: Final = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"

TEST_DATA: Final = "HTEST"
"""Health test data, of v3-ActReason: the tag of demonstrations."""

PROVENANCE_DISPLAYS: Final[Mapping[str, str]] = {
    "AIAST": "Artificial Intelligence asserted",
    "DICTAST": "Dictation asserted",
    "CLINAST": "clinician asserted",
}

NOTE_TYPES: Final[Mapping[str, str]] = {
    "11506-3": "progress-note",
    "11488-4": "consult-note",
    "34117-2": "history-and-physical",
    "28570-0": "procedure-note",
    "34111-5": "emergency-note",
    "18842-5": "discharge-summary",
    "11504-8": "operation-note",
}
"""LOINC codes of notes, each with the word that stands in file names."""

SECTION_CODES: Final[Mapping[str, str]] = {
    "subjective": "61150-9",
    "objective": "61149-1",
    "assessment": "51848-0",
    "plan": "18776-5",
    "assessment_and_plan": "51847-2",
    "assessment_plan": "51847-2",
    "chief_complaint": "10154-3",
    "reason_for_visit": "29299-5",
    "chief_complaint_and_reason_for_visit": "46239-0",
    "hpi": "10164-2",
    "ros": "10187-3",
    "exam": "29545-1",
    "general_status": "10210-3",
    "past_history": "11348-0",
    "medications": "10160-0",
    "allergies": "48765-2",
    "social_history": "29762-2",
    "family_history": "10157-6",
    "vital_signs": "8716-3",
    "vitals": "8716-3",
    "results": "30954-2",
    "instructions": "69730-0",
    "problems": "11450-4",
    "procedures": "47519-4",
    "immunizations": "11369-6",
}
"""By section key. A section that is not here goes without a code."""

COMBINED: Final = "51847-2"
SEPARATE: Final = frozenset({"51848-0", "18776-5"})
"""Assessment and plan either combined or separate, never both: house rule H5."""


def profile(name: str) -> str:
    """Return the address of a US Core profile: `patient`, `documentreference`."""
    return _PROFILES + name
