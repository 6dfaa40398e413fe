"""A message bus of its own, with a login manager on it that says what a test wants."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import ClassInfo, Property, QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage

LOGIN: Final = "org.freedesktop.login1"
SESSION: Final = "/org/freedesktop/login1/session/_34"
_NAMES = itertools.count()


def missing() -> str:
    """Return what this machine lacks; empty = nothing."""
    return "" if shutil.which("dbus-daemon") else "no dbus-daemon"


@contextmanager
def private_bus() -> Iterator[str]:
    """Run a bus that nobody else knows; yields its address."""
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.communicate()


@contextmanager
def connected(address: str) -> Iterator[QDBusConnection]:
    """Yield a connection of its own to a bus."""
    name = f"test{next(_NAMES)}"
    made = QDBusConnection.connectToBus(address, name)
    assert made.isConnected(), made.lastError().message()
    yield made
    QDBusConnection.disconnectFromBus(name)


_named: Any = ClassInfo  # its types describe no decorator, which it is


@_named({"D-Bus Interface": f"{LOGIN}.Session"})
class LoginSession(QObject):
    """What logind tells of a session when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.is_active, self.is_locked = True, False

    def _active(self) -> bool:
        return self.is_active

    def _locked(self) -> bool:
        return self.is_locked

    Active = Property(bool, _active)
    LockedHint = Property(bool, _locked)


class LoginManager:
    """Stands for logind on a private bus."""

    def __init__(self, bus: QDBusConnection) -> None:
        self._bus = bus
        self.session = LoginSession()
        assert bus.registerService(LOGIN)
        exported = QDBusConnection.RegisterOption.ExportAllProperties
        assert bus.registerObject(SESSION, self.session, exported)

    def say(self, path: str, interface: str, member: str, *values: object) -> None:
        """Send a signal."""
        message = QDBusMessage.createSignal(path, interface, member)
        message.setArguments(list(values))
        assert self._bus.send(message)

    def change(self, *, is_active: bool = True, is_locked: bool = False) -> None:
        """Change the session, and say that something changed."""
        self.session.is_active, self.session.is_locked = is_active, is_locked
        names = ["Active", "LockedHint"]
        properties = "org.freedesktop.DBus.Properties"
        self.say(SESSION, properties, "PropertiesChanged", f"{LOGIN}.Session", {}, names)
