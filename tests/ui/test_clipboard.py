"""Plain text, kept out of histories, cleared if it is still ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QClipboard, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.ui.clipboard import HISTORY_EXCLUSION, Clipboard, guarded
from app.ui.theme import Theme
from app.ui.widgets.plain_text import LineEdit, PlainTextEdit, ReadingBox

TEXT = "PLAN\n- Return if fever\n"


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[Clipboard]:
    assert qapp is not None
    QGuiApplication.clipboard().clear()
    made = Clipboard(clear_s=2)
    yield made
    made.clear()
    made.deleteLater()
    QGuiApplication.clipboard().clear()


def held() -> str:
    return QGuiApplication.clipboard().text(QClipboard.Mode.Clipboard)


def test_only_plain_text_and_the_exclusion_flags_are_handed_out() -> None:
    data = guarded(TEXT)
    assert data.text() == TEXT
    assert set(data.formats()) == {"text/plain", *HISTORY_EXCLUSION}
    assert data.data("CanIncludeInClipboardHistory").data() == bytes(4)
    assert data.data("x-kde-passwordManagerHint").data() == b"secret"


def test_our_text_is_counted_down_and_cleared(qtbot: QtBot, clipboard: Clipboard) -> None:
    shown: list[tuple[str, int]] = []
    clipboard.countdown.connect(lambda what, left: shown.append((what, left)))
    clipboard.put(TEXT, "Plan")
    assert held() == TEXT
    qtbot.waitUntil(lambda: held() == "", timeout=6000)
    assert shown[0] == ("Plan", 2)
    assert shown[-1] == ("", 0)


def test_what_somebody_else_copied_is_left_alone(clipboard: Clipboard) -> None:
    clipboard.put(TEXT, "Plan")
    board = QGuiApplication.clipboard()
    board.blockSignals(True)  # what this process puts there would be taken for ours
    board.setMimeData(guarded("a phone number"))
    board.blockSignals(False)
    clipboard.clear()
    assert held() == "a phone number"


def test_text_copied_from_a_box_of_ours_is_guarded_too(
    qtbot: QtBot, look: Theme, clipboard: Clipboard
) -> None:
    assert look is not None
    box = PlainTextEdit()
    qtbot.addWidget(box)
    box.setPlainText("typed by hand")
    box.selectAll()
    box.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "typed by hand"
    assert data.hasFormat("x-kde-passwordManagerHint")
    assert clipboard.left_s == (2 if QGuiApplication.clipboard().ownsClipboard() else 0)


def test_a_reading_box_hands_out_no_markup(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    box = ReadingBox()
    qtbot.addWidget(box)
    box.setHtml("<b>bold</b><p>next</p>")
    box.selectAll()
    data = box.createMimeDataFromSelection()
    assert set(data.formats()) == {"text/plain", *HISTORY_EXCLUSION}
    assert data.text() == "bold\nnext"


def test_a_field_hands_out_guarded_text_at_once(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    field = LineEdit("Okafor, Grace")
    qtbot.addWidget(field)
    QGuiApplication.clipboard().clear()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert (data.text(), set(data.formats())) == (
        "Okafor, Grace",
        {"text/plain", *HISTORY_EXCLUSION},
    )
    QTest.keyClick(field, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""
    assert QGuiApplication.clipboard().mimeData().hasFormat("x-kde-passwordManagerHint")


def test_its_menu_copies_guarded_too(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    field = LineEdit("Okafor")
    qtbot.addWidget(field)
    field.show()
    field.selectAll()
    QGuiApplication.clipboard().clear()
    reason = QContextMenuEvent.Reason.Keyboard
    field.contextMenuEvent(QContextMenuEvent(reason, QPoint(2, 2), field.mapToGlobal(QPoint(2, 2))))
    menu = next(each for each in field.findChildren(QMenu) if each.isVisible())
    next(each for each in menu.actions() if each.text().startswith("Copy")).trigger()
    menu.close()
    assert QGuiApplication.clipboard().mimeData().hasFormat("x-kde-passwordManagerHint")


def test_a_password_is_never_copied(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    field = LineEdit("secret")
    qtbot.addWidget(field)
    field.setEchoMode(LineEdit.EchoMode.Password)
    QGuiApplication.clipboard().clear()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert held() == ""
