"""The small parts FHIR resources are made of: codes, references, narratives, times."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias, Union

from app.domain.note import ExportNote
from app.export import fhir_codes as codes
from app.export.cleaning import clean, label

Value: TypeAlias = Union[str, int, bool, Sequence["Value"], Mapping[str, "Value"]]  # noqa: UP007 - recursive
"""What JSON can hold, but null: FHIR has none."""

Element: TypeAlias = dict[str, Value]

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NPI: Final = re.compile(r"[0-9]{10}")


def kept(parts: Mapping[str, Value | None]) -> Element:
    """Return the parts that hold something: empty strings, arrays and nulls are no FHIR."""
    found: Element = {}
    for name, value in parts.items():
        if value is not None and (isinstance(value, int) or len(value) > 0):
            found[name] = value
    return found


def urn(kind: str, *ids: str | int) -> str:
    """Return `urn:uuid:` and the UUIDv5 of `kind|id|…`: the same thing, the same identity."""
    name = "|".join([kind, *(clean(str(each)) for each in ids)])
    return f"urn:uuid:{uuid.uuid5(codes.NAMESPACE, name)}"


def reference(to: str) -> Element:
    """Return a Reference."""
    return {"reference": to}


def identifier(value: str, system: str = "") -> Element:
    """Return an Identifier without its empty parts; a system that is no URI is left out."""
    uri = clean(system).strip()
    return kept({"system": uri if _URI.fullmatch(uri) else None, "value": label(value)})


def urn_identifier(value: str) -> Element:
    """Return the Identifier of a `urn:uuid:`."""
    return {"system": codes.URN, "value": value}


def coding(system: str, code: str, display: str = "") -> Element:
    """Return a Coding."""
    return kept({"system": system, "code": code, "display": display})


def concept(system: str, code: str, text: str = "") -> Element:
    """Return a CodeableConcept with one coding."""
    return kept({"coding": [coding(system, code)], "text": label(text)})


def provenance_coding(note: ExportNote) -> Element:
    """Return who asserts the note, as a Coding: a model, a dictation or a typing clinician."""
    display = codes.PROVENANCE_DISPLAYS[note.provenance]
    return coding(codes.OBSERVATION_VALUE, note.provenance, display)


def meta(note: ExportNote, profile: str = "") -> Element:
    """Return the meta of the note itself: profile, who asserts it, and the tag of a demo."""
    return kept(
        {
            "profile": [codes.profile(profile)] if profile else None,
            "security": [provenance_coding(note)],
            "tag": demo_tags(note),
        }
    )


def demo_tags(note: ExportNote) -> list[Element]:
    """Return the tag that says that nobody was treated."""
    return [coding(codes.ACT_REASON, codes.TEST_DATA)] if note.is_demo else []


def narrative(paragraphs: Iterable[str]) -> Element:
    """Return a Narrative, one `p` per paragraph; the texts are cleaned already."""
    body = "".join(f"<p>{text.translate(_ESCAPES)}</p>" for text in paragraphs)
    return {"status": "generated", "div": f'<div xmlns="{codes.XHTML}">{body}</div>'}


def instant(at: datetime) -> str:
    """Return a date-time to the second with its offset.

    Raises:
        ValueError: the time has no offset, or one that is not in whole minutes.
    """
    offset = at.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        raise ValueError("time without a usable offset")
    return at.isoformat(timespec="seconds")


def language(tag: str) -> str:
    """Return a language tag, empty when it is none."""
    return tag if _LANGUAGE.fullmatch(tag) else ""


def is_npi(number: str) -> bool:
    """Return whether this is a National Provider Identifier with its right check digit.

    Luhn's formula over the digits with 80840 in front: 45 CFR 162.406.

    >>> is_npi("1234567893"), is_npi("1234567890")
    (True, False)
    """
    if _NPI.fullmatch(number) is None:
        return False
    digits = [int(each) for each in reversed("80840" + number)]
    doubled = [sum(divmod(each * 2, 10)) for each in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
