"""A template made from an example has its shape and nothing of its patient."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import TemplateError
from app.domain.ids import TemplateId
from app.drafting.feeds import Feed
from app.drafting.note_outline import outline
from app.drafting.template_making import MadeTemplate, template_from_note
from app.drafting.template_toml import template_toml
from app.drafting.templates import MAX_SECTIONS, Style, load_templates, parse_template

KNOWN = load_templates(Path(__file__).parents[3] / "resources" / "templates")
AMERICAN = """\
ZELDA QUIMBY
DOB 01/02/1960

CHIEF COMPLAINT

Sore throat.

HISTORY OF PRESENT ILLNESS

Zelda Quimby is a 60-year-old female who has had a sore throat for three days. She denies fever. She
has been taking ibuprofen with some relief.

FERTILITY GOALS
None at present. She will think about it.

ASSESSMENT AND PLAN
• Pharyngitis: likely viral.
• Ibuprofen 400 mg as needed.
• Blood Pressure: recheck.
"""
BRITISH = """\
4/7 hx of sore throat, Mrs Quimby
No fever.

PMH: Nil
DH: nil
NKDA
FH: Grandmother - type 2 diabetes
SH: lives alone.

Imp: viral URTI

Plan:
1. Fluids
2. Review in 5 days
"""


def made(note: str) -> MadeTemplate:
    return template_from_note(note, TemplateId("mine"), "Mine", KNOWN)


def test_headings_come_in_their_order_and_known_ones_get_their_keys() -> None:
    sections = made(AMERICAN).template.sections
    assert [each.key for each in sections] == [
        "chief_complaint", "hpi", "fertility_goals", "assessment_and_plan",
    ]  # fmt: skip
    assert [each.loinc for each in sections] == ["10154-3", "10164-2", "", "51847-2"]
    assert sections[1].heading == "History of present illness"


def test_unknown_headings_are_kept_and_told() -> None:
    assert made(AMERICAN).unknown == ("FERTILITY GOALS",)


def test_style_and_length_are_those_of_the_example() -> None:
    complaint, hpi, _, plan = made(AMERICAN).template.sections
    assert (hpi.style, hpi.max_claims, hpi.words) == (Style.SENTENCES, 5, 30)
    assert (plan.style, plan.max_claims) == (Style.BULLETS, 5)
    assert (complaint.max_claims, complaint.words) == (3, None)


def test_instructions_of_known_templates_are_used() -> None:
    sections = made(BRITISH).template.sections
    assert [each.key for each in sections] == [
        "past_history", "medications", "family_history", "social_history", "assessment", "plan",
    ]  # fmt: skip
    soap = next(each for each in KNOWN if each.id == "soap")
    assert sections[-1].instruction == next(
        each.instruction for each in soap.sections if each.key == "plan"
    )
    assert sections[0].takes == (Feed.PAST,)


@pytest.mark.parametrize("note", [AMERICAN, BRITISH])
def test_nothing_but_headings_is_taken_from_the_example(note: str) -> None:
    text = template_toml(made(note).template).decode().casefold()
    for word in ("zelda", "quimby", "1960", "throat", "ibuprofen", "urti", "grandmother"):
        assert word not in text


@pytest.mark.parametrize(
    "note",
    ["S: pain\nO: normal\nA: sprain\nP: rest", "**Subjective**\npain\n## Objective\nx\n## Plan\ny"],
)
def test_short_and_markdown_headings_are_read(note: str) -> None:
    keys = [each.key for each in made(note).template.sections]
    assert keys[0] == "subjective"
    assert keys[-1] == "plan"


def test_a_heading_that_comes_again_is_one_section() -> None:
    template = made("Plan:\n- rest\n\nExam: normal\n\nPlan:\n- ice").template
    assert [each.key for each in template.sections] == ["plan", "exam"]
    assert outline("Plan:\n- rest")[0].is_list


def test_a_combined_plan_beside_a_plan_stays_a_valid_template() -> None:
    template = made("Assessment and plan: sprain\nPlan: rest\nImp: sprain").template
    assert [each.key for each in template.sections] == ["assessment_and_plan", "plan_2", "imp"]
    assert parse_template(template_toml(template)).sections == template.sections


def test_a_note_without_headings_is_refused_with_what_to_do() -> None:
    with pytest.raises(TemplateError) as caught:
        made("The patient came for a cough. It is better now.")
    assert "colon" in str(caught.value.facts["reason"])


def test_headings_beyond_the_limit_are_counted() -> None:
    words = [f"Part {chr(97 + each)}{chr(97 + each)}" for each in range(25)]
    result = made("\n".join(f"{word}:\nx" for word in words))
    assert (len(result.template.sections), result.left_out) == (MAX_SECTIONS, 5)


@given(st.lists(st.sampled_from([*AMERICAN.splitlines(), *BRITISH.splitlines(), "Été:", "##  ü"])))
def test_whatever_is_pasted_gives_a_valid_template_or_a_template_error(lines: list[str]) -> None:
    try:
        template = made("\n".join(lines)).template
    except TemplateError:
        return
    assert parse_template(template_toml(template)).sections == template.sections
