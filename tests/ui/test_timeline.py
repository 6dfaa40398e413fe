"""The line of time: what is played when, what is drawn, and where keys and clicks lead."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.audio import SAMPLE_RATE, Span, Stretch, StretchKind
from app.domain.errors import SoundGoneError
from app.domain.events import PlaybackMoved
from app.domain.ids import VisitId
from app.domain.transcript import SpeakerRole
from app.ui.main_window import MainWindow
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.recorder import HOLDING, RecorderState
from app.ui.viewmodels.timeline import BRIDGE, GO_ON, STEP
from tests.fakes.services import Stage
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
REVIEW = VisitId("v-review")
CLICK = Qt.MouseButton.LeftButton


def reviewing(qtbot: QtBot, opened: Opened) -> MainWindow:
    window = opened("v-review")
    qtbot.waitUntil(lambda: len(window.visit_page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: len(window.visit.timeline.peaks) > 0)
    activate(qtbot, window)
    return window


def evidence(window: MainWindow, place: int) -> tuple[Span, ...]:
    row = window.visit_page.note.note.rows()[place]
    return window.visit.timeline.spans(row.claim.evidence)


def test_a_clicked_claim_lights_up_and_plays_what_it_rests_on(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    row = window.visit_page.note.note.rows()[1]
    QTest.mouseClick(row, CLICK)
    wanted = evidence(window, 1)
    assert wanted
    assert stage.playback.played == [wanted]
    timeline = window.visit.timeline
    assert timeline.lit == wanted
    qtbot.waitUntil(lambda: timeline.position == wanted[0].start)
    bar = window.visit_page.timeline
    assert bar.play.accessibleName() == "Stop playing"
    stage.world.post.publish(PlaybackMoved(REVIEW, wanted[0].end))
    qtbot.waitUntil(lambda: timeline.position == wanted[0].end)
    stage.playback.end()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert bar.play.accessibleName() == "Play"


def test_keys_move_without_a_sound_and_space_plays(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    note = window.visit_page.note.note
    qtbot.waitUntil(lambda: bool(window.visit.review.open_claims))
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert stage.playback.played == []
    qtbot.waitUntil(lambda: note._chosen is not None)
    chosen = next(row for row in note.rows() if row.claim.id == note._chosen)
    QTest.keyClick(chosen, Qt.Key.Key_Space)
    assert stage.playback.played == [window.visit.timeline.spans(chosen.claim.evidence)]
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: not window.visit.timeline.is_playing)
    assert stage.playback.visit is None


def test_a_line_of_the_transcript_is_played_by_space(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    desk = window.visit_page.transcript
    qtbot.waitUntil(lambda: desk.document().blockCount() > 3)
    desk.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClick(desk, Qt.Key.Key_Space)
    first = window.visit.transcript.segments[0]
    assert stage.playback.played == [(Span(first.start, first.end),)]


def test_a_click_on_the_line_of_time_shows_what_was_said_there(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    waveform, timeline = window.visit_page.timeline.waveform, window.visit.timeline
    QTest.mouseClick(waveform, CLICK, pos=QPoint(waveform.width() // 2, 10))
    assert abs(timeline.position - timeline.samples / 2) < timeline.samples / 50
    said = timeline.said_at(timeline.position)
    assert window.visit_page.transcript._resting == (said,)
    assert stage.playback.played == []
    QTest.keyClick(waveform, Qt.Key.Key_Space)
    at = timeline.position
    assert stage.playback.played == [(Span(at, at + GO_ON),)]
    QTest.keyClick(waveform, Qt.Key.Key_Left)
    assert timeline.position == at - STEP
    QTest.keyClick(waveform, Qt.Key.Key_Home)
    assert timeline.position == 0
    assert len(stage.playback.played) == 3


def test_a_refusal_is_said_and_the_button_goes_back(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    stage.playback.refusal = SoundGoneError()
    QTest.mouseClick(window.visit_page.note.note.rows()[0], CLICK)
    qtbot.waitUntil(lambda: "no sound of this passage" in window.status.words)
    assert not window.visit.timeline.is_playing


def test_nothing_is_played_while_the_microphone_records_and_the_line_grows(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    timeline, bar = window.visit.timeline, window.visit_page.timeline
    stage.listening.tick(2, -20)
    qtbot.waitUntil(lambda: len(timeline.peaks) >= 4)
    assert not bar.isHidden()
    assert not bar.play.isEnabled()
    stage.listening.bookmark()
    qtbot.waitUntil(lambda: "Bookmark" in bar.waveform.accessibleDescription())
    stage.listening.pause()
    qtbot.waitUntil(bar.play.isEnabled)


def test_leaving_a_visit_ends_the_sound(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = reviewing(qtbot, opened)
    QTest.mouseClick(window.visit_page.note.note.rows()[1], CLICK)
    qtbot.waitUntil(lambda: window.visit.timeline.is_playing)
    window.open_visit("v3")
    qtbot.waitUntil(lambda: not window.visit.timeline.is_playing)
    assert stage.playback.visit is None
    assert window.visit_page.timeline.isHidden()


def test_the_line_says_where_words_are_and_what_was_not_understood(
    qtbot: QtBot, opened: Opened
) -> None:
    window = reviewing(qtbot, opened)
    timeline = window.visit.timeline
    said = window.visit.transcript.segments
    assert timeline.covered
    for each in said:
        assert any(span.start <= each.start and each.end <= span.end for span in timeline.covered)
    edges = itertools.pairwise(timeline.covered)
    assert all(after.start - before.end >= BRIDGE for before, after in edges)
    waveform = window.visit_page.timeline.waveform
    assert "words in" in waveform.words()
    assert "not understood" not in waveform.words()
    last = said[-1].end
    lost = Stretch(last, last + 3 * SAMPLE_RATE, StretchKind.INAUDIBLE)
    window.visit.transcript._add(lost)
    assert "not understood: 0:03" in waveform.words()
    assert "[inaudible 3 s]" in waveform.words()


def test_no_coverage_is_claimed_while_it_is_recorded(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    stage.listening.tick(9, -20)
    stage.listening.hear("I take metoprolol.", SpeakerRole.PATIENT)
    qtbot.waitUntil(lambda: bool(window.visit.transcript.segments))
    assert window.visit.timeline.covered == ()
    window.recorder.finish()
    qtbot.waitUntil(lambda: not window.recorder.is_running)
    assert window.visit.timeline.covered


def test_all_clocks_tell_the_recorded_time_after_a_pause(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    listening, page = stage.listening, window.visit_page
    listening.tick(20)
    for leave, come_back in (
        (listening.off_record, listening.on_record),
        (listening.pause, listening.resume),
    ):
        leave()
        qtbot.waitUntil(lambda: window.recorder.state in HOLDING)
        listening.tick(300)
        come_back()
        qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING)
        listening.tick(10)
        qtbot.waitUntil(lambda: window.recorder.at_sample == listening.samples)
    shown = clock_words(window.recorder.seconds)
    assert page.recorder._time.text() == shown
    qtbot.waitUntil(lambda: page.timeline._time.text() == shown)
    listening.bookmark()
    qtbot.waitUntil(lambda: f"{shown}\tBookmark" in page.transcript.toPlainText())
    assert f"{shown} Bookmark" in page.timeline.waveform.words()
    listening.hear("Back pain", SpeakerRole.PATIENT)
    qtbot.waitUntil(lambda: f"Patient  {shown} \tBack pain" in page.transcript.toPlainText())
    window.visit.recorder.finish()
    qtbot.waitUntil(lambda: not window.recorder.is_running)
    assert clock_words(window.visit.timeline.length_s) == shown


def test_a_recording_after_a_restart_goes_on_with_the_recorded_time(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    visit = VisitId("v4")
    pause = Stretch(20 * SAMPLE_RATE, 80 * SAMPLE_RATE, StretchKind.PAUSE)
    stage.world.shelf(visit).stretches.append(pause)
    window = opened(visit)
    start_recording(qtbot, stage, window)
    stage.listening.samples = 100 * SAMPLE_RATE  # where the visit's earlier recording ended
    stage.listening.tick(5)
    qtbot.waitUntil(lambda: window.recorder.seconds == 45)
