"""The transcript under a person's hands: chips, correcting in place, speakers, striking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QTextBlockFormat, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.events import TranscriptEdited
from app.domain.ids import SegmentId, VisitId, WordId
from app.domain.transcript import Revision, RevisionCause, SpeakerRole, Suggestion
from app.ui.main_window import MainWindow
from app.ui.widgets.transcript_desk import TranscriptDesk
from tests.fakes.services import Stage
from tests.fakes.talk import live_talk
from tests.ui.conftest import dialog_of
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
REVIEW = VisitId("v-review")
DRUG = SegmentId("9")


@pytest.fixture
def review(qtbot: QtBot, stage: Stage, opened: Opened) -> MainWindow:
    """A visit to review with a doubtful drug word."""
    stage.world.shelves[REVIEW].suggestions.append(
        Suggestion(DRUG, (WordId("9.9"),), "hydroxyzine", ("hydralazine", "hydroxyzine"))
    )
    made = opened(REVIEW)
    qtbot.waitUntil(lambda: len(desk_of(made).strips) == 1)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def desk_of(window: MainWindow) -> TranscriptDesk:
    return window.visit_page.transcript


def put_caret(desk: TranscriptDesk, word: str, through: str = "") -> None:
    text = desk.toPlainText()
    cursor = desk.textCursor()
    cursor.setPosition(text.index(word) + 1)
    if through:
        end = text.index(through) + len(through)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    desk.setTextCursor(cursor)


def actions(desk: TranscriptDesk, menu: str) -> dict[str, QAction]:
    shown = [each for each in desk.findChildren(QMenu, menu) if each.isVisible()]
    return {each.objectName(): each for each in shown[-1].actions() if each.objectName()}


def said(stage: Stage, segment: SegmentId) -> str:
    return next(each.text for each in stage.world.shelf(REVIEW).segments if each.id == segment)


def test_a_chip_is_reached_and_pressed_by_keys(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    assert review.visit_page.said.check.text() == "1 to check"
    QTest.keyClick(review, Qt.Key.Key_F4)
    chip = next(iter(desk.strips.values())).chips[0]
    assert chip.hasFocus()
    assert chip.accessibleName() == "Write “hydralazine” instead of “hydroxyzine”"
    QTest.keyClick(chip, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: desk.strips == {})
    assert said(stage, DRUG).endswith("hydralazine.")
    qtbot.waitUntil(lambda: "hydralazine." in desk.toPlainText())
    assert desk.hasFocus()
    assert review.visit_page.said.check.isHidden()
    line = desk.line_of(desk.textCursor().block())
    assert line is not None
    assert line.segment is not None
    assert line.segment.id == DRUG  # the caret is where one was at work


def test_tab_goes_from_the_text_to_its_chips_in_reading_order_and_on_to_the_note(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    earlier = Suggestion(SegmentId("2"), (WordId("2.5"),), "tightness", ("lightness",))
    stage.world.shelf(REVIEW).suggestions.append(earlier)
    review.visit.repair.refresh()
    qtbot.waitUntil(lambda: len(desk.strips) == 2)
    first, second = (
        next(each for each in desk.strips.values() if each.offer.segment == segment)
        for segment in ("2", DRUG)
    )
    qtbot.waitUntil(lambda: first.isVisible() and second.isVisible())
    desk.setFocus()
    for chip in (*first.chips, *second.chips):
        QTest.keyClick(review.focusWidget(), Qt.Key.Key_Tab)
        assert chip.hasFocus(), chip.accessibleName()
    QTest.keyClick(review.focusWidget(), Qt.Key.Key_Tab)
    assert review.visit_page.note.isAncestorOf(review.focusWidget())
    for chip in reversed((*first.chips, *second.chips)):
        QTest.keyClick(review.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        assert chip.hasFocus(), chip.accessibleName()


def test_keeping_a_word_takes_the_chips_away(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    next(iter(desk.strips.values())).chips[-1].click()
    qtbot.waitUntil(lambda: desk.strips == {})
    assert said(stage, DRUG).endswith("hydroxyzine.")
    assert desk.document().blockCount() == 18


def test_chips_keep_their_room_when_what_was_being_said_goes(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    last = stage.world.shelf(REVIEW).segments[-1]
    word = last.words[-1]
    stage.world.shelves[REVIEW].suggestions.append(
        Suggestion(last.id, (word.id,), word.text, ("one", "another"))
    )
    desk = desk_of(opened(REVIEW))
    qtbot.waitUntil(lambda: len(desk.strips) == 1)
    strip = next(iter(desk.strips.values()))
    model = desk._model
    before = desk.document().blockCount()
    model.partial = last.words
    model.tail_changed.emit()
    qtbot.waitUntil(lambda: desk.document().blockCount() == before + 1)
    model.partial = ()
    model.tail_changed.emit()
    qtbot.waitUntil(lambda: desk.document().blockCount() == before)
    assert desk._shown[-1].offer is not None
    block = desk.document().lastBlock()
    form = block.blockFormat()
    assert form.lineHeightType() == QTextBlockFormat.LineHeightTypes.FixedHeight.value
    assert form.lineHeight() > strip.height_for(strip.width())


def test_a_word_is_corrected_in_place(qtbot: QtBot, stage: Stage, review: MainWindow) -> None:
    desk = desk_of(review)
    desk.setFocus()
    put_caret(desk, "tightness")
    QTest.keyClick(desk, Qt.Key.Key_F2)
    assert desk.editor is not None
    assert desk.editor.text() == "tightness"
    QTest.keyClicks(desk.editor, "pressure")
    QTest.keyClick(desk.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "this pressure in my chest" in desk.toPlainText())
    assert desk.hasFocus()
    revisions = stage.world.shelf(REVIEW).revisions
    assert [(each.before, each.after) for each in revisions] == [("tightness", "pressure")]


def test_esc_leaves_a_word_as_it_is_and_the_page_open(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    put_caret(desk, "tightness")
    desk.start_correcting()
    assert desk.editor is not None
    QTest.keyClicks(desk.editor, "other")
    QTest.keyClick(desk.editor, Qt.Key.Key_Escape)
    assert not desk.is_correcting
    qtbot.waitUntil(review.visit_page.isVisible)
    assert stage.world.shelf(REVIEW).revisions == []


def test_several_words_are_corrected_at_once(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    put_caret(desk, "twenty five", "milligrams")
    desk.start_correcting()
    assert desk.editor is not None
    assert desk.editor.text() == "twenty five milligrams,"
    desk.editor.setText("fifty milligrams,")
    desk.editor.finish(keep=True)
    qtbot.waitUntil(lambda: "Metoprolol, fifty milligrams, twice" in desk.toPlainText())
    assert said(stage, DRUG).startswith("Metoprolol, fifty milligrams,")


def test_a_double_click_opens_the_word(review: MainWindow) -> None:
    desk = desk_of(review)
    put_caret(desk, "tightness")
    point = desk.cursorRect().center() + QPoint(3, 0)
    QTest.mouseDClick(
        desk.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point
    )
    assert desk.editor is not None
    assert desk.editor.text() == "tightness"
    desk.stop_correcting()


def test_speakers_are_swapped_by_one_key(qtbot: QtBot, review: MainWindow) -> None:
    desk = desk_of(review)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(review, Qt.Key.Key_S, modifiers)
    qtbot.waitUntil(lambda: desk.toPlainText().startswith("Patient"))


def test_the_name_of_a_speaker_asks_who_it_is(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    put_caret(desk, "She also")
    QTest.keyClick(desk, Qt.Key.Key_R)
    found = actions(desk, "roleMenu")
    assert set(found) == {"role_clinician", "role_patient", "role_other"}
    found["role_patient"].trigger()
    qtbot.waitUntil(lambda: stage.correcting.asked == ["10 is by patient"])
    qtbot.waitUntil(lambda: "Other" not in desk.toPlainText())


def test_a_click_on_a_name_opens_its_menu_and_one_on_words_does_not(review: MainWindow) -> None:
    desk = desk_of(review)
    put_caret(desk, "Good morning")
    left = Qt.MouseButton.LeftButton
    words = desk.cursorRect().center()
    QTest.mouseClick(desk.viewport(), left, Qt.KeyboardModifier.NoModifier, words)
    assert desk.findChildren(QMenu, "roleMenu") == []
    name = QPoint(int(desk.document().documentMargin()) + 8, words.y())
    QTest.mouseClick(desk.viewport(), left, Qt.KeyboardModifier.NoModifier, name)
    assert "role_clinician" in actions(desk, "roleMenu")


def test_the_menu_of_a_line_holds_all_that_can_be_done(review: MainWindow) -> None:
    desk = desk_of(review)
    put_caret(desk, "tightness")
    desk.ask_menu()
    assert set(actions(desk, "transcriptMenu")) == {"correct", "whoSpeaks", "strike", "playLine"}


def test_striking_asks_first_and_erases_the_selected_lines(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    put_caret(desk, "Penicillin", "ninety two.")
    QTest.keyClick(desk, Qt.Key.Key_Delete)
    question = dialog_of(review, "question")
    assert isinstance(question, QMessageBox)
    assert "cannot be undone" in question.text()
    assert len(stage.world.shelf(REVIEW).segments) == 18
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: "Penicillin" not in desk.toPlainText())
    qtbot.waitUntil(lambda: "Off the record" in desk.toPlainText())
    assert len(stage.world.shelf(REVIEW).segments) == 16
    assert review.status.words == "2 lines were erased."


def test_nothing_is_struck_from_a_running_recording(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    stage.listening.hear("Please do not write this.", SpeakerRole.PATIENT)
    qtbot.waitUntil(lambda: "write" in desk_of(window).toPlainText())
    window.visit_page.said.ask_strike([SegmentId("1")])
    assert "Stop the recording first" in window.status.words
    with pytest.raises(LookupError):
        dialog_of(window, "question")


def test_a_live_talk_shows_all_that_happened(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    live_talk(stage)
    desk = desk_of(window)
    for words in (
        "4 s missing: the microphone was unplugged",
        "[inaudible 3 s]",
        "Bookmark",
        "blood pressure is 130/80.",
        "Speaker C",
        "Patient?",
    ):
        qtbot.waitUntil(partial(_says, desk, words))
    qtbot.waitUntil(lambda: len(desk.strips) == 1, timeout=10_000)
    strip = next(iter(desk.strips.values()))
    assert [each.text() for each in strip.chips][-1] == "Keep"
    tips = tooltips(desk)
    assert "Before: lightness" in tips
    assert "Said: one thirty over eighty." in tips


def _says(desk: TranscriptDesk, words: str) -> bool:
    return words in desk.toPlainText()


def tooltips(desk: TranscriptDesk) -> set[str]:
    found = set()
    block = desk.document().firstBlock()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            found.add(iterator.fragment().charFormat().toolTip())
            iterator += 1
        block = block.next()
    return found


def test_only_what_differs_is_written_again(qtbot: QtBot, stage: Stage, review: MainWindow) -> None:
    desk = desk_of(review)
    painted: list[str] = []
    write = desk._painter.write

    def counting(cursor: QTextCursor, line: object) -> None:
        painted.append(getattr(line, "key", ""))
        write(cursor, line)  # type: ignore[arg-type]  # a line

    desk._painter.write = counting  # type: ignore[method-assign]  # counted
    segment = stage.world.shelf(REVIEW).segments[4]
    stage.services.bus.dispatch(TranscriptEdited(REVIEW, (segment,)))
    review.visit.reload()
    qtbot.waitUntil(lambda: not review.visit._services.post._parcels)  # type: ignore[attr-defined]  # the courier
    review.visit.repair.correct(segment.id, (segment.words[0].id,), "Yeah,")
    qtbot.waitUntil(lambda: "Yeah," in desk.toPlainText())
    assert painted == [f"said:{segment.id}"]


def test_a_line_without_words_says_why_and_is_no_word_to_correct(
    qtbot: QtBot, stage: Stage, review: MainWindow
) -> None:
    desk = desk_of(review)
    old = review.visit.transcript.segments[0]
    revision = Revision(
        tuple(word.id for word in old.words), old.text, "", RevisionCause.PERSON, old.id
    )
    empty = replace(old, text="", words=(), forms=())
    stage.services.bus.dispatch(TranscriptEdited(REVIEW, (empty,), revisions=(revision,)))
    remark = f"[taken out: {old.text}]"
    qtbot.waitUntil(lambda: remark in desk.toPlainText())
    put_caret(desk, "taken out")
    pick = desk.pick(desk.textCursor())
    assert pick is not None
    assert pick.words == ()
