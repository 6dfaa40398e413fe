"""Settings page: note templates, shipped and the clinician's own. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.ids import TemplateId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.templates import TemplatesModel
from app.ui.widgets.choice import Choice
from app.ui.widgets.entry_list import Table
from app.ui.widgets.parts import button, enter_presses, frame, label, screen_area, wrapped
from app.ui.widgets.plain_text import PlainTextEdit
from app.ui.widgets.question import ask_before
from app.ui.widgets.template_form import TemplateForm

_Doer: TypeAlias = Callable[[TemplateId], object]


class TemplatesPage(QWidget):
    """The shelf, and what can be done with it.

    Signals:
        usual_chosen: id of the template for new visits.
    """

    usual_chosen = Signal(str)

    def __init__(self, model: TemplatesModel) -> None:
        super().__init__()
        self.setObjectName("templatesPage")
        self._model = model
        self.usual = Choice("usualTemplate", _("Template of new visits"))
        self.table = Table((_("Template"), _("For"), _("Whose")))
        self.table.setObjectName("templateTable")
        self.table.setAccessibleName(_("Note templates"))
        for column in (1, 2):  # the title takes what is left
            fit = QHeaderView.ResizeMode.ResizeToContents
            self.table.horizontalHeader().setSectionResizeMode(column, fit)
        self.table.setFixedHeight(11 * 4 * theme.UNIT + theme.UNIT)
        self.example = button("exampleTemplate", _("From an example note…"), "plus")
        self.copy = button("copyTemplate", _("Copy"), "copy")
        self.edit = button("editTemplate", _("Edit…"), "yours", hint="F2")
        self.remove = button("removeTemplate", _("Remove"), "remove", hint="Del")
        self.broken = wrapped("", "error")
        self.broken.setObjectName("brokenTemplates")
        self._place()
        self.usual.activated.connect(
            lambda _row: self.usual_chosen.emit(str(self.usual.currentData()))
        )
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.doubleClicked.connect(lambda _index: self._on_edit())
        self.table.pressed_key.connect(self._on_key)
        self.example.clicked.connect(self._on_example)
        self.copy.clicked.connect(lambda: self._with_chosen(self._model.copy))
        self.edit.clicked.connect(self._on_edit)
        self.remove.clicked.connect(self._on_remove)
        self._wanted = ""
        model.kept.connect(self._on_kept)
        model.changed.connect(self._show)
        model.text_loaded.connect(self._on_text)
        self._show()

    def _place(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(3 * theme.UNIT)
        first.addWidget(label(_("Template of new visits"), "muted"))
        first.addWidget(self.usual, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.UNIT)
        for each in (self.example, self.copy, self.edit, self.remove):
            buttons.addWidget(each)
        buttons.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.table, 1)
        row.addLayout(buttons)
        inner = QVBoxLayout()
        inner.setSpacing(2 * theme.UNIT)
        inner.addWidget(label(_("Note templates"), factor=1.1, strong=True))
        why = _(
            "Which sections a note has, and what belongs in each. Copy a shipped one to change it. "
            "Keep names and facts of patients out of templates."
        )
        inner.addWidget(wrapped(why, "muted"))
        inner.addLayout(first)
        inner.addLayout(row)
        inner.addWidget(self.broken)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(each * theme.UNIT for each in (3, 3, 3, 3)))
        column.addWidget(frame("card", inner, (3, 2, 3, 2)))
        column.addStretch(1)

    def _show(self) -> None:
        shelf = self._model.shelf
        notes = shelf.notes if shelf is not None else ()
        letters = shelf.letters if shelf is not None else ()
        self.usual.clear()
        for each in notes:
            self.usual.addItem(each.template.title, each.template.id)
        if shelf is not None:
            self.usual.setCurrentIndex(max(0, self.usual.findData(shelf.usual)))
        rows = [*((each, _("Visits")) for each in notes)]
        rows += [(each, _("From the signed note")) for each in letters]
        chosen = self.table.currentRow()
        self.table.setRowCount(len(rows))
        for place, (each, source) in enumerate(rows):
            whose = _("Yours") if each.is_own else _("Shipped")
            for column, text in enumerate((each.template.title, source, whose)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, each.template.id)
                item.setData(Qt.ItemDataRole.UserRole + 1, each.is_own)
                item.setToolTip(each.template.description)
                self.table.setItem(place, column, item)
        if rows:
            ids = [each.template.id for each, _source in rows]
            if self._wanted in ids:  # what was made just now is what one goes on with
                chosen = ids.index(TemplateId(self._wanted))
            self._wanted = ""
            self.table.selectRow(min(max(0, chosen), len(rows) - 1))
        lines = [f"{each.where}: {each.reason}" for each in (shelf.broken if shelf else ())]
        self.broken.setText("\n".join(lines))
        self.broken.setVisible(bool(lines))
        self._enable()

    def _on_kept(self, template: str) -> None:
        self._wanted = template

    def _chosen(self) -> tuple[TemplateId, bool] | None:
        item = self.table.item(self.table.currentRow(), 0)
        if item is None:
            return None
        is_own = bool(item.data(Qt.ItemDataRole.UserRole + 1))
        return TemplateId(str(item.data(Qt.ItemDataRole.UserRole))), is_own

    def _enable(self) -> None:
        chosen = self._chosen()
        is_own = chosen is not None and chosen[1]
        self.copy.setEnabled(chosen is not None)
        self.edit.setEnabled(is_own)
        self.remove.setEnabled(is_own)

    def _with_chosen(self, do: _Doer) -> None:
        if (chosen := self._chosen()) is not None:
            do(chosen[0])

    def _on_key(self, key: int) -> None:
        if key == Qt.Key.Key_Insert:
            self._on_example()
        elif key == Qt.Key.Key_Delete:
            self._on_remove()
        else:
            self._on_edit()

    def _on_edit(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen[1]:
            self._model.load_text(chosen[0])

    def _on_text(self, text: str) -> None:
        dialog = TemplateDialog(self._model, _("Edit the template"), self)
        dialog.show_text(text, "")
        dialog.open()

    def _on_example(self) -> None:
        ExampleDialog(self._model, self).open()

    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen[1]:
            words = _("Remove this template? Visits that have it are drafted with the usual one.")
            ask_before(self, words, _("Remove"), lambda: self._model.remove(chosen[0]))


class TemplateDialog(QDialog):
    """A template in a form, or as the text of its file, with what is wrong with it."""

    def __init__(self, model: TemplatesModel, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("templateDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        wide = min(theme.current().span(104), screen_area(self).width() - 8 * theme.UNIT)
        self.resize(wide, 84 * theme.UNIT)
        self._model = model
        self.form = TemplateForm()
        self._filled_from = ""
        self.text = PlainTextEdit()
        self.text.setObjectName("templateText")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("Text of the template"))
        self.text.setFont(theme.current().font(0.95))
        self._warning = wrapped("", "warning")
        self._warning.setObjectName("templateWarning")
        self.error = wrapped("", "error")
        self.error.setObjectName("error")
        self.error.hide()
        self._make_buttons()
        self._place(title)
        model.refused.connect(self._on_refused)
        model.kept.connect(lambda _id: self.accept())

    def _make_buttons(self) -> None:
        whole = _("The whole file: codes and lengths, too")
        self.as_text = button("templateAsText", _("Edit as text"), kind="quiet", hint=whole)
        self.go = button("keepTemplate", _("Keep"), kind="primary")
        self.back = button("templateBack", _("Cancel"))
        enter_presses(self.go, self.back, self.as_text)
        self.as_text.clicked.connect(self.show_as_text)
        self.form.changed.connect(self._enable)
        self.go.clicked.connect(self._on_go)
        self.back.clicked.connect(self.reject)

    def _place(self, title: str) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.as_text)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(title, factor=1.2, strong=True))
        column.addWidget(self._warning)
        column.addWidget(self.form, 1)
        column.addWidget(self.text, 1)
        self.text.hide()
        column.addWidget(self.error)
        column.addLayout(buttons)

    def show_text(self, text: str, warning: str) -> None:
        """Show a template to change."""
        self._filled_from = text
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning))
        fields = self._model.fields_of(text)
        if fields is not None:
            self.form.show_fields(fields)
        else:
            self.text.setPlainText(text)
            self._go_to_text()

    def show_as_text(self) -> None:
        """Go on in the text of the file, with what stands in the form."""
        self.text.setPlainText(self._model.text_with(self._filled_from, self.form.fields()))
        self._go_to_text()

    def _go_to_text(self) -> None:
        self.form.hide()
        self.as_text.hide()
        self.text.show()
        self.text.setFocus()
        self._enable()

    @property
    def _is_form(self) -> bool:
        return not self.form.isHidden()

    def _enable(self) -> None:
        self.go.setEnabled(not self._is_form or self.form.is_whole)

    def _on_go(self) -> None:
        self.error.hide()
        if self._is_form:
            self._model.save(self._model.text_with(self._filled_from, self.form.fields()))
        else:
            self._model.save(self.text.toPlainText())

    def _on_refused(self, words: str) -> None:
        self.error.setText(words)
        self.error.show()


class ExampleDialog(QDialog):
    """Asks for an example note; the template that is made of it is shown before it is kept."""

    def __init__(self, model: TemplatesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exampleDialog")
        self.setWindowTitle(_("Template from an example note"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(92 * theme.UNIT, 76 * theme.UNIT)
        self._model = model
        self.title = QLineEdit()
        self.title.setObjectName("exampleTitle")
        self.title.setAccessibleName(_("Title of the template"))
        self.title.setPlaceholderText(_("Title of the template"))
        self.title.setMaxLength(80)
        self.note = PlainTextEdit()
        self.note.setObjectName("exampleNote")
        self.note.setAccessibleName(_("Example note"))
        self.note.setTabChangesFocus(True)
        self.note.setPlaceholderText(_("Paste a note whose shape you like."))
        self.error = wrapped("", "error")
        self.error.setObjectName("error")
        self.error.hide()
        self.go = button("makeTemplate", _("Make the template"), kind="primary")
        self.back = button("exampleBack", _("Cancel"))
        self._place()
        self.go.clicked.connect(self._on_go)
        self.back.clicked.connect(self.reject)
        self.title.textChanged.connect(lambda _text: self._enable())
        self.note.textChanged.connect(self._enable)
        model.refused.connect(self._on_refused)
        model.made.connect(self._on_made)
        self._enable()

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        enter_presses(self.go, self.back)
        column.addWidget(label(_("Template from an example note"), factor=1.2, strong=True))
        why = _(
            "Headings, order, style and length are taken over, and nothing else. The note itself "
            "is not kept."
        )
        column.addWidget(wrapped(why, "muted"))
        column.addWidget(self.title)
        column.addWidget(self.note, 1)
        column.addWidget(self.error)
        column.addLayout(buttons)

    def _enable(self) -> None:
        has_both = bool(self.title.text().strip() and self.note.toPlainText().strip())
        self.go.setEnabled(has_both)

    def _on_go(self) -> None:
        self.error.hide()
        self._model.make(self.note.toPlainText(), self.title.text().strip())

    def _on_made(self, text: str, warning: str) -> None:
        self.note.clear()
        dialog = TemplateDialog(self._model, _("Look through the template"), self.parentWidget())
        dialog.show_text(text, warning)
        dialog.open()
        self.accept()

    def _on_refused(self, words: str) -> None:
        self.error.setText(words)
        self.error.show()
