"""What both FHIR formats need of a note: its states, times, title and links."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.domain.errors import BugError, TemplateError
from app.domain.note import ExportNote, NoteStatus
from app.export import fhir_codes as codes
from app.export.cleaning import label
from app.export.fhir_elements import Element, Value, concept, instant
from app.export.text import DRAFT_BANNER

_SIGNED: Final = frozenset({NoteStatus.FINAL, NoteStatus.AMENDED})


def is_signed(note: ExportNote) -> bool:
    """Return whether a person answers for the note: final or amended.

    Raises:
        BugError: it says so, but not since when.
    """
    if note.status in _SIGNED and note.signed_at is None:
        raise BugError
    return note.status in _SIGNED


def stated_at(note: ExportNote) -> str:
    """Return when this version was made: at its signature, or at its last edit."""
    return instant(_stated_at(note))


def _stated_at(note: ExportNote) -> datetime:
    return note.signed_at or note.edited_at


def title(note: ExportNote) -> str:
    """Return the title with what a reader must see: a demo, a draft."""
    words = label(note.title) or "Clinical note"
    words = f"DEMO - {words}" if note.is_demo else words
    return f"{words} - {DRAFT_BANNER}" if note.status is NoteStatus.PRELIMINARY else words


def note_type(note: ExportNote) -> Element:
    """Return the LOINC code of the note.

    Raises:
        TemplateError: the template names a code that is no note type of ours.
    """
    if note.type not in codes.NOTE_TYPES:
        raise TemplateError("loinc", "unknown note type")
    return concept(codes.LOINC, note.type, note.title)


def replaced_version(note: ExportNote) -> int | None:
    """Return the number of the version this one replaces."""
    if note.replaces is not None:
        return note.replaces
    return note.version - 1 if note.version > 1 else None


def relation(note: ExportNote) -> str:
    """Return what the note does to the version before: EXPORT.md 5.2."""
    return "appends" if note.is_addendum else "replaces"


def to_json(resource: Mapping[str, Value]) -> bytes:
    """Return UTF-8 JSON, keys in the order they were put in, indented by one, final LF."""
    return (json.dumps(resource, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
