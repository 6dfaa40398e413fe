"""Every shipped template has a place for whatever a visit says, and fills it without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.draft import Section
from app.domain.ids import TemplateId
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.feeds import Feed
from app.drafting.routing import Topic
from app.drafting.template_filing import TemplateFiling
from app.drafting.template_shelf import TemplateShelf
from app.drafting.templates import Template, TemplateSection, load_templates
from tests.unit.drafting.speech import LEXICON, ROUTER, SOAP, VISIT, transcript

SHIPPED = Path(__file__).parents[3] / "resources" / "templates"
TEMPLATES = load_templates(SHIPPED)
DRAFTER = ExtractiveDrafter(LEXICON, ROUTER)


def drafted(template: Template) -> tuple[Section, ...]:
    headings = [(each.key, each.heading) for each in template.sections]
    return DRAFTER.draft(transcript(VISIT), headings, TemplateFiling(template))


def texts(name: str, key: str) -> str:
    template = next(each for each in TEMPLATES if each.id == name)
    (section,) = (each for each in drafted(template) if each.key == key)
    return "\n".join(each.text for each in section.claims)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.id)
def test_a_shipped_template_loses_nothing_that_soap_keeps(template: Template) -> None:
    assert TemplateFiling(template).lost == ()
    soap = {claim.text for each in DRAFTER.draft(transcript(VISIT), SOAP) for claim in each.claims}
    ours = [claim.text for each in drafted(template) for claim in each.claims]
    assert sorted(ours) == sorted(soap)


def test_a_history_and_physical_is_filed_finely() -> None:
    assert "cough for two weeks" in texts("h-and-p", "chief_complaint")
    assert texts("h-and-p", "ros") == "Fever or chills? No."
    assert "lisinopril" in texts("h-and-p", "medications")
    assert "132/84" in texts("h-and-p", "vital_signs")
    assert "murmur" in texts("h-and-p", "exam")


def test_an_after_visit_summary_says_when_to_come_back() -> None:
    assert "come back in two weeks" in texts("after-visit-summary", "follow_up")
    assert "lisinopril" in texts("after-visit-summary", "medications")


def test_one_section_alone_is_what_the_whole_draft_has_there() -> None:
    template = TemplateShelf((SHIPPED,)).load(TemplateId("h-and-p"))
    alone = DRAFTER.section(transcript(VISIT), "ros", "Review of systems", TemplateFiling(template))
    assert [each.text for each in alone.claims] == ["Fever or chills? No."]


def test_a_template_without_a_place_for_topics_says_so() -> None:
    section = TemplateSection("x", "X", "", "Things.", takes=(Feed.FAMILY,))
    filing = TemplateFiling(Template(TemplateId("t"), 1, "T", "11506-3", (section,)))
    assert Topic.HISTORY in filing.lost
    assert Topic.FAMILY not in filing.lost
    assert filing.homes[Feed.SOCIAL] == "x"


def test_length_and_reading_level_are_asked_for() -> None:
    template = next(each for each in TEMPLATES if each.id == "after-visit-summary")
    asked = template.sections[0].asked
    assert "50 words" in asked
    assert "grade 6" in asked
    soap = next(each for each in TEMPLATES if each.id == "soap")
    assert soap.sections[0].asked == soap.sections[0].instruction


def test_what_is_done_with_instruments_goes_under_procedure_alone() -> None:
    said = (
        *VISIT[:13],
        "clinician: I cleaned your right knee with chlorhexidine and injected 40 mg of Kenalog.",
        "clinician: I'm going to schedule another injection next month, and take ibuprofen.",
    )
    template = next(each for each in TEMPLATES if each.id == "procedure")
    headings = [(each.key, each.heading) for each in template.sections]
    sections = DRAFTER.draft(transcript(said), headings, TemplateFiling(template))
    by_key = {each.key: " ".join(claim.text for claim in each.claims) for each in sections}
    assert "Kenalog" in by_key["procedures"]
    assert "murmur" in by_key["results"]
    assert "next month" in by_key["plan"]
