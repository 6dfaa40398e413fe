"""Pause, off the record, bookmark and stop are heard whatever stands in front of the recording."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.domain.visit import VisitState
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderModel, RecorderState
from app.ui.viewmodels.vocabulary import EntryKind
from app.ui.views.vocabulary import VocabularyPage
from tests.fakes.services import Stage
from tests.ui.conftest import REVIEW, dialog_of
from tests.ui.test_live_window import CTRL, PLANNED, SHIFT
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]


def _is_in(recorder: RecorderModel, state: RecorderState) -> bool:
    return recorder.state is state


def press_all(qtbot: QtBot, window: MainWindow, dialog: QDialog) -> None:
    """Press each key of a recording in a dialog, and see what the recorder does."""
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    for key, modifier, state in (
        (Qt.Key.Key_F6, None, RecorderState.PAUSED),
        (Qt.Key.Key_F6, None, RecorderState.RECORDING),
        (Qt.Key.Key_F6, SHIFT, RecorderState.OFF_RECORD),
        (Qt.Key.Key_F6, SHIFT, RecorderState.RECORDING),
    ):
        QTest.keyClick(dialog, key, modifier or Qt.KeyboardModifier.NoModifier)
        qtbot.waitUntil(partial(_is_in, window.recorder, state))
    QTest.keyClick(dialog, Qt.Key.Key_B, CTRL)
    qtbot.waitUntil(lambda: "Bookmark" in window.visit_page.transcript.toPlainText())
    QTest.keyClick(dialog, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: window.recorder.state is not RecorderState.RECORDING)
    assert dialog.isVisible()


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("correctPatient", "patientDialog"),
        ("terms", "entryDialog"),
        ("withdraw", "question"),
        ("discard", "question"),
    ],
)
def test_what_more_opens_leaves_recorder_and_keys_free(
    qtbot: QtBot, stage: Stage, opened: Opened, entry: str, name: str
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    action = window.visit_page.findChild(QAction, entry)
    assert isinstance(action, QAction)
    action.trigger()
    dialog = dialog_of(window, name)
    assert not dialog.isModal()
    press_all(qtbot, window, dialog)


def test_the_next_patient_is_typed_beside_a_recording(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.ask_patient()
    dialog = dialog_of(window, "patientDialog")
    assert not dialog.isModal()
    window.ask_patient()  # twice is once
    assert dialog_of(window, "patientDialog") is dialog
    press_all(qtbot, window, dialog)


def test_a_modal_dialog_hears_the_keys_too(qtbot: QtBot, stage: Stage, opened: Opened) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    window.show_settings()
    page = window.settings_page.findChild(VocabularyPage)
    assert isinstance(page, VocabularyPage)
    window.settings_page.tabs.setCurrentIndex(1)
    page.lists[EntryKind.TERMS].add.click()
    press_all(qtbot, window, dialog_of(window, "entryDialog"))


def test_a_question_about_one_visit_goes_with_it(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(PLANNED)
    window.visit_page.discard.trigger()
    question = dialog_of(window, "question")
    with qtbot.waitSignal(question.rejected):
        window.open_visit(REVIEW)
    window.visit_page.discard.trigger()
    dialog_of(window, "question")
    window.visit_page.withdraw.trigger()  # the earlier question is taken back
    qtbot.waitUntil(
        lambda: len([each for each in window.findChildren(QDialog) if each.isVisible()]) == 1
    )
    assert stage.world.shelf(REVIEW).visit.state is VisitState.IN_REVIEW
    assert stage.world.shelf(PLANNED).visit.state is VisitState.PLANNED
