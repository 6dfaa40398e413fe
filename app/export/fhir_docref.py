"""A note as a US Core DocumentReference, the shape EHRs accept on write: EXPORT.md 5.4."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from app.domain.errors import TooLargeError
from app.domain.note import ExportNote, NoteStatus
from app.export import fhir_codes as codes
from app.export import fhir_resources as resources
from app.export.fhir_elements import (
    Element,
    coding,
    kept,
    language,
    meta,
    narrative,
    reference,
    urn,
    urn_identifier,
)
from app.export.fhir_parts import (
    is_signed,
    note_type,
    relation,
    replaced_version,
    stated_at,
    title,
    to_json,
)
from app.export.text import TextExporter

MAX_INLINE: Final = 5 * 1024 * 1024
"""Bytes of text that may lie inside the resource: EXPORT.md 5.4."""


class FhirDocumentReferenceExporter:
    """The note's text inside a DocumentReference, FHIR R4 (4.0.1), US Core 9.0.0."""

    format: str = "fhir_docref"
    extension: str = "docref.json"

    def render(self, note: ExportNote) -> bytes:
        """Return the DocumentReference as UTF-8 JSON.

        Raises:
            TemplateError: the note type is not one of ours.
            TooLargeError: the text is longer than 5 MiB.
        """
        return to_json(document_reference(note))


def document_reference(note: ExportNote) -> Element:
    """Return the DocumentReference with the people and places it names inside."""
    replaced = replaced_version(note)
    return kept(
        {
            "resourceType": "DocumentReference",
            "meta": meta(note, "documentreference"),
            "text": narrative([title(note)]),
            "contained": _contained(note),
            "identifier": [urn_identifier(_docref_urn(note, note.version))],
            "status": _status(note),
            "docStatus": _doc_status(note),
            "type": note_type(note),
            "category": [{"coding": [coding(codes.CATEGORY, "clinical-note")]}],
            "subject": reference("#pat"),
            "date": stated_at(note),
            "author": [reference("#prac")],
            "authenticator": reference("#prac") if is_signed(note) else None,
            "custodian": reference("#org"),
            "relatesTo": _relates_to(note, replaced) if replaced is not None else None,
            "description": title(note),
            "content": [{"attachment": _attachment(note)}],
            "context": {"encounter": [reference("#enc")], "period": resources.period(note)},
        }
    )


def _docref_urn(note: ExportNote, version: int) -> str:
    return urn("docref", note.note_id, version)


def _contained(note: ExportNote) -> list[Element]:
    subject = reference("#pat")
    found = {
        "pat": resources.patient(note.patient),
        "prac": resources.practitioner(note.author),
        "org": resources.organization(note.organization),
        "enc": resources.encounter(note, subject),
    }
    return [
        {
            "resourceType": resource["resourceType"],
            "id": name,
            **{k: v for k, v in resource.items() if k not in {"resourceType", "meta"}},
        }
        for name, resource in found.items()
    ]


def _status(note: ExportNote) -> str:
    is_withdrawn = note.status is NoteStatus.ENTERED_IN_ERROR
    return "entered-in-error" if is_withdrawn else "current"


def _doc_status(note: ExportNote) -> str:
    """Return the state of the document; a withdrawn one keeps what it had: EXPORT.md 5.5."""
    if note.status is not NoteStatus.ENTERED_IN_ERROR:
        return note.status.value
    if note.signed_at is None:
        return NoteStatus.PRELIMINARY.value
    return (NoteStatus.AMENDED if note.version > 1 else NoteStatus.FINAL).value


def _relates_to(note: ExportNote, replaced: int) -> list[Element]:
    earlier = urn_identifier(_docref_urn(note, replaced))
    return [{"code": relation(note), "target": {"identifier": earlier}}]


def _attachment(note: ExportNote) -> Element:
    data = TextExporter().render(note)
    if len(data) > MAX_INLINE:
        raise TooLargeError(limit_bytes=MAX_INLINE)
    # FHIR R4 asks for SHA-1 here: it finds slips of transport, it is no proof
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return kept(
        {
            "contentType": "text/plain; charset=utf-8",
            "language": language(note.language),
            "data": base64.b64encode(data).decode("ascii"),
            "size": len(data),
            "hash": base64.b64encode(digest).decode("ascii"),
            "title": title(note),
            "creation": stated_at(note),
        }
    )
