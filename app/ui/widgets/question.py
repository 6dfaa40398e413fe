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
    box = _made(parent, words, (yes, no or _("Cancel")), go)
    box.open()
    return box


def ask_beside(parent: QWidget, words: str, yes: str, go: Callable[[], object]) -> QMessageBox:
    """Ask, and leave the window free: a recording may have to be paused meanwhile.

    A question that `parent` asked before is taken back. Whoever asks takes this one back when it
    means something else by now.
    """
    for each in parent.findChildren(QMessageBox, "question"):
        each.reject()
    box = _made(parent, words, (yes, _("Cancel")), go)
    box.setModal(False)
    box.show()
    return box


def _made(
    parent: QWidget, words: str, answers: tuple[str, str], go: Callable[[], object]
) -> QMessageBox:
    box = QMessageBox(parent)
    box.setObjectName("question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Stethoscribe")
    box.setText(words)
    agree = box.addButton(answers[0], QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(answers[1], QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    agree.clicked.connect(lambda _checked: go())
    return box
