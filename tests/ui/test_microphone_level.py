"""The level beside the choice of the microphone: when it is asked for, and while it is in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.errors import AlreadyRecordingError
from app.foundation import texts
from app.ui.main_window import MainWindow
from app.ui.views.settings import SettingsPage
from app.ui.widgets.level_meter import FLOOR_DBFS
from app.ui.widgets.room_check import RoomCheck
from tests.fakes.services import Stage


@pytest.fixture
def page(qtbot: QtBot, unlocked: MainWindow) -> SettingsPage:
    unlocked.show_settings()
    qtbot.waitUntil(unlocked.settings_page.level.isVisible)
    return unlocked.settings_page


def heard(stage: Stage) -> str | None:
    """Return the microphone that is open; None when none is."""
    return stage.administration.room_of


def test_no_microphone_opens_before_it_is_asked_for(stage: Stage, page: SettingsPage) -> None:
    assert heard(stage) is None
    assert not page.level.meter.isVisible()


def test_it_shows_the_chosen_microphone_and_follows_the_choice(
    qtbot: QtBot, stage: Stage, page: SettingsPage
) -> None:
    level = page.level
    level.go.setFocus()
    QTest.keyClick(level.go, Qt.Key.Key_Space)
    assert heard(stage) == ""
    stage.administration.speak(1.0, -20.0)
    qtbot.waitUntil(lambda: level.meter._rms > FLOOR_DBFS)
    assert level.words.text() == "The microphone is open. Nothing is kept."
    page.microphone.setCurrentIndex(page.microphone.findData("array"))
    page.microphone.activated.emit(page.microphone.currentIndex())
    assert heard(stage) == "array"
    assert stage.listening.starts == []
    level.go.click()
    assert heard(stage) is None
    assert not level.meter.isVisible()


@pytest.mark.parametrize("way", ["tab", "back", "lock"])
def test_it_ends_when_it_is_out_of_sight(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow, page: SettingsPage, way: str
) -> None:
    page.level.go.click()
    assert heard(stage) == ""
    if way == "tab":
        page.tabs.setCurrentIndex(1)
    elif way == "back":
        page.back.click()
    else:
        unlocked.session.lock()
    qtbot.waitUntil(lambda: heard(stage) is None)


def test_a_room_check_takes_over(qtbot: QtBot, stage: Stage, page: SettingsPage) -> None:
    page.level.go.click()
    first = stage.administration.answer
    check = page.findChild(RoomCheck)
    assert isinstance(check, RoomCheck)
    check.go.click()
    first.set_result(None)  # as the service ends the one before
    qtbot.waitUntil(lambda: not page.level.meter.isVisible())
    assert heard(stage) == ""


def test_why_it_cannot_be_shown_is_said(qtbot: QtBot, stage: Stage, page: SettingsPage) -> None:
    page.level.go.click()
    stage.administration.answer.set_exception(AlreadyRecordingError())
    qtbot.waitUntil(lambda: page.level.words.text() == texts.words(AlreadyRecordingError()))
    assert not page.level.meter.isVisible()
