"""A drop-down list with an arrow that follows the look. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox
from typing_extensions import override

from app.ui import theme


class Choice(QComboBox):
    """A `QComboBox` whose arrow the theme paints: style sheets cannot tint an image."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = 2 * theme.UNIT
        left = self.width() - side - theme.UNIT
        painter = QPainter(self)
        color = "muted" if self.isEnabled() else "line_strong"
        box = QRect(left, (self.height() - side) // 2, side, side)
        theme.current().icon("down", color).paint(painter, box)
        painter.end()
