"""The window around live speech: recorder bar, words of a visit, vocabulary and voice."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.audio import GapReason
from app.domain.events import TroubleArose
from app.domain.ids import VisitId
from app.domain.transcript import SpeakerRole
from app.domain.visit import ConsentManner, Person, VisitState
from app.domain.vocabulary import Vocabulary
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from app.ui.viewmodels.vocabulary import EntryKind
from app.ui.views.entry import EntryDialog
from app.ui.views.patient import PatientDialog
from app.ui.views.vocabulary import VocabularyPage
from app.ui.views.voice import VoiceDialog, VoicePage
from tests.fakes.services import Stage
from tests.ui.conftest import dialog_of
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
PLANNED, READY = VisitId("v4"), VisitId("v4")
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def activate(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_off_the_record_is_said_by_the_whole_bar(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    activate(qtbot, window)
    bar = window.visit_page.recorder
    QTest.keyClick(window, Qt.Key.Key_F6, SHIFT)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.OFF_RECORD)
    assert bar._state.text() == "Off the record: nothing is kept"
    assert bar.property("mode") == "off"
    assert bar.off.accessibleName() == "Back on the record"
    assert (bar.pause.isHidden(), bar.mark.isHidden(), bar.stop.isHidden()) == (True, True, False)
    bar.off.click()
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING)
    assert bar.property("mode") == ""
    assert not bar.off.isChecked()
    qtbot.waitUntil(lambda: "Off the record" in window.visit_page.transcript.toPlainText())


def test_a_moment_is_bookmarked_by_key(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    activate(qtbot, window)
    stage.listening.tick(83)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    said = window.visit_page.transcript.toPlainText
    qtbot.waitUntil(lambda: "1:23\tBookmark" in said())


def test_the_lag_is_told_calmly(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    lag = window.visit_page.recorder._lag
    stage.listening.lag(1.9)
    qtbot.waitUntil(lambda: window.recorder.lag_s == 1.9)
    assert lag.isHidden()
    stage.listening.lag(6.2)
    qtbot.waitUntil(lambda: lag.text() == "Transcript 6 s behind; nothing is lost")


def test_a_gap_and_a_smaller_model_are_told(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    stage.listening.lose(4, GapReason.DEVICE)
    qtbot.waitUntil(lambda: "4 s missing" in window.status.words)
    stage.services.bus.dispatch(TroubleArose("far_voice"))
    assert "faint" in window.status.words


def agree(stage: Stage, visit: VisitId) -> None:
    person = Person("Baker, Thomas", agreed=True)
    stage.visiting.grant(visit, "me", ConsentManner.VERBAL, (person,)).result()


def test_the_microphone_opens_ahead_while_a_consented_visit_is_on_the_screen(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    agree(stage, READY)
    unlocked.open_visit(READY)
    qtbot.waitUntil(lambda: stage.listening.armed == READY)
    bar = unlocked.visit_page.recorder
    qtbot.waitUntil(lambda: bar._state.text().startswith("Microphone ready"))
    unlocked.show_library()
    qtbot.waitUntil(lambda: stage.listening.armed is None)
    unlocked.open_visit(READY)
    assert unlocked.visit_page.isVisible()
    qtbot.waitUntil(lambda: stage.listening.armed == READY)
    bar.record.click()
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.STARTING)
    assert stage.listening.armed is None
    assert not unlocked.recorder.is_armed


def test_two_microphones_are_kept_apart_where_the_settings_say_so(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    sides = window.settings_page.sides
    sides.setCurrentIndex(sides.findData("right"))
    sides.activated.emit(sides.currentIndex())
    start_recording(qtbot, stage, window)
    assert stage.listening.sides == "right"


def test_no_microphone_opens_ahead_without_consent_or_in_review(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    agree(stage, VisitId("v-review"))
    window.open_visit("v-review")
    qtbot.waitUntil(lambda: bool(window.visit.note.claims()))
    qtbot.waitUntil(lambda: not stage.services.post._parcels)  # type: ignore[attr-defined]  # the courier
    assert stage.listening.arms == []


def test_record_has_the_focus_when_a_visit_opens(qtbot: QtBot, unlocked: MainWindow) -> None:
    activate(qtbot, unlocked)
    unlocked.open_visit(PLANNED)
    qtbot.waitUntil(unlocked.visit_page.recorder.record.hasFocus)


def test_locking_closes_the_microphone(qtbot: QtBot, stage: Stage, unlocked: MainWindow) -> None:
    agree(stage, READY)
    unlocked.open_visit(READY)
    qtbot.waitUntil(lambda: stage.listening.armed == READY)
    unlocked.session.lock()
    qtbot.waitUntil(lambda: stage.listening.armed is None)


def test_the_words_of_a_visit_are_typed_with_the_patient(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    unlocked.ask_patient()
    dialog = dialog_of(unlocked, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    dialog.family.setText("Doe")
    dialog.terms.setText("apixaban, Dr. Lindqvist")
    dialog.go.click()
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    visit = unlocked.visit.visit
    assert visit is not None
    assert stage.world.shelf(visit.id).visit.terms == ("apixaban", "Dr. Lindqvist")


def test_the_words_of_a_visit_are_changed_later(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    window.visit_page.terms.trigger()
    dialog = dialog_of(window, "entryDialog")
    assert isinstance(dialog, EntryDialog)
    dialog.show_texts(("metoprolol; apixaban",))
    dialog.go.click()
    terms = ("metoprolol", "apixaban")
    qtbot.waitUntil(lambda: stage.world.shelf(PLANNED).visit.terms == terms)


def test_vocabulary_is_added_edited_and_removed_by_keys(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    stage.teaching.kept = Vocabulary(("Eliquis",))
    unlocked.show_settings()
    unlocked.settings_page.tabs.setCurrentIndex(1)
    page = unlocked.settings_page.findChild(VocabularyPage)
    assert isinstance(page, VocabularyPage)
    table = page.lists[EntryKind.TERMS].table
    qtbot.waitUntil(lambda: table.rowCount() == 1)
    QTest.keyClick(table, Qt.Key.Key_Insert)
    fill_entry(unlocked, "eliquis", "Xarelto")
    qtbot.waitUntil(lambda: stage.teaching.kept.terms == ("Eliquis", "Xarelto"))
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    fill_entry(unlocked, " ", "apixaban")
    assert stage.teaching.kept == Vocabulary(("apixaban", "Xarelto"))
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert stage.teaching.kept == Vocabulary(("Xarelto",))


def fill_entry(window: MainWindow, refused: str, kept: str) -> None:
    dialog = dialog_of(window, "entryDialog")
    assert isinstance(dialog, EntryDialog)
    dialog.show_texts((refused,))
    dialog.go.click()
    assert not dialog._error.isHidden()
    dialog.show_texts((kept,))
    dialog.go.click()


def test_a_voice_needs_a_tick_and_can_be_forgotten(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    unlocked.show_settings()
    unlocked.settings_page.tabs.setCurrentIndex(2)
    page = unlocked.settings_page.findChild(VoicePage)
    assert isinstance(page, VoicePage)
    qtbot.waitUntil(lambda: page.visits.count() == 4)
    assert not page.learn.isEnabled()
    page.agree.setChecked(True)
    page.learn.click()
    qtbot.waitUntil(lambda: "42 s" in page.state.text())
    assert not page.agree.isChecked()
    page.forget.click()
    question = dialog_of(unlocked, "question")
    assert isinstance(question, QMessageBox)
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: stage.teaching.enrolment is None)
    qtbot.waitUntil(lambda: page.state.text() == "No voice is kept.")
    assert page.forget.isHidden()


def test_a_voice_is_learned_from_the_visit_on_the_screen(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v-review")
    assert window.visit_page.voice.isVisible()
    window.visit_page.voice.trigger()
    dialog = dialog_of(window, "voiceDialog")
    assert isinstance(dialog, VoiceDialog)
    assert not dialog.go.isEnabled()
    dialog.agree.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: stage.teaching.learned_from == ["v-review"])
    qtbot.waitUntil(lambda: "Your voice is kept" in window.status.words)


def test_a_signed_visit_cannot_be_mended_but_teaches_a_voice(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v-review")
    stage.world.move(VisitId("v-review"), VisitState.SIGNED)
    qtbot.waitUntil(lambda: not window.visit.repair.can_edit)
    page = window.visit_page
    qtbot.waitUntil(lambda: not page.transcript.can_edit)
    page.transcript.start_correcting()
    assert not page.transcript.is_correcting
    assert page.voice.isVisible()
    assert not any(each.isVisible() for each in (page.terms, page.withdraw, page.discard))


def test_locking_forgets_vocabulary_and_voice(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    stage.teaching.kept = Vocabulary(("Eliquis",))
    unlocked.show_settings()
    qtbot.waitUntil(lambda: unlocked.vocabulary.vocabulary.terms == ("Eliquis",))
    unlocked.session.lock()
    assert unlocked.vocabulary.vocabulary == Vocabulary()
    assert unlocked.voice.visits == ()


def test_a_long_transcript_opens_whole(qtbot: QtBot, stage: Stage, unlocked: MainWindow) -> None:
    shelf = stage.world.shelf(VisitId("v-review"))
    stage.listening.current = stage.listening.transcribing = VisitId("v-review")
    shelf.segments.clear()
    for number in range(400):
        stage.listening.samples += 16_000
        role = SpeakerRole.PATIENT if number % 3 else SpeakerRole.CLINICIAN
        stage.listening.hear(f"This is line {number}.", role)
    stage.listening.current = stage.listening.transcribing = None
    unlocked.open_visit("v-review")
    desk = unlocked.visit_page.transcript
    qtbot.waitUntil(lambda: desk.document().blockCount() == 400, timeout=20_000)
    unlocked.visit.repair.swap()
    qtbot.waitUntil(lambda: desk.toPlainText().startswith("Patient"), timeout=20_000)
    qtbot.waitUntil(lambda: desk._done is unlocked.visit.transcript.lines, timeout=20_000)
    assert [each.segment for each in desk._shown] == unlocked.visit.transcript.segments


def test_a_note_is_dictated_into_its_sections(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    activate(qtbot, unlocked)
    unlocked.open_visit(PLANNED)
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    QTest.keyClick(unlocked, Qt.Key.Key_F5, SHIFT)
    qtbot.waitUntil(lambda: stage.listening.current == PLANNED)
    assert stage.listening.is_dictation
    assert not [each for each in unlocked.findChildren(QDialog) if each.isVisible()]
    stage.listening.sound_arrives()
    bar = unlocked.visit_page.recorder
    qtbot.waitUntil(lambda: bar._state.text() == "Dictating")
    assert bar._lag.text() == "You alone: the patient was not asked"
    stage.listening.dictate("Chest pain for 3 weeks.", "Blood pressure 130/80.")
    note = unlocked.visit_page.note.note
    qtbot.waitUntil(lambda: "objective" in note.sections)
    qtbot.waitUntil(lambda: shown(unlocked, "objective") == "Blood pressure 130/80. …")
    assert shown(unlocked, "subjective") == "Chest pain for 3 weeks."
    assert note.isVisible()
    pane = unlocked.visit_page.note
    assert (pane._engine.text(), pane.copy.isVisible()) == ("Being dictated…", False)


def shown(window: MainWindow, section: str) -> str:
    return window.visit_page.note.note.sections[section]._growing.text()
