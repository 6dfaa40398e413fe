"""A visit from the list to the signature without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from tests.fakes.services import Stage
from tests.fakes.visits import sample_draft
from tests.ui.conftest import dialog_of

PLANNED = VisitId("v4")


def press(target: QWidget, key: Qt.Key, ctrl: bool = False) -> None:
    modifier = Qt.KeyboardModifier
    QTest.keyClick(target, key, modifier.ControlModifier if ctrl else modifier.NoModifier)


def activate(qtbot: QtBot, window: MainWindow) -> None:
    """Bring the window to the front again: the offscreen platform has no one who does it."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_every_step_of_a_visit_has_a_key(qtbot: QtBot, stage: Stage, unlocked: MainWindow) -> None:
    activate(qtbot, unlocked)
    table = unlocked.library_page.table
    table.selectRow(unlocked.library.table.row_of(PLANNED))
    press(table, Qt.Key.Key_Return)
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    press(unlocked, Qt.Key.Key_F5)
    dialog = dialog_of(unlocked, "consentDialog")
    press(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stage.listening.current == PLANNED)
    stage.listening.sound_arrives()
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.RECORDING)
    activate(qtbot, unlocked)
    press(unlocked, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.PAUSED)
    press(unlocked, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.RECORDING)
    press(unlocked, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.IDLE)
    stage.note_making.write(PLANNED, sample_draft(PLANNED))
    qtbot.waitUntil(lambda: bool(unlocked.visit.review.open_claims))
    qtbot.waitUntil(lambda: any(each.is_open for each in unlocked.visit_page.note.note.rows()))
    press(unlocked, Qt.Key.Key_F8)
    assert unlocked.visit_page.note.note._chosen == "c6"
    leave_by_keys(qtbot, unlocked)


def leave_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    press(window, Qt.Key.Key_F9)
    assert window.visit_page.note.isHidden()
    press(window, Qt.Key.Key_F9)
    press(window, Qt.Key.Key_F9)
    press(window, Qt.Key.Key_4, ctrl=True)
    qtbot.waitUntil(lambda: window.clipboard.left_s > 0)
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.library_page.isVisible)
    press(window, Qt.Key.Key_Comma, ctrl=True)
    qtbot.waitUntil(window.settings_page.isVisible)
    press(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.library_page.isVisible)
    press(window, Qt.Key.Key_F1)
    dialog_of(window, "shortcutSheet").close()
    activate(qtbot, window)
    press(window, Qt.Key.Key_N, ctrl=True)
    dialog_of(window, "patientDialog").close()
    activate(qtbot, window)
    press(window, Qt.Key.Key_L, ctrl=True)
    qtbot.waitUntil(window.unlock_page.isVisible)
