"""The foot of the window: news, a running recording, the clipboard's countdown. Main thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import IconLabel, button, icon_button, label, set_kind

SHOWN_MS: Final = {"info": 6_000, "warning": 15_000, "alarm": 0}
"""How long news stay; 0 = until closed. WCAG 2.2.1 asks that important ones do not vanish."""


class StatusLine(QFrame):
    """Says what happened without asking for anything.

    Signals:
        recording_asked: show the visit that is being recorded.
        clear_asked: take our text off the clipboard now.
    """

    recording_asked = Signal()
    clear_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "status")
        self.setObjectName("statusLine")
        self._icon = IconLabel("info", "muted")
        self._words = label("")
        self._words.setObjectName("statusWords")
        self._words.setWordWrap(True)
        self._close = icon_button("statusClose", _("Close message"), "close")
        self._lock = label("", "warning", strong=True)
        self._lock.setObjectName("lockWarning")
        self._lock.setWordWrap(True)
        self._recording = button("statusRecording", "", "record", "small")
        self._copied = label("", "muted")
        self._copied.setObjectName("clipboardCountdown")
        self._clear = button("clipboardClear", _("Clear now"), kind="small")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear_words)
        self._close.clicked.connect(self.clear_words)
        self._recording.clicked.connect(self.recording_asked)
        self._clear.clicked.connect(self.clear_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(*(each * theme.UNIT // 2 for each in (4, 1, 4, 1)))
        row.setSpacing(theme.UNIT)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self._lock, 1)
        for widget in (self._close, self._recording, self._copied, self._clear):
            row.addWidget(widget)
        self.setMinimumHeight(5 * theme.UNIT)
        self._clear_all()

    def _clear_all(self) -> None:
        self.clear_words()
        self.show_recording("")
        self.show_countdown("", 0)
        self.show_lock("")

    @property
    def words(self) -> str:
        """What is said now."""
        return self._words.text()

    def tell(self, words: str, weight: str) -> None:
        """Say something: `info`, `warning` or `alarm`."""
        look = {"info": ("info", "accent"), "warning": ("unsupported", "partly")}
        icon, color = look.get(weight, ("unsupported", "unsupported"))
        self._icon.show_icon(icon, color)
        self._words.setText(words)
        set_kind(self._words, "kind", "error" if weight == "alarm" else "")
        self._icon.show()
        self._close.show()
        self._dress()
        self._timer.stop()
        if SHOWN_MS.get(weight):
            self._timer.start(SHOWN_MS[weight])
        QAccessible.updateAccessibility(QAccessibleEvent(self._words, QAccessible.Event.Alert))

    def take_back(self, words: str) -> None:
        """Say this no longer; what else is said stays."""
        if self._words.text() == words:
            self.clear_words()

    def clear_words(self) -> None:
        """Say nothing."""
        self._timer.stop()
        self._words.setText("")
        self._icon.hide()
        self._close.hide()
        self._dress()

    def show_recording(self, words: str) -> None:
        """Show that another visit is being recorded; empty = none."""
        self._recording.setText(words)
        self._recording.setAccessibleName(words or _("Show the visit that is recorded"))
        self._recording.setVisible(bool(words))
        self._dress()

    def show_lock(self, words: str) -> None:
        """Say that the program locks soon, beside what else is said; empty = it does not."""
        is_new = bool(words) and not self._lock.text()
        self._lock.setText(words)
        self._lock.setVisible(bool(words))
        self._dress()
        if is_new:  # once, not every second
            QAccessible.updateAccessibility(QAccessibleEvent(self._lock, QAccessible.Event.Alert))

    def show_countdown(self, what: str, seconds: int) -> None:
        """Show what lies on the clipboard and for how long; 0 = nothing of ours."""
        text = _("On the clipboard: {what}. Cleared in {seconds} s.")
        self._copied.setText(text.format(what=what, seconds=seconds) if seconds else "")
        self._copied.setVisible(bool(seconds))
        self._clear.setVisible(bool(seconds))
        self._dress()

    def _dress(self) -> None:
        """Stand out only while something is said."""
        shown = (self._words.text(), self._lock.text(), self._recording.text(), self._copied.text())
        set_kind(self, "busy", "true" if any(shown) else "false")
