"""A letter or summary from the signed note: read it, change it, sign it, then it may leave.

Main thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.domain.ids import TemplateId
from app.domain.note import NoteVersion
from app.domain.visit import Patient, UnsignedLetter
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.after import AfterModel
from app.ui.viewmodels.pace import Pace
from app.ui.views.addendum import AUTOSAVE_MS
from app.ui.views.files import ask_for_folder
from app.ui.widgets.auto_text_box import AutoTextArea
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, enter_presses, label, wrapped
from app.ui.widgets.question import ask_before
from app.ui.widgets.sign_box import SignBox
from app.workflow.auto_texts import AutoTexts
from app.workflow.letter_writing import Letter

GRADES = (4, 5, 6, 7, 8, 10, 12)
"""School grades that are offered; 6 is what the AMA advises for patient handouts."""


class LetterDialog(QDialog):
    """Asks for a letter and shows it with a box for each section, and its reading level.

    Nothing that was typed is lost by going back: it is kept with the visit and stands here again.

    Attributes:
        folder: where the person saved last; empty: nowhere yet.

    Signals:
        folder_used: a folder the letter was saved into.
    """

    folder_used = Signal(str)

    def __init__(
        self,
        patient: Patient,
        model: AfterModel,
        template: TemplateId,
        auto_texts: AutoTexts,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("letterDialog")
        self.setWindowTitle(_("Letter"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(100 * theme.UNIT, 88 * theme.UNIT)
        self._patient, self._model = patient, model
        self._template, self._auto_texts = template, auto_texts
        self.folder = ""
        self._letter: Letter | None = None
        self._signed: NoteVersion | None = None
        self._made: tuple[str, ...] = ()
        """What stood in the boxes when the letter was made."""
        self._autosave = Pace(self._keep, self, AUTOSAVE_MS)
        self.boxes: list[AutoTextArea] = []
        self._make_words()
        self._make_buttons()
        enter_presses(self.go, self.back, self.anew)
        self._place()
        self._connect()
        found = model.letters.get(template)
        model.make_letter(template, found.grade if found is not None else None)

    def _make_words(self) -> None:
        self._title = label("", factor=1.35, strong=True)
        self._title.setObjectName("letterTitle")
        self.grade = Choice("letterGrade", _("Reading level"))
        for each in GRADES:
            self.grade.addItem(_("School grade {grade}").format(grade=each), each)
        self.level = wrapped("", "muted")
        self.level.setObjectName("letterLevel")
        self.kept = wrapped("", "", 0.92)
        self.kept.setObjectName("letterKept")
        self.left = wrapped("", "warning", 0.92)
        self.left.setObjectName("letterLeft")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box = SignBox(self._patient.display, self._model.letter_attestation)

    def _make_buttons(self) -> None:
        self.go = button("signLetter", _("Sign the letter"), "sign", "primary")
        self.copy = button("copyLetter", _("Copy"), "copy")
        self.save = button("saveLetter", _("Save as text"), "export")
        self.anew = button("letterAnew", _("Make it anew"))
        self.back = button("letterClose", _("Close"))

    def _place(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.grade)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.UNIT)
        buttons.addWidget(self.anew)
        buttons.addStretch(1)
        for each in (self.back, self.copy, self.save, self.go):
            buttons.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(theme.UNIT + theme.UNIT // 2)
        column.addLayout(head)
        for widget in (self.kept, self.level, self.left):
            column.addWidget(widget)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.box)
        column.addLayout(buttons)
        for hidden in (self.copy, self.save, self.kept, self.left, self.grade, self.anew):
            hidden.hide()

    def _connect(self) -> None:
        model = self._model
        self.grade.activated.connect(lambda _row: self._on_grade())
        self.anew.clicked.connect(self._on_anew)
        self.finished.connect(self._on_finished)
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
        """Show a letter to read and change; the first time, what was typed in it before."""
        if letter.draft.template != self._template:
            return  # another one was asked for, and left before it was made
        is_first = self._letter is None
        kept = self._model.letters.get(self._template) if is_first else None
        self._letter = letter
        self._title.setText(letter.draft.title)
        self.grade.setVisible(letter.wanted_grade is not None)
        self._show_grade()
        left = "\n".join(letter.left_out)
        self.left.setText(_("Not in this letter:\n{lines}").format(lines=left))
        self.left.setVisible(bool(left))
        self._fill(letter, kept)
        self._show_kept(letter, kept)
        if is_first and self.boxes:
            self.boxes[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._measure()
        self._enable()

    def _show_grade(self) -> None:
        wanted = self._letter.wanted_grade if self._letter is not None else None
        if wanted is not None:
            self.grade.setCurrentIndex(self.grade.findData(wanted))

    def _show_kept(self, letter: Letter, kept: UnsignedLetter | None) -> None:
        words = _("What you typed is here again. It is not signed yet.") if kept else ""
        if kept is not None and kept.version != letter.version:
            words += " " + _("Since then something was added to the note.")
        self.kept.setText(words)
        self.kept.setVisible(kept is not None)
        self.anew.setVisible(kept is not None)

    def _fill(self, letter: Letter, kept: UnsignedLetter | None) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, theme.UNIT, 0)
        column.setSpacing(theme.UNIT // 2)
        self.boxes = []
        sections = letter.draft.sections
        self._made = tuple("\n".join(each.text for each in part.claims) for part in sections)
        texts = self._made
        if kept is not None:
            texts = kept.texts_for([each.key for each in sections])
        for section, text in zip(sections, texts, strict=True):
            made = AutoTextArea(self._auto_texts)
            made.setObjectName(f"letter_{section.key}")
            made.setAccessibleName(section.heading)
            made.setPlainText(text)
            lines = max(2, min(8, text.count("\n") + 2))
            made.setFixedHeight(lines * made.fontMetrics().lineSpacing() + 3 * theme.UNIT)
            made.textChanged.connect(self._measure)
            made.textChanged.connect(self._autosave.ask_again)
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

    @property
    def _is_changed(self) -> bool:
        return self.texts() != self._made

    def _keep(self) -> None:
        """Keep what was typed; what only stands as it was made is made again as well."""
        letter = self._letter
        if letter is None or self._signed is not None:
            return
        kept = None
        if self._is_changed and any(each.strip() for each in self.texts()):
            keys = tuple(each.key for each in letter.draft.sections)
            kept = UnsignedLetter(
                self._template, letter.version, letter.wanted_grade, keys, self.texts()
            )
        self._model.keep_letter(self._template, kept)

    def _on_finished(self) -> None:
        self._autosave.stop()
        self._keep()

    def _on_grade(self) -> None:
        grade = self.grade.currentData()
        self._show_grade()  # until it is made
        self._ask_again(grade)

    def _on_anew(self) -> None:
        self._ask_again(self._letter.wanted_grade if self._letter is not None else None)

    def _ask_again(self, grade: int | None) -> None:
        """Make the letter again; what was typed goes only if the person says so."""

        def go() -> None:
            self._model.make_letter(self._template, grade)

        if self._is_changed:
            words = _("Make the letter anew from the note? What you typed in it is lost.")
            ask_before(self, words, _("Make it anew"), go)
        else:
            go()

    def _on_go(self) -> None:
        if self.go.isEnabled() and self._letter is not None:
            self._keep()  # before it is signed: kept later, it would come back
            self._autosave.stop()
            self.go.setEnabled(False)
            self.box.show_error("")
            self._model.sign_letter(
                self._letter, self.texts(), self._patient.id, self.box.password.text()
            )

    def _on_signed(self, version: NoteVersion) -> None:
        self._signed = version
        for each in (*self.boxes, self.grade):
            each.setEnabled(False)
        for gone in (self.box, self.go, self.kept, self.anew):
            gone.hide()
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

        ask_for_folder(self, self.folder, write)

    def _on_password_needed(self, is_wrong: bool) -> None:
        self.box.ask_password(is_wrong)
        self._enable()

    def _on_refused(self, error: BaseException) -> None:
        self.box.show_error(texts.words(error))
        self._enable()
