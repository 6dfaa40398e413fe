"""Adds to a signed note: the text, then the signature. Main thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.visit import Patient
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.after import AfterModel
from app.ui.viewmodels.pace import Pace
from app.ui.widgets.auto_text_box import AutoTextArea
from app.ui.widgets.parts import button, enter_presses, label, wrapped
from app.ui.widgets.sign_box import SignBox
from app.workflow.auto_texts import AutoTexts

AUTOSAVE_MS: Final = 2_000
"""What is typed is kept so soon after the last key, as drafts are: ARCHITECTURE.md."""


class AddendumDialog(QDialog):
    """Asks for what is added and stays until it is signed or the person goes back.

    Nothing that was typed is lost by going back: it is kept with the visit and stands here again.
    """

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
        self.text.setPlainText(model.addendum)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self._autosave = Pace(self._keep, self, AUTOSAVE_MS)
        self.box = SignBox(patient.display, model.addendum_attestation)
        self.go = button("signAddendum", _("Sign the addendum"), "sign", "primary")
        self.back = button("addendumBack", _("Not yet"))
        enter_presses(self.go, self.back)
        self._place()
        self._connect()
        self.text.setFocus()
        self._enable()

    def _connect(self) -> None:
        self.text.textChanged.connect(self._enable)
        self.text.textChanged.connect(self._autosave.ask_again)
        self.finished.connect(self._on_finished)
        self.box.changed.connect(self._enable)
        self.box.entered.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self.back.clicked.connect(self.reject)
        self._model.password_needed.connect(self._on_password_needed)
        self._model.refused.connect(self._on_refused)
        self._model.added.connect(self.accept)

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Add to the signed note"), factor=1.35, strong=True))
        why = _(
            "What was signed stays as it is. This is put behind it, with its time. What you type "
            "is kept with the visit until you sign it or take it out."
        )
        column.addWidget(wrapped(why, "muted"))
        column.addWidget(self.text, 1)
        column.addWidget(self.box)
        column.addLayout(buttons)

    def _enable(self) -> None:
        has_text = bool(self.text.toPlainText().strip())
        self.go.setEnabled(has_text and self.box.is_ready)

    def _keep(self) -> None:
        self._model.keep_addendum(self.text.toPlainText())

    def _on_finished(self, result: int) -> None:
        """Keep what was typed when the person goes back, locks or closes; what is signed is."""
        self._autosave.stop()
        if result != QDialog.DialogCode.Accepted:
            self._keep()

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self._keep()  # before it is signed: kept later, it would come back
            self._autosave.stop()
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
