"""The signature: who the patient is, what is attested, and the password when it is due."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.visit import Patient
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import born_words, identifier_words
from app.ui.viewmodels.review import ReviewModel
from app.ui.widgets.choice import Tick
from app.ui.widgets.parts import button, frame, label, wrapped
from app.ui.widgets.password_edit import PasswordEdit


class SignDialog(QDialog):
    """Asks for the signature and stays until the note is signed or the person goes back.

    Signals:
        confirmed: the password, empty when none was asked for.
    """

    confirmed = Signal(str)

    def __init__(
        self, patient: Patient, review: ReviewModel, facts: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("signDialog")
        self.setWindowTitle(_("Sign"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().span(68))
        self._review = review
        self.same = Tick("samePatient", _("This is the patient I saw"))
        self.password = PasswordEdit("signPassword", _("Password"))
        self._ask = wrapped(_("Type your password again to sign."))
        self._error = wrapped("", "error")
        self._error.setObjectName("error")
        self.go = button("signNow", _("Sign"), "sign", "primary")
        self.go.setDefault(True)
        self.back = button("signBack", _("Not yet"))
        self._place(patient, facts)
        self.password.hide()
        self._ask.hide()
        self._error.hide()
        self.same.toggled.connect(lambda _checked: self._enable())
        self.password.changed.connect(lambda _text: self._enable())
        self.go.clicked.connect(self._on_go)
        self.password.entered.connect(self._on_go)
        self.back.clicked.connect(self.reject)
        review.password_needed.connect(self._on_password_needed)
        review.refused.connect(self._on_refused)
        review.signed.connect(self._on_signed)
        self.same.setFocus()
        self._enable()

    def _place(self, patient: Patient, facts: str) -> None:
        who = QVBoxLayout()
        who.setSpacing(theme.UNIT // 2)
        name = label(patient.display, factor=1.35, strong=True)
        name.setObjectName("signPatient")
        who.addWidget(name)
        who.addWidget(label(f"{born_words(patient)} · {identifier_words(patient)}"))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Sign this note"), factor=1.35, strong=True))
        column.addWidget(frame("sunken", who, (2, 2, 2, 2)))
        known = wrapped(facts)
        known.setObjectName("signFacts")
        column.addWidget(known)
        column.addWidget(self.same)
        attestation = wrapped(self._review.attestation)
        attestation.setObjectName("attestation")
        column.addWidget(attestation)
        for widget in (self._ask, self.password, self._error):
            column.addWidget(widget)
        column.addLayout(buttons)

    def _enable(self) -> None:
        has_password = self.password.isHidden() or bool(self.password.text())
        self.go.setEnabled(self.same.isChecked() and has_password)

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self.go.setEnabled(False)
            self._error.hide()
            self.confirmed.emit(self.password.text())

    def _on_password_needed(self, is_wrong: bool) -> None:
        self._ask.show()
        self.password.show()
        self.password.clear()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        if is_wrong:
            self._show_error(texts.words_for("wrong_password"))
        self._enable()
        self.adjustSize()

    def _on_refused(self, error: BaseException) -> None:
        self._show_error(texts.words(error))
        self._enable()

    def _on_signed(self) -> None:
        self.accept()

    def _show_error(self, words: str) -> None:
        self._error.setText(words)
        self._error.show()
        self.adjustSize()
