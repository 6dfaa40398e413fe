"""The F1 sheet: every shortcut on one page. Main thread."""

from __future__ import annotations

from itertools import chain
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.actions import NOTE, SAID, SHORTCUTS, SPOKEN, VISIT, WINDOW
from app.ui.widgets.parts import button, label, scrolling

ROOM: Final = 0.9
"""Part of the screen a sheet may take."""


class ShortcutSheet(QDialog):
    """Lists what the keys do, in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutSheet")
        self.setWindowTitle(_("Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout()
        columns.setSpacing(6 * theme.UNIT)
        left = QVBoxLayout()
        left.setSpacing(3 * theme.UNIT)
        left.addLayout(_group(WINDOW))
        left.addLayout(_group(VISIT))
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(3 * theme.UNIT)
        right.addLayout(_group(SAID))
        right.addLayout(_group(NOTE))
        right.addStretch(1)
        columns.addLayout(left)
        columns.addLayout(right)
        close = button("closeSheet", _("Close"), kind="primary")
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(3 * theme.UNIT)
        body = QWidget()
        columns.setContentsMargins(0, 0, 2 * theme.UNIT, 0)
        body.setLayout(columns)
        column.addWidget(scrolling(body), 1)
        self._fit(body.sizeHint())
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _fit(self, wanted: QSize) -> None:
        """Be as large as all of it, but not larger than the screen."""
        room = self.screen().availableSize() * ROOM
        margin = 10 * theme.UNIT
        self.resize(
            min(wanted.width() + margin, room.width()), min(wanted.height() + margin, room.height())
        )


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
