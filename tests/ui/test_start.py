"""The first steps and the room check, by keyboard, on a microphone the test speaks for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.audio import RoomVoice, VoiceFinding
from app.domain.errors import AlreadyRecordingError
from app.foundation import texts
from app.ui.main_window import MainWindow
from app.ui.viewmodels.room import finding_words
from app.ui.views.start import CHECK
from app.ui.widgets.room_check import RoomCheck
from tests.fakes.services import Stage
from tests.ui.test_live_window import activate

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


@pytest.fixture
def started(qtbot: QtBot, unlocked: MainWindow) -> MainWindow:
    activate(qtbot, unlocked)
    unlocked.show_first_steps()
    qtbot.waitUntil(lambda: len(unlocked.recorder.devices) == 2)
    return unlocked


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget(), key)


def test_enter_leads_through_the_steps_to_the_visits(qtbot: QtBot, started: MainWindow) -> None:
    page = started.start_page
    for step in range(3):
        assert page.steps.currentIndex() == step
        assert f"Step {step + 1} of 3" in page._count.text()
        first = page.check.go if step == CHECK else page.go
        assert first.hasFocus()
        page.go.setFocus()
        press(started, Qt.Key.Key_Space)
    qtbot.waitUntil(started.library_page.isVisible)


def test_the_last_step_lists_the_models_that_are_here(qtbot: QtBot, started: MainWindow) -> None:
    page = started.start_page
    qtbot.waitUntil(lambda: bool(started.workstation.models))
    shown = {each.text() for each in page.steps.findChildren(QLabel)}
    assert {"Whisper base", "Installed", "Qwen 7B Instruct", "Damaged, not used"} <= shown
    assert "Whisper large-v3 turbo" not in shown
    assert "Known to this version, but not on this computer: 1." in shown


def test_escape_skips_them_all(qtbot: QtBot, started: MainWindow) -> None:
    press(started, ESC)
    qtbot.waitUntil(started.library_page.isVisible)


def test_the_microphone_chosen_is_the_one_that_records(started: MainWindow) -> None:
    choice = started.start_page.microphone
    choice.setCurrentIndex(choice.findData("array"))
    choice.activated.emit(choice.currentIndex())
    assert started.recorder.device == "array"
    assert started._preferences.settings.input_device == "array"


def test_they_come_again_from_the_settings(qtbot: QtBot, unlocked: MainWindow) -> None:
    unlocked.show_settings()
    again = unlocked.settings_page.findChild(QPushButton, "firstSteps")
    assert again is not None
    again.click()
    qtbot.waitUntil(unlocked.start_page.isVisible)


def test_they_are_shown_once(qtbot: QtBot, stage: Stage, unlocked: MainWindow) -> None:
    account = stage.unlocking.account
    assert account is not None
    unlocked.session.is_new = True
    unlocked.session.confirm_key()
    qtbot.waitUntil(unlocked.start_page.isVisible)
    unlocked.session.lock()
    qtbot.waitUntil(unlocked.unlock_page.isVisible)
    unlocked.session.confirm_key()
    qtbot.waitUntil(unlocked.library_page.isVisible)


def check_of(window: MainWindow) -> RoomCheck:
    window.start_page.go.click()
    return window.start_page.check


@pytest.mark.parametrize("finding", list(VoiceFinding))
def test_the_room_check_ends_with_plain_words(
    qtbot: QtBot, stage: Stage, started: MainWindow, finding: VoiceFinding
) -> None:
    check = check_of(started)
    check.go.setFocus()
    press(started, Qt.Key.Key_Space)
    assert stage.administration.room_of == ""
    stage.administration.speak(12.0)
    qtbot.waitUntil(lambda: check._time.text() == "18 s")
    assert check.meter.isVisible()
    stage.administration.answer.set_result(RoomVoice(480_000, -20.0, 30.0, finding))
    qtbot.waitUntil(check.found.isVisible)
    assert (check.found.text(), check._advice.text()) == finding_words(finding)
    assert not check.meter.isVisible()
    assert check.go.isVisible()
    is_good = finding is VoiceFinding.GOOD  # then one goes on; else one mends it and tries again
    assert (started.start_page.go if is_good else check.go).hasFocus()


def test_whoever_went_elsewhere_stays_there_when_the_room_check_ends(
    qtbot: QtBot, stage: Stage, started: MainWindow
) -> None:
    check = check_of(started)
    check.go.click()
    started.start_page.back.setFocus()
    stage.administration.answer.set_result(RoomVoice(480_000, -20.0, 30.0, VoiceFinding.GOOD))
    qtbot.waitUntil(check.found.isVisible)
    assert started.start_page.back.hasFocus()


def test_a_check_that_is_left_ends(qtbot: QtBot, stage: Stage, started: MainWindow) -> None:
    check = check_of(started)
    check.go.click()
    assert started.room.is_listening
    press(started, ESC)
    qtbot.waitUntil(started.library_page.isVisible)
    assert stage.administration.room_of is None
    assert not started.room.is_listening


def test_the_button_stops_it_and_the_late_answer_is_not_shown(
    stage: Stage, started: MainWindow
) -> None:
    check = check_of(started)
    check.go.click()
    late = stage.administration.answer
    stage.administration.leave_room = lambda: None  # type: ignore[method-assign]  # a slow one
    check.go.click()
    late.set_result(RoomVoice(16_000, -60.0, 0.0, VoiceFinding.NO_VOICE))
    stage.administration.speak(3.0)
    QApplication.processEvents()
    assert not check.found.isVisible()
    assert check.go.text() == "Start the room check"


def test_trouble_is_said_in_its_place(qtbot: QtBot, stage: Stage, started: MainWindow) -> None:
    check = check_of(started)
    check.go.click()
    stage.administration.answer.set_exception(AlreadyRecordingError())
    qtbot.waitUntil(check.found.isVisible)
    assert check.found.text() == texts.words(AlreadyRecordingError())
