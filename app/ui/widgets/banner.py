"""Whose visit this is: always in sight while a visit is open. Main thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from app.domain.visit import Patient
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import born_words, identifier_words, sex_words
from app.ui.widgets.parts import Label, label

LARGE: Final = 1.4
"""From this size of text on there is no room for all of it on one line of 1280 pixels."""


class PatientBanner(QWidget):
    """Name, birth date, sex, identifier. What it shows is what copies and signatures check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("patientBanner")
        self._name = label("", factor=1.35, strong=True)
        self._name.setObjectName("bannerName")
        self._born = label("")
        self._born.setObjectName("bannerBorn")
        self._number = label("")
        self._number.setObjectName("bannerIdentifier")
        facts = QHBoxLayout()
        facts.setSpacing(2 * theme.UNIT)
        for title, value in ((_("Born"), self._born), (_("ID"), self._number)):
            facts.addWidget(_pair(title, value))
        facts.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._name)
        self._row.addLayout(facts, 1)
        theme.current().look_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Large text stands on two lines: nothing of who it is may be cut off."""
        is_large = theme.current().scale >= LARGE
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if is_large else directions.LeftToRight)
        self._row.setSpacing(0 if is_large else 2 * theme.UNIT)

    def show_patient(self, patient: Patient | None) -> None:
        """Show a patient, or nobody."""
        self._name.setText(patient.display if patient is not None else "")
        born = number = ""
        if patient is not None:
            sex = sex_words(patient.sex)
            born = f"{born_words(patient)}, {sex}" if sex else born_words(patient)
            number = identifier_words(patient)
        self._born.setText(born)
        self._number.setText(number)
        parts = (self._name.text(), born, number)
        self.setAccessibleName(_("Patient") + ": " + ", ".join(part for part in parts if part))


def _pair(title: str, value: Label) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.UNIT * 3 // 4)
    row.addWidget(label(title, "muted"))
    row.addWidget(value)
    return holder
