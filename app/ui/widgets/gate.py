"""What the pages before the vault share: one card in the middle, its title, its fields."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.widgets.parts import IconLabel, Label, label, scrolling, wrapped

CARD_WIDTH: Final = 60
"""In grid units."""


class GateBox(QFrame):
    """The card: as wide as its text is large."""

    def __init__(self, inner: QVBoxLayout) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        inner.setContentsMargins(*[4 * theme.UNIT] * 4)
        self.setLayout(inner)
        theme.current().look_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(theme.current().span(CARD_WIDTH))


def in_the_middle(box: GateBox, *below: QWidget) -> QScrollArea:
    """Return the card below the name of the program, with some small things below it."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.addStretch(2)
    column.addLayout(_brand())
    column.addSpacing(2 * theme.UNIT)
    middle = QHBoxLayout()
    middle.addStretch(1)
    middle.addWidget(box)
    middle.addStretch(1)
    column.addLayout(middle)
    column.addSpacing(theme.UNIT)
    for each in below:
        column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(3)
    return scrolling(body)


def card_column(card: QWidget, title: str, text: str) -> QVBoxLayout:
    """Return the column of a card that begins with a title and some words."""
    column = QVBoxLayout(card)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * theme.UNIT)
    column.addWidget(label(title, factor=1.35, strong=True))
    if text:
        column.addWidget(wrapped(text, "muted"))
    return column


def fields_form() -> QFormLayout:
    """Return a form with the titles beside the fields."""
    made = QFormLayout()
    made.setHorizontalSpacing(2 * theme.UNIT)
    made.setVerticalSpacing(theme.UNIT + theme.UNIT // 2)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
    return made


def error_label() -> Label:
    """Return a line for what went wrong that keeps its room."""
    made = wrapped("", "error")
    made.setObjectName("error")
    keeps = made.sizePolicy()
    keeps.setRetainSizeWhenHidden(True)
    made.setSizePolicy(keeps)
    return made


def _brand() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.UNIT + theme.UNIT // 2)
    row.addStretch(1)
    row.addWidget(IconLabel("app", "accent", 5 * theme.UNIT))
    row.addWidget(label("Stethoscribe", factor=1.8, strong=True))
    row.addStretch(1)
    return row
