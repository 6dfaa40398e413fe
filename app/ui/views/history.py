"""Earlier drafts of a visit: when, what changed, and the way back. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.changes import ChangesModel, step_words
from app.ui.views.diff import DiffList
from app.ui.widgets.parts import button, label, wrapped


class HistoryDialog(QDialog):
    """Lists the drafts and shows what the chosen one would change back."""

    def __init__(self, model: ChangesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("historyDialog")
        self.setWindowTitle(_("Earlier drafts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(126 * theme.UNIT, 72 * theme.UNIT)
        self._model = model
        self.list = QListWidget()
        self.list.setObjectName("drafts")
        self.list.setAccessibleName(_("Earlier drafts"))
        self.list.setMinimumWidth(38 * theme.UNIT)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.diff = DiffList()
        self._hint = wrapped("", "muted")
        self._hint.setObjectName("historyHint")
        self.restore = button("restoreDraft", _("Bring this draft back"), "restore", "primary")
        self.restore.setEnabled(False)
        self.close_button = button("historyClose", _("Close"))
        self._place()
        self.list.currentRowChanged.connect(self._on_row)
        self.restore.clicked.connect(self._on_restore)
        self.close_button.clicked.connect(self.reject)
        model.listed.connect(self._show_steps)
        model.compared.connect(self._show_diffs)
        model.load_steps()

    def _place(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(theme.UNIT)
        split.addWidget(self.list)
        split.addWidget(self.diff)
        split.setStretchFactor(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._hint, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Earlier drafts"), factor=1.2, strong=True))
        column.addWidget(split, 1)
        column.addLayout(buttons)

    def _show_steps(self) -> None:
        self.list.clear()
        for step in self._model.steps:
            when = f"{step.at:%Y-%m-%d %H:%M:%S}"
            by = step.engine or _("without a language model")
            title = f"{when}  {_('now')}" if step.is_current else when
            made = " · ".join(filter(None, [step.title, by]))
            self.list.addItem(QListWidgetItem(f"{title}\n{step_words(step)}\n{made}"))
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def _on_row(self, row: int) -> None:
        if not 0 <= row < len(self._model.steps):
            return
        step = self._model.steps[row]
        self.restore.setEnabled(not step.is_current)
        self._hint.setText(
            _("This is the note as it is.")
            if step.is_current
            else _("What would change in the note. Nothing is lost: every draft is kept.")
        )
        self._model.compare(step.draft)

    def _show_diffs(self) -> None:
        self.diff.show_diffs(self._model.diffs, has_ticks=False)

    def _on_restore(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._model.steps):
            self._model.restore(self._model.steps[row].draft)
            self.accept()
