"""A recording that nobody watches is covered. The clock is turned by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.domain.policy import Policy
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.patient import PatientDialog
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD
from tests.ui.conftest import Hand, dialog_of
from tests.ui.test_idle import warning
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
MINUTE, HOUR = 60.0, 3600.0
PLANNED = VisitId("v4")


def readable() -> str:
    """Return everything that stands in windows that can be seen, and what is read out of them."""
    said: list[str] = []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible() or window.objectName() == "guide":
            continue
        said.append(window.windowTitle())
        for each in (window, *window.findChildren(QWidget)):
            if not each.isVisible():
                continue
            said += [each.accessibleName(), each.accessibleDescription(), each.toolTip()]
            if isinstance(each, QLabel | QLineEdit):
                said.append(each.text())
            elif isinstance(each, QTextEdit | QPlainTextEdit):
                said.append(each.toPlainText())
            elif isinstance(each, QTableView):
                rows = each.model()
                said += [str(rows.index(row, 0).data()) for row in range(rows.rowCount())]
    return "\n".join(said)


def covered(qtbot: QtBot, stage: Stage, window: MainWindow, hand: Hand) -> MainWindow:
    """Record, and let ten minutes pass."""
    start_recording(qtbot, stage, window)
    hand.turn(10 * MINUTE)
    assert window.privacy_page.isVisible()
    return window


def test_nothing_can_be_read_and_the_recording_goes_on(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    assert "Baker" in readable()
    start_recording(qtbot, stage, window)
    hand.turn(580)
    assert warning(window).startswith("Nobody works here. The screen is covered in 20 s")
    hand.turn(20)
    assert window.privacy_page.isVisible()
    assert "Baker" not in readable()
    assert window.recorder.state is RecorderState.RECORDING
    stage.listening.tick(83, -20)
    qtbot.waitUntil(lambda: window.privacy_page._time.text() == "1:23")
    assert window.privacy_page._state.text() == "Recording"
    assert stage.unlocking.account is not None
    hand.turn(3 * HOUR)
    assert window.privacy_page.isVisible()


def test_the_password_brings_all_back_as_it_was(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    page = window.privacy_page
    activate(qtbot, window)
    QTest.keyClicks(page.password.line, "wrong")
    QTest.keyClick(page.password.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not right" in page._error.text())
    QTest.keyClicks(page.password.line, PASSWORD)
    QTest.keyClick(page.password.line, Qt.Key.Key_Return)
    qtbot.waitUntil(window.visit_page.isVisible)
    assert page.password.text() == ""
    assert window.visit_page.banner._name.text() != ""
    assert window.recorder.state is RecorderState.RECORDING
    hand.turn(5 * MINUTE)
    assert window.visit_page.isVisible()


def test_wrong_passwords_there_make_wait(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    stage.unlocking.failures = 3
    page = window.privacy_page
    page.password.line.setText("wrong")
    page.go.click()
    qtbot.waitUntil(lambda: "Too many wrong passwords" in page._error.text())
    assert not page.go.isEnabled()
    assert page.isVisible()


def test_anyone_may_pause_and_stop_and_only_the_owner_resumes(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    page = window.privacy_page
    page.pause.click()
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.PAUSED)
    assert not page.pause.isEnabled()
    assert not page.off.isEnabled()
    window.press("pause")
    window.toggle_compact()
    qtbot.waitUntil(window.compact.isVisible)
    assert not window.compact.pause.isEnabled()
    assert window.recorder.state is RecorderState.PAUSED
    assert "Baker" not in readable()
    window.toggle_compact()
    assert page.isVisible()
    window.session.prove(PASSWORD)
    qtbot.waitUntil(window.visit_page.isVisible)
    window.press("pause")
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING)


def test_off_the_record_and_stop_are_reached_by_keys(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.OFF_RECORD)
    assert window.privacy_page._state.text() == "Off the record: nothing is kept"
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.recorder.state is RecorderState.OFF_RECORD
    QTest.keyClick(window, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: not window.recorder.is_running)
    assert window.privacy_page.isVisible()
    assert "Baker" not in readable()


def test_a_recording_that_ended_below_the_cover_is_locked_later(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    window.press("stop")
    qtbot.waitUntil(lambda: not window.recorder.is_running)
    hand.turn(9 * MINUTE)
    assert window.privacy_page.isVisible()
    hand.turn(1 * MINUTE)
    assert window.unlock_page.isVisible()
    assert stage.unlocking.account is None


def test_ctrl_l_locks_wholly_what_is_covered(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.unlock_page.isVisible)
    qtbot.waitUntil(lambda: stage.unlocking.account is None)
    assert window.recorder.state is RecorderState.RECORDING
    assert window.visit.visit is None


def test_no_key_leads_around_the_cover(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    activate(qtbot, window)
    ctrl = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_N, Qt.Key.Key_Comma, Qt.Key.Key_M, Qt.Key.Key_F, Qt.Key.Key_Return):
        QTest.keyClick(window, key, ctrl)
    for plain in (Qt.Key.Key_Escape, Qt.Key.Key_F5, Qt.Key.Key_F8):
        QTest.keyClick(window, plain)
    window.press("record")
    window.press("raise")
    assert window.privacy_page.isVisible()
    assert [each for each in window.findChildren(QDialog) if each.isVisible()] == []
    assert "Baker" not in readable()


def test_what_comes_late_waits_below_the_cover(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    window.open_visit("v-review")
    qtbot.waitUntil(lambda: window.visit.visit is not None and window.visit.visit.id != PLANNED)
    window.visit_page.told.emit("Saved as okafor.txt", "info")
    window.visit_page.text_made.emit("Okafor, Grace", "Note")
    late = PatientDialog(window)
    late.open()
    qtbot.waitUntil(late.isHidden)
    assert window.privacy_page.isVisible()
    assert "kafor" not in readable()
    assert QApplication.clipboard().text() == ""
    window.session.prove(PASSWORD)
    qtbot.waitUntil(window.visit_page.isVisible)
    assert late.isVisible()
    assert window.status.words == "Saved as okafor.txt"


def test_an_open_dialog_goes_out_of_sight_and_comes_back_as_it_was(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.ask_patient()
    dialog = dialog_of(window, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    dialog.pasted.setText("Okafor, Grace  F  03/09/1961")
    modality = dialog.windowModality()
    hand.turn(10 * MINUTE)
    assert window.privacy_page.isVisible()
    assert not dialog.isVisible()
    assert "kafor" not in readable()
    activate(qtbot, window)
    QTest.keyClicks(window.privacy_page.password.line, PASSWORD)
    window.privacy_page.go.click()
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.pasted.text() == "Okafor, Grace  F  03/09/1961"
    assert dialog.windowModality() == modality


def test_a_lock_ends_what_was_hidden(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.ask_patient()
    dialog = dialog_of(window, "patientDialog")
    hand.turn(10 * MINUTE)
    with qtbot.waitSignal(dialog.finished):
        window.session.lock()
    window.session.unlock(next(iter(stage.world.accounts)), PASSWORD)
    qtbot.waitUntil(lambda: not window.unlock_page.isVisible())
    assert [each for each in window.findChildren(QDialog) if each.isVisible()] == []


def test_a_small_recorder_stays_small_when_the_window_is_covered(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.toggle_compact()
    hand.turn(10 * MINUTE)
    assert window.compact.isVisible()
    assert window.isMinimized()
    assert "Baker" not in readable()
    window.compact.back.click()
    qtbot.waitUntil(window.privacy_page.isVisible)


@pytest.mark.parametrize("policy", [Policy(while_recording="full", idle_minutes=5)])
def test_a_clinic_can_have_it_locked_instead(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.toggle_compact()
    hand.turn(5 * MINUTE)
    assert window.unlock_page.isVisible()
    assert not window.compact.isVisible()
    assert window.recorder.state is RecorderState.RECORDING
    qtbot.waitUntil(lambda: stage.unlocking.account is None)
    assert window.status._recording.text().startswith("Recording")


def test_closing_below_the_cover_asks_without_a_name(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = covered(qtbot, stage, opened(PLANNED), hand)
    window.close()
    box = dialog_of(window, "question")
    qtbot.wait(300)  # two looks of the curtain
    assert box.isVisible()
    assert window.privacy_page.isVisible()
    assert "Baker" not in readable()
    box.reject()
