"""A template in a form: its title, its sections, and what belongs in each. Main thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.banner import LARGE
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, icon_button, label
from app.ui.widgets.plain_text import LineEdit, PlainTextEdit
from app.workflow.template_form import NEW, SectionFields, TemplateFields

MOST: Final = 20
"""Sections of a template: `app.drafting.templates.MAX_SECTIONS`."""


class TemplateForm(QWidget):
    """Shows and changes `TemplateFields`.

    Signals:
        changed: something else stands in it.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("templateForm")
        self._sections: list[SectionFields] = []
        self._is_showing = False
        self.title = _line("templateTitle", _("Title of the template"), 80)
        self.list = QListWidget()
        self.list.setObjectName("templateSections")
        self.list.setAccessibleName(_("Sections"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.setMinimumHeight(theme.current().span(16))
        self.heading = _line("sectionHeading", _("Heading"), 60)
        self.instruction = PlainTextEdit()
        self.instruction.setObjectName("sectionInstruction")
        self.instruction.setAccessibleName(_("What belongs here"))
        self.instruction.setTabChangesFocus(True)
        self.style_choice = Choice("sectionStyle", _("Set as"))
        self.style_choice.addItem(_("Bullets"), userData=True)
        self.style_choice.addItem(_("Sentences"), userData=False)
        self.add = button("addSection", _("Add a section"), "plus")
        self.up = icon_button("sectionUp", _("Move up"), "up")
        self.down = icon_button("sectionDown", _("Move down"), "down")
        self.remove = icon_button("removeSection", _("Remove the section"), "remove")
        self._place()
        self._connect()

    def _place(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.UNIT)
        left.addWidget(label(_("Sections"), strong=True))
        left.addWidget(self.list, 1)
        left.addLayout(self._make_tools())
        right = QVBoxLayout()
        right.setSpacing(theme.UNIT)
        for words, widget in (
            (_("Heading"), self.heading),
            (_("What belongs here"), self.instruction),
            (_("Set as"), self.style_choice),
        ):
            right.addWidget(label(words, "muted"))
            right.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(3 * theme.UNIT)
        row.addLayout(left, 2)
        row.addLayout(right, 3)
        top = QFormLayout()
        top.setHorizontalSpacing(2 * theme.UNIT)
        top.addRow(_("Title"), self.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.UNIT)
        column.addLayout(top)
        column.addLayout(row, 1)

    def _make_tools(self) -> QBoxLayout:
        tools = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        tools.setSpacing(theme.UNIT)
        if theme.current().scale >= LARGE:  # else the list would be wider than the text
            tools.setDirection(QBoxLayout.Direction.TopToBottom)
        tools.addWidget(self.add)
        moving = QHBoxLayout()
        moving.setSpacing(theme.UNIT)
        for each in (self.up, self.down, self.remove):
            moving.addWidget(each)
        tools.addStretch(1)
        tools.addLayout(moving)
        return tools

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_section)
        self.title.textChanged.connect(lambda _text: self.changed.emit())
        self.heading.textChanged.connect(lambda text: self._change(heading=text))
        self.instruction.textChanged.connect(
            lambda: self._change(instruction=self.instruction.toPlainText())
        )
        self.style_choice.activated.connect(
            lambda _row: self._change(is_bullets=bool(self.style_choice.currentData()))
        )
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))

    def show_fields(self, fields: TemplateFields) -> None:
        """Fill the form."""
        self.title.setText(fields.title)
        self._sections = list(fields.sections)
        self._list(0)

    def fields(self) -> TemplateFields:
        """Return what stands in the form."""
        return TemplateFields(self.title.text(), tuple(self._sections))

    @property
    def is_whole(self) -> bool:
        """Whether a title, and of every section a heading and what belongs there, are given."""
        return bool(self.title.text().strip() and self._sections) and all(
            each.heading.strip() and each.instruction.strip() for each in self._sections
        )

    def _list(self, row: int) -> None:
        """List the sections anew and go to one of them."""
        self._is_showing = True
        self.list.clear()
        self.list.addItems([each.heading or _("New section") for each in self._sections])
        self._is_showing = False
        self.list.setCurrentRow(row)
        self._show_section(row)
        self.changed.emit()

    def _show_section(self, row: int) -> None:
        if self._is_showing:
            return
        self._is_showing = True
        has_one = 0 <= row < len(self._sections)
        shown = self._sections[row] if has_one else SectionFields(NEW, "", "")
        self.heading.setText(shown.heading)
        self.instruction.setPlainText(shown.instruction)
        self.style_choice.setCurrentIndex(0 if shown.is_bullets else 1)
        for each in (self.heading, self.instruction, self.style_choice):
            each.setEnabled(has_one)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < len(self._sections) - 1)
        self.remove.setEnabled(has_one and len(self._sections) > 1)
        self.add.setEnabled(len(self._sections) < MOST)
        self._is_showing = False

    def _change(self, **values: str | bool) -> None:
        row = self.list.currentRow()
        if self._is_showing or not 0 <= row < len(self._sections):
            return
        self._sections[row] = replace(self._sections[row], **values)  # type: ignore[arg-type]  # checked by name at the callers
        self.list.item(row).setText(self._sections[row].heading or _("New section"))
        self.changed.emit()

    def _on_add(self) -> None:
        row = self.list.currentRow() + 1
        self._sections.insert(row, SectionFields(NEW, "", ""))
        self._list(row)
        self.heading.setFocus()

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        del self._sections[row]
        self._list(min(row, len(self._sections) - 1))

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        self._sections.insert(row + by, self._sections.pop(row))
        self._list(row + by)


def _line(name: str, accessible: str, longest: int) -> QLineEdit:
    made = LineEdit()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setMaxLength(longest)
    return made
