"""What Enter, Tab and F5 do, and what stands still while no sound is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.events import TroubleArose, TroublePassed
from app.foundation.config import read_settings
from app.ui.application import fills
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from app.ui.viewmodels.recorder import RecorderState
from app.ui.viewmodels.session import is_group
from app.ui.views.addendum import AddendumDialog
from app.ui.views.patient import PatientDialog
from app.ui.widgets.parts import button, elided, icon_button
from tests.fakes.services import Stage
from tests.ui.conftest import REVIEW, dialog_of
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

Opened = Callable[[str], MainWindow]
PASTED = "Baker, Thomas  M  01/30/1955  MRN 4711"


@pytest.fixture
def adding(qtbot: QtBot, signed: MainWindow) -> tuple[MainWindow, AddendumDialog]:
    """The box for what is added to a signed note."""
    window = signed
    activate(qtbot, window)
    window.visit_page.note.tools.addendum.click()
    dialog = dialog_of(window, "addendumDialog")
    assert isinstance(dialog, AddendumDialog)
    qtbot.waitUntil(dialog.text.hasFocus)
    return window, dialog


def test_settings_are_kept_where_no_folder_was(look: Theme, tmp_path: Path) -> None:
    assert look is not None
    path = tmp_path / "config" / "stethoscribe" / "settings.toml"
    made = Preferences(path, Courier())
    made.change(language="de", text_size=150)
    made.close()
    assert read_settings(path).settings.language == "de"
    assert path.parent.stat().st_mode & 0o077 == 0


def test_enter_signs_an_addendum_and_throws_nothing_away(
    qtbot: QtBot, stage: Stage, adding: tuple[MainWindow, AddendumDialog]
) -> None:
    window, dialog = adding
    QTest.keyClicks(dialog.text, "Troponin ordered.")
    QTest.keyClick(dialog.text, Qt.Key.Key_Tab)
    assert dialog.box.same.hasFocus()
    QTest.keyClick(dialog.box.same, Qt.Key.Key_Return)
    assert dialog.isVisible()  # not ready yet: nothing happens
    QTest.keyClick(dialog.box.same, Qt.Key.Key_Space)
    QTest.keyClick(dialog.box.same, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(stage.world.shelves[REVIEW].versions) == 2)
    qtbot.waitUntil(lambda: "The addendum is signed" in window.status._words.text())


def test_tab_leaves_the_box_of_an_addendum_forth_and_back(
    adding: tuple[MainWindow, AddendumDialog],
) -> None:
    _window, dialog = adding
    QTest.keyClick(dialog.text, Qt.Key.Key_Tab)
    assert dialog.text.toPlainText() == ""
    QTest.keyClick(dialog.box.same, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.text.hasFocus()


def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    pressed: list[str] = []
    for made, name in (
        (button("words", "Words"), "words"),
        (icon_button("icon", "Icon", "lock"), "icon"),
    ):
        qtbot.addWidget(made)
        made.clicked.connect(lambda _on=False, name=name: pressed.append(name))
        made.show()
        QTest.keyClick(made, Qt.Key.Key_Return)
    assert pressed == ["words", "icon"]


def patient_form(qtbot: QtBot, window: MainWindow) -> PatientDialog:
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(window, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    qtbot.waitUntil(dialog.family.hasFocus)
    return dialog


def test_a_line_pasted_where_the_caret_stands_fills_the_fields(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    dialog = patient_form(qtbot, unlocked)
    dialog.family.insert(PASTED)
    dialog.family.textEdited.emit(PASTED)  # what Ctrl+V does
    found = dialog.fields()
    assert (found.family, found.given, found.identifier) == ("Baker", "Thomas", "4711")
    assert found.birth_date == "01/30/1955"


def test_three_keys_lead_from_the_list_to_the_recording(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    dialog = patient_form(qtbot, unlocked)
    QTest.keyClicks(dialog.family, "Ivanova")
    QTest.keyClick(dialog.family, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: has_dialog(unlocked, "consentDialog"))
    QTest.keyClick(dialog_of(unlocked, "consentDialog"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stage.listening.current is not None)
    visit = unlocked.visit.visit
    assert visit is not None
    assert (visit.id, visit.patient.family) == (stage.listening.current, "Ivanova")


def test_a_visit_started_by_enter_waits_for_the_recording(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    dialog = patient_form(qtbot, unlocked)
    QTest.keyClicks(dialog.family, "Ivanova")
    QTest.keyClick(dialog.family, Qt.Key.Key_Return)
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    qtbot.waitUntil(unlocked.visit_page.recorder.record.isEnabled)
    assert not has_dialog(unlocked, "consentDialog")
    assert stage.listening.current is None


def has_dialog(window: MainWindow, name: str) -> bool:
    found = window.findChild(QWidget, name)
    return isinstance(found, QWidget) and found.isVisible()


@pytest.mark.parametrize("step", ["pause_or_resume", "off_or_on_record"])
def test_clock_and_line_of_time_stand_still_while_no_sound_is_kept(
    qtbot: QtBot, stage: Stage, opened: Opened, step: str
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    recorder, timeline = window.recorder, window.visit.timeline
    stage.listening.tick(2, -20)
    qtbot.waitUntil(lambda: recorder.seconds == 2)
    getattr(recorder, step)()
    qtbot.waitUntil(lambda: recorder.state is not RecorderState.RECORDING)
    drawn = list(timeline.peaks)
    stage.listening.tick(10, -6)
    getattr(recorder, step)()
    qtbot.waitUntil(lambda: recorder.state is RecorderState.RECORDING)
    assert recorder.seconds == 2
    assert list(timeline.peaks) == drawn
    stage.listening.tick(1, -20)
    qtbot.waitUntil(lambda: recorder.seconds == 3)
    assert max(list(timeline.peaks)[len(drawn) : -1]) == 0.0


def test_a_warning_of_the_sound_goes_when_it_holds_no_longer(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    start_recording(qtbot, stage, window)
    post = stage.world.post
    post.publish(TroubleArose("muted"))
    qtbot.waitUntil(lambda: "is muted" in window.status.words)
    post.publish(TroublePassed("clipping"))
    post.publish(TroubleArose("speech_behind"))
    qtbot.waitUntil(lambda: "is muted" not in window.status.words)
    later = window.status.words
    post.publish(TroublePassed("muted"))
    post.publish(TroubleArose("muted"))
    qtbot.waitUntil(lambda: window.status.words not in {"", later})
    post.publish(TroublePassed("muted"))
    qtbot.waitUntil(lambda: window.status.words == "")


def test_what_is_said_beside_a_title_moves_nothing(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    made = elided("")
    qtbot.addWidget(made)
    before = made.minimumSizeHint().width()
    made.setText("The transcript has changed since this was drafted")
    assert made.minimumSizeHint().width() == before
    made.resize(60, 20)
    made.grab()
    assert made.toolTip() == made.text()
    made.resize(2_000, 20)
    made.grab()
    assert made.toolTip() == ""


def test_o_for_0_and_l_for_1_are_no_mistake_in_a_recovery_key() -> None:
    assert is_group(" ob49l ", "0B491")
    assert not is_group("0B49B", "0B491")


def test_a_window_as_high_as_the_screen_is_maximized(qapp: QApplication) -> None:
    assert qapp is QGuiApplication.instance()
    assert fills(QSize(1280, 800), QSize(1280, 800))
    assert fills(QSize(1280, 800), QSize(1366, 768))
    assert not fills(QSize(1280, 800), QSize(1920, 1080))
