"""A template goes into a form and out of it, and loses nothing the form does not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.errors import TemplateError
from app.drafting.templates import Style, Template, load_templates, parse_template
from app.foundation import paths
from app.workflow.template_form import (
    NEW,
    SectionFields,
    TemplateFields,
    fields_of,
    text_with,
)
from app.workflow.templating import template_text

SHIPPED = load_templates(paths.resources() / "templates")


@pytest.mark.parametrize("template", SHIPPED, ids=lambda each: each.id)
def test_a_form_that_nobody_changed_is_the_same_template(template: Template) -> None:
    text = template_text(template)
    assert text_with(text, fields_of(text)) == text


def test_words_order_and_style_are_taken_and_codes_stay() -> None:
    text = template_text(SHIPPED[0])
    fields = fields_of(text)
    first, *others = fields.sections
    changed = replace(first, heading=" Since last time ", instruction="What\nchanged.",
                      is_bullets=not first.is_bullets)  # fmt: skip
    made = parse_template(text_with(text, TemplateFields("Mine", (*others, changed))).encode())
    last, before = made.sections[-1], SHIPPED[0].sections[0]
    assert made.title == "Mine"
    assert (last.heading, last.instruction) == ("Since last time", "What changed.")
    assert (last.key, last.loinc, last.takes) == (before.key, before.loinc, before.takes)
    assert (last.style is Style.BULLETS) is not first.is_bullets


@pytest.mark.parametrize(
    ("heading", "key", "loinc"),
    [
        ("Allergies", "allergies", "48765-2"),
        ("2nd look", "section_2nd_look", ""),
        ("Überblick!", "berblick", ""),
        ("血", "section", ""),
    ],
)
def test_a_new_section_gets_a_key_and_the_code_it_is_known_by(
    heading: str, key: str, loinc: str
) -> None:
    text = template_text(next(each for each in SHIPPED if each.id == "soap"))
    fields = fields_of(text)
    new = SectionFields(NEW, heading, "As said.")
    made = parse_template(
        text_with(text, replace(fields, sections=(*fields.sections, new, new))).encode()
    )
    assert [each.key for each in made.sections[-2:]] == [key, f"{key}_2"]
    assert made.sections[-2].loinc == loinc


def test_a_text_that_is_no_template_is_refused() -> None:
    with pytest.raises(TemplateError):
        fields_of("title = 1")
