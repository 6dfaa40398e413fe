"""What stands above a signature: the right patient, the words, the password when it is due.

Main thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.choice import Tick
from app.ui.widgets.parts import wrapped
from app.ui.widgets.password_edit import PasswordEdit


class SignBox(QWidget):
    """Asks for what a signature needs, and says why one was refused.

    Signals:
        changed: `is_ready` may be another.
        entered: Enter in the password.
    """

    changed = Signal()
    entered = Signal()

    def __init__(self, patient: str, attestation: str) -> None:
        super().__init__()
        self.same = Tick("samePatient", _("This is for {patient}").format(patient=patient))
        self.password = PasswordEdit("signPassword", _("Password"))
        self._ask = wrapped(_("Type your password again to sign."))
        self._error = wrapped("", "error")
        self._error.setObjectName("error")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        words = wrapped(attestation, "muted")
        words.setObjectName("attestation")
        for widget in (self.same, words, self._ask, self.password, self._error):
            column.addWidget(widget)
        for hidden in (self._ask, self.password, self._error):
            hidden.hide()
        self.same.toggled.connect(lambda _on: self.changed.emit())
        self.password.changed.connect(lambda _text: self.changed.emit())
        self.password.entered.connect(self.entered)

    @property
    def is_ready(self) -> bool:
        """Whether the patient is confirmed and a password stands where one is wanted."""
        has_password = self.password.isHidden() or bool(self.password.text())
        return self.same.isChecked() and has_password

    def ask_password(self, is_wrong: bool) -> None:
        """Ask for the password."""
        self._ask.show()
        self.password.show()
        self.password.clear()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_error(texts.words_for("wrong_password") if is_wrong else "")
        self.changed.emit()

    def show_error(self, words: str) -> None:
        """Say why it was refused; nothing takes that away."""
        self._error.setText(words)
        self._error.setVisible(bool(words))
