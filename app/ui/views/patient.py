"""Who the patient of a visit is, typed or pasted: of a new one, or corrected. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.visit import Patient, Sex
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import (
    PastedLine,
    PatientFields,
    date_words,
    parse_date,
    parse_pasted,
    possible_dates,
)
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, enter_presses, label, set_kind, wrapped
from app.ui.widgets.plain_text import LineEdit

LONGEST_TERMS = 2_000


class PatientDialog(QDialog):
    """Asks for a patient.

    Args:
        patient: one who was typed wrong, to be corrected; None for a new visit.

    Attributes:
        is_new: whether it is for a new visit.

    Signals:
        given: `PatientFields` that make a patient, and whether to go on to the recording at once.
    """

    given = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None, patient: Patient | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("patientDialog")
        self.is_new = patient is None
        self._line = PastedLine()
        self.title = _("New visit") if self.is_new else _("Correct the patient")
        self.setWindowTitle(_("New visit") if self.is_new else _("Patient"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().span(64))
        self.family = _line("family", _("Family name"))
        self.given_name = _line("given", _("Given names"))
        self.born = _line("born", _("Birth date"))
        self.born.setPlaceholderText(_("1980-05-17 or 05/17/1980"))
        self.sex = _sex_choice()
        self.identifier = _line("identifier", _("Identifier"))
        self.identifier.setPlaceholderText(_("MRN or any number your EHR shows"))
        self.terms = _line("visitTerms", _("Words that may come up"))
        self.terms.setMaxLength(LONGEST_TERMS)
        self.terms.setPlaceholderText(_("Medications, names: with commas"))
        self.pasted = _line("pasted", _("Paste a line from the EHR"))
        self.pasted.setPlaceholderText(_("Paste here, e.g. Doe, Jane  F  05/17/1980  MRN 00123"))
        self._read = label("", "muted", 0.92)
        self._read.setObjectName("bornWords")
        self._error = wrapped("", "error")
        self._error.setObjectName("error")
        self._make_buttons()
        self._place()
        self._connect()
        if patient is not None:
            self._show(PatientFields.of(patient))
        self.family.setFocus()

    def _connect(self) -> None:
        self.pasted.textChanged.connect(self._on_pasted)
        self.family.textEdited.connect(self._on_family)
        self.born.textChanged.connect(self._on_born)

    def _make_buttons(self) -> None:
        go = _("Start the visit") if self.is_new else _("Keep")
        self.go = button("planVisit", go, kind="primary", hint="Enter")
        self.record = button("planAndRecord", _("Start and record"), "record", hint="F5")
        self.record.setShortcut(QKeySequence(Qt.Key.Key_F5))
        self.record.setVisible(self.is_new)
        self.cancel = button("cancel", _("Cancel"))
        enter_presses(self.go, self.record, self.cancel)
        self.go.clicked.connect(lambda: self._on_go(is_recorded=False))
        self.record.clicked.connect(lambda: self._on_go(is_recorded=True))
        self.cancel.clicked.connect(self.reject)

    def _place(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(theme.UNIT + theme.UNIT // 2)
        form.setHorizontalSpacing(2 * theme.UNIT)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        for title, field in (
            (_("Family name"), self.family),
            (_("Given names"), self.given_name),
            (_("Birth date"), self.born),
            ("", self._read),
            (_("Sex"), self.sex),
            (_("Identifier"), self.identifier),
            (_("Words that may come up"), self.terms),
        ):
            form.addRow(title, field)
        form.setRowVisible(self.terms, self.is_new)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.record)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(self.title, factor=1.35, strong=True))
        if not self.is_new:
            column.addWidget(wrapped(_why_words(), "muted"))
        column.addWidget(self.pasted)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addLayout(buttons)

    def _show(self, fields: PatientFields) -> None:
        self.family.setText(fields.family)
        self.given_name.setText(fields.given)
        self.born.setText(fields.birth_date)
        self.sex.setCurrentIndex(self.sex.findData(fields.sex.value))
        self.identifier.setText(fields.identifier)

    def fields(self) -> PatientFields:
        """Return what stands in the form."""
        return PatientFields(
            self.family.text(),
            self.given_name.text(),
            self.born.text(),
            Sex(self.sex.currentData()),
            self.identifier.text(),
            self.terms.text(),
        )

    def _on_pasted(self, text: str) -> None:
        self._show(self._line.fill(text, self.fields()))

    def _on_family(self, text: str) -> None:
        """Take a whole line apart that was pasted where the caret stands.

        No family name holds a date or a number.
        """
        found = parse_pasted(text)
        if found.family and parse_date(found.birth_date) is not None:
            self.pasted.setText(text)

    def _on_born(self, text: str) -> None:
        self._read.setText(_read_words(text))
        is_open = len(possible_dates(text)) > 1
        set_kind(self._read, "kind", "warning" if is_open else "muted")

    def _on_go(self, *, is_recorded: bool) -> None:
        fields = self.fields()
        try:
            fields.patient()
        except ValueError as error:
            self._show_error(str(error.args[0]))
            return
        self.given.emit(fields, is_recorded)
        self.accept()

    def _show_error(self, field: str) -> None:
        if field == "family":
            self._error.setText(_("A family name is needed."))
            self.family.setFocus()
        else:
            words = _("This birth date cannot be read. Type it like 1980-05-17, or leave it empty.")
            is_open = len(possible_dates(self.born.text())) > 1
            self._error.setText(_read_words(self.born.text()) if is_open else words)
            self.born.setFocus()


def _read_words(text: str) -> str:
    """Return what a typed birth date is taken for, so that nothing is read in silence."""
    match possible_dates(text):
        case (born,):
            return date_words(born)
        case (older, younger):
            words = _("{older} or {younger}? Type the year with four digits.")
            return words.format(older=older.year, younger=younger.year)
        case _:
            return _("Not a date yet") if text.strip() else ""


def _why_words() -> str:
    return _(
        "The visit stays as it is; banner, copies and files name the patient as it stands here. "
        "What was typed before is kept with the visit. After the signature nothing can be changed."
    )


def _line(name: str, accessible: str) -> QLineEdit:
    made = LineEdit()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setMaxLength(200)
    return made


def _sex_choice() -> Choice:
    made = Choice("sex", _("Sex"))
    for sex, words in (
        (Sex.UNKNOWN, _("Unknown")),
        (Sex.FEMALE, _("Female")),
        (Sex.MALE, _("Male")),
        (Sex.OTHER, _("Other")),
    ):
        made.addItem(words, sex.value)
    return made
