"""Starts Qt, hands the courier to the services, and shows the window. Main thread."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from app.domain.errors import AppError
from app.domain.ids import ModelId
from app.domain.ports import Post
from app.foundation import paths, texts
from app.foundation.i18n import use_language
from app.foundation.instance import claim_instance
from app.ui import theme
from app.ui.courier import Courier
from app.ui.main_window import TITLE, MainWindow
from app.ui.system_session import SystemSession
from app.ui.theme import Theme
from app.ui.viewmodels.caller import Caller
from app.ui.viewmodels.preferences import Preferences
from app.ui.windows_session import WindowsSession

if TYPE_CHECKING:
    from app.workflow.services import Services

EXIT_REFUSED: Final = 6
"""The profile cannot be used: the same code as on the command line."""
EXIT_ELSEWHERE: Final = 0
"""A window of this profile runs already; it comes to the front."""
SETTINGS_FILE: Final = "settings.toml"
FRAME: Final = 5 * theme.UNIT
"""Room for a title bar and a border: Openbox takes 24 px of it, desktops with larger bars more."""


def run(make_services: Callable[[Post], Services], argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed.

    Args:
        make_services: gets the courier as the post, returns the services of this app.
        argv: as `sys.argv`; Qt takes its own options out of it.

    Returns:
        The exit status.
    """
    app = _make_app(argv)
    courier = Courier()
    with contextlib.ExitStack() as leaving:
        try:
            instance = claim_instance(paths.private_folder(paths.root()))
            if instance is None:
                return EXIT_ELSEWHERE
            caller = Caller(instance, courier)
            leaving.callback(caller.close)
            preferences = Preferences(settings_file(), courier)
            leaving.callback(preferences.close)
            use_language(language_of(preferences.settings.language), paths.translations())
            look = Theme(app, paths.resources())
            look.calm(preferences.settings.motion)
            look.apply(preferences.settings.look, preferences.settings.text_size)
            services = make_services(courier)
        except AppError as error:
            QMessageBox.critical(None, TITLE, texts.words(error))
            return EXIT_REFUSED
        leaving.callback(services.close)
        courier.event_arrived.connect(services.bus.dispatch)
        _choose_models(services, preferences)
        window = MainWindow(services, preferences)
        leaving.callback(window.leave)
        caller.called.connect(window.press)
        session = WindowsSession(window) if sys.platform == "win32" else SystemSession()
        session.left.connect(window.leave_alone)
        _show(window)
        window.begin()
        keep_for_good()
        return app.exec()


def _show(window: MainWindow) -> None:
    if fills(window.size(), QGuiApplication.primaryScreen().availableGeometry().size()):
        window.setWindowState(Qt.WindowState.WindowMaximized)
    window.show()


def keep_for_good() -> None:
    """Spare what stands until the program ends from the search for garbage.

    Modules and parts of the window are some 87,000 objects. To look through them stops every
    thread for 45 ms; what comes and goes later, a visit of 90 minutes among it, takes 3 ms
    (CPython 3.11 on a busy 2-core machine). Called before a vault is open: nothing of a patient is
    kept by it.
    """
    gc.freeze()


def fills(window: QSize, screen: QSize) -> bool:
    """Whether a window with its frame has no room on a screen, all in device-independent pixels.

    It is then shown maximized: its lowest line, where troubles are told, would lie below the edge.
    """
    return window.width() >= screen.width() or window.height() + FRAME > screen.height()


def language_of(chosen: str) -> str:
    """Return the language to speak: the chosen one, or the system's (`de_AT` counts as `de`)."""
    if chosen != "system":
        return chosen
    return QLocale.system().name().partition("_")[0] or "en"


def _make_app(argv: Sequence[str]) -> QApplication:
    app = QApplication(list(argv))
    app.setApplicationName("stethoscribe")
    app.setApplicationDisplayName(TITLE)
    app.setDesktopFileName("org.stethoscribe.Stethoscribe")
    app.setWindowIcon(QIcon(str(paths.resources() / "icons" / "app.svg")))
    return app


def _choose_models(services: Services, preferences: Preferences) -> None:
    for role in ("speech", "notes"):
        if model := getattr(preferences.settings, f"{role}_model"):
            services.administration.choose(role, ModelId(model))


def settings_file() -> Path:
    """Return where the settings lie."""
    return paths.config_folder() / SETTINGS_FILE
