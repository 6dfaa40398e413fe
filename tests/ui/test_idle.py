"""A window that nobody uses is warned and locked. The clock is turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.ui.main_window import MainWindow
from app.ui.viewmodels.preferences import Preferences
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD
from tests.ui.conftest import Hand, dialog_of
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
MINUTE, HOUR = 60.0, 3600.0
PLANNED = VisitId("v4")


def warning(window: MainWindow) -> str:
    found = window.status.findChild(QLabel, "lockWarning")
    assert found is not None
    return found.text() if found.isVisible() else ""


def test_a_list_that_nobody_looks_at_is_warned_and_locked(
    stage: Stage, unlocked: MainWindow, hand: Hand
) -> None:
    hand.turn(9 * MINUTE)
    assert warning(unlocked) == ""
    hand.turn(40)
    assert warning(unlocked) == "Nobody works here. The program locks in 20 s."
    hand.turn(5)
    assert "15 s" in warning(unlocked)
    assert QApplication.activeModalWidget() is None
    hand.turn(15)
    assert unlocked.unlock_page.isVisible()
    assert unlocked.library.table.rowCount() == 0
    assert stage.unlocking.account is None
    assert warning(unlocked) == ""


def by_key(window: MainWindow) -> None:
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)


def by_move(window: MainWindow) -> None:
    QTest.mouseMove(window.windowHandle(), QPoint(30, 40))
    QTest.mouseMove(window.windowHandle(), QPoint(31, 44))


def by_click(window: MainWindow) -> None:
    button = Qt.MouseButton.RightButton
    QTest.mouseClick(window.windowHandle(), button, Qt.KeyboardModifier.NoModifier, QPoint(3, 300))


def by_wheel(window: MainWindow) -> None:
    QTest.wheelEvent(window.windowHandle(), QPoint(300, 300), QPoint(0, 120))


def by_input_method(window: MainWindow) -> None:
    search = window.library_page.search
    search.setFocus()
    typed = QInputMethodEvent()
    typed.setCommitString("a")
    QApplication.sendEvent(search, typed)


def by_key_from_outside(window: MainWindow) -> None:
    window.press("bookmark")


def by_the_guide(window: MainWindow) -> None:
    window.help.show_guide()
    assert window.help.guide is not None
    window.idle.look()
    QTest.keyClick(window.help.guide.windowHandle(), Qt.Key.Key_Shift)


def by_a_dialog(window: MainWindow) -> None:
    window.ask_patient()
    window.idle.look()
    QTest.keyClick(dialog_of(window, "patientDialog").windowHandle(), Qt.Key.Key_Shift)


USES = (
    by_key, by_move, by_click, by_wheel, by_input_method, by_key_from_outside, by_the_guide,
    by_a_dialog,
)  # fmt: skip


@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
def test_whatever_a_person_does_takes_the_warning_back(
    use: Callable[[MainWindow], None], qtbot: QtBot, unlocked: MainWindow, hand: Hand
) -> None:
    activate(qtbot, unlocked)
    hand.turn(590)
    assert warning(unlocked) != ""
    use(unlocked)
    qtbot.waitUntil(lambda: warning(unlocked) == "")
    hand.turn(560)
    assert not unlocked.unlock_page.isVisible()
    hand.turn(40)
    assert unlocked.unlock_page.isVisible()


def test_the_small_recorder_is_used_like_the_window(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.toggle_compact()
    hand.turn(590)
    QTest.keyClick(window.compact.windowHandle(), Qt.Key.Key_Shift)
    hand.turn(30)
    assert not window.cover.is_down


def test_a_key_that_is_held_down_is_no_use(unlocked: MainWindow, hand: Hand) -> None:
    hand.turn(590)
    held = QKeyEvent(
        QKeyEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", autorep=True
    )
    QApplication.sendEvent(unlocked.windowHandle(), held)
    assert warning(unlocked) != ""


def test_the_first_key_after_sleep_locks_and_reaches_nobody(
    qtbot: QtBot, unlocked: MainWindow, hand: Hand
) -> None:
    search = unlocked.library_page.search
    activate(qtbot, unlocked)
    search.setFocus()
    QTest.keyClick(unlocked.windowHandle(), Qt.Key.Key_B)
    assert search.text() == "b"
    hand.sleep(8 * HOUR)
    QTest.keyClick(unlocked.windowHandle(), Qt.Key.Key_C)
    assert unlocked.unlock_page.isVisible()
    assert "c" not in search.text()


def test_typed_text_is_kept_by_every_lock(
    qtbot: QtBot, stage: Stage, opened: Opened, hand: Hand
) -> None:
    window = opened("v-review")
    qtbot.waitUntil(lambda: len(window.visit_page.note.note.rows()) > 1)
    row = window.visit_page.note.note.rows()[1]
    row.start_editing()
    assert row._editor is not None
    row._editor.setPlainText("Takes metoprolol 25 mg at night.")
    hand.turn(600)
    assert window.unlock_page.isVisible()
    draft = stage.world.shelves[VisitId("v-review")].draft
    assert draft is not None
    assert "Takes metoprolol 25 mg at night." in [each.text for each in draft.claims]


def test_hours_lock_who_works_on(qtbot: QtBot, unlocked: MainWindow, hand: Hand) -> None:
    activate(qtbot, unlocked)
    for _minutes in range(0, 12 * 60 - 9, 9):
        hand.turn(9 * MINUTE)
        by_key(unlocked)
    hand.now = 50_000 + 12 * HOUR - 10
    by_key(unlocked)
    unlocked.idle.look()
    assert warning(unlocked).startswith("You unlocked many hours ago.")
    by_key(unlocked)
    assert warning(unlocked) != ""
    hand.turn(10)
    assert unlocked.unlock_page.isVisible()


def test_after_an_unlock_the_time_begins_anew(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow, hand: Hand
) -> None:
    hand.turn(HOUR)
    assert unlocked.unlock_page.isVisible()
    hand.turn(20 * HOUR)
    unlocked.session.unlock(next(iter(stage.world.accounts)), PASSWORD)
    qtbot.waitUntil(unlocked.library_page.isVisible)
    hand.turn(5 * MINUTE)
    assert not unlocked.unlock_page.isVisible()


def test_a_demonstration_locks_nobody_out(
    qtbot: QtBot, stage: Stage, preferences: Preferences, hand: Hand
) -> None:
    window = MainWindow(replace(stage.services, is_demo=True), preferences, hand)
    qtbot.addWidget(window)
    window.session.unlock(stage.unlocking.add("Demo").uid, PASSWORD)
    qtbot.waitUntil(lambda: window.session.name == "Demo")
    hand.sleep(13 * HOUR)
    window.idle.look()
    assert window.session.name == "Demo"
