"""The window as a person uses it: keys, pages, and what never may be seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.events import ChildEnded, ChildReady, EngineChanged, TroubleArose
from app.domain.ids import ClaimId, RecordingId, VisitId
from app.domain.transcript import SpeakerRole
from app.domain.visit import VisitState
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.consent import ConsentDialog
from app.ui.views.patient import PatientDialog
from app.ui.views.review import SignDialog
from app.ui.widgets.actions import SHORTCUTS
from app.workflow.recovery import Recoverable
from tests.fakes.services import Stage
from tests.fakes.visits import PATIENT, sample_draft
from tests.fakes.world import PASSWORD, RECOVERY_KEY
from tests.ui.conftest import dialog_of, shown_group

Opened = Callable[[str], MainWindow]
PLANNED = VisitId("v4")


def press(target: QWidget, key: Qt.Key, ctrl: bool = False) -> None:
    modifier = Qt.KeyboardModifier
    QTest.keyClick(target, key, modifier.ControlModifier if ctrl else modifier.NoModifier)


def test_the_first_run_leads_from_a_name_to_an_empty_list(
    qtbot: QtBot, stage: Stage, window: MainWindow
) -> None:
    window.begin()
    page = window.unlock_page
    qtbot.waitUntil(page.creation.isVisible)
    page.creation.name.setText("Dr. Ada Miller")
    page.creation.password.line.setText(PASSWORD)
    assert not page.creation.go.isEnabled()
    page.creation.again.line.setText(PASSWORD)
    page.creation.go.click()
    qtbot.waitUntil(page.key.isVisible)
    assert not page.key.go.isEnabled()
    shown = [shown_group(page.key, number) for number in range(1, 7)]
    assert "-".join(shown) == RECOVERY_KEY
    for field in page.key.fields:  # asked for by the numbers that stand above the groups
        field.setText(shown[int(field.objectName()[-1]) - 1].lower())
    page.key.go.click()
    qtbot.waitUntil(window.start_page.isVisible)
    window.start_page.skip.click()
    qtbot.waitUntil(window.library_page.isVisible)
    assert stage.unlocking.account is not None
    assert RECOVERY_KEY[:5] not in [each.text() for each in page.key.findChildren(QLabel)]


def test_a_wrong_password_is_said_and_the_right_one_opens(
    qtbot: QtBot, stage: Stage, window: MainWindow
) -> None:
    stage.unlocking.add("Dr. Ada Miller")
    window.begin()
    card = window.unlock_page.unlock
    qtbot.waitUntil(card.isVisible)
    QTest.keyClicks(card.password.line, "wrong")
    press(card.password.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not right" in card._error.text())
    QTest.keyClicks(card.password.line, PASSWORD)
    press(card.password.line, Qt.Key.Key_Return)
    qtbot.waitUntil(window.library_page.isVisible)
    assert card.password.text() == ""


def test_caps_lock_is_noticed_from_what_is_typed(window: MainWindow) -> None:
    line = window.unlock_page.unlock.password.line
    hint = window.unlock_page.unlock.password._caps
    QTest.keyClicks(line, "A", Qt.KeyboardModifier.NoModifier)
    assert not hint.isHidden()
    QTest.keyClicks(line, "A", Qt.KeyboardModifier.ShiftModifier)
    assert hint.isHidden()


def test_three_keys_lead_from_the_list_to_a_recording(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    table = unlocked.library_page.table
    table.selectRow(unlocked.library.table.row_of(PLANNED))
    press(table, Qt.Key.Key_Return)
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    unlocked.visit_page.recorder.record.click()
    dialog = dialog_of(unlocked, "consentDialog")
    assert isinstance(dialog, ConsentDialog)
    press(dialog.agree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stage.listening.current == PLANNED)
    assert unlocked.visit_page.recorder._state.text() == "Opening the microphone…"
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: unlocked.visit_page.recorder._state.text() == "Recording")


def test_a_patient_is_typed_and_the_visit_opens(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    unlocked.ask_patient()
    dialog = dialog_of(unlocked, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    dialog.go.click()
    assert "family" in dialog._error.text()
    dialog.pasted.setText("Doe, Jane  F  05/17/1980  MRN 00123")
    assert dialog._read.text().startswith("17 May 1980")
    dialog.go.click()
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    assert unlocked.visit_page.banner._name.text() == "Doe, Jane"
    assert len(stage.world.shelves) == 7


def test_the_list_is_searched_as_one_types(qtbot: QtBot, unlocked: MainWindow) -> None:
    QTest.keyClicks(unlocked.library_page.search, "0072210")
    qtbot.waitUntil(lambda: unlocked.library.table.rowCount() == 1)
    assert unlocked.library.table.visit(0).patient.family == "Nguyen"
    unlocked.library_page.search.setText("nobody")
    qtbot.waitUntil(lambda: unlocked.library.table.rowCount() == 0)
    assert unlocked.library_page._empty.text() == "Nothing found."


def test_an_interrupted_recording_is_offered_and_taken_up(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    visit = stage.world.shelves[PLANNED].visit
    stage.world.interrupted.append(Recoverable(RecordingId("r"), visit, 192.0, is_living=False))
    unlocked.library.look_for_interrupted()
    qtbot.waitUntil(lambda: unlocked.library_page.offers.count() == 1)
    offer = unlocked.library_page.findChild(QAbstractButton, "takeUp")
    assert isinstance(offer, QAbstractButton)
    assert "3:12" in offer.accessibleName()
    offer.click()
    qtbot.waitUntil(lambda: unlocked.visit.visit is not None)
    assert stage.world.interrupted == []


def test_words_arrive_without_the_text_being_built_again(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    view = window.visit_page.transcript
    stage.listening.hear("How are you today?", SpeakerRole.CLINICIAN)
    stage.listening.hear("My knee hurts.", SpeakerRole.PATIENT)
    qtbot.waitUntil(lambda: "My knee hurts." in view.toPlainText())
    first = view.document().firstBlock()
    stage.listening.hear("Since Monday.", SpeakerRole.PATIENT, doubtful=("Monday",))
    qtbot.waitUntil(lambda: view.document().blockCount() == 3)
    assert view.document().firstBlock() == first
    assert "Clinician" in view.toPlainText()


def start_recording(qtbot: QtBot, stage: Stage, window: MainWindow) -> None:
    window.visit.record()
    dialog = dialog_of(window, "consentDialog")
    assert isinstance(dialog, ConsentDialog)
    dialog.agree.click()
    qtbot.waitUntil(lambda: stage.listening.current is not None)
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING)


def test_a_visit_is_recorded_drafted_reviewed_signed_and_copied(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    page = window.visit_page
    start_recording(qtbot, stage, window)
    stage.listening.hear("My chest hurts.", SpeakerRole.PATIENT)
    window.recorder.finish()
    stage.note_making.begin(PLANNED)
    stage.note_making.write(PLANNED, sample_draft(PLANNED))
    qtbot.waitUntil(lambda: len(page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: "2 statements" in page.note.open_words.text())
    for claim in ("c6", "c10"):
        row = page.note.note.row(ClaimId(claim))
        assert row is not None
        press(row, Qt.Key.Key_A)
    for section in list(window.visit.review.unseen):
        window.visit.review.see(section)
    qtbot.waitUntil(lambda: window.visit.review.is_clear)
    sign(qtbot, stage, window)
    page._copy_section(4)
    qtbot.waitUntil(lambda: window.clipboard.left_s > 0)
    assert "Plan" in window.status._copied.text()
    assert QApplication.clipboard().text().startswith("PLAN\n")
    window.clipboard.clear()


def sign(qtbot: QtBot, stage: Stage, window: MainWindow) -> None:
    stage.signing.needs_password = True
    window.visit_page.note.sign.click()
    dialog = dialog_of(window, "signDialog")
    assert isinstance(dialog, SignDialog)
    assert not dialog.go.isEnabled()
    dialog.same.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: not dialog.password.isHidden())
    dialog.password.line.setText(PASSWORD)
    dialog.go.click()
    qtbot.waitUntil(lambda: stage.world.shelves[PLANNED].visit.state is VisitState.SIGNED)
    qtbot.waitUntil(lambda: not window.visit.note.can_edit)


def test_declining_leads_to_a_typed_note(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    window.visit.record()
    dialog = dialog_of(window, "consentDialog")
    assert isinstance(dialog, ConsentDialog)
    dialog.decline.click()
    qtbot.waitUntil(lambda: window.visit.note.can_edit)
    assert stage.listening.starts == []
    qtbot.waitUntil(lambda: "plan" in window.visit_page.note.note.sections)
    section = window.visit_page.note.note.sections["plan"]
    qtbot.waitUntil(lambda: section._can_edit)
    section.start_adding()
    assert section._adder is not None
    QTest.keyClicks(section._adder, "Rest for a week.")
    press(section._adder, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.visit.note.claims()) == 1)


def test_somebody_who_declined_cannot_be_overlooked(qtbot: QtBot, opened: Opened) -> None:
    window = opened(PLANNED)
    window.visit.record()
    dialog = dialog_of(window, "consentDialog")
    assert isinstance(dialog, ConsentDialog)
    dialog.add.click()
    dialog.people[1].who.setText("husband")
    dialog.people[1].declined.setChecked(True)
    assert not dialog.agree.isEnabled()
    with qtbot.waitSignal(dialog.answered) as answered:
        dialog.decline.click()
    assert [each.agreed for each in answered.args[0].present] == [True, False]


def test_a_claim_lights_up_its_evidence_and_a_line_its_claims(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    page = window.visit_page
    qtbot.waitUntil(lambda: len(page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: page.transcript.document().blockCount() == 18)
    row = page.note.note.row(ClaimId("c2"))
    assert row is not None
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert len(page.transcript.extraSelections()) == 2
    page.transcript.segment_chosen.emit("7")
    assert page.said.note.text() == "2 statements rest on this line."
    resting = [each.claim.id for each in page.note.note.rows() if each._is_resting]
    assert resting == ["c3", "c4"]


def test_a_claim_is_mended_in_place(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) == 13)
    row = view.row(ClaimId("c6"))
    assert row is not None
    qtbot.waitUntil(lambda: row._can_edit)
    press(row, Qt.Key.Key_F2)
    assert row._editor is not None
    row._editor.setPlainText("Takes metoprolol 25 mg twice daily.")
    press(row._editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: row._state.text() == "Yours")
    qtbot.waitUntil(lambda: window.visit.review.open_claims == ("c10",))
    press(row, Qt.Key.Key_F2)
    assert row._editor is not None
    row._editor.setPlainText("never mind")
    press(row._editor, Qt.Key.Key_Escape)
    assert not row.is_editing
    assert window.visit_page.isVisible()
    assert row.claim.text == "Takes metoprolol 25 mg twice daily."


def test_removing_a_claim_can_be_undone(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) == 13)
    row = view.row(ClaimId("c10"))
    assert row is not None
    qtbot.waitUntil(lambda: row._can_edit)
    press(row, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(view.rows()) == 12)
    window.visit.note.undo()
    qtbot.waitUntil(lambda: len(view.rows()) == 13)


def test_sections_are_seen_when_they_were_on_the_screen_for_a_second(
    qtbot: QtBot, opened: Opened
) -> None:
    window = opened("v-review")
    window.resize(1280, 1600)
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) == 13)
    qtbot.waitUntil(lambda: window.visit.review.unseen == (), timeout=10_000)


def test_signing_with_open_items_leads_to_the_first_of_them(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    page = window.visit_page
    qtbot.waitUntil(lambda: len(page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: bool(window.visit.review.open_claims))
    qtbot.waitUntil(lambda: any(each.is_open for each in page.note.note.rows()))
    page.note.sign.click()
    assert page.note.note._chosen == "c6"
    assert window.status.words.startswith("Before signing: 2 statements")
    page.note.note.next_open()
    assert page.note.note._chosen == "c10"
    page.note.note.next_open(-1)
    assert page.note.note._chosen == "c6"


def test_an_omission_goes_into_the_note(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    pane = window.visit_page.note
    qtbot.waitUntil(lambda: not pane.omissions.isHidden())
    insert = pane.omissions.findChild(QAbstractButton, "omissionInsert")
    assert isinstance(insert, QAbstractButton)
    assert "Aspirin" in insert.accessibleName()
    insert.click()
    qtbot.waitUntil(lambda: len(window.visit.note.omissions) == 1)
    assert window.visit.note.claims()[6].text.startswith("Aspirin")


def test_locking_leaves_no_patient_on_the_screen(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v-review")
    window.visit_page.copy("", "")
    qtbot.waitUntil(lambda: window.clipboard.left_s > 0)
    window.session.lock()
    assert window.unlock_page.isVisible()
    assert window.visit_page.banner._name.text() == ""
    assert window.visit_page.transcript.toPlainText() == ""
    assert window.library.table.rowCount() == 0
    assert QApplication.clipboard().text() == ""
    qtbot.waitUntil(lambda: stage.unlocking.account is None)


def test_another_visit_can_be_opened_while_one_is_recorded(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.open_visit("v-review")
    qtbot.waitUntil(lambda: window.visit.visit is not None and window.visit.visit.id != PLANNED)
    assert "Another visit" in window.visit_page.recorder._state.text()
    assert not window.visit_page.recorder.record.isEnabled()
    assert window.status._recording.text().startswith("Recording")
    window.status._recording.click()
    qtbot.waitUntil(lambda: window.visit.is_here)


def test_troubles_are_told_in_words_and_never_in_a_dialog(stage: Stage, opened: Opened) -> None:
    window = opened("v-review")
    for event, words in (
        (ChildEnded("speech", -11, 1.0), "recording goes on"),
        (ChildReady("speech"), "runs again"),
        (ChildEnded("notes", -6, None), "typed"),
        (
            EngineChanged(VisitId("v-review"), "extractive", "engine_timeout"),
            "the model was too slow",
        ),
        (TroubleArose("disk_low", (("free_bytes", 400_000_000),)), "400 MB"),
    ):
        stage.services.bus.dispatch(event)
        assert words in window.status.words
    assert [each for each in window.findChildren(QDialog) if each.isVisible()] == []
    window.status.clear_words()
    assert window.status.words == ""


def test_settings_change_the_look_and_are_kept(qtbot: QtBot, unlocked: MainWindow) -> None:
    unlocked.show_settings()
    page = unlocked.settings_page
    qtbot.waitUntil(lambda: page._rows.count() == 12)
    page.look.setCurrentIndex(page.look.findData("dark"))
    page.look.activated.emit(page.look.currentIndex())
    assert unlocked._preferences.settings.look == "dark"
    page.clinic.setText("Hill Street Clinic")
    page.clinic.editingFinished.emit()
    assert unlocked._preferences.settings.clinic_name == "Hill Street Clinic"
    page.examine.click()
    qtbot.waitUntil(lambda: page._report.rowCount() == 6)
    page.back.click()
    assert unlocked.library_page.isVisible()


def test_the_sheet_of_shortcuts_holds_every_action(unlocked: MainWindow) -> None:
    unlocked.help.show_shortcuts()
    sheet = dialog_of(unlocked, "shortcutSheet")
    shown = {each.text() for each in sheet.findChildren(QWidget) if hasattr(each, "text")}
    assert {each.words for each in SHORTCUTS.values()} <= shown
    sheet.close()


def test_no_control_is_without_a_name_and_no_title_names_a_patient(
    qtbot: QtBot, opened: Opened
) -> None:
    window = opened("v-review")
    qtbot.waitUntil(lambda: len(window.visit_page.note.note.rows()) == 13)
    unlocked_pages = [window, *window.findChildren(QDialog)]
    nameless = []
    for page in unlocked_pages:
        assert PATIENT.family not in page.windowTitle()
        for kind in (QAbstractButton, QLineEdit, QComboBox, QTableView):
            for each in page.findChildren(kind):
                is_ours = not each.objectName().startswith("qt_")
                if is_ours and each.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    has_words = bool(getattr(each, "text", lambda: "")())
                    if not each.objectName() or not (each.accessibleName() or has_words):
                        nameless.append((type(each).__name__, each.objectName()))
    assert nameless == []
    assert window.windowTitle() == "Stethoscribe"


def test_closing_without_a_recording_asks_nothing(window: MainWindow) -> None:
    assert window.close()


def test_closing_asks_while_a_recording_runs(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    assert not window.close()
    question = dialog_of(window, "question")
    assert "recording is running" in question.property("text")
    question.close()
    assert window.isVisible()
    window.leave()
    assert not window.isVisible()


def test_a_withdrawn_consent_ends_the_recording_and_erases_what_was_heard(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    stage.listening.hear("Please stop.", SpeakerRole.PATIENT)
    qtbot.waitUntil(lambda: "stop" in window.visit_page.transcript.toPlainText())
    window.visit_page.withdraw.trigger()
    question = dialog_of(window, "question")
    assert isinstance(question, QMessageBox)
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.IDLE)
    qtbot.waitUntil(lambda: window.visit_page.transcript.toPlainText() == "")
    assert window.visit.can_record
    assert window.visit.visit is not None
    assert window.visit.visit.consent is None


def test_a_visit_that_is_given_up_leaves_the_list(qtbot: QtBot, opened: Opened) -> None:
    window = opened(PLANNED)
    window.visit_page.discard.trigger()
    question = dialog_of(window, "question")
    assert isinstance(question, QMessageBox)
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: window.library.table.rowCount() == 5)
    assert window.library_page.isVisible()


def _has(stage: Stage, exports: int) -> bool:
    return len(stage.world.exports) == exports


def test_sections_are_copied_one_after_the_other_and_for_a_target_system(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v-review")
    qtbot.waitUntil(lambda: bool(window.visit.note.claims()))
    keys = [each.key for each in window.visit.note.sections]
    for _key in [*keys, keys[0]]:
        before = len(stage.world.exports)
        window.visit_page.copy_next()
        qtbot.waitUntil(partial(_has, stage, before + 1))
    assert stage.world.exports == [("clipboard", key) for key in [*keys, keys[0]]]
    page = window.settings_page
    page.copies.setCurrentIndex(page.copies.findData("fields"))
    page.copies.activated.emit(page.copies.currentIndex())
    assert stage.services.exporting.layout == "fields"  # type: ignore[attr-defined]  # the fake
