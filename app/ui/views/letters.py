"""A letter or summary from the signed note: read it, change it, sign it, then it may leave.

Main thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.domain.note import NoteVersion
from app.domain.visit import Patient
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.after import AfterModel
from app.ui.views.files import ask_for_folder
from app.ui.widgets.auto_text_box import AutoTextArea
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, enter_presses, label, wrapped
from app.ui.widgets.sign_box import SignBox
from app.workflow.auto_texts import AutoTexts
from app.workflow.letter_writing import Letter

GRADES = (4, 5, 6, 7, 8, 10, 12)
"""School grades that are offered; 6 is what the AMA advises for patient handouts."""


class LetterDialog(QDialog):
    """Shows a letter with a box for each section, and its reading level.

    Signals:
        grade_chosen: make it again at another reading level.
        folder_used: a folder the letter was saved into.
    """

    grade_chosen = Signal(int)
    folder_used = Signal(str)

    def __init__(
        self,
        patient: Patient,
        model: AfterModel,
        auto_texts: AutoTexts,
        folder: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("letterDialog")
        self.setWindowTitle(_("Letter"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(100 * theme.UNIT, 88 * theme.UNIT)
        self._patient, self._model = patient, model
        self._auto_texts, self._folder = auto_texts, folder
        self._letter: Letter | None = None
        self._signed: NoteVersion | None = None
        self.boxes: list[AutoTextArea] = []
        self._title = label("", factor=1.35, strong=True)
        self._title.setObjectName("letterTitle")
        self.grade = Choice("letterGrade", _("Reading level"))
        for each in GRADES:
            self.grade.addItem(_("School grade {grade}").format(grade=each), each)
        self.level = wrapped("", "muted")
        self.level.setObjectName("letterLevel")
        self.left = wrapped("", "warning", 0.92)
        self.left.setObjectName("letterLeft")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box = SignBox(patient.display, model.letter_attestation)
        self.go = button("signLetter", _("Sign the letter"), "sign", "primary")
        self.copy = button("copyLetter", _("Copy"), "copy")
        self.save = button("saveLetter", _("Save as text"), "export")
        self.back = button("letterClose", _("Close"))
        enter_presses(self.go, self.back)
        self._place()
        self._connect()

    def _place(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.grade)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.UNIT)
        buttons.addStretch(1)
        for each in (self.back, self.copy, self.save, self.go):
            buttons.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(theme.UNIT + theme.UNIT // 2)
        column.addLayout(head)
        for widget in (self.level, self.left):
            column.addWidget(widget)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.box)
        column.addLayout(buttons)
        for hidden in (self.copy, self.save, self.left, self.grade):
            hidden.hide()

    def _connect(self) -> None:
        model = self._model
        self.grade.activated.connect(lambda _row: self.grade_chosen.emit(self.grade.currentData()))
        self.box.changed.connect(self._enable)
        self.box.entered.connect(self._on_go)
        self.go.clicked.connect(self._on_go)
        self.copy.clicked.connect(self._on_copy)
        self.save.clicked.connect(self._on_save)
        self.back.clicked.connect(self.reject)
        model.letter_made.connect(self.show_letter)
        model.letter_signed.connect(self._on_signed)
        model.password_needed.connect(self._on_password_needed)
        model.refused.connect(self._on_refused)

    def show_letter(self, letter: Letter) -> None:
        """Show a letter to read and change."""
        self._letter = letter
        self._title.setText(letter.draft.title)
        wanted = letter.wanted_grade
        self.grade.setVisible(wanted is not None)
        if wanted is not None:
            self.grade.setCurrentIndex(self.grade.findData(wanted))
        left = "\n".join(letter.left_out)
        self.left.setText(_("Not in this letter:\n{lines}").format(lines=left))
        self.left.setVisible(bool(left))
        self._fill(letter)
        self._measure()
        self._enable()

    def _fill(self, letter: Letter) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, theme.UNIT, 0)
        column.setSpacing(theme.UNIT // 2)
        self.boxes = []
        for section in letter.draft.sections:
            made = AutoTextArea(self._auto_texts)
            made.setObjectName(f"letter_{section.key}")
            made.setAccessibleName(section.heading)
            made.setPlainText("\n".join(each.text for each in section.claims))
            lines = max(2, min(8, len(section.claims) + 1))
            made.setFixedHeight(lines * made.fontMetrics().lineSpacing() + 3 * theme.UNIT)
            made.textChanged.connect(self._measure)
            self.boxes.append(made)
            column.addWidget(label(section.heading, strong=True))
            column.addWidget(made)
        column.addStretch(1)
        self._scroll.setWidget(body)

    def texts(self) -> tuple[str, ...]:
        """Return what stands in the boxes."""
        return tuple(each.toPlainText() for each in self.boxes)

    def _measure(self) -> None:
        wanted = self._letter.wanted_grade if self._letter is not None else None
        self.level.setText(self._model.level_words("\n".join(self.texts()), wanted))

    def _enable(self) -> None:
        self.go.setEnabled(self.box.is_ready and self._letter is not None)

    def _on_go(self) -> None:
        if self.go.isEnabled() and self._letter is not None:
            self.go.setEnabled(False)
            self.box.show_error("")
            self._model.sign_letter(
                self._letter, self.texts(), self._patient.id, self.box.password.text()
            )

    def _on_signed(self, version: NoteVersion) -> None:
        self._signed = version
        for each in (*self.boxes, self.grade):
            each.setEnabled(False)
        self.box.hide()
        self.go.hide()
        self.copy.show()
        self.save.show()
        self.copy.setFocus()

    def _on_copy(self) -> None:
        if self._signed is not None:
            self._model.copy_letter(self._patient.id, self._signed.note, self._title.text())

    def _on_save(self) -> None:
        if (signed := self._signed) is None:
            return

        def write(folder: Path) -> None:
            self.folder_used.emit(str(folder))
            self._model.export_letter(self._patient.id, signed.note, folder)

        ask_for_folder(self, self._folder, write)

    def _on_password_needed(self, is_wrong: bool) -> None:
        self.box.ask_password(is_wrong)
        self._enable()

    def _on_refused(self, error: BaseException) -> None:
        self.box.show_error(texts.words(error))
        self._enable()
