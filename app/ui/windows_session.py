"""Hears from Windows that its session is locked, left to another user, or put to sleep.

Not run on a real Windows yet: see installer/windows/MANUAL.md.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override

POWER: Final = 0x0218  # WM_POWERBROADCAST
SUSPENDING: Final = 0x0004  # PBT_APMSUSPEND
SESSION: Final = 0x02B1  # WM_WTSSESSION_CHANGE
LEFT: Final = frozenset({0x2, 0x4, 0x7})
"""WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK."""
_THIS_SESSION: Final = 0


def is_left(message: int, what: int) -> bool:
    """Whether a message to a window says that nobody sits before the session any more."""
    return (message == SESSION and what in LEFT) or (message == POWER and what == SUSPENDING)


class WindowsSession(QObject):
    """Says when the session of Windows that the window runs in is left.

    Signals:
        left: locked, disconnected, or about to sleep. It may come more than once.
    """

    left = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._filter = _Filter(self)
        application = QApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self._filter)
        if sys.platform == "win32":
            handle = ctypes.c_void_p(window.winId())
            ctypes.WinDLL("wtsapi32").WTSRegisterSessionNotification(handle, _THIS_SESSION)


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, session: WindowsSession) -> None:
        super().__init__()
        self._session = session

    @override
    def nativeEventFilter(
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int
    ) -> object:
        """Look at what Windows sends; everything goes on its way."""
        if sys.platform == "win32" and bytes(kind) == b"windows_generic_MSG":
            from ctypes import wintypes  # noqa: PLC0415 - there is none elsewhere

            found = wintypes.MSG.from_address(int(message))
            if is_left(found.message, found.wParam):
                self._session.left.emit()
        return False, 0
