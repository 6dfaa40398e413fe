"""The F1 sheet: every shortcut on one page. Main thread."""

from __future__ import annotations

from itertools import chain
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSlider,
    QBoxLayout,
    QDialog,
    QGridLayout,
    QScrollBar,
    QVBoxLayout,
    QWidget,
)

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.actions import NOTE, SAID, SHORTCUTS, SPOKEN, VISIT, WINDOW
from app.ui.widgets.parts import button, label, screen_area, scrolling

ROOM: Final = 0.9
"""Part of the screen a sheet may take."""
MARGIN: Final = 10
"""What stands around the table, in grid units."""

_Turn = QAbstractSlider.SliderAction
_TURNS: Final = (
    (Qt.Key.Key_Down, _Turn.SliderSingleStepAdd),
    (Qt.Key.Key_Up, _Turn.SliderSingleStepSub),
    (Qt.Key.Key_PageDown, _Turn.SliderPageStepAdd),
    (Qt.Key.Key_PageUp, _Turn.SliderPageStepSub),
    (Qt.Key.Key_End, _Turn.SliderToMaximum),
    (Qt.Key.Key_Home, _Turn.SliderToMinimum),
)


class ShortcutSheet(QDialog):
    """Lists what the keys do: in two columns, in one where large text leaves no room for two.

    It is not modal: a recording may run behind it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutSheet")
        self.setWindowTitle(_("Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        columns.setSpacing(6 * theme.UNIT)
        columns.addLayout(_column(WINDOW, VISIT))
        columns.addLayout(_column(SAID, NOTE))
        close = button("closeSheet", _("Close"), kind="primary")
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(3 * theme.UNIT)
        body = QWidget()
        columns.setContentsMargins(0, 0, 2 * theme.UNIT, 0)
        body.setLayout(columns)
        scroll = scrolling(body)
        column.addWidget(scroll, 1)
        self._make_turns(scroll.verticalScrollBar())
        if body.sizeHint().width() + MARGIN * theme.UNIT > self._room().width():
            columns.setDirection(QBoxLayout.Direction.TopToBottom)
        self._fit(body.sizeHint())
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _make_turns(self, bar: QScrollBar) -> None:
        """Turn the page by keys: nothing on it has the focus but the button below."""
        bar.setSingleStep(3 * theme.UNIT)
        for key, turn in _TURNS:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(lambda turn=turn: bar.triggerAction(turn))

    def _fit(self, wanted: QSize) -> None:
        """Be as large as all of it, but not larger than the screen."""
        margin = MARGIN * theme.UNIT
        self.resize((wanted + QSize(margin, margin)).boundedTo(self._room()))

    def _room(self) -> QSize:
        return screen_area(self).size() * ROOM


def _column(*groups: str) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(3 * theme.UNIT)
    for group in groups:
        column.addLayout(_group(group))
    column.addStretch(1)
    return column


def _group(name: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * theme.UNIT)
    grid.setVerticalSpacing(theme.UNIT // 2)
    grid.addWidget(label(_(name), factor=1.1, strong=True), 0, 0, 1, 2)
    found = [each for each in chain(SHORTCUTS.values(), SPOKEN) if each.group == name]
    for row, shortcut in enumerate(found, start=1):
        keys = shortcut.keys[0].replace("Return", "Enter")
        grid.addWidget(label(keys, "key"), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(_(shortcut.words)), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
