"""A plain list with add, edit and remove, by mouse and by key. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import button

LINES = 4
"""Rows in sight before the list scrolls."""


class EntryList(QWidget):
    """Shows rows of text. Keys: Ins adds, Enter or F2 edits, Del removes.

    Signals:
        add_asked: a new row.
        edit_asked, remove_asked: the number of a row.
    """

    add_asked = Signal()
    edit_asked = Signal(int)
    remove_asked = Signal(int)

    def __init__(self, name: str, title: str, columns: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.table = Table(columns)
        self.table.setObjectName(f"{name}Table")
        self.table.setAccessibleName(title)
        self.add = button(f"{name}Add", _("Add…"), "plus", hint="Ins")
        self.edit = button(f"{name}Edit", _("Edit…"), "yours", hint="F2")
        self.remove = button(f"{name}Remove", _("Remove"), "remove", hint="Del")
        for each in (self.add, self.edit, self.remove):
            each.setAccessibleName(f"{title}: {each.text()}")
        self._place()
        self.table.itemSelectionChanged.connect(self._on_selection)
        self.table.doubleClicked.connect(lambda index: self.edit_asked.emit(index.row()))
        self.table.pressed_key.connect(self._on_key)
        self.add.clicked.connect(self.add_asked)
        self.edit.clicked.connect(lambda: self._on_key(Qt.Key.Key_F2))
        self.remove.clicked.connect(lambda: self._on_key(Qt.Key.Key_Delete))

    def _place(self) -> None:
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.UNIT)
        for each in (self.add, self.edit, self.remove):
            buttons.addWidget(each)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.table, 1)
        row.addLayout(buttons)

    def show_rows(self, rows: list[tuple[str, ...]]) -> None:
        """Show these rows; the chosen one stays chosen."""
        chosen = self.table.currentRow()
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(" ".join(text.split()))
                item.setToolTip(text)
                self.table.setItem(place, column, item)
        if rows:
            self.table.selectRow(min(max(0, chosen), len(rows) - 1))
        self._on_selection()

    def _on_selection(self) -> None:
        has_row = self.table.currentRow() >= 0 and self.table.rowCount() > 0
        self.edit.setEnabled(has_row)
        self.remove.setEnabled(has_row)

    def _on_key(self, key: int) -> None:
        place = self.table.currentRow()
        if key == Qt.Key.Key_Insert:
            self.add_asked.emit()
        elif place >= 0 and key == Qt.Key.Key_Delete:
            self.remove_asked.emit(place)
        elif place >= 0:
            self.edit_asked.emit(place)


class Table(QTableWidget):
    """A table for reading.

    Signals:
        pressed_key: Insert, Delete, or F2 for edit.
    """

    pressed_key = Signal(int)

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(0, len(columns))
        self.setHorizontalHeaderLabels(list(columns))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(4 * theme.UNIT)
        header = self.horizontalHeader()
        header.setAccessibleName(_("Columns"))
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setVisible(len(columns) > 1)
        self.setFixedHeight((LINES + (len(columns) > 1)) * 4 * theme.UNIT + theme.UNIT)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2}:
            self.pressed_key.emit(int(Qt.Key.Key_F2))
        elif key in {Qt.Key.Key_Insert, Qt.Key.Key_Delete}:
            self.pressed_key.emit(int(key))
        else:
            super().keyPressEvent(event)
