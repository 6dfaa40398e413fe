"""A visit from consent to a note."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.ids import PatientId, VisitId
from app.domain.visit import ConsentManner, Person, VisitState
from app.ui.viewmodels.recorder import RecorderModel, RecorderState
from app.ui.viewmodels.visit import VisitModel
from app.workflow.visiting import VisitRecord
from tests.fakes.services import Stage, fill
from tests.fakes.visits import sample_draft

PLANNED = VisitId("v4")


@pytest.fixture
def model(stage: Stage) -> VisitModel:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    recorder = RecorderModel(stage.services)
    made = VisitModel(stage.services, recorder, recorder)
    made.setProperty("recorder", recorder)
    return made


def go(qtbot: QtBot, model: VisitModel, visit: VisitId = PLANNED) -> None:
    model.open(visit)
    qtbot.waitUntil(lambda: model.visit is not None and model.visit.id == visit)


def test_consent_is_asked_before_the_microphone_opens(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    with qtbot.waitSignal(model.consent_asked):
        model.record()
    assert stage.listening.starts == []
    model.grant("me", ConsentManner.VERBAL, (Person("Baker", agreed=True),))
    qtbot.waitUntil(lambda: stage.listening.starts == [""])
    assert model.recorder.state is RecorderState.STARTING
    assert model.is_here
    assert not model.can_record


def test_a_reading_that_comes_late_does_not_bring_back_what_was(
    qtbot: QtBot, stage: Stage, model: VisitModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(qtbot, model)
    asked: list[Future[VisitRecord]] = []
    shelf = stage.world.shelf(PLANNED)

    def read(visit: VisitId) -> Future[VisitRecord]:
        assert visit == PLANNED
        asked.append(Future())
        return asked[-1]

    monkeypatch.setattr(stage.services.visiting, "open", read)
    model.reload()
    before = shelf.record
    model.reload()
    after = replace(before, visit=replace(before.visit, state=VisitState.IN_REVIEW))
    asked[1].set_result(after)
    qtbot.waitUntil(lambda: model.visit == after.visit)
    asked[0].set_result(before)
    qtbot.wait(50)
    assert model.visit == after.visit


def test_a_consent_that_is_on_file_is_not_asked_for_again(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    model.record()
    model.grant("me", ConsentManner.WRITTEN, (Person("Baker", agreed=True),))
    qtbot.waitUntil(lambda: stage.listening.current is not None)
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.recorder.state is RecorderState.RECORDING)
    model.recorder.finish()
    stage.note_making.write(PLANNED, sample_draft(PLANNED))
    qtbot.waitUntil(lambda: model.visit is not None and model.visit.state is VisitState.IN_REVIEW)
    qtbot.waitUntil(lambda: model.recorder.state is RecorderState.IDLE)
    model.record_file(Path("more.wav"))
    qtbot.waitUntil(lambda: len(stage.listening.starts) == 2)


def test_a_declined_consent_leads_to_typing_and_is_kept(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    with qtbot.waitSignal(model.declined):
        model.grant("me", ConsentManner.VERBAL, (Person("Baker", agreed=False),))
    assert stage.world.shelves[PLANNED].consent is not None
    assert stage.listening.starts == []
    model.type_note()
    qtbot.waitUntil(lambda: model.note.can_edit)
    assert model.note.sections[0].key == "subjective"


def test_a_dictation_asks_nobody_and_gives_no_leave_to_record(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    asked: list[bool] = []
    model.consent_asked.connect(lambda: asked.append(True))
    model.dictate()
    qtbot.waitUntil(lambda: stage.listening.is_dictation)
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: model.recorder.state is RecorderState.RECORDING)
    assert (asked, model.recorder.is_dictation) == ([], True)
    model.recorder.finish()
    stage.note_making.write(PLANNED, sample_draft(PLANNED))
    qtbot.waitUntil(lambda: model.recorder.state is RecorderState.IDLE)
    qtbot.waitUntil(lambda: model.can_record)
    model.record()
    assert asked == [True]
    assert len(stage.listening.starts) == 1


def test_who_declined_may_still_be_dictated_about(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    with qtbot.waitSignal(model.declined):
        model.grant("me", ConsentManner.VERBAL, (Person("Baker", agreed=False),))
    model.type_note()
    qtbot.waitUntil(lambda: model.note.can_edit)
    model.dictate()
    qtbot.waitUntil(lambda: stage.listening.is_dictation)


def test_a_recorded_visit_ends_in_review_with_its_draft(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model)
    model.record()
    model.grant("me", ConsentManner.VERBAL, (Person("Baker", agreed=True),))
    qtbot.waitUntil(lambda: stage.listening.current is not None)
    stage.listening.sound_arrives()
    model.recorder.finish()
    qtbot.waitUntil(lambda: model.recorder.state is not RecorderState.STARTING)
    model.recorder.finish()
    stage.note_making.begin(PLANNED)
    stage.note_making.write(PLANNED, sample_draft(PLANNED))
    qtbot.waitUntil(lambda: model.review.is_known)
    assert model.note.can_edit
    assert len(model.note.claims()) == 13


def test_the_clipboard_gets_nothing_for_another_patient(
    qtbot: QtBot, stage: Stage, model: VisitModel
) -> None:
    go(qtbot, model, VisitId("v-review"))
    with qtbot.waitSignal(model.trouble_arose):
        model.handover.copy(PatientId("wrong"), "", "Note")
    assert stage.world.exports == []


def test_text_that_comes_after_the_patient_changed_is_dropped(
    qtbot: QtBot, model: VisitModel
) -> None:
    go(qtbot, model, VisitId("v-review"))
    made: list[str] = []
    model.handover.text_made.connect(lambda text, _name: made.append(text))
    assert model.visit is not None
    model.handover.copy(model.visit.patient.id, "", "Note")
    model.handover.visit = VisitId("other")
    qtbot.waitUntil(lambda: not model.handover._services.post._parcels)  # type: ignore[attr-defined]  # the courier
    assert made == []


def test_clearing_leaves_no_patient_behind(qtbot: QtBot, model: VisitModel) -> None:
    go(qtbot, model, VisitId("v-review"))
    qtbot.waitUntil(lambda: bool(model.transcript.segments))
    model.clear()
    assert model.visit is None
    assert model.transcript.segments == []
    assert model.note.claims() == []


def test_a_visit_can_be_given_up(qtbot: QtBot, stage: Stage, model: VisitModel) -> None:
    go(qtbot, model)
    model.discard()
    qtbot.waitUntil(lambda: model.visit is not None and model.visit.state is VisitState.DISCARDED)
    assert not model.can_record
    assert stage.world.shelves[PLANNED].visit.state is VisitState.DISCARDED
