"""A proposal to take, whole or line by line. Nothing changes before that. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.diff import ChangeRow
from app.ui.widgets.parts import button, label, wrapped
from app.workflow.changes import SectionDiff
from app.workflow.rewriting import Proposal


class DiffList(QScrollArea):
    """The lines of some diffs, section by section.

    Signals:
        chosen: which ticks are set has changed.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("diffList")
        self.setAccessibleName(_("Changes"))
        self.setWidgetResizable(True)
        self.rows: list[ChangeRow] = []

    def show_diffs(self, diffs: tuple[SectionDiff, ...], *, has_ticks: bool) -> None:
        """Show other diffs. Sections without a change are left out."""
        self.rows = []
        headings = {each.key: each.heading for each in diffs}
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.UNIT, theme.UNIT, theme.UNIT, theme.UNIT)
        column.setSpacing(theme.UNIT // 2)
        for diff in diffs:
            if not any(each.is_open for each in diff.changes):
                continue
            column.addWidget(label(diff.heading, factor=1.1, strong=True))
            for change in diff.changes:
                place = headings.get(change.moved, change.moved)
                row = ChangeRow(change, place, has_tick=has_ticks)
                if row.tick is not None:
                    row.tick.toggled.connect(self._on_tick)
                self.rows.append(row)
                column.addWidget(row)
            column.addSpacing(theme.UNIT)
        column.addStretch(1)
        self.setWidget(body)

    def taken(self) -> frozenset[int]:
        """Return the numbers of the changes that are ticked."""
        return frozenset(
            each.change.number
            for each in self.rows
            if each.tick is not None and each.tick.isChecked()
        )

    def _on_tick(self, is_on: bool) -> None:
        """Both ends of a move, and all pieces of a split line, go together."""
        changed = {
            each.change.number
            for each in self.rows
            if each.tick is not None and each.tick is self.sender()
        }
        for row in self.rows:
            if row.tick is not None and row.change.number in changed:
                row.tick.blockSignals(True)
                row.tick.setChecked(is_on)
                row.tick.blockSignals(False)
        self.chosen.emit()


class DiffDialog(QDialog):
    """Shows a proposal.

    Signals:
        taken: numbers of the changes to take.
    """

    taken = Signal(object)

    def __init__(self, proposal: Proposal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diffDialog")
        self.setWindowTitle(_("Changes"))
        self.setModal(True)
        self.resize(100 * theme.UNIT, 64 * theme.UNIT)
        self.list = DiffList()
        self.list.show_diffs(proposal.diffs, has_ticks=True)
        self.take = button("takeChanges", _("Take"), "tick", "primary")
        self.take.setDefault(True)
        self.leave = button("leaveChanges", _("Leave it as it is"))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Take these changes?"), factor=1.2, strong=True))
        column.addWidget(
            wrapped(_("Untick what is to stay as it was. Ctrl+Z takes it all back."), "muted")
        )
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.list.chosen.connect(lambda: self.take.setEnabled(bool(self.list.taken())))
        self.take.clicked.connect(self._on_take)
        self.leave.clicked.connect(self.reject)
        self.take.setFocus()

    def _on_take(self) -> None:
        self.taken.emit(self.list.taken())
        self.accept()
