"""Whose visit this is: always in sight while a visit is open. Main thread."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.domain.visit import Patient
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import born_words, identifier_words, sex_words
from app.ui.widgets.parts import Label, label


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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self._name)
        for title, value in ((_("Born"), self._born), (_("ID"), self._number)):
            row.addWidget(_pair(title, value))
        row.addStretch(1)

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
