"""A setting that cannot be saved is said so, and what is shown is what is in effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.foundation.config import read_settings
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from app.ui.views.settings import SettingsPage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


@pytest.fixture
def blocked(path: Path) -> Path:
    """Where the folder of the settings belongs stands a file: nothing can be written there."""
    path.parent.touch()
    return path.parent


@pytest.fixture
def preferences(look: Theme, path: Path) -> Iterator[Preferences]:
    assert look is not None
    courier = Courier()
    made = Preferences(path, courier)
    yield made
    made.close()
    courier.deleteLater()


def settings_page(window: MainWindow) -> SettingsPage:
    window.show_settings()
    assert window.settings_page.isVisible()
    return window.settings_page


def test_a_choice_that_is_not_saved_holds_and_is_said(
    qtbot: QtBot, blocked: Path, unlocked: MainWindow, path: Path
) -> None:
    page = settings_page(unlocked)
    assert not page.unsaved.isVisible()
    page.look.setCurrentIndex(page.look.findData("dark"))
    page.look.activated.emit(page.look.currentIndex())
    qtbot.waitUntil(page.unsaved.isVisible)
    assert page.unsaved.text().startswith("The setting could not be saved: it holds until")
    assert "permissions" in page.unsaved.text()
    assert unlocked.status.words == ""  # it is said once
    chosen = unlocked._preferences.settings.look
    assert (chosen, page.look.currentData()) == ("dark", "dark")
    blocked.unlink()
    page.save.click()
    qtbot.waitUntil(lambda: not page.unsaved.isVisible())
    assert read_settings(path).settings.look == "dark"
    assert unlocked.status.words == "Saved."


@pytest.mark.usefixtures("blocked")
def test_what_begins_with_the_next_start_is_taken_back(
    qtbot: QtBot, unlocked: MainWindow, preferences: Preferences
) -> None:
    page = settings_page(unlocked)
    page.clinic.setFocus()
    QTest.keyClicks(page.clinic, "Hill Street Clinic")
    page.clinic.editingFinished.emit()
    qtbot.waitUntil(page.unsaved.isVisible)
    assert page.unsaved.text().startswith("The setting could not be saved and is what it was.")
    assert (preferences.settings.clinic_name, page.clinic.text()) == ("", "")
    page.language.setCurrentIndex(page.language.findData("de"))
    page.language.activated.emit(page.language.currentIndex())
    qtbot.waitUntil(lambda: page.language.currentData() == "system")
    assert preferences.settings.language == "system"


def test_the_next_choice_saves_what_was_not_saved(
    qtbot: QtBot, blocked: Path, preferences: Preferences, path: Path
) -> None:
    with qtbot.waitSignal(preferences.not_saved):
        preferences.change(text_size=150)
    blocked.unlink()
    with qtbot.waitSignal(preferences.saved):
        preferences.change(motion="reduced")
    kept = read_settings(path).settings
    assert (kept.text_size, kept.motion, preferences.unsaved) == (150, "reduced", "")


def test_what_was_chosen_meanwhile_decides(preferences: Preferences) -> None:
    """The first of two choices fails, but the second one saves both: nothing is said."""
    told: list[str] = []
    preferences.not_saved.connect(told.append)
    preferences.change(language="de")
    preferences._on_failed(preferences.settings.model_copy(update={"language": "en"}), OSError())
    assert told == []
    assert preferences.settings.language == "de"


@pytest.mark.usefixtures("blocked")
def test_it_is_said_where_the_choice_was_made(
    qtbot: QtBot, unlocked: MainWindow, preferences: Preferences
) -> None:
    """A microphone is chosen beside the recorder, a template in the note, a folder when saving."""
    preferences.change(input_device="array")
    qtbot.waitUntil(lambda: "could not be saved" in unlocked.status.words)
    assert preferences.settings.input_device == "array"
