"""The screen outlives the windows that asked how large it is."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.ui.theme import Theme
from app.ui.views.guide import GuideWindow
from app.ui.views.shortcuts import ShortcutSheet


@pytest.mark.parametrize("kind", [ShortcutSheet, GuideWindow])
def test_windows_that_are_collected_leave_the_screen_alone(
    look: Theme, kind: type[QWidget]
) -> None:
    """Binding and Qt disagreed on whose the screen is; a later window then brought all down."""
    assert look is not None
    gone: list[bool] = []
    QGuiApplication.primaryScreen().destroyed.connect(lambda: gone.append(True))
    for _time in range(3):
        made = kind()
        made.show()
        made.itself = made  # type: ignore[attr-defined]  # a cycle, as closures make them
        del made
        gc.collect()
    assert gone == []
