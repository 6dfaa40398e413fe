"""Whoever wants less motion gets it everywhere: meter, caret, menus, the hand of the timeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.audio import Level
from app.foundation.config import Settings
from app.ui.main_window import MainWindow
from app.ui.theme import Theme, is_system_still
from app.ui.widgets.level_meter import STEP_DB, LevelMeter

UI = Path(__file__).parents[2] / "app" / "ui"
MOVERS = re.compile(r"QPropertyAnimation|QVariantAnimation|QTimeLine|QMovie|QGraphics\w*Effect")


@pytest.fixture
def calm(look: Theme) -> Iterator[Theme]:
    look.calm("reduced")
    yield look
    look.calm("system")
    QApplication.setEffectEnabled(Qt.UIEffect.UI_AnimateMenu, False)


def test_the_caret_does_not_blink(look: Theme) -> None:
    before = QApplication.cursorFlashTime()
    look.calm("reduced")
    assert QApplication.cursorFlashTime() == 0
    look.calm("system")
    assert QApplication.cursorFlashTime() == before


def test_menus_open_at_once(look: Theme) -> None:
    QApplication.setEffectEnabled(Qt.UIEffect.UI_AnimateMenu, True)
    look.calm("reduced")
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    look.calm("system")


def test_the_meter_moves_in_steps_and_only_when_a_step_is_reached(
    qtbot: QtBot, calm: Theme
) -> None:
    assert calm.is_still
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.resize(200, 20)
    pictures = set()
    for dbfs in (-24.0, -22.5, -20.0, -17.0, -16.0):
        meter.show_level(Level(dbfs + 12, dbfs))
        pictures.add(_bytes(meter))
    assert len(pictures) == 1
    meter.show_level(Level(-3, -20.0 - STEP_DB))
    assert _bytes(meter) not in pictures


def _bytes(meter: LevelMeter) -> bytes:
    image = meter.grab().toImage()  # holds the bytes that are copied next
    return bytes(image.constBits())


def test_the_setting_is_taken_at_once(unlocked: MainWindow, look: Theme) -> None:
    page = unlocked.settings_page
    page.motion.setCurrentIndex(page.motion.findData("reduced"))
    page.motion.activated.emit(page.motion.currentIndex())
    assert look.is_still
    assert unlocked._preferences.settings.motion == "reduced"
    unlocked._preferences.change(motion="system")
    assert not look.is_still


@pytest.mark.usefixtures("look")
def test_without_a_choice_the_system_decides() -> None:
    assert Settings().motion == "system"
    assert not is_system_still("linux")
    QApplication.setEffectEnabled(Qt.UIEffect.UI_General, False)
    assert is_system_still("win32")
    QApplication.setEffectEnabled(Qt.UIEffect.UI_General, True)
    assert not is_system_still("win32")


def test_nothing_moves_that_does_not_ask_first() -> None:
    """An animation that comes later must ask `Theme.is_still`."""
    movers = [each for each in UI.rglob("*.py") if MOVERS.search(each.read_text("utf-8"))]
    assert [each.name for each in movers if "is_still" not in each.read_text("utf-8")] == []
