"""The small recorder, and keys that come from outside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.foundation.instance import WORDS, call, claim_instance
from app.ui.main_window import MainWindow
from app.ui.viewmodels.caller import Caller
from app.ui.viewmodels.recorder import RecorderState
from tests.fakes.services import Stage
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_one_key_makes_it_small_and_one_brings_the_window_back(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    small = window.compact
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F10)
    assert not small.isVisible()  # nothing is recorded
    start_recording(qtbot, stage, window)
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(small.isVisible)
    assert window.isMinimized()
    assert small.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    stage.listening.tick(83, -20)
    qtbot.waitUntil(lambda: small._time.text() == "1:23")
    small.back.click()
    qtbot.waitUntil(lambda: not window.isMinimized())
    assert not small.isVisible()


def test_a_recording_is_led_from_the_small_bar_by_keys(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    window.toggle_compact()
    small = window.compact
    small.activateWindow()
    qtbot.waitUntil(small.isActiveWindow)
    QTest.keyClick(small, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.PAUSED)
    assert (small._state.text(), small.pause.accessibleName()) == ("Paused", "Resume")
    QTest.keyClick(small, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING)
    QTest.keyClick(small, Qt.Key.Key_F6, SHIFT)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.OFF_RECORD)
    assert small._state.text() == "Off the record"
    assert small.off.accessibleName() == "Back on the record"
    QTest.keyClick(small, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: not window.recorder.is_running)
    assert small.isVisible()
    assert small._state.text() == "Recorded"
    assert not small.stop.isEnabled()


def test_it_says_no_name_and_goes_with_the_lock(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    window.toggle_compact()
    assert window.compact.windowTitle() == "Stethoscribe"
    assert "Baker" not in " ".join(
        each.accessibleName() + each.toolTip()
        for each in (window.compact.stop, window.compact.back, window.compact.off)
    )
    window.session.lock()
    assert not window.compact.isVisible()


@pytest.mark.parametrize("word", sorted(WORDS - {"raise", "compact", "record"}))
def test_a_key_of_the_workstation_does_nothing_behind_the_lock(
    word: str, qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    window.session.lock()
    window.press(word)
    assert window.recorder.state is RecorderState.RECORDING


def test_a_word_left_by_another_process_pauses_the_recording(
    qtbot: QtBot, stage: Stage, opened: Opened, tmp_path: Path
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    instance = claim_instance(tmp_path)
    assert instance is not None
    caller = Caller(instance, stage.services.post)
    caller.called.connect(window.press)
    assert call(tmp_path, "pause")
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.PAUSED)
    caller.close()
    assert not call(tmp_path, "pause")


def test_record_from_outside_asks_for_consent_like_the_button(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    with qtbot.waitSignal(window.visit.consent_asked):
        window.press("record")
    assert stage.listening.current is None
    assert window.visit.visit is not None
    assert window.visit.visit.id == VisitId("v4")
