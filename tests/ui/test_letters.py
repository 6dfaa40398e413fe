"""What is typed in a letter is there again, however the person left it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.domain.ids import TemplateId, VisitId
from app.domain.visit import UnsignedLetter
from app.ui.main_window import MainWindow
from app.ui.views.letters import LetterDialog
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD
from tests.ui.conftest import REVIEW, dialog_of

SUMMARY = TemplateId("after-visit-summary")
TYPED = "You came because your chest felt tight."


def ask(qtbot: QtBot, window: MainWindow, template: TemplateId = SUMMARY) -> LetterDialog:
    qtbot.waitUntil(lambda: not window.findChildren(LetterDialog))
    window.visit_page.note.tools.ask_letter(template)
    dialog = dialog_of(window, "letterDialog")
    assert isinstance(dialog, LetterDialog)
    qtbot.waitUntil(lambda: bool(dialog.boxes))
    return dialog


def write(dialog: LetterDialog, text: str = TYPED) -> QPlainTextEdit:
    box = dialog.boxes[0]
    box.selectAll()
    QTest.keyClicks(box, text)
    return box


def kept(stage: Stage) -> list[UnsignedLetter]:
    return list(stage.world.shelves[REVIEW].visit.letters)


def leave(qtbot: QtBot, dialog: LetterDialog) -> None:
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def entries(menu: QMenu) -> dict[str, str]:
    return {each.objectName(): each.text() for each in menu.actions()}


def test_escape_keeps_what_was_typed(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    dialog = ask(qtbot, signed)
    write(dialog)
    leave(qtbot, dialog)
    assert [each.texts[0] for each in kept(stage)] == [TYPED]
    assert "not signed" in signed.status.words
    tools = signed.visit_page.note.tools
    qtbot.waitUntil(lambda: signed.visit.templates.shelf is not None)
    tools._fill_letters()
    found = entries(tools.letters_menu)
    assert found["letter_after-visit-summary"].startswith("Go on with")
    assert not found["letter_referral"].startswith("Go on with")
    again = ask(qtbot, signed)
    assert again.boxes[0].toPlainText() == TYPED
    assert again.boxes[0].hasFocus()
    assert again.kept.isVisible()
    assert ask_other(qtbot, signed, again).boxes[0].toPlainText() != TYPED


def ask_other(qtbot: QtBot, window: MainWindow, dialog: LetterDialog) -> LetterDialog:
    leave(qtbot, dialog)
    return ask(qtbot, window, TemplateId("referral"))


def test_a_lock_and_another_visit_lose_nothing(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    account = stage.world.account
    assert account is not None
    write(ask(qtbot, signed))
    signed.session.lock()
    qtbot.waitUntil(lambda: stage.world.account is None)
    assert [each.texts[0] for each in kept(stage)] == [TYPED]
    assert signed.visit.after.letters == {}  # nothing of it stays in the window
    signed.session.unlock(account.uid, PASSWORD)
    qtbot.waitUntil(signed.library_page.isVisible)
    signed.open_visit(VisitId("v4"))
    qtbot.waitUntil(lambda: signed.visit.visit is not None)
    assert signed.visit.after.letters == {}
    signed.open_visit(REVIEW)
    qtbot.waitUntil(signed.visit_page.note.tools.letters.isVisible)
    assert ask(qtbot, signed).boxes[0].toPlainText() == TYPED


def test_it_is_kept_while_it_is_typed(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    write(ask(qtbot, signed))
    qtbot.waitUntil(lambda: bool(kept(stage)))


def test_a_letter_that_was_only_read_is_not_kept(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    leave(qtbot, ask(qtbot, signed))
    assert kept(stage) == []
    assert not ask(qtbot, signed).kept.isVisible()


def test_what_was_signed_does_not_come_back(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    dialog = ask(qtbot, signed)
    write(dialog)
    dialog.box.same.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(dialog.copy.isVisible)
    leave(qtbot, dialog)
    assert kept(stage) == []
    assert ask(qtbot, signed).boxes[0].toPlainText() != TYPED


def test_another_reading_level_takes_nothing_typed_without_a_question(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    dialog = ask(qtbot, signed)
    write(dialog)
    dialog.grade.setCurrentIndex(dialog.grade.findData(8))
    dialog.grade.activated.emit(dialog.grade.currentIndex())
    (question,) = dialog.findChildren(QMessageBox)
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert dialog.boxes[0].toPlainText() == TYPED
    assert dialog.grade.currentData() == 6  # what the text was made for
    dialog.grade.setCurrentIndex(dialog.grade.findData(8))
    dialog.grade.activated.emit(dialog.grade.currentIndex())
    question = next(each for each in dialog.findChildren(QMessageBox) if each.isVisible())
    question.buttons()[0].click()
    qtbot.waitUntil(lambda: dialog.grade.currentData() == 8)
    assert dialog.boxes[0].toPlainText() != TYPED
    leave(qtbot, dialog)
    assert kept(stage) == []
