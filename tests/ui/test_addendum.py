"""What is typed of an addendum is there again, however the person left it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.ui.main_window import MainWindow
from app.ui.views.addendum import AddendumDialog
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD
from tests.ui.conftest import REVIEW, dialog_of

TYPED = "Exercise test: no ischemia."


def ask(window: MainWindow) -> AddendumDialog:
    window.visit_page.note.tools.addendum.click()
    dialog = dialog_of(window, "addendumDialog")
    assert isinstance(dialog, AddendumDialog)
    return dialog


def kept(stage: Stage) -> str:
    return stage.world.shelves[REVIEW].visit.addendum


def test_escape_keeps_what_was_typed(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    dialog = ask(signed)
    QTest.keyClicks(dialog.text, TYPED)
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert kept(stage) == TYPED
    assert "not signed" in signed.status.words
    qtbot.waitUntil(lambda: not signed.findChildren(AddendumDialog))
    again = ask(signed)
    assert again.text.toPlainText() == TYPED
    QTest.keyClicks(again.text, " Called.")  # the caret stands behind it
    assert again.text.toPlainText() == f"{TYPED} Called."


def test_a_lock_and_another_visit_lose_nothing(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    account = stage.world.account
    assert account is not None
    QTest.keyClicks(ask(signed).text, TYPED)
    signed.session.lock()
    qtbot.waitUntil(lambda: stage.world.account is None)
    assert kept(stage) == TYPED
    assert signed.visit.after.addendum == ""  # nothing of it stays in the window
    signed.session.unlock(account.uid, PASSWORD)
    qtbot.waitUntil(signed.library_page.isVisible)
    signed.open_visit(VisitId("v4"))
    qtbot.waitUntil(lambda: signed.visit.visit is not None)
    assert signed.visit.after.addendum == ""
    signed.open_visit(REVIEW)
    qtbot.waitUntil(signed.visit_page.note.tools.addendum.isVisible)
    assert ask(signed).text.toPlainText() == TYPED


def test_it_is_kept_while_it_is_typed(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    dialog = ask(signed)
    QTest.keyClicks(dialog.text, TYPED)
    qtbot.waitUntil(lambda: kept(stage) == TYPED)


def test_what_was_signed_does_not_come_back(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    dialog = ask(signed)
    QTest.keyClicks(dialog.text, TYPED)
    dialog.box.same.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: len(stage.world.shelf(REVIEW).versions) == 2)
    qtbot.waitUntil(lambda: not signed.findChildren(AddendumDialog))
    assert kept(stage) == ""
    assert ask(signed).text.toPlainText() == ""
