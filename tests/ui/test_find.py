"""Words are found in the transcript by keys alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from tests.ui.test_live_window import activate

Opened = Callable[[str], MainWindow]


def test_words_are_found_onward_back_and_around_the_end(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v-review")
    activate(qtbot, window)
    desk, find = window.visit_page.transcript, window.visit_page.said.finder
    qtbot.waitUntil(lambda: "penicillin" in desk.toPlainText().lower())
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(find.isVisible)
    QTest.keyClicks(find, "the")
    first = desk.textCursor().selectionStart()
    assert desk.textCursor().selectedText().lower() == "the"
    QTest.keyClick(find, Qt.Key.Key_Return)
    second = desk.textCursor().selectionStart()
    assert second != first
    QTest.keyClick(find, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert desk.textCursor().selectionStart() == first
    QTest.keyClick(find, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(find, Qt.Key.Key_Return)
    assert desk.textCursor().selectionStart() == first
    find.setText("zebra")
    assert find.property("kind") == "missing"
    assert find.accessibleDescription() == "Nothing found."
    QTest.keyClick(find, Qt.Key.Key_Escape)
    assert find.isHidden()
    assert window.visit_page.isVisible()
