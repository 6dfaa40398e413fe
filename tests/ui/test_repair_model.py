"""What a person mends: nothing is swapped unasked, and every wish reaches its service."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.domain.audio import Span
from app.domain.events import NamesHeard, RolesFound, SpeechUnheard, WordsRevised
from app.domain.ids import SegmentId, VisitId, WordId
from app.domain.transcript import (
    Difference,
    Revision,
    RevisionCause,
    RoleFound,
    SpeakerRole,
    Suggestion,
)
from app.domain.visit import VisitState
from app.ui.viewmodels.recorder import RecorderModel
from app.ui.viewmodels.visit import VisitModel
from tests.fakes.services import Stage, fill

REVIEW = VisitId("v-review")
DRUG = SegmentId("9")


@pytest.fixture
def visit(qtbot: QtBot, stage: Stage) -> VisitModel:
    """A visit to review whose drug line has a doubtful word."""
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    shelf = stage.world.shelf(REVIEW)
    words = (WordId("9.9"),)
    shelf.suggestions.append(Suggestion(DRUG, words, "hydroxyzine", ("hydralazine", "hydroxyzine")))
    recorder = RecorderModel(stage.services)
    made = VisitModel(stage.services, recorder, recorder)
    made.setProperty("recorder", recorder)
    made.open(REVIEW)
    qtbot.waitUntil(lambda: len(made.repair.offers) == 1)
    return made


def text_of(stage: Stage, segment: SegmentId) -> str:
    return next(each.text for each in stage.world.shelf(REVIEW).segments if each.id == segment)


def test_a_chosen_candidate_keeps_the_punctuation(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    visit.repair.choose(visit.repair.offers[0], "hydralazine")
    qtbot.waitUntil(lambda: text_of(stage, DRUG).endswith("and the hydralazine."))
    assert visit.repair.offers == ()
    qtbot.waitUntil(lambda: any(line.revisions for line in visit.transcript.lines))


def test_a_word_that_is_kept_is_not_asked_about_again(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    before = text_of(stage, DRUG)
    visit.repair.keep(visit.repair.offers[0])
    assert visit.repair.offers == ()
    visit.repair.refresh()
    qtbot.waitUntil(lambda: bool(stage.world.shelf(REVIEW).revisions))
    assert text_of(stage, DRUG) == before
    assert visit.repair.offers == ()


def test_a_word_typed_over_is_no_longer_doubtful(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    visit.repair.correct(DRUG, (WordId("9.9"),), "hydralazine.")
    qtbot.waitUntil(lambda: visit.repair.offers == ())
    assert text_of(stage, DRUG).endswith("hydralazine.")


def test_words_typed_over_are_no_longer_offered_as_the_second_pass_heard_them(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    words = stage.world.shelf(REVIEW).segments[8].words
    dose = Difference(DRUG, words[1].start, words[2].end, "twenty five", "fifty")
    often = Difference(DRUG, words[4].start, words[4].end, "twice", "once")
    new = Difference(DRUG, words[6].start, words[6].end, "", "and aspirin")
    stage.second_pass.find(REVIEW, dose, often, new)
    qtbot.waitUntil(lambda: len(visit.repair.offers) == 4)
    visit.repair.correct(DRUG, tuple(each.id for each in words[1:3]), "fifteen")
    qtbot.waitUntil(lambda: "fifteen" in text_of(stage, DRUG))
    qtbot.waitUntil(lambda: len(visit.repair.offers) == 3)
    assert [each.difference for each in visit.repair.offers] == [None, often, new]


def test_what_a_second_hearing_of_names_suggests_is_offered(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    (offer,) = visit.repair.offers
    shelf = stage.world.shelf(REVIEW)
    (known,) = shelf.suggestions
    shelf.suggestions[:] = [replace(known, candidates=("labetalol", *known.candidates))]
    stage.world.post.publish(NamesHeard(VisitId("another")))
    stage.world.post.publish(NamesHeard(REVIEW))
    qtbot.waitUntil(lambda: visit.repair.offers[0].choices[0] == "labetalol")
    assert visit.repair.offers[0].choices[1:] == offer.choices


def test_differences_of_the_second_pass_are_offered_and_decided(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    words = stage.world.shelf(REVIEW).segments[8].words
    first = Difference(DRUG, words[1].start, words[2].end, "twenty five", "fifty")
    second = Difference(DRUG, words[4].start, words[4].end, "twice", "once")
    stage.second_pass.find(REVIEW, first, second)
    qtbot.waitUntil(lambda: len(visit.repair.offers) == 3)
    visit.repair.choose(visit.repair.offers[1], "fifty")
    qtbot.waitUntil(lambda: "fifty milligrams" in text_of(stage, DRUG))
    visit.repair.keep(visit.repair.offers[1])
    qtbot.waitUntil(lambda: stage.second_pass.kept == [second])
    assert len(visit.repair.offers) == 1


def test_differences_wait_for_whoever_opens_the_visit_later(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    visit.clear()
    assert visit.repair.offers == ()
    words = stage.world.shelf(REVIEW).segments[8].words
    found = Difference(DRUG, words[4].start, words[4].end, "twice", "once")
    stage.world.shelf(REVIEW).differences.append(found)
    visit.open(REVIEW)
    qtbot.waitUntil(lambda: len(visit.repair.offers) == 2)


def test_speakers_are_swapped_and_named(qtbot: QtBot, stage: Stage, visit: VisitModel) -> None:
    model = visit.transcript
    visit.repair.swap()
    qtbot.waitUntil(lambda: model.segments[0].role is SpeakerRole.PATIENT)
    visit.repair.name(model.segments[0], SpeakerRole.OTHER, everywhere=True)
    qtbot.waitUntil(lambda: model.segments[0].role is SpeakerRole.OTHER)
    assert stage.correcting.asked == ["swap", "1 is by other"]
    assert model.segments[1].role is SpeakerRole.CLINICIAN


def test_a_voice_is_named_everywhere(qtbot: QtBot, stage: Stage, visit: VisitModel) -> None:
    stage.listening.transcribing = REVIEW
    unknown = SpeakerRole.UNKNOWN
    found = tuple(RoleFound(SegmentId(each), unknown, 0.0, "A") for each in ("1", "4"))
    stage.services.bus.dispatch(RolesFound(found))
    segments = stage.world.shelf(REVIEW).segments
    segments[0], segments[3] = visit.transcript.segments[0], visit.transcript.segments[3]
    assert visit.transcript.segments[3].speaker == "A"
    visit.repair.name(visit.transcript.segments[0], SpeakerRole.CLINICIAN, everywhere=True)
    qtbot.waitUntil(lambda: visit.transcript.segments[3].role is SpeakerRole.CLINICIAN)
    assert stage.correcting.asked == ["A is clinician"]


def test_struck_lines_leave_transcript_and_draft(qtbot: QtBot, visit: VisitModel) -> None:
    span = visit.repair.span([SegmentId("12")])
    assert span is not None
    with qtbot.waitSignal(visit.repair.struck) as struck:
        visit.repair.strike(span)
    assert struck.args == [1]
    assert visit.transcript.find(SegmentId("12")) == -1
    qtbot.waitUntil(lambda: not visit.note.sections)
    assert any(line.stretch is not None for line in visit.transcript.lines)


def test_a_signed_transcript_stays_as_it_is(qtbot: QtBot, stage: Stage, visit: VisitModel) -> None:
    stage.world.move(REVIEW, VisitState.SIGNED)
    qtbot.waitUntil(lambda: not visit.repair.can_edit)
    assert visit.repair.offers == ()
    visit.repair.swap()
    visit.repair.correct(DRUG, (WordId("9.9"),), "other")
    assert visit.repair.span([DRUG]) is None
    assert stage.correcting.asked == []
    assert text_of(stage, DRUG).endswith("hydroxyzine.")


def test_what_is_live_changes_lines_in_place(stage: Stage, visit: VisitModel) -> None:
    stage.listening.transcribing = REVIEW
    dispatch = stage.services.bus.dispatch
    dispatch(WordsRevised((Revision((WordId("3.1"),), "begun", "started", RevisionCause.FINAL),)))
    dispatch(SpeechUnheard((Span(0, 16_000),)))
    lines = visit.transcript.lines
    assert lines[0].stretch is not None
    assert [each.key for each in lines if each.revisions] == ["said:3"]


def test_reading_the_same_visit_again_keeps_what_is_live(
    qtbot: QtBot, stage: Stage, visit: VisitModel
) -> None:
    stage.listening.transcribing = REVIEW
    stage.services.bus.dispatch(SpeechUnheard((Span(0, 16_000),)))
    replaced: list[int] = []
    visit.transcript.replaced.connect(lambda: replaced.append(1))
    with qtbot.waitSignal(visit.visit_changed):
        visit.reload()
    assert replaced == []
    assert len(visit.transcript.stretches) == 1


def test_doubtful_words_are_looked_for_one_look_at_a_time(
    qtbot: QtBot, stage: Stage, visit: VisitModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Future[tuple[Suggestion, ...]]] = []

    def slow(_visit: VisitId) -> Future[tuple[Suggestion, ...]]:
        looks.append(Future())
        return looks[-1]

    monkeypatch.setattr(stage.correcting, "suggestions", slow)
    visit.repair.refresh()
    visit.repair.refresh()
    assert len(looks) == 1
    visit.open(VisitId("v4"))
    qtbot.waitUntil(lambda: visit.visit is not None and visit.visit.id == "v4")
    looks[0].set_result(())
    visit.open(REVIEW)
    qtbot.waitUntil(lambda: len(looks) == 2)
    looks[1].set_result(tuple(stage.world.shelf(REVIEW).suggestions))
    qtbot.waitUntil(lambda: len(visit.repair.offers) == 1)
