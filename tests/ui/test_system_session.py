"""The system locks its session, switches the user, or goes to sleep: the window locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.system_session import SystemSession, has_user_bus, session_path
from app.ui.viewmodels.recorder import RecorderState
from app.ui.windows_session import LEFT, POWER, SESSION, SUSPENDING, is_left
from tests.fakes import buses
from tests.fakes.buses import LOGIN, LoginManager
from tests.fakes.services import Stage
from tests.ui.test_idle import PLANNED
from tests.ui.test_window import start_recording

needs_bus = pytest.mark.skipif(bool(buses.missing()), reason=buses.missing() or "there is one")
MANAGER = "/org/freedesktop/login1"
QUIET_MS = 200


class Heard:
    """A session that is listened to, and who may say something about it."""

    def __init__(self, session: SystemSession, manager: LoginManager) -> None:
        self.session, self.manager = session, manager
        self.times = 0
        session.left.connect(self._count)

    def _count(self) -> None:
        self.times += 1


@pytest.fixture
def heard(qapp: QApplication) -> Iterator[Heard]:
    assert qapp is not None
    with (
        buses.private_bus() as address,
        buses.connected(address) as system,
        buses.connected(address) as login,
    ):
        session = SystemSession(system, system, {"XDG_SESSION_ID": "4"})
        yield Heard(session, LoginManager(login))


def sleep(manager: LoginManager) -> None:
    manager.say(MANAGER, f"{LOGIN}.Manager", "PrepareForSleep", True)


def lock(manager: LoginManager) -> None:
    manager.say(buses.SESSION, f"{LOGIN}.Session", "Lock")


def save_screen(manager: LoginManager) -> None:
    manager.say("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", True)


def switch_user(manager: LoginManager) -> None:
    manager.change(is_active=False)


def hint(manager: LoginManager) -> None:
    manager.change(is_locked=True)


LEAVINGS = (sleep, lock, save_screen, switch_user, hint)


@needs_bus
@pytest.mark.parametrize("leave", LEAVINGS, ids=lambda each: each.__name__)
def test_a_session_that_is_left_is_heard(
    leave: Callable[[LoginManager], None], qtbot: QtBot, heard: Heard
) -> None:
    leave(heard.manager)
    qtbot.waitUntil(lambda: heard.times > 0)


@needs_bus
def test_a_session_that_is_come_back_to_is_no_leaving(qtbot: QtBot, heard: Heard) -> None:
    heard.manager.say(MANAGER, f"{LOGIN}.Manager", "PrepareForSleep", False)
    saver = ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged")
    heard.manager.say(*saver, False)
    heard.manager.change()
    other = "/org/freedesktop/login1/session/_35"
    heard.manager.say(other, f"{LOGIN}.Session", "Lock")
    qtbot.wait(QUIET_MS)
    assert heard.times == 0
    lock(heard.manager)  # the bus keeps the order: all before this one was heard
    qtbot.waitUntil(lambda: heard.times == 1)


@needs_bus
def test_the_window_locks_and_the_recording_goes_on(
    qtbot: QtBot, stage: Stage, opened: Callable[[str], MainWindow], heard: Heard
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    heard.session.left.connect(window.leave_alone)
    lock(heard.manager)
    qtbot.waitUntil(window.unlock_page.isVisible)
    assert stage.unlocking.account is None
    assert window.recorder.state is RecorderState.RECORDING
    lock(heard.manager)  # a second word changes nothing
    qtbot.waitUntil(lambda: heard.times == 2)
    assert window.unlock_page.isVisible()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("4", "/org/freedesktop/login1/session/_34"),
        ("42", "/org/freedesktop/login1/session/_342"),
        ("c1", "/org/freedesktop/login1/session/c1"),
        ("a-b", "/org/freedesktop/login1/session/a_2db"),
        ("", ""),
    ],
)
def test_a_session_lies_where_logind_keeps_it(name: str, path: str) -> None:
    assert session_path(name) == path


def test_no_bus_is_started_where_there_is_none(tmp_path: Path) -> None:
    assert not has_user_bus({})
    assert not has_user_bus({"XDG_RUNTIME_DIR": str(tmp_path)})
    (tmp_path / "bus").touch()
    assert has_user_bus({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert has_user_bus({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})


@pytest.mark.parametrize("what", sorted(LEFT))
def test_windows_says_that_a_session_is_left(what: int) -> None:
    assert is_left(SESSION, what)


@pytest.mark.parametrize(
    ("message", "what"), [(SESSION, 0x8), (SESSION, 0x1), (POWER, 0x7), (0x10, SUSPENDING)]
)
def test_other_messages_of_windows_mean_nothing(message: int, what: int) -> None:
    assert not is_left(message, what)
    assert is_left(POWER, SUSPENDING)
