"""A note as a FHIR R4 document: a Bundle that holds all it refers to. EXPORT.md 5.2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from app.domain.note import ExportModel, ExportNote, ExportSection, NoteStatus
from app.export import fhir_codes as codes
from app.export import fhir_resources as resources
from app.export.cleaning import label, lines
from app.export.fhir_elements import (
    Element,
    concept,
    demo_tags,
    instant,
    kept,
    meta,
    narrative,
    provenance_coding,
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
from app.export.text import ERROR_BANNER, NOT_DISCUSSED, section_key


class FhirBundleExporter:
    """The note as a document Bundle, FHIR R4 (4.0.1)."""

    format: str = "fhir_bundle"
    extension: str = "bundle.json"

    def render(self, note: ExportNote) -> bytes:
        """Return the Bundle as UTF-8 JSON.

        Raises:
            TemplateError: the note type is not one of ours.
        """
        return to_json(document(note))


def document(note: ExportNote) -> Element:
    """Return the Bundle: Composition, people, places, visit, models, provenance."""
    return kept(
        {
            "resourceType": "Bundle",
            "meta": kept({"tag": demo_tags(note)}),
            "identifier": urn_identifier(_document_urn(note, note.version)),
            "type": "document",
            "timestamp": stated_at(note),
            "entry": list(_entries(note, _Urns(note))),
        }
    )


_HEAD: Final = ("resourceType", "meta")


class _Urns:
    """The full URLs of the entries."""

    def __init__(self, note: ExportNote) -> None:
        self.composition = urn("composition", note.note_id, note.version)
        self.patient = urn("patient", note.patient.id)
        self.practitioner = urn("practitioner", note.author.id)
        self.organization = urn("organization", note.organization.id)
        self.encounter = urn("encounter", note.visit.id)
        self.provenance = urn("provenance", note.note_id, note.version)


def _document_urn(note: ExportNote, version: int) -> str:
    return urn("document", note.note_id, version)


def _entries(note: ExportNote, urns: _Urns) -> Iterator[Element]:
    subject = reference(urns.patient)
    person, author = note.patient, note.author
    yield _entry(urns.composition, _composition(note, urns), _headline(note))
    yield _entry(
        urns.patient,
        resources.patient(person),
        [resources.person_words(person.family, person.given)],
    )
    yield _entry(
        urns.practitioner,
        resources.practitioner(author),
        [resources.person_words(author.family, author.given)],
    )
    yield _entry(
        urns.organization,
        resources.organization(note.organization),
        [label(note.organization.name) or "Name not recorded"],
    )
    yield _entry(urns.encounter, resources.encounter(note, subject), [resources.visit_words(note)])
    for model in _models(note):
        name = resources.model_name(model)
        yield _entry(resources.device_urn(model), resources.device(model), [name])
    yield _entry(urns.provenance, _provenance(note, urns), [_provenance_words(note)])


def _entry(full_url: str, resource: Element, paragraphs: Sequence[str]) -> Element:
    """Return an entry; its narrative goes behind resourceType and meta, as in the standard."""
    head: Element = {name: resource[name] for name in _HEAD if name in resource}
    made: Element = {**head, "text": narrative(paragraphs), **resource}
    return {"fullUrl": full_url, "resource": made}


def _models(note: ExportNote) -> tuple[ExportModel, ...]:
    """Return the models, each once. A note nobody but a person made has none."""
    if note.provenance == "CLINAST":
        return ()
    return tuple({resources.device_urn(model): model for model in note.models}.values())


def _headline(note: ExportNote) -> list[str]:
    is_withdrawn = note.status is NoteStatus.ENTERED_IN_ERROR
    return [title(note), ERROR_BANNER] if is_withdrawn else [title(note)]


# -- the note


def _composition(note: ExportNote, urns: _Urns) -> Element:
    author = reference(urns.practitioner)
    attester: Element = {"mode": "legal", "time": stated_at(note), "party": author}
    replaced = replaced_version(note)
    earlier = urn_identifier(_document_urn(note, replaced)) if replaced is not None else {}
    return kept(
        {
            "resourceType": "Composition",
            "meta": meta(note),
            "identifier": urn_identifier(urn("note", note.note_id)),
            "status": note.status.value,
            "type": note_type(note),
            "subject": reference(urns.patient),
            "encounter": reference(urns.encounter),
            "date": instant(note.edited_at),
            "author": [author],
            "title": title(note),
            "attester": [attester] if is_signed(note) else None,
            "custodian": reference(urns.organization),
            "relatesTo": [{"code": relation(note), "targetIdentifier": earlier}]
            if earlier
            else None,
            "section": [_section(each, _is_combined(note)) for each in note.sections],
        }
    )


def _is_combined(note: ExportNote) -> bool:
    found = {codes.SECTION_CODES.get(section_key(each.key)) for each in note.sections}
    return codes.COMBINED in found


def _section(section: ExportSection, is_combined: bool) -> Element:
    """Return a section. Without claims and subsections it says that nobody asked."""
    heading = label(section.heading) or label(section.key) or "Section"
    paragraphs = [line for claim in section.claims for line in lines(claim)]
    is_blank = not paragraphs and not section.subsections
    nothing = concept(codes.EMPTY_REASON, "notasked") if is_blank else None
    shown = [NOT_DISCUSSED] if is_blank else paragraphs
    return kept(
        {
            "title": heading,
            "code": _section_code(section, heading, is_combined=is_combined),
            "text": narrative(shown) if shown else None,
            "emptyReason": nothing,
            "section": [_section(each, is_combined) for each in section.subsections],
        }
    )


def _section_code(section: ExportSection, heading: str, *, is_combined: bool) -> Element | None:
    """Return the LOINC code; none for a separate assessment or plan beside a combined one."""
    code = codes.SECTION_CODES.get(section_key(section.key)) or section.loinc
    if not code or (is_combined and code in codes.SEPARATE):
        return None
    return concept(codes.LOINC, code, heading)


# -- where it comes from


def _provenance(note: ExportNote, urns: _Urns) -> Element:
    return {
        "resourceType": "Provenance",
        "target": [reference(urns.composition)],
        "occurredDateTime": instant(note.edited_at),
        "recorded": stated_at(note),
        "reason": [{"coding": [provenance_coding(note)]}],
        "activity": concept(codes.LIFECYCLE, "amend" if note.version > 1 else "originate"),
        "agent": list(_agents(note, urns)),
    }


def _agents(note: ExportNote, urns: _Urns) -> Iterator[Element]:
    """Yield who verified, who wrote, who took down what was said; always one at least."""
    models = _models(note)
    writers = [each for each in models if each.kind == "llm"]
    if is_signed(note):
        yield _agent("verifier", urns.practitioner, urns)
    for model in writers:
        yield _agent("author", resources.device_urn(model), urns, is_model=True)
    if not writers:
        yield _agent("author", urns.practitioner, urns)
    for model in models:
        if model.kind != "llm":
            yield _agent("composer", resources.device_urn(model), urns, is_model=True)


def _agent(kind: str, who: str, urns: _Urns, *, is_model: bool = False) -> Element:
    role = concept(codes.AI_DEVICE, codes.AI_DEVICE_CODE)
    return kept(
        {
            "type": concept(codes.PARTICIPANT, kind),
            "role": [role] if is_model else None,
            "who": reference(who),
            "onBehalfOf": reference(urns.organization),
        }
    )


def _provenance_words(note: ExportNote) -> str:
    made = {"AIAST": "Drafted by a model", "DICTAST": "Dictated"}.get(note.provenance, "Typed")
    return f"{made}, verified by the clinician" if is_signed(note) else f"{made}, not verified"
