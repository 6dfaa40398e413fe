"""Committed words never change; partial ones are replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.audio import Gap, GapReason, Stretch, StretchKind
from app.domain.events import (
    Bookmarked,
    GapNoted,
    PartialHeard,
    RecordingPaused,
    RecordingResumed,
    RolesFound,
    SegmentFinished,
    TranscriptEdited,
    WordsCommitted,
    WordsRevised,
)
from app.domain.ids import RecordingId, SegmentId, VisitId, WordId
from app.domain.transcript import (
    Revision,
    RevisionCause,
    RoleFound,
    Segment,
    SpeakerRole,
    Transcript,
    Word,
)
from app.ui.viewmodels.lines import pieces
from app.ui.viewmodels.recorder import RecorderModel
from app.ui.viewmodels.transcript import TranscriptModel
from tests.fakes.services import Stage

VISIT = VisitId("v")


@pytest.fixture
def model(stage: Stage) -> TranscriptModel:
    recorder = RecorderModel(stage.services)
    recorder.visit = stage.listening.transcribing = VISIT
    made = TranscriptModel(stage.services, recorder, recorder)
    made.show(VISIT, Transcript())
    made.setProperty("recorder", recorder)
    return made


def words(*texts: str, at: int = 0) -> tuple[Word, ...]:
    made = []
    for place, text in enumerate(texts):
        start = at + place * 10
        made.append(Word(WordId(f"{text}{start}"), text, start, start + 9))
    return tuple(made)


def test_words_go_from_partial_to_committed_to_segment(
    stage: Stage, model: TranscriptModel
) -> None:
    said = words("I", "am", "well")
    dispatch = stage.services.bus.dispatch
    dispatch(PartialHeard(said))
    assert model.partial == said
    dispatch(WordsCommitted(said[:2]))
    assert (tuple(model.committed), model.partial) == (said[:2], said[2:])
    segment = Segment(SegmentId("1"), "I am well", SpeakerRole.PATIENT, 1.0, 0, 29, said)
    dispatch(SegmentFinished(segment))
    assert (model.segments, model.committed, model.partial) == ([segment], [], ())


def test_what_was_committed_after_the_segment_stays(stage: Stage, model: TranscriptModel) -> None:
    first, second = words("yes"), words("and", at=100)
    dispatch = stage.services.bus.dispatch
    dispatch(WordsCommitted(first + second))
    dispatch(WordsCommitted(first))
    assert len(model.committed) == 2
    dispatch(SegmentFinished(Segment(SegmentId("1"), "yes", start=0, end=9, words=first)))
    assert tuple(model.committed) == second


def test_a_segment_that_comes_again_keeps_its_place(stage: Stage, model: TranscriptModel) -> None:
    changed: list[int] = []
    model.lines_changed.connect(lambda: changed.append(len(model.lines)))
    dispatch = stage.services.bus.dispatch
    dispatch(SegmentFinished(Segment(SegmentId("1"), "one")))
    dispatch(SegmentFinished(Segment(SegmentId("2"), "two")))
    dispatch(SegmentFinished(Segment(SegmentId("1"), "one", SpeakerRole.CLINICIAN)))
    assert changed == [1, 2, 2]
    assert [each.text for each in model.segments] == ["one", "two"]
    assert model.find(SegmentId("2")) == 1
    assert model.find(SegmentId("3")) == -1


def test_words_of_another_visit_do_not_appear_here(stage: Stage, model: TranscriptModel) -> None:
    model.show(VisitId("other"), Transcript())
    dispatch = stage.services.bus.dispatch
    dispatch(WordsCommitted(words("private")))
    dispatch(PartialHeard(words("private")))
    dispatch(SegmentFinished(Segment(SegmentId("1"), "private")))
    dispatch(GapNoted(RecordingId("r"), Gap(0, 10, GapReason.DEVICE)))
    assert (model.segments, model.committed, model.partial, model.stretches) == ([], [], (), [])


def test_a_reload_keeps_the_open_utterance(stage: Stage, model: TranscriptModel) -> None:
    stage.services.bus.dispatch(WordsCommitted(words("still", "talking")))
    model.show(VISIT, Transcript((Segment(SegmentId("1"), "one"),)))
    assert len(model.committed) == 2
    model.show(None, Transcript())
    assert model.committed == []


def test_a_gap_is_kept(stage: Stage, model: TranscriptModel) -> None:
    stage.services.bus.dispatch(GapNoted(RecordingId("r"), Gap(5, 10, GapReason.OVERFLOW)))
    assert model.stretches == [Stretch(5, 15, StretchKind.GAP, GapReason.OVERFLOW)]


def test_a_pause_ends_where_the_recording_goes_on(stage: Stage, model: TranscriptModel) -> None:
    dispatch = stage.services.bus.dispatch
    recording = RecordingId("r")
    dispatch(RecordingPaused(recording, 100, is_off_record=True))
    assert model.stretches == [Stretch(100, 100, StretchKind.OFF_RECORD)]
    dispatch(RecordingResumed(recording, 400))
    dispatch(RecordingPaused(recording, 500))
    dispatch(Bookmarked(recording, 600))
    assert model.stretches == [
        Stretch(100, 400, StretchKind.OFF_RECORD),
        Stretch(500, 500, StretchKind.PAUSE),
        Stretch(600, 600, StretchKind.BOOKMARK),
    ]


def test_a_change_that_comes_before_its_segment_is_marked_all_the_same(
    stage: Stage, model: TranscriptModel
) -> None:
    dispatch = stage.services.bus.dispatch
    said = words("left", "knee")
    dispatch(WordsCommitted(said))
    dispatch(WordsRevised((Revision((said[0].id,), "right", "left", RevisionCause.FINAL),)))
    dispatch(SegmentFinished(Segment(SegmentId("1"), "left knee", start=0, end=19, words=said)))
    assert [each.before for each in model.lines[0].revisions] == ["right"]


def test_a_role_that_a_person_set_stays(stage: Stage, model: TranscriptModel) -> None:
    dispatch = stage.services.bus.dispatch
    one = Segment(SegmentId("1"), "one", SpeakerRole.UNKNOWN)
    two = Segment(SegmentId("2"), "two", SpeakerRole.OTHER, 1.0)
    dispatch(SegmentFinished(one))
    dispatch(SegmentFinished(two))
    dispatch(
        RolesFound(tuple(RoleFound(each.id, SpeakerRole.PATIENT, 0.99) for each in (one, two)))
    )
    assert [each.role for each in model.segments] == [SpeakerRole.PATIENT, SpeakerRole.OTHER]


def test_words_that_were_not_said_leave_the_screen(stage: Stage, model: TranscriptModel) -> None:
    changes: list[int] = []
    model.tail_changed.connect(lambda: changes.append(len(model.committed)))
    dispatch = stage.services.bus.dispatch
    said = words("thanks", "for", "watching", "yes")
    dispatch(WordsCommitted(said))
    ids = tuple(word.id for word in said[:3])
    dispatch(WordsRevised((Revision(ids, "thanks for watching", "", RevisionCause.FINAL),)))
    assert tuple(model.committed) == said[3:]
    assert changes == [4, 1]


def test_only_the_visit_on_the_screen_is_changed(stage: Stage, model: TranscriptModel) -> None:
    segment = Segment(SegmentId("1"), "one")
    stage.services.bus.dispatch(SegmentFinished(segment))
    stage.services.bus.dispatch(TranscriptEdited(VisitId("other"), gone=(segment.id,)))
    assert model.segments == [segment]
    stage.services.bus.dispatch(TranscriptEdited(VISIT, gone=(segment.id,)))
    assert model.lines == []


def test_nothing_of_an_erased_recording_stays_on_the_page(
    stage: Stage, model: TranscriptModel
) -> None:
    dispatch = stage.services.bus.dispatch
    dispatch(SegmentFinished(Segment(SegmentId("1"), "one")))
    dispatch(GapNoted(RecordingId("r"), Gap(5, 10, GapReason.OVERFLOW)))
    dispatch(WordsCommitted(words("private", at=100)))
    stage.listening.transcribing = None
    model.show(VISIT, Transcript())
    assert (model.lines, model.committed) == ([], [])


def test_a_gap_stays_when_the_vault_is_read_before_it_was_kept(
    stage: Stage, model: TranscriptModel
) -> None:
    stage.services.bus.dispatch(GapNoted(RecordingId("r"), Gap(5, 10, GapReason.OVERFLOW)))
    stage.listening.transcribing = None
    model.show(VISIT, Transcript((Segment(SegmentId("1"), "one"),)))
    assert len(model.stretches) == 1


def test_a_line_whose_words_a_second_hearing_took_tells_them(
    stage: Stage, model: TranscriptModel
) -> None:
    dispatch = stage.services.bus.dispatch
    said = words("Um,", "uh.")
    whole = Segment(SegmentId("1"), "Um, uh.", start=0, end=19, words=said)
    dispatch(SegmentFinished(whole))
    empty = replace(whole, text="", words=())
    ids = tuple(word.id for word in said)
    revision = Revision(ids, "Um, uh.", "", RevisionCause.SECOND_PASS, whole.id)
    dispatch(TranscriptEdited(VISIT, (empty,), revisions=(revision,)))
    (line,) = model.lines
    assert [each.text for each in pieces(empty, line.revisions)] == [
        "[heard again, no words: Um, uh.]"
    ]
    stage.listening.transcribing = None
    model.show(VISIT, Transcript((empty,), revisions=(revision,)))  # and when it is opened again
    assert model.lines[0].revisions == (revision,)


def test_words_that_a_final_took_out_behind_its_segment_leave_the_screen(
    stage: Stage, model: TranscriptModel
) -> None:
    dispatch = stage.services.bus.dispatch
    kept, late = words("yes"), words("thank", "you", at=100)
    dispatch(WordsCommitted(kept + late))
    ids = tuple(word.id for word in late)
    revision = Revision(ids, "thank you", "", RevisionCause.FINAL, SegmentId("1"))
    dispatch(WordsRevised((revision,)))
    dispatch(SegmentFinished(Segment(SegmentId("1"), "yes", start=0, end=9, words=kept)))
    assert model.committed == []
