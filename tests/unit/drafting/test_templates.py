"""Templates are read strictly, and each shipped one gives a prompt that is kept as a snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from app.domain.errors import TemplateError
from app.drafting.prompt import section_request
from app.drafting.templates import (
    MAX_BYTES,
    SECTION_CODES,
    Style,
    load_template,
    load_templates,
    parse_template,
)

SHIPPED = Path(__file__).parents[3] / "resources" / "templates"
VALID = """
schema = 1
id = "short"
version = 3
title = "Short note"
note_type = "11506-3"
[[section]]
key = "plan"
heading = "Plan"
loinc = "18776-5"
instruction = "What will be done."
style = "bullets"
max_claims = 4
"""


def test_a_valid_template_is_read_whole() -> None:
    template = parse_template(VALID.encode())
    assert (template.id, template.version, template.note_type) == ("short", 3, "11506-3")
    section = template.sections[0]
    assert section == template.section("plan")
    assert (section.heading, section.style, section.max_claims) == ("Plan", Style.BULLETS, 4)
    assert template.section("objective") is None
    assert len(template.sha256) == 64


def test_the_soap_note_has_its_four_sections_in_order() -> None:
    template = load_template(SHIPPED / "soap.toml")
    keys = [each.key for each in template.sections]
    assert keys == ["subjective", "objective", "assessment", "plan"]
    assert all(SECTION_CODES[each.key] == each.loinc for each in template.sections)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_the_requests_of_a_shipped_template_are_as_reviewed(
    path: Path, snapshot: SnapshotAssertion
) -> None:
    template = load_template(path)
    assert template in load_templates(SHIPPED)
    requests = [section_request(each, each.max_claims) for each in template.sections]
    assert "\n---\n".join(requests) == snapshot


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1", "", "schema"),
        ('id = "short"', 'id = "Sh ort"', "id"),
        ('id = "short"', "id = 5", "id"),
        ("version = 3", "version = 0", "version"),
        ("version = 3", "version = true", "version"),
        ('title = "Short note"', 'title = " "', "title"),
        ('title = "Short note"', 'title = "a\\nb"', "title"),
        ('note_type = "11506-3"', 'note_type = "18776-5"', "note_type"),
        ('note_type = "11506-3"', 'note_type = "progress"', "note_type"),
        ('key = "plan"', 'key = "Plan!"', "section 1: key"),
        ('heading = "Plan"', 'heading = "' + "x" * 61 + '"', "section 1: heading"),
        ('loinc = "18776-5"', 'loinc = "61149-1"', "section 1: loinc"),
        ('style = "bullets"', 'style = "poem"', "section 1: style"),
        ("max_claims = 4", "max_claims = 99", "section 1: max_claims"),
        ("max_claims = 4", "", "section 1: max_claims"),
        ("max_claims = 4", "max_claims = 4\ncolor = 1", "section 1: color"),
        ("[[section]]", "[section]", "section"),
        ("schema = 1", "schema = 1\nowner = 1", "owner"),
        ("schema = 1", "schema = = 1", "file"),
    ],
)
def test_a_faulty_template_is_refused_and_the_place_named(old: str, new: str, where: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(VALID.replace(old, new, 1).encode())
    assert caught.value.facts["where"] == where
    assert caught.value.facts["reason"]


def test_two_sections_of_one_key_are_refused() -> None:
    with pytest.raises(TemplateError):
        parse_template((VALID + VALID[VALID.index("[[section]]") :]).encode())


def test_assessment_and_plan_are_separate_or_combined_but_not_both() -> None:
    combined = VALID[VALID.index("[[section]]") :]
    combined = combined.replace('"plan"', '"assessment_and_plan"').replace("18776-5", "51847-2")
    with pytest.raises(TemplateError):
        parse_template((VALID + combined).encode())


@pytest.mark.parametrize("data", [b"\xff\xfe", b"#" * (MAX_BYTES + 1), b"", b"section = 1"])
def test_what_is_no_template_is_refused(data: bytes) -> None:
    with pytest.raises(TemplateError):
        parse_template(data)


def test_a_missing_file_is_a_template_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        load_template(tmp_path / "none.toml")


def test_two_templates_of_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(VALID)
    with pytest.raises(TemplateError):
        load_templates(tmp_path)
