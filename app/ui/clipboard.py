"""The only importer of QClipboard: plain text, kept out of histories, cleared in time.

Main thread. EXPORT.md 3: the text is cleared only if it is still ours, which a hash tells; no
copy of it is kept. The X11 primary selection is never ours for longer than a turn.
"""

from __future__ import annotations

import hashlib
from typing import Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from app.foundation.i18n import _

HINT: Final = "x-kde-passwordManagerHint"

HISTORY_EXCLUSION: Final = {
    "ExcludeClipboardContentFromMonitorProcessing": b"1",
    "CanIncludeInClipboardHistory": bytes(4),
    "CanUploadToCloudClipboard": bytes(4),
    HINT: b"secret",
    "application/x-nspasteboard-concealed-type": b"",
}
"""What Windows, KDE and macOS look for. Names as KeePassXC's clipboard uses them."""


def guarded(text: str) -> QMimeData:
    """Return the one flavor we hand out, with the flags that keep it out of histories."""
    data = QMimeData()
    data.setText(text)
    for name, value in HISTORY_EXCLUSION.items():
        data.setData(name, value)
    return data


def hand_out(text: str) -> None:
    """Put text that a person copied from a field of ours on the clipboard, guarded."""
    QGuiApplication.clipboard().setMimeData(guarded(text), QClipboard.Mode.Clipboard)


class Clipboard(QObject):
    """Puts text on the clipboard for a while.

    Signals:
        countdown: what lies there for people, and seconds left; 0 = nothing of ours.
    """

    countdown = Signal(str, int)

    def __init__(self, clear_s: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = QGuiApplication.clipboard()
        self._clear_s = clear_s
        self._digest = b""
        self._what = ""
        self._left_s = 0
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._board.selectionChanged.connect(self._on_selection)
        self._board.dataChanged.connect(self._on_data)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_state)

    @property
    def left_s(self) -> int:
        """Seconds until our text is cleared; 0 = none is there."""
        return self._left_s

    def put(self, text: str, what: str) -> None:
        """Put text there; `what` names it for people and holds nothing of it."""
        self._digest = _digest(text)
        self._board.setMimeData(guarded(text), QClipboard.Mode.Clipboard)
        self._watch(what)

    def _watch(self, what: str) -> None:
        self._what = what
        self._left_s = self._clear_s
        self._timer.start()
        self.countdown.emit(self._what, self._left_s)

    def clear(self) -> None:
        """Take our text away, if it is still ours: time is up, lock, quit, other patient."""
        if not self._digest:
            return
        if _digest(self._board.text(QClipboard.Mode.Clipboard)) == self._digest:
            self._board.clear(QClipboard.Mode.Clipboard)
            if _digest(self._board.text(QClipboard.Mode.Clipboard)) == self._digest:
                self._left_s = 0
                return  # Wayland refuses while unfocused: tried again on focus
        self._forget()

    def _forget(self) -> None:
        self._digest = b""
        self._what = ""
        self._left_s = 0
        self._timer.stop()
        self.countdown.emit("", 0)

    def _tick(self) -> None:
        self._left_s = max(0, self._left_s - 1)
        if self._left_s == 0:
            self.clear()
        else:
            self.countdown.emit(self._what, self._left_s)

    def _on_state(self) -> None:
        if self._digest and self._left_s == 0:
            self.clear()

    def _on_selection(self) -> None:
        """A text box was marked with the mouse: X11 offers that to everybody. Take it back."""
        if self._board.supportsSelection() and self._board.ownsSelection():
            self._board.clear(QClipboard.Mode.Selection)

    def _on_data(self) -> None:
        """Somebody copied. From a text box of ours: guard it. From elsewhere: not ours any more."""
        text = self._board.text(QClipboard.Mode.Clipboard)
        is_known = bool(self._digest) and _digest(text) == self._digest
        if is_known or not text:
            return
        if not self._board.ownsClipboard():
            if self._digest:
                self._forget()
        elif self._board.mimeData(QClipboard.Mode.Clipboard).hasFormat(HINT):
            self._digest = _digest(text)
            self._watch(_("some text"))
        else:
            self.put(text, _("some text"))


def _digest(text: str) -> bytes:
    """SHA-256 over the text with line ends as the clipboard may change them."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")).digest()
