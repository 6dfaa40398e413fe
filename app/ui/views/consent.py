"""Consent: asked before a microphone opens. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.visit import ConsentManner, Patient, Person
from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import button, frame, label, wrapped
from app.ui.widgets.plain_text import LineEdit

if TYPE_CHECKING:
    from app.workflow.visiting import ConsentText


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What was filled in."""

    asked_by: str
    manner: ConsentManner
    present: tuple[Person, ...]


class PersonRow(QWidget):
    """Somebody in the room and their answer; no answer is given in advance."""

    def __init__(self, who: str, number: int) -> None:
        super().__init__()
        self.who = LineEdit(who)
        self.who.setObjectName(f"person{number}")
        self.who.setAccessibleName(_("Who is present"))
        self.agreed = QRadioButton(_("Agreed"))
        self.agreed.setObjectName(f"agreed{number}")
        self.declined = QRadioButton(_("Declined"))
        self.declined.setObjectName(f"declined{number}")
        group = QButtonGroup(self)
        group.addButton(self.agreed)
        group.addButton(self.declined)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.who, 1)
        row.addWidget(self.agreed)
        row.addWidget(self.declined)


class ConsentDialog(QDialog):
    """Who asked, how, which text, and what everyone present said.

    Signals:
        answered: a `ConsentAnswer`.
    """

    answered = Signal(object)

    def __init__(
        self, patient: Patient, script: ConsentText, asker: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("consentDialog")
        self.setWindowTitle(_("Consent"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().span(76))
        self.people: list[PersonRow] = []
        self.asked_by = LineEdit(asker)
        self.asked_by.setObjectName("askedBy")
        self.asked_by.setAccessibleName(_("Asked by"))
        self.verbal = QRadioButton(_("By word of mouth"))
        self.verbal.setObjectName("verbal")
        self.written = QRadioButton(_("In writing"))
        self.written.setObjectName("written")
        self.verbal.setChecked(True)
        manner = QButtonGroup(self)
        manner.addButton(self.verbal)
        manner.addButton(self.written)
        self.add = button("addPerson", _("Somebody else is present"), "plus", "quiet")
        self.decline = button("decline", _("Declined: type or dictate"), hint="Alt+D")
        self.decline.setShortcut(QKeySequence("Alt+D"))
        self.agree = button("agree", _("Everyone agreed: record"), "record", "primary")
        self.agree.setDefault(True)
        self._place(script)
        self._add_person(patient.display)
        self.add.clicked.connect(lambda: self._add_person(""))
        self.agree.clicked.connect(self._on_agree)
        self.decline.clicked.connect(self._on_decline)
        self.agree.setFocus()

    def _place(self, script: ConsentText) -> None:
        words = QVBoxLayout()
        text = wrapped(script.text, factor=1.1)
        text.setObjectName("consentText")
        words.addWidget(text)
        identity = _("Built-in text, version {version}, {digest}")
        words.addWidget(
            label(
                identity.format(version=script.script.version, digest=script.script.sha256[:8]),
                "muted",
                0.85,
            )
        )
        self._present = QVBoxLayout()
        self._present.setSpacing(theme.UNIT)
        buttons = QHBoxLayout()
        buttons.addWidget(self.decline)
        buttons.addStretch(1)
        buttons.addWidget(self.agree)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("May we record?"), factor=1.35, strong=True))
        column.addWidget(frame("sunken", words, (2, 2, 2, 2)))
        column.addLayout(self._how())
        column.addWidget(label(_("Everyone in the room"), strong=True))
        column.addLayout(self._present)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(buttons)

    def _how(self) -> QGridLayout:
        how = QGridLayout()
        how.setHorizontalSpacing(2 * theme.UNIT)
        how.setVerticalSpacing(theme.UNIT)
        manner = QHBoxLayout()
        manner.setSpacing(2 * theme.UNIT)
        manner.addWidget(self.verbal)
        manner.addWidget(self.written)
        manner.addStretch(1)
        how.addWidget(label(_("Asked by"), "muted"), 0, 0)
        how.addWidget(self.asked_by, 0, 1)
        how.addWidget(label(_("How"), "muted"), 1, 0)
        how.addLayout(manner, 1, 1)
        return how

    def _add_person(self, who: str) -> None:
        row = PersonRow(who, len(self.people) + 1)
        self.people.append(row)
        self._present.addWidget(row)
        row.declined.toggled.connect(self._enable)
        if not who:
            row.who.setPlaceholderText(_("e.g. husband, interpreter"))
            row.who.setFocus()

    def _enable(self) -> None:
        self.agree.setEnabled(not any(row.declined.isChecked() for row in self.people))

    def _on_agree(self) -> None:
        for row in self.people:
            row.agreed.setChecked(True)
        self._answer([Person(name, True) for name in self._names()])

    def _on_decline(self) -> None:
        """Who declined was marked; if nobody was, it is the patient."""
        if not any(row.declined.isChecked() for row in self.people):
            self.people[0].declined.setChecked(True)
        rows = [row for row in self.people if row.who.text().strip()]
        self._answer([Person(row.who.text().strip(), not row.declined.isChecked()) for row in rows])

    def _names(self) -> list[str]:
        return [name for row in self.people if (name := row.who.text().strip())]

    def _answer(self, present: list[Person]) -> None:
        if not present or not self.asked_by.text().strip():
            (self.asked_by if present else self.people[0].who).setFocus()
            return
        manner = ConsentManner.WRITTEN if self.written.isChecked() else ConsentManner.VERBAL
        self.answered.emit(ConsentAnswer(self.asked_by.text().strip(), manner, tuple(present)))
        self.accept()
