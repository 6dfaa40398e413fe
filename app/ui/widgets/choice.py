"""Drop-down lists and check boxes whose marks follow the look. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QStyle, QStyledItemDelegate, QStyleOptionButton
from typing_extensions import override

from app.ui import theme


class Choice(QComboBox):
    """A `QComboBox` whose arrow the theme paints: style sheets cannot tint an image."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setItemDelegate(QStyledItemDelegate(self))  # its own leaves rows no room

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme.current().span(2)
        left = self.width() - side - theme.UNIT
        painter = QPainter(self)
        color = "muted" if self.isEnabled() else "disabled"
        box = QRect(left, (self.height() - side) // 2, side, side)
        theme.current().icon("down", color).paint(painter, box)
        painter.end()


class Tick(QCheckBox):
    """A `QCheckBox` whose tick the theme paints."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.setObjectName(name)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        mark = QStyle.SubElement.SE_CheckBoxIndicator
        painter = QPainter(self)
        box = self.style().subElementRect(mark, option, self)
        theme.current().icon("tick", "on_accent").paint(painter, box)
        painter.end()
