"""Look up a code for selected words. It suggests nothing; what is chosen is the clinician's line.

Main thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.ids import ClaimId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.codes import CodesModel
from app.ui.widgets.parts import button, label, wrapped

WAIT_MS = 150
"""After the last letter; a search takes some milliseconds, a list that jumps disturbs."""


class CodeDialog(QDialog):
    """A search field and what it finds; Enter writes the chosen code."""

    def __init__(
        self,
        model: CodesModel,
        section: str,
        after: ClaimId | None,
        words: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("codeDialog")
        self.setWindowTitle(_("Look up a code"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(92 * theme.UNIT, 60 * theme.UNIT)
        self._model, self._section, self._after = model, section, after
        self.words = QLineEdit(words)
        self.words.setObjectName("codeWords")
        self.words.setAccessibleName(_("Words or the beginning of a code"))
        self.words.setMaxLength(200)
        self.list = QListWidget()
        self.list.setObjectName("codeList")
        self.list.setAccessibleName(_("Codes"))
        self._hint = wrapped("", "muted")
        self._release = label("", "muted", 0.9)
        self.go = button("writeCode", _("Write it as a line"), "insert", "primary")
        self.go.setEnabled(False)
        self.back = button("codeClose", _("Close"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._place()
        self._connect()
        model.begin()
        model.find(words)
        self.words.setFocus()
        self.words.selectAll()

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._release, 1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(theme.UNIT + theme.UNIT // 2)
        column.addWidget(label(_("Look up a code"), factor=1.2, strong=True))
        why = _("It goes into the note as your own line. Which code is right is for you to say.")
        column.addWidget(wrapped(why, "muted"))
        column.addWidget(self.words)
        column.addWidget(self._hint)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.words.textChanged.connect(lambda _text: self._timer.start())
        self.words.returnPressed.connect(self._on_go)
        self._timer.timeout.connect(lambda: self._model.find(self.words.text()))
        self.list.currentRowChanged.connect(lambda row: self.go.setEnabled(row >= 0))
        self.list.itemActivated.connect(lambda _item: self._on_go())
        self.go.clicked.connect(self._on_go)
        self.back.clicked.connect(self.reject)
        self._model.found.connect(self._show_hits)
        self._model.released.connect(lambda text: self._release.setText(f"ICD-10-CM {text}"))

    def _show_hits(self) -> None:
        self.list.clear()
        for hit in self._model.hits:
            term = f"\n{hit.term}" if hit.term else ""
            self.list.addItem(QListWidgetItem(f"{hit.entry.code}   {hit.entry.title}{term}"))
        self.list.setCurrentRow(0 if self._model.hits else -1)
        is_empty = not self._model.hits and bool(self.words.text().strip())
        self._hint.setText(_("Nothing is like it. Try other words.") if is_empty else "")
        self._hint.setVisible(is_empty)

    def _on_go(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._model.hits):
            self._model.write(self._model.hits[row], self._section, self._after)
            self.accept()
