"""A visit has a template, own templates stand beside the shipped ones, and persons keep theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.draft import Owner, Section
from app.domain.errors import NotFoundError, TemplateError, VisitStateError
from app.domain.events import TroubleArose
from app.domain.ids import TemplateId, UserId, VisitId
from app.drafting.templates import Source, load_template
from app.foundation import paths
from app.workflow.drafts import template_draft, typed_claim, with_added, with_kept
from app.workflow.room import Room
from app.workflow.templating import STANDARD, Templating
from tests.unit.workflow.conftest import Desk, claim
from tests.unit.workflow.test_signing import GOOD

SHIPPED = paths.resources() / "templates"
EXAMPLE = """Jane Zebra, 4 May
Subjective: chest pain of Jane Zebra for 3 days.

Footwear
worn out

Plan:
- rest
- zinc 3 mg
"""


@pytest.fixture
def templating(desk: Desk, tmp_path: Path) -> Templating:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    folder = paths.private_folder(tmp_path / "own")

    def own(uid: UserId) -> Path:
        return folder / uid

    return Templating(room, SHIPPED, own)


def test_all_shipped_templates_are_there_letters_apart(desk: Desk, templating: Templating) -> None:
    shelf = desk.result(templating.shelf())
    assert shelf.broken == ()
    assert shelf.usual == STANDARD
    assert {each.template.id for each in shelf.letters} == {
        "after-visit-summary",
        "consult-letter",
        "referral",
    }
    assert len(shelf.notes) == 6


def test_the_template_of_a_visit_makes_its_draft(desk: Desk, templating: Templating) -> None:
    visit = desk.visit()
    chosen = desk.result(templating.choose(visit.id, TemplateId("h-and-p")))
    assert chosen.template == "h-and-p"
    draft = template_draft(visit.id, visit.created_at, templating.load(chosen.template))
    assert (draft.title, draft.note_type) == ("History and physical", "34117-2")
    assert all(each.loinc for each in draft.sections)
    with pytest.raises(NotFoundError):
        desk.result(templating.choose(visit.id, TemplateId("referral")))


def test_a_signed_visit_keeps_its_template(desk: Desk, templating: Templating) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    with pytest.raises(VisitStateError):
        desk.result(templating.choose(visit.id, TemplateId("dap")))


def test_an_own_template_is_copied_changed_and_removed(desk: Desk, templating: Templating) -> None:
    made = desk.result(templating.copy(STANDARD, "My note"))
    text = desk.result(templating.text(made.id)).replace("Subjective", "What they say")
    desk.result(templating.save(text))
    assert templating.load(made.id).sections[0].heading == "What they say"
    shelf = desk.result(templating.shelf())
    assert [each.template.id for each in shelf.notes if each.is_own] == [made.id]
    with pytest.raises(TemplateError):
        desk.result(templating.save(text, is_new=True))
    desk.result(templating.remove(made.id))
    with pytest.raises(NotFoundError):
        desk.result(templating.remove(STANDARD))


def test_a_mistake_says_where_and_keeps_the_file(desk: Desk, templating: Templating) -> None:
    made = desk.result(templating.copy(STANDARD, "My note"))
    text = desk.result(templating.text(made.id)).replace('style = "bullets"', 'style = "dots"', 1)
    with pytest.raises(TemplateError) as told:
        desk.result(templating.save(text))
    assert "section 1: style" in str(told.value.facts["where"])
    assert templating.load(made.id).title == "My note"


def test_a_template_that_is_gone_gives_way_and_is_told(desk: Desk, templating: Templating) -> None:
    told: list[TroubleArose] = []
    desk.bus.subscribe(TroubleArose, told.append)
    templating.prefer(TemplateId("dap"))
    assert templating.load(TemplateId("gone")).id == "dap"
    templating.prefer(TemplateId("gone, too"))
    assert templating.load(TemplateId("gone")).id == STANDARD
    desk.inbox.run_until(lambda: len(told) == 3, timeout_s=9)
    assert {each.code for each in told} == {"template_missing"}


def test_an_example_note_gives_its_shape_and_nothing_of_its_patient(
    desk: Desk, templating: Templating
) -> None:
    made = desk.result(templating.from_note(EXAMPLE, "Dr. Müller's note"))
    assert made.template.id == "dr-m-ller-s-note"
    assert [each.heading for each in made.template.sections] == ["Subjective", "Plan"]
    assert "ebra" not in repr(made)
    assert "zinc" not in repr(made)


def test_another_template_keeps_what_persons_own_wherever_it_has_a_place() -> None:
    soap = template_draft(VisitId("v"), _now(), load_template(SHIPPED / "soap.toml"))
    mine = {key: typed_claim(f"Mine, {key}.") for key in ("subjective", "objective", "plan")}
    for key, each in mine.items():
        soap = with_added(soap, key, each)
    soap = replace(soap, sections=(*soap.sections, Section("footwear", "Footwear")))
    soap = with_added(soap, "footwear", typed_claim("Worn out."))
    for path in sorted(SHIPPED.glob("*.toml")):
        template = load_template(path)
        if template.source is not Source.VISIT:
            continue
        kept = with_kept(template_draft(VisitId("v"), _now(), template), soap)
        texts = [each.text for each in kept.claims if each.owner is Owner.CLINICIAN]
        assert sorted(texts) == sorted(each.text for each in soap.claims), template.id
        assert [each.heading for each in kept.sections].count("Footwear") == 1
        homes = {each.text: section.key for section in kept.sections for each in section.claims}
        plan = homes["Mine, plan."]
        assert template.section(plan) is not None, template.id
        assert with_kept(kept, soap) == kept


def _now() -> datetime:

    return datetime(2026, 11, 20, tzinfo=UTC)
