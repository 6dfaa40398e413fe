"""The draft grows by events and changes by hand; a machine never overwrites a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.domain.draft import Claim, Finding, FindingKind, Owner, Support
from app.domain.events import (
    ClaimGrown,
    ClaimJudged,
    ClaimWritten,
    DraftStarted,
    EngineChanged,
)
from app.domain.ids import ClaimId, SegmentId, VisitId
from app.ui.viewmodels.note import NoteModel
from tests.fakes.services import Stage, fill


@pytest.fixture
def visit(stage: Stage) -> VisitId:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    return fill(stage)


@pytest.fixture
def model(stage: Stage, visit: VisitId) -> NoteModel:
    made = NoteModel(stage.services)
    made.show(visit, stage.world.shelves[visit].draft, can_edit=True)
    return made


def test_a_draft_grows_claim_by_claim(stage: Stage, visit: VisitId, model: NoteModel) -> None:
    draft = stage.world.shelves[visit].draft
    assert draft is not None
    dispatch = stage.services.bus.dispatch
    dispatch(DraftStarted(visit, "m", tuple(type(s)(s.key, s.heading) for s in draft.sections)))
    assert model.is_drafting
    assert not model.can_edit
    assert model.claims() == []
    changed: list[str] = []
    model.section_changed.connect(changed.append)
    dispatch(ClaimGrown(visit, "plan", "Follow"))
    plan = model.section("plan")
    assert plan is not None
    assert plan.growing == "Follow"
    claim = draft.sections[3].claims[0]
    dispatch(ClaimWritten(visit, "plan", claim))
    assert (plan.growing, plan.claims) == ("", [claim])
    better = Claim(claim.id, "Better", claim.evidence, Support.PARTLY)
    dispatch(ClaimWritten(visit, "plan", better))
    assert plan.claims == [better]
    assert set(changed) == {"plan"}
    dispatch(EngineChanged(visit, "extractive", "engine_timeout"))
    assert model.engine == "extractive"


def test_events_of_another_visit_change_nothing(stage: Stage, model: NoteModel) -> None:
    before = model.claims()
    other = VisitId("other")
    stage.services.bus.dispatch(DraftStarted(other, "m", ()))
    stage.services.bus.dispatch(ClaimGrown(other, "plan", "Follow"))
    assert model.claims() == before
    assert not model.is_drafting


def test_a_models_verdict_is_shown_on_the_claim_it_is_about(
    stage: Stage, visit: VisitId, model: NoteModel
) -> None:
    changed: list[str] = []
    model.section_changed.connect(changed.append)
    claim = next(each for each in model.claims() if each.owner is Owner.MODEL)
    key = model.section_of(claim.id)
    verdict = replace(
        claim, support=Support.SUPPORTED, findings=(Finding(FindingKind.MODEL_AGREED),)
    )
    stage.services.bus.dispatch(ClaimJudged(visit, key, verdict))
    assert model.claim(claim.id) == verdict
    assert changed == [key]


@pytest.mark.parametrize("change", ["text", "owner", "id"])
def test_a_verdict_on_what_stands_there_no_more_is_not_shown(
    stage: Stage, visit: VisitId, model: NoteModel, change: str
) -> None:
    claim = next(each for each in model.claims() if each.owner is Owner.MODEL)
    key = model.section_of(claim.id)
    verdict = replace(claim, findings=(Finding(FindingKind.MODEL_AGREED),))
    if change == "text":
        verdict = replace(verdict, text="Other words.")
    elif change == "id":
        verdict = replace(verdict, id=ClaimId("gone"))
    else:
        view = model.section(key)
        assert view is not None
        mine = replace(claim, owner=Owner.CLINICIAN)
        view.claims = [mine if each.id == claim.id else each for each in view.claims]
    before = model.claims()
    stage.services.bus.dispatch(ClaimJudged(visit, key, verdict))
    assert model.claims() == before


def test_an_edited_claim_is_the_clinicians(qtbot: QtBot, model: NoteModel) -> None:
    with qtbot.waitSignal(model.edited):
        model.edit(ClaimId("c6"), "Takes metoprolol 25 mg twice daily.")
    claim = model.claim(ClaimId("c6"))
    assert claim is not None
    assert (claim.owner, claim.support) == (Owner.CLINICIAN, Support.CLINICIAN)


def test_an_edit_that_changes_nothing_asks_nobody(stage: Stage, model: NoteModel) -> None:
    text = model.claims()[0].text
    model.edit(model.claims()[0].id, f" {text} ")
    assert stage.world.shelves[model.visit or VisitId("")].earlier == []


def test_a_line_is_added_removed_and_brought_back(qtbot: QtBot, model: NoteModel) -> None:
    with qtbot.waitSignal(model.edited):
        model.add("plan", " Bring the blood pressure diary. ")
    plan = model.section("plan")
    assert plan is not None
    assert plan.claims[-1].text == "Bring the blood pressure diary."
    with qtbot.waitSignal(model.edited):
        model.remove(ClaimId("c13"))
    assert model.claim(ClaimId("c13")) is None
    with qtbot.waitSignal(model.edited):
        model.undo()
    assert model.claim(ClaimId("c13")) is not None


def test_undo_at_the_beginning_says_that_there_is_nothing(qtbot: QtBot, model: NoteModel) -> None:
    with qtbot.waitSignal(model.trouble_arose):
        model.undo()


def test_an_inserted_omission_leaves_the_list_and_keeps_its_evidence(
    qtbot: QtBot, model: NoteModel
) -> None:
    omission = model.omissions[0]
    with qtbot.waitSignal(model.edited):
        model.insert(omission)
    assert omission not in model.omissions
    section = model.section(omission.section)
    assert section is not None
    assert section.claims[-1].evidence == (omission.segment,)


def test_a_transcript_line_knows_the_claims_that_rest_on_it(model: NoteModel) -> None:
    assert model.resting_on(SegmentId("7")) == ["c3", "c4"]
    assert model.resting_on(SegmentId("1")) == []
    assert model.section_of(ClaimId("c13")) == "plan"
    assert model.section_of(ClaimId("none")) == ""


def test_drafting_again_and_stopping_are_passed_on(
    stage: Stage, visit: VisitId, model: NoteModel
) -> None:
    model.draft_again("extractive")
    assert stage.note_making.asked == [(visit, "extractive")]
    model.cancel_drafting()
    assert stage.note_making.cancelled == 0
    stage.services.bus.dispatch(DraftStarted(visit, "m", ()))
    model.cancel_drafting()
    assert stage.note_making.cancelled == 1


def test_another_visit_takes_the_place_of_one_that_is_being_drafted(
    stage: Stage, visit: VisitId, model: NoteModel
) -> None:
    stage.services.bus.dispatch(DraftStarted(visit, "m", ()))
    drafting = []
    for shown in (visit, VisitId("other")):
        model.show(shown, None, can_edit=False)
        drafting.append(model.is_drafting)
    assert drafting == [True, False]
    assert model.sections == []
