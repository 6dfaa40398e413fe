"""A question before something that cannot be undone. Nothing else asks. Main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.foundation.i18n import _


def ask_before(
    parent: QWidget, words: str, yes: str, go: Callable[[], object], no: str = ""
) -> QMessageBox:
    """Ask; `go` is called if the person says `yes`. Enter and Esc mean no."""
    box = QMessageBox(parent)
    box.setObjectName("question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Stethoscribe")
    box.setText(words)
    agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(no or _("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    agree.clicked.connect(lambda _checked: go())
    box.open()
    return box
