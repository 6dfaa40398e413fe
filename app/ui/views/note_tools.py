"""What can be asked of a note: another wording, an earlier draft, another template, a letter.

Owns the menus and opens the dialogs; `NotePane` only finds a place for them. Main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QWidget

from app.domain.ids import ClaimId, TemplateId
from app.domain.visit import VisitState
from app.foundation.i18n import _
from app.ui import theme
from app.ui.views.addendum import AddendumDialog
from app.ui.views.codes import CodeDialog
from app.ui.views.diff import DiffDialog
from app.ui.views.history import HistoryDialog
from app.ui.views.letters import LetterDialog
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, label
from app.workflow.rewriting import Proposal, Rewording

if TYPE_CHECKING:
    from app.ui.viewmodels.visit import VisitModel
    from app.ui.widgets.note_view import NoteView

_BEFORE_DRAFT = {
    VisitState.PLANNED,
    VisitState.CONSENTED,
    VisitState.RECORDING,
    VisitState.PAUSED,
    VisitState.FINISHING,
}


class NoteTools(QObject):
    """Menus and dialogs around the note.

    Signals:
        told: words and weight for the status line.
        folder_used: a folder a letter was saved into.
    """

    told = Signal(str, str)
    folder_used = Signal(str)

    def __init__(self, model: VisitModel, view: NoteView, owner: QWidget) -> None:
        super().__init__(owner)
        self._model, self._view, self._owner = model, view, owner
        self.folder: Callable[[], str] = lambda: ""
        self.change = button("changeMenu", _("Change"), "change", "quiet", "Ctrl+E")
        self.change_menu = QMenu(owner)
        self.change_menu.setObjectName("changeActions")
        self.change_menu.aboutToShow.connect(self._fill_changes)
        self.change.setMenu(self.change_menu)
        self.template_menu = QMenu(_("With another template"), owner)
        self.template_menu.setObjectName("templateMenu")
        self.template_menu.aboutToShow.connect(self._fill_templates)
        self.addendum = button("addendum", _("Add to the note…"), "plus", "", "Ctrl+I")
        self.addendum.clicked.connect(self.ask_addendum)
        self.letters = button("letters", _("Letters"), "note")
        self.letters_menu = QMenu(owner)
        self.letters_menu.setObjectName("letterMenu")
        self.letters_menu.aboutToShow.connect(self._fill_letters)
        self.letters.setMenu(self.letters_menu)
        self.template = Choice("visitTemplate", _("Note template"))
        self.template_row = self._make_row()
        view.again_asked.connect(model.changes.again)
        model.changes.proposed.connect(self._show_proposal)
        model.changes.told.connect(self.told)
        model.changes.waiting.connect(self._on_waiting)
        model.templates.changed.connect(self._show_template)

    def _make_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.UNIT)
        line.addWidget(label(_("Note template"), "muted"))
        line.addWidget(self.template)
        line.addStretch(1)
        self.template.setMinimumWidth(30 * theme.UNIT)
        self.template.activated.connect(
            lambda _row: self._model.templates.choose(TemplateId(self.template.currentData()))
        )
        return row

    def refresh(self) -> None:
        """Show what can be asked for now."""
        note, visit = self._model.note, self._model.visit
        state = visit.state if visit is not None else VisitState.DISCARDED
        self.change.setVisible(note.can_edit)
        is_signed = state is VisitState.SIGNED and bool(note.sections)
        self.addendum.setVisible(is_signed)
        self.letters.setVisible(is_signed)
        self.template_row.setVisible(state in _BEFORE_DRAFT)

    # -- changing

    def chosen(self) -> tuple[ClaimId, ...]:
        """Return the statements that are picked, else the chosen one, else a whole section."""
        if picked := self._view.picked():
            return picked
        section = self._view.current_section()
        view = self._model.note.section(section.key) if section is not None else None
        return tuple(each.id for each in view.claims) if view is not None else ()

    def open_menu(self) -> None:
        """Show what can be done to the picked statements."""
        if self._may_change() and self.change.isVisible():
            self.change.showMenu()

    def _may_change(self) -> bool:
        """Return whether the note can be changed; say why not, when a key asks for it."""
        model = self._model
        if not model.note.can_edit and model.visit is not None:
            is_signed = model.visit.state is VisitState.SIGNED
            words = _("The note is signed and stays as it is. Ctrl+I adds to it.")
            none = _("There is no note to change yet.")
            self.told.emit(words if is_signed else none, "info")
        return model.note.can_edit

    def _fill_changes(self) -> None:
        menu, changes = self.change_menu, self._model.changes
        menu.clear()
        claims = self.chosen()
        for how, words in (
            (Rewording.SHORTER, _("Shorter")),
            (Rewording.BULLETS, _("As bullets")),
            (Rewording.FIRST_PERSON, _("In the first person")),
        ):
            made = menu.addAction(words, partial(changes.reword, how, claims))
            made.setObjectName(f"change_{how.value}")
            made.setEnabled(bool(claims))
        move = menu.addMenu(_("Move to"))
        move.setEnabled(bool(claims))
        for section in self._model.note.sections:
            made = move.addAction(section.heading, partial(changes.move, claims, section.key))
            made.setObjectName(f"move_{section.key}")
        self._fill_section(menu)
        menu.addSeparator()
        menu.addAction(_("Earlier drafts…"), self.show_history).setObjectName("history")

    def _fill_section(self, menu: QMenu) -> None:
        model = self._model
        section = self._view.current_section()
        view = model.note.section(section.key) if section is not None else None
        menu.addSeparator()
        if view is not None and model.transcript.segments:
            words = _("Write “{section}” again…").format(section=view.heading)
            again = menu.addAction(words, partial(model.changes.again, view.key))
            again.setObjectName("again")
        if model.review.stale:
            check = menu.addAction(_("Check changed lines again"), model.changes.check_again)
            check.setObjectName("checkAgain")
        if model.visit is not None and model.visit.consent is not None:
            made = menu.addAction(
                _("Put the consent into the note"), model.changes.add_consent_line
            )
            made.setObjectName("consentLine")
        if model.codes.is_on:
            menu.addAction(_("Look up a code…"), self.ask_code).setObjectName("lookUp")

    def _on_waiting(self, is_waiting: bool) -> None:
        self.change.setEnabled(not is_waiting)
        if is_waiting:
            self.told.emit(_("The section is being written. You see it before it counts."), "info")

    def _show_proposal(self, proposal: Proposal) -> None:
        dialog = DiffDialog(proposal, self._owner)
        dialog.taken.connect(partial(self._model.changes.take, proposal))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_history(self) -> None:
        """Show the earlier drafts."""
        if self._may_change():
            HistoryDialog(self._model.changes, self._owner).open()

    def ask_code(self) -> None:
        """Look up a code for the chosen statement."""
        section = self._view.current_section()
        if not self._model.codes.is_on or not self._may_change() or section is None:
            return
        chosen = self._view.chosen
        claim = self._model.note.claim(chosen) if chosen is not None else None
        words = claim.text if claim is not None else ""
        after = claim.id if claim is not None else None
        CodeDialog(self._model.codes, section.key, after, words, self._owner).open()

    # -- templates

    def _show_template(self) -> None:
        shelf = self._model.templates.shelf
        self.template.clear()
        if shelf is None:
            return
        for each in shelf.notes:
            self.template.addItem(each.template.title, each.template.id)
        found = self.template.findData(self._model.templates.in_effect)
        self.template.setCurrentIndex(max(0, found))

    def _fill_templates(self) -> None:
        templates = self._model.templates
        self.template_menu.clear()
        for each in templates.shelf.notes if templates.shelf is not None else ():
            id_ = each.template.id
            made = self.template_menu.addAction(
                each.template.title, partial(templates.draft_with, id_)
            )
            made.setObjectName(f"template_{id_}")
            made.setToolTip(each.template.description)
            made.setCheckable(True)
            made.setChecked(id_ == templates.in_effect)

    # -- after the signature

    def ask_addendum(self) -> None:
        """Add to the signed note."""
        visit = self._model.visit
        if visit is not None and visit.state is VisitState.SIGNED:
            texts = self._model.note.auto_texts
            dialog = AddendumDialog(visit.patient, self._model.after, texts, self._owner)
            dialog.finished.connect(self._on_addendum_left)
            dialog.open()

    def _on_addendum_left(self, result: int) -> None:
        """Say where the words are: behind the note, or kept for later."""
        if result == QDialog.DialogCode.Accepted:
            self.told.emit(_("The addendum is signed and stands behind the note."), "info")
        elif self._model.after.addendum:
            words = _("The addendum is kept and not signed. Ctrl+I goes on with it.")
            self.told.emit(words, "info")

    def _fill_letters(self) -> None:
        self.letters_menu.clear()
        shelf = self._model.templates.shelf
        for each in shelf.letters if shelf is not None else ():
            id_ = each.template.id
            words = f"{each.template.title}…"
            if id_ in self._model.after.letters:
                words = _("Go on with: {letter}…").format(letter=each.template.title)
            made = self.letters_menu.addAction(words, partial(self.ask_letter, id_))
            made.setObjectName(f"letter_{id_}")

    def ask_letter(self, template: TemplateId) -> None:
        """Make a letter and show it."""
        model, visit = self._model, self._model.visit
        if visit is None:
            return
        dialog = LetterDialog(
            visit.patient, model.after, template, model.note.auto_texts, self._owner
        )
        dialog.folder = self.folder()
        dialog.folder_used.connect(self.folder_used)
        dialog.finished.connect(partial(self._on_letter_left, template))
        dialog.open()

    def _on_letter_left(self, template: TemplateId, _result: int) -> None:
        if template in self._model.after.letters:
            words = _("The letter is kept and not signed. “Letters” goes on with it.")
            self.told.emit(words, "info")
