"""What a screen reader finds: every control has a name, and Tab leads through all of a screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.domain.visit import ConsentManner, Person
from app.ui.main_window import MainWindow
from tests.fakes.services import Stage
from tests.ui.conftest import dialog_of
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Scene = Callable[[QtBot, Stage, MainWindow], QWidget]
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QTextEdit, QPlainTextEdit)
MOST_STEPS = 120


def library(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del qtbot, stage
    return window


def review(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del stage
    window.open_visit("v-review")
    qtbot.waitUntil(lambda: len(window.visit_page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: bool(window.visit.review.open_claims))
    return window


def planned(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del stage
    window.open_visit("v4")
    qtbot.waitUntil(window.visit_page.isVisible)
    return window


def recording(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    planned(qtbot, stage, window)
    start_recording(qtbot, stage, window)
    stage.listening.tick(3, -20)
    return window


def small(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    recording(qtbot, stage, window)
    window.toggle_compact()
    return window.compact


def settings(page: int) -> Scene:
    def scene(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
        del stage
        window.show_settings()
        window.settings_page.tabs.setCurrentIndex(page)
        qtbot.waitUntil(lambda: bool(window.workstation.models))
        return window

    return scene


def new_visit(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del qtbot, stage
    window.ask_patient()
    return dialog_of(window, "patientDialog")


def consent(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    planned(qtbot, stage, window)
    window.visit.record()
    return dialog_of(window, "consentDialog")


def words(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    planned(qtbot, stage, window)
    window.visit_page.terms.trigger()
    return dialog_of(window, "entryDialog")


def shortcuts(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del qtbot, stage
    window.help.show_shortcuts()
    return dialog_of(window, "shortcutSheet")


def guide(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del qtbot, stage
    window.help.show_guide()
    assert window.help.guide is not None
    return window.help.guide


def first_steps(step: int) -> Scene:
    def scene(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
        del stage
        window.show_first_steps()
        qtbot.waitUntil(lambda: bool(window.workstation.models))
        for _step in range(step):
            window.start_page.go.click()
        return window

    return scene


def locked(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    del stage
    window.session.lock()
    qtbot.waitUntil(window.unlock_page.unlock.isVisible)
    return window


def covered(qtbot: QtBot, stage: Stage, window: MainWindow) -> QWidget:
    recording(qtbot, stage, window)
    window.idle.cover_due.emit()
    window.privacy_page.password.line.setText("so that one may go on")
    return window


SCENES: dict[str, Scene] = {
    "library": library, "planned": planned, "recording": recording, "small": small,
    "review": review, "settings": settings(0), "vocabulary": settings(1), "voice": settings(2),
    "clinic": settings(4),
    "new visit": new_visit, "consent": consent, "words": words, "shortcuts": shortcuts,
    "locked": locked, "covered": covered, "guide": guide, "first step": first_steps(0),
    "room check": first_steps(1), "last step": first_steps(2),
}  # fmt: skip


@pytest.fixture(params=list(SCENES))
def screen(
    request: pytest.FixtureRequest, qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> QWidget:
    person = Person("Kowalska, Ewa", agreed=True)
    stage.visiting.grant(VisitId("v3"), "me", ConsentManner.VERBAL, (person,))
    activate(qtbot, unlocked)
    shown = SCENES[request.param](qtbot, stage, unlocked)
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    return shown


def is_ours(widget: QWidget) -> bool:
    """Whether a person meets the widget, and it is not a part that Qt made inside another."""
    inner = widget.objectName().startswith("qt_") or isinstance(
        widget.parent(), QComboBox | QTabBar | QLineEdit
    )
    return widget.isVisible() and not inner


def name_of(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name)


def test_every_control_has_a_name(screen: QWidget) -> None:
    controls = [
        each
        for each in screen.findChildren(QWidget)
        if is_ours(each)
        and (isinstance(each, CONTROLS) or each.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not (isinstance(each, QAbstractScrollArea) and not isinstance(each, CONTROLS))
    ]
    assert controls
    unnamed = [
        f"{type(each).__name__} {each.objectName()}"
        for each in controls
        if not name_of(each).strip()
    ]
    assert unnamed == []


def test_tab_leads_through_everything_and_back(screen: QWidget) -> None:
    wanted = {
        each
        for each in screen.findChildren(QWidget)
        if is_ours(each)
        and each.isEnabled()
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.focusProxy() is None
    }
    met: set[QWidget] = set()
    for _step in range(MOST_STEPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused in met and wanted <= met:
            break
        met.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    missed = {f"{type(each).__name__} {each.objectName()} {name_of(each)}" for each in wanted - met}
    assert {each for each in missed if "QRadioButton" not in each} == set()
