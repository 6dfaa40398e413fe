"""Choices below a line of the transcript: one press writes another word, or keeps it.

Main thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLayout, QLayoutItem, QPushButton, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.lines import Offer
from app.ui.widgets.parts import button, label


class FlowLayout(QLayout):
    """Puts widgets side by side and goes on in the next row when there is no room."""

    def __init__(self, gap: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    @override
    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    @override
    def count(self) -> int:
        return len(self._items)

    @override
    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    @override
    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), is_measured=True)

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSize()

    @override
    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    @override
    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, is_measured=False)

    def _arrange(self, rect: QRect, is_measured: bool) -> int:
        """Place the items, or only measure; return the height."""
        left, top, tallest = rect.left(), rect.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if left + size.width() > rect.right() + 1 and tallest:
                left, top, tallest = rect.left(), top + tallest + self._gap // 2, 0
            if not is_measured:
                item.setGeometry(QRect(QPoint(left, top), size))
            left += size.width() + self._gap
            tallest = max(tallest, size.height())
        return top + tallest - rect.top()


class ChipStrip(QWidget):
    """Shows an offer.

    Signals:
        taken: the text a person chose.
        kept: let stand what was heard.
    """

    taken = Signal(str)
    kept = Signal()

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chips")
        self.setAccessibleName(question_words(offer))
        self.offer = offer
        self._heights: dict[int, int] = {}
        row = FlowLayout(theme.UNIT)
        asked = label(question_words(offer), "muted", 0.9)
        row.addWidget(asked)
        self.chips: list[QPushButton] = []
        for text in offer.choices:
            chip = button("chip", text or _("Leave it out"), kind="chip")
            chip.setAccessibleName(_choice_words(offer, text))
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(lambda _checked, text=text: self.taken.emit(text))
            self._add(row, chip)
        keep = button("chipKeep", _("Keep"), kind="chipKeep")
        keep.setAccessibleName(_("Keep “{heard}”").format(heard=offer.heard))
        keep.setToolTip(keep.accessibleName())
        keep.clicked.connect(self.kept)
        self._add(row, keep)
        asked.setMinimumHeight(keep.sizeHint().height())
        self.setLayout(row)

    def _add(self, row: FlowLayout, chip: QPushButton) -> None:
        chip.setFont(theme.current().font(0.9))
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        self.chips.append(chip)
        row.addWidget(chip)

    def height_for(self, width: int) -> int:
        """Return how high the strip is when it is `width` wide."""
        found = self.layout()
        if width not in self._heights and found is not None:
            self._heights = {width: found.heightForWidth(width)}
        return self._heights.get(width, 0)


def question_words(offer: Offer) -> str:
    """Return what is asked."""
    if offer.difference is None:
        return _("“{heard}”?").format(heard=offer.heard)
    if not offer.heard:
        return _("Heard on second listening:")
    return _("“{heard}”, or on second listening:").format(heard=offer.heard)


def _choice_words(offer: Offer, text: str) -> str:
    if not text:
        return _("Leave “{heard}” out").format(heard=offer.heard)
    return _("Write “{text}” instead of “{heard}”").format(text=text, heard=offer.heard)
