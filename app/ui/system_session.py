"""Hears from the system that its session is locked, left to another user, or put to sleep.

Signals of logind on the system's bus, and of the screen saver on the user's. A system that says
nothing is no error: the idle lock remains. Windows: see `windows_session`.
"""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusVariant

_LOGIN: Final = "org.freedesktop.login1"
_MANAGER: Final = "/org/freedesktop/login1"
_SESSION: Final = f"{_LOGIN}.Session"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_SAVERS: Final = (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
    ("/org/cinnamon/ScreenSaver", "org.cinnamon.ScreenSaver"),
    ("/org/mate/ScreenSaver", "org.mate.ScreenSaver"),
)
_LEFT: Final = {"Active": False, "LockedHint": True}
"""Properties of a session, and the value that says nobody sits before it."""
_PATIENCE_MS: Final = 2_000


class SystemSession(QObject):
    """Says when the session of the system that the window runs in is left.

    Signals:
        left: locked, switched to another user, or about to sleep. It may come more than once.
    """

    left = Signal()

    def __init__(
        self,
        system: QDBusConnection | None = None,
        user: QDBusConnection | None = None,
        environment: Mapping[str, str] = os.environ,
        parent: QObject | None = None,
    ) -> None:
        """Listen.

        Args:
            system: the system's bus; default: that of this machine, if it has any.
            user: the user's; likewise.
            environment: names the session (`XDG_SESSION_ID`).
            parent: owns it.
        """
        super().__init__(parent)
        self._system = system or QDBusConnection.systemBus()
        self._path = session_path(environment.get("XDG_SESSION_ID", ""))
        self._hear_logind()
        if user is not None or has_user_bus(environment):
            self._hear_savers(user or QDBusConnection.sessionBus())

    def _hear_logind(self) -> None:
        on_flag, on_lock = _slot("on_flag(QDBusMessage)"), _slot("on_lock(QDBusMessage)")
        manager = f"{_LOGIN}.Manager"
        self._system.connect(_LOGIN, _MANAGER, manager, "PrepareForSleep", self, on_flag)
        if self._path:
            on_change = _slot("on_change(QDBusMessage)")
            changed = (_PROPERTIES, "PropertiesChanged")
            self._system.connect(_LOGIN, self._path, _SESSION, "Lock", self, on_lock)
            self._system.connect(_LOGIN, self._path, *changed, self, on_change)

    def _hear_savers(self, user: QDBusConnection) -> None:
        for path, saver in _SAVERS:
            user.connect("", path, saver, "ActiveChanged", self, _slot("on_flag(QDBusMessage)"))

    @Slot(QDBusMessage)
    def on_flag(self, message: QDBusMessage) -> None:
        """Hear a signal that says whether: true = the session is left."""
        if message.arguments()[:1] == [True]:
            self.left.emit()

    @Slot(QDBusMessage)
    def on_lock(self, _message: QDBusMessage) -> None:
        """Hear that the session is to be locked."""
        self.left.emit()

    @Slot(QDBusMessage)
    def on_change(self, _message: QDBusMessage) -> None:
        """Hear that the session changed: ask for what matters, and wait for no answer."""
        for name in _LEFT:
            asked = QDBusMessage.createMethodCall(_LOGIN, self._path, _PROPERTIES, "Get")
            asked.setArguments([_SESSION, name])
            answer = _slot(f"on_{name.lower()}(QDBusMessage)")
            self._system.callWithCallback(asked, self, answer, _PATIENCE_MS)

    @Slot(QDBusMessage)
    def on_active(self, answer: QDBusMessage) -> None:
        """Hear whether somebody sits before the session."""
        self._weigh(answer, "Active")

    @Slot(QDBusMessage)
    def on_lockedhint(self, answer: QDBusMessage) -> None:
        """Hear whether the session is locked."""
        self._weigh(answer, "LockedHint")

    def _weigh(self, answer: QDBusMessage, name: str) -> None:
        found: Any = next(iter(answer.arguments()), None)
        value = found.variant() if isinstance(found, QDBusVariant) else found
        if value is _LEFT[name]:
            self.left.emit()


def _slot(signature: str) -> bytes:
    """Name a slot. The binding's types ask for bytes here, and it takes text only."""
    return cast("bytes", SLOT(signature))


def has_user_bus(environment: Mapping[str, str]) -> bool:
    """Whether the user has a bus. Asking for one that is not there would start a program."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    return "DBUS_SESSION_BUS_ADDRESS" in environment or bool(
        runtime and (Path(runtime) / "bus").exists()
    )


def session_path(name: str) -> str:
    """Return where logind keeps a session on the bus; empty when it has no name.

    Letters that a path may not hold, and a digit in front, are written as `_` and two hex digits
    (sd_bus_path_encode(3)).
    """
    plain = string.ascii_letters + string.digits
    spelled = [
        letter if letter in plain and not (at == 0 and letter.isdigit()) else f"_{ord(letter):02x}"
        for at, letter in enumerate(name)
    ]
    return f"{_MANAGER}/session/{''.join(spelled)}" if name else ""
