"""A password field that says when caps lock is on and can show what was typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.field_icons import FieldIcons
from app.ui.widgets.parts import label


class PasswordLine(QLineEdit):
    """The line itself.

    Signals:
        caps_noticed: a bool: caps lock seems to be on. Seen from what is typed, because no
            platform-independent way asks the keyboard.
    """

    caps_noticed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        words = _("Show or hide the password")
        self._shown = FieldIcons(self).offer("showPassword", words, "eye")
        self._shown.setCheckable(True)
        self._shown.toggled.connect(self._on_shown)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if len(text) == 1 and text.isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_noticed.emit(text.isupper() != shift)
        super().keyPressEvent(event)

    def _on_shown(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)


class PasswordEdit(QWidget):
    """A password line with a hint below it.

    Signals:
        changed: the text.
        entered: Enter was pressed.
    """

    changed = Signal(str)
    entered = Signal()

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.line = PasswordLine()
        self.line.setObjectName(name)
        self.line.setAccessibleName(accessible)
        self._caps = label(_("Caps lock is on."), "error", 0.92)
        self._caps.setObjectName(f"{name}Caps")
        self._caps.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.UNIT // 2)
        layout.addWidget(self.line)
        layout.addWidget(self._caps)
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(self.changed)
        self.line.returnPressed.connect(self.entered)
        self.line.caps_noticed.connect(self._caps.setVisible)

    def text(self) -> str:
        """Return what was typed."""
        return self.line.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.line.clear()
        self._caps.hide()
