"""Adds to a signed note: the text, then the signature. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.visit import Patient
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.after import AfterModel
from app.ui.widgets.auto_text_box import AutoTextArea
from app.ui.widgets.parts import button, enter_presses, label, wrapped
from app.ui.widgets.sign_box import SignBox
from app.workflow.auto_texts import AutoTexts


class AddendumDialog(QDialog):
    """Asks for what is added and stays until it is signed or the person goes back."""

    def __init__(
        self,
        patient: Patient,
        model: AfterModel,
        auto_texts: AutoTexts,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("addendumDialog")
        self.setWindowTitle(_("Addendum"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setMinimumWidth(76 * theme.UNIT)
        self._patient, self._model = patient, model
        self.text = AutoTextArea(auto_texts)
        self.text.setObjectName("addendumText")
        self.text.setAccessibleName(_("What is added"))
        self.text.setMinimumHeight(16 * theme.UNIT)
        self.box = SignBox(patient.display, model.addendum_attestation)
        self.go = button("signAddendum", _("Sign the addendum"), "sign", "primary")
        self.back = button("addendumBack", _("Not yet"))
        enter_presses(self.go, self.back)
        self._place()
        self.text.textChanged.connect(self._enable)
        self.box.changed.connect(self._enable)
        self.box.entered.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self.back.clicked.connect(self.reject)
        model.password_needed.connect(self._on_password_needed)
        model.refused.connect(self._on_refused)
        model.added.connect(self.accept)
        self.text.setFocus()
        self._enable()

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Add to the signed note"), factor=1.35, strong=True))
        why = _("What was signed stays as it is. This is put behind it, with its time.")
        column.addWidget(wrapped(why, "muted"))
        column.addWidget(self.text, 1)
        column.addWidget(self.box)
        column.addLayout(buttons)

    def _enable(self) -> None:
        has_text = bool(self.text.toPlainText().strip())
        self.go.setEnabled(has_text and self.box.is_ready)

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self.go.setEnabled(False)
            self.box.show_error("")
            text, password = self.text.toPlainText(), self.box.password.text()
            self._model.add(self._patient.id, text, password)

    def _on_password_needed(self, is_wrong: bool) -> None:
        self.box.ask_password(is_wrong)
        self._enable()

    def _on_refused(self, error: BaseException) -> None:
        self.box.show_error(texts.words(error))
        self._enable()
