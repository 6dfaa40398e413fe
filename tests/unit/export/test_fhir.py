"""Both FHIR formats hold against all validators, in five variants and in endless ones."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from app.domain.errors import BugError, TemplateError, TooLargeError
from app.domain.note import ExportNote, ExportSection, NoteStatus
from app.domain.ports import Exporter
from app.export.cleaning import clean
from app.export.fhir_bundle import FhirBundleExporter
from app.export.fhir_codes import NOTE_TYPES, SECTION_CODES
from app.export.fhir_docref import FhirDocumentReferenceExporter
from app.export.text import TextExporter
from tests.fhir_validation.house import Check, house_rules, walk
from tests.fhir_validation.validators import fhirkit_check, schema_check
from tests.unit.export.notes import (
    AMENDED,
    COMBINED,
    DRAFT,
    FINAL,
    NOTES,
    VARIANTS,
    ZONE,
    model,
)
from tests.unit.export.test_text import claims

EXPORTERS: tuple[Exporter, ...] = (FhirBundleExporter(), FhirDocumentReferenceExporter())
CASES = 500 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 40
WITHDRAWN = replace(FINAL, status=NoteStatus.ENTERED_IN_ERROR)
MORE = {
    **VARIANTS,
    "demo": replace(DRAFT, is_demo=True),
    "withdrawn": WITHDRAWN,
    "dictated": replace(FINAL, provenance="DICTAST", models=(model("asr", "a"),)),
    "typed": replace(FINAL, provenance="CLINAST", models=()),
    "local_author": replace(
        FINAL,
        author=replace(FINAL.author, npi="", local_id="22222222-0000-4000-8000-000000000002"),
    ),
    "end_before_start": replace(
        FINAL,
        visit=replace(FINAL.visit, end=datetime(2020, 1, 1, tzinfo=ZONE), encounter_id="E7"),
    ),
}

Json = dict[str, Any]


def _load(exporter: Exporter, note: ExportNote) -> Json:
    loaded: Json = json.loads(exporter.render(note))
    return loaded


def _bundle(note: ExportNote) -> Json:
    return _load(FhirBundleExporter(), note)


def _docref(note: ExportNote) -> Json:
    return _load(FhirDocumentReferenceExporter(), note)


def _resources(note: ExportNote, kind: str) -> list[Json]:
    found = [entry["resource"] for entry in _bundle(note)["entry"]]
    return [each for each in found if each["resourceType"] == kind]


def _composition(note: ExportNote) -> Json:
    return _resources(note, "Composition")[0]


def _section_texts(sections: list[Json]) -> Iterator[str]:
    for section in sections:
        if "text" in section and "emptyReason" not in section:
            yield _div_text(section["text"]["div"])
        yield from _section_texts(section.get("section", []))


def _div_text(div: str) -> str:
    return "\n".join(each.text or "" for each in ET.fromstring(div))


# -- the validators


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda each: each.format)
@pytest.mark.parametrize("name", MORE)
def test_no_validator_finds_a_fault(name: str, exporter: Exporter, pyfhircheck: Check) -> None:
    resource = _load(exporter, MORE[name])
    for check in (schema_check, fhirkit_check, house_rules, pyfhircheck):
        assert check(resource) == []


@pytest.mark.parametrize("kind", NOTE_TYPES)
def test_every_note_type_is_one_us_core_knows(kind: str, pyfhircheck: Check) -> None:
    assert pyfhircheck(_docref(replace(FINAL, type=kind))) == []


def test_every_section_code_stands() -> None:
    sections = tuple(
        ExportSection(key, key, ("x",)) for key in SECTION_CODES if "assessment_" not in key
    )
    found = _composition(replace(FINAL, sections=sections))["section"]
    codes = [each["code"]["coding"][0]["code"] for each in found]
    assert codes == [SECTION_CODES[each.key] for each in sections]
    assert all("display" not in each["code"]["coding"][0] for each in found)


@given(note=NOTES)
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
def test_any_note_makes_clean_files(note: ExportNote) -> None:
    for exporter in EXPORTERS:
        data = exporter.render(note)
        assert data == exporter.render(note)
        resource = json.loads(data)
        assert json.loads(json.dumps(resource)) == resource
        assert schema_check(resource) == []
        assert house_rules(resource) == []
        for path, node in walk(resource):
            if path.endswith(".div"):
                ET.fromstring(node)
    wanted = "\n".join(text for each in claims(note) if (text := clean(each)).strip())
    assert "\n".join(_section_texts(_composition(note).get("section", []))) == wanted


# -- identity


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda each: each.format)
def test_the_same_version_gives_the_same_bytes(exporter: Exporter) -> None:
    for note in MORE.values():
        assert exporter.render(note) == exporter.render(replace(note))


def test_another_version_is_another_document_of_the_same_note() -> None:
    first, second = _bundle(FINAL), _bundle(AMENDED)
    assert first["identifier"] != second["identifier"]
    assert _composition(FINAL)["identifier"] == _composition(AMENDED)["identifier"]
    assert _composition(AMENDED)["relatesTo"] == [
        {"code": "replaces", "targetIdentifier": first["identifier"]}
    ]
    assert _docref(AMENDED)["relatesTo"] == [
        {"code": "replaces", "target": {"identifier": _docref(FINAL)["identifier"][0]}}
    ]
    assert "relatesTo" not in _composition(FINAL)


def test_a_second_version_names_the_first_even_if_nobody_said_so() -> None:
    assert _docref(replace(AMENDED, replaces=None)) == _docref(AMENDED)


def test_entries_stand_in_the_order_of_the_design() -> None:
    kinds = [entry["resource"]["resourceType"] for entry in _bundle(FINAL)["entry"]]
    assert kinds == [
        "Composition",
        "Patient",
        "Practitioner",
        "Organization",
        "Encounter",
        "Device",
        "Device",
        "Provenance",
    ]


def test_a_model_used_twice_stands_there_once() -> None:
    note = replace(FINAL, models=(model("asr", "a"), model("asr", "a"), model("llm", "b")))
    assert len(_resources(note, "Device")) == 2
    assert house_rules(_bundle(note)) == []


# -- status


@pytest.mark.parametrize(
    ("note", "status", "is_attested", "doc_status", "docref_status"),
    [
        (DRAFT, "preliminary", False, "preliminary", "current"),
        (FINAL, "final", True, "final", "current"),
        (AMENDED, "amended", True, "amended", "current"),
        (WITHDRAWN, "entered-in-error", False, "final", "entered-in-error"),
        (
            replace(AMENDED, status=NoteStatus.ENTERED_IN_ERROR),
            "entered-in-error",
            False,
            "amended",
            "entered-in-error",
        ),
    ],
)
def test_status_and_signature_agree(
    note: ExportNote, status: str, is_attested: bool, doc_status: str, docref_status: str
) -> None:
    composition, docref = _composition(note), _docref(note)
    assert composition["status"] == status
    assert ("attester" in composition) is is_attested
    assert docref["docStatus"] == doc_status
    assert docref["status"] == docref_status
    assert ("authenticator" in docref) is is_attested
    agents = _resources(note, "Provenance")[0]["agent"]
    kinds = [each["type"]["coding"][0]["code"] for each in agents]
    assert ("verifier" in kinds) is is_attested


def test_a_draft_has_its_banner_in_every_format() -> None:
    assert _composition(DRAFT)["title"] == "Progress note - DRAFT, not reviewed"
    docref = _docref(DRAFT)
    assert docref["description"].endswith(" - DRAFT, not reviewed")
    attached = base64.b64decode(docref["content"][0]["attachment"]["data"]).decode()
    assert attached.startswith("DRAFT, not reviewed\n")
    assert "DRAFT" not in _composition(FINAL)["title"]


def test_a_demonstration_is_named_and_tagged() -> None:
    demo = replace(FINAL, is_demo=True)
    assert _composition(demo)["title"].startswith("DEMO - ")
    for resource in (_bundle(demo), _composition(demo), _docref(demo)):
        assert [each["code"] for each in resource["meta"]["tag"]] == ["HTEST"]
    assert "tag" not in _composition(FINAL)["meta"]


def test_a_signed_note_without_a_time_is_our_mistake() -> None:
    with pytest.raises(BugError):
        _bundle(replace(FINAL, signed_at=None))


# -- content


def test_each_claim_stands_once_and_in_order() -> None:
    for note in (FINAL, DRAFT, AMENDED, COMBINED):
        text = json.dumps(_bundle(note), ensure_ascii=False)
        places = [text.index(each) for each in claims(note)]
        assert places == sorted(places)
        assert all(text.count(each) == 1 for each in claims(note))


def test_an_empty_section_says_that_nobody_asked() -> None:
    section = _composition(FINAL)["section"][-1]
    assert section["emptyReason"]["coding"][0]["code"] == "notasked"
    assert _div_text(section["text"]["div"]) == "Not discussed"


def test_a_combined_plan_leaves_separate_ones_without_a_code() -> None:
    both = tuple(
        ExportSection(key, key, ("x",)) for key in ("assessment", "plan", "assessment_and_plan")
    )
    found = _composition(replace(FINAL, sections=both))["section"]
    assert [each.get("code") is not None for each in found] == [False, False, True]


def test_the_attachment_is_the_text_with_its_size_and_hash() -> None:
    attachment = _docref(FINAL)["content"][0]["attachment"]
    data = base64.b64decode(attachment["data"])
    assert data == TextExporter().render(FINAL)
    assert attachment["size"] == len(data)
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    assert base64.b64decode(attachment["hash"]) == digest
    assert attachment["contentType"] == "text/plain; charset=utf-8"


def test_times_are_those_of_signature_and_edit() -> None:
    bundle, composition = _bundle(FINAL), _composition(FINAL)
    assert bundle["timestamp"] == "2026-11-20T09:30:00-05:00"
    assert composition["attester"][0]["time"] == bundle["timestamp"]
    assert composition["date"] == "2026-11-20T09:25:00-05:00"
    assert _bundle(DRAFT)["timestamp"] == composition["date"]


def test_who_did_what_is_told() -> None:
    agents = _resources(FINAL, "Provenance")[0]["agent"]
    kinds = [each["type"]["coding"][0]["code"] for each in agents]
    assert kinds == ["verifier", "author", "composer"]
    typed = _resources(MORE["typed"], "Provenance")[0]
    assert [each["type"]["coding"][0]["code"] for each in typed["agent"]] == ["verifier", "author"]
    assert typed["reason"][0]["coding"][0]["code"] == "CLINAST"
    assert _resources(MORE["typed"], "Device") == []


@pytest.mark.parametrize(
    ("changes", "is_claimed"),
    [({}, True), ({"npi": "1234567890"}, False), ({"family": " "}, False), ({"npi": ""}, False)],
)
def test_a_profile_is_claimed_only_if_it_is_kept(changes: dict[str, str], is_claimed: bool) -> None:
    note = replace(FINAL, author=replace(FINAL.author, **changes))
    assert ("meta" in _resources(note, "Practitioner")[0]) is is_claimed


def test_no_machine_made_facts_go_into_lists() -> None:
    kinds = {entry["resource"]["resourceType"] for entry in _bundle(COMBINED)["entry"]}
    assert not kinds & {"Condition", "MedicationStatement", "AllergyIntolerance", "Observation"}


# -- refusals


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda each: each.format)
def test_a_code_that_is_no_note_type_is_refused(exporter: Exporter) -> None:
    with pytest.raises(TemplateError):
        exporter.render(replace(FINAL, type="99999-9"))


def test_a_text_of_more_than_five_mebibytes_is_refused() -> None:
    long = ExportSection("plan", "Plan", ("x" * (5 * 1024 * 1024 + 1),))
    with pytest.raises(TooLargeError):
        _docref(replace(FINAL, sections=(long,)))


def test_a_time_without_offset_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="offset"):
        _bundle(replace(FINAL, edited_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the fault
