"""One entry of a list, typed: a term, a replacement, a macro, the words of a visit. Main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import button, label, wrapped
from app.ui.widgets.plain_text import LineEdit, PlainTextEdit

LONGEST = 200


class EntryDialog(QDialog):
    """Asks for some texts.

    Signals:
        given: a tuple of texts, one for each field.
    """

    given = Signal(object)

    def __init__(
        self, title: str, fields: tuple[tuple[str, bool], ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("entryDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().span(60))
        self.refusal: Callable[[tuple[str, ...]], str] = lambda _texts: ""
        self.fields = [_field(f"entry{at}", *each) for at, each in enumerate(fields)]
        self._error = wrapped("", "error")
        self._error.setObjectName("error")
        self._error.hide()
        self._hint = wrapped("", "muted", 0.92)
        self._hint.hide()
        self.go = button("entryKeep", _("Keep"), kind="primary")
        self.go.setDefault(True)
        self.cancel = button("entryCancel", _("Cancel"))
        self._place(title, tuple(each[0] for each in fields))
        self.go.clicked.connect(self._on_go)
        self.cancel.clicked.connect(self.reject)

    def _place(self, title: str, names: tuple[str, ...]) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(theme.UNIT)
        form.setHorizontalSpacing(2 * theme.UNIT)
        for name, field in zip(names, self.fields, strict=True):
            form.addRow(name, field)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(title, factor=1.2, strong=True))
        column.addWidget(self._hint)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addLayout(buttons)

    def explain(self, words: str) -> None:
        """Say what the entry is for."""
        self._hint.setText(words)
        self._hint.setVisible(bool(words))

    def show_texts(self, texts: tuple[str, ...]) -> None:
        """Put what stands there now into the fields."""
        for field, text in zip(self.fields, texts, strict=True):
            if isinstance(field, QLineEdit):
                field.setText(text)
            else:
                field.setPlainText(text)

    def texts(self) -> tuple[str, ...]:
        """Return what stands in the fields."""
        return tuple(
            each.text() if isinstance(each, QLineEdit) else each.toPlainText()
            for each in self.fields
        )

    def _on_go(self) -> None:
        words = self.refusal(self.texts())
        if words:
            self._error.setText(words)
            self._error.show()
            self.fields[0].setFocus()
            return
        self.given.emit(self.texts())
        self.accept()


def _field(name: str, accessible: str, is_long: bool) -> QLineEdit | PlainTextEdit:
    if is_long:
        long = PlainTextEdit()
        long.setTabChangesFocus(True)
        long.setMinimumHeight(14 * theme.UNIT)
        long.setObjectName(name)
        long.setAccessibleName(accessible)
        return long
    made = LineEdit()
    made.setMaxLength(LONGEST)
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    return made
