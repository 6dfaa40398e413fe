"""Starts Qt, hands the courier to the services, and shows the window. Main thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from app.domain.errors import AppError
from app.domain.ids import ModelId
from app.domain.ports import Post
from app.foundation import paths, texts
from app.ui.courier import Courier
from app.ui.main_window import TITLE, MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences

if TYPE_CHECKING:
    from app.workflow.services import Services

EXIT_REFUSED: Final = 6
"""The profile cannot be used: the same code as on the command line."""
SETTINGS_FILE: Final = "settings.toml"


def run(make_services: Callable[[Post], Services], argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed.

    Args:
        make_services: gets the courier as the post, returns the services of this app.
        argv: as `sys.argv`; Qt takes its own options out of it.

    Returns:
        The exit status.
    """
    app = QApplication(list(argv))
    app.setApplicationName("stethoscribe")
    app.setApplicationDisplayName(TITLE)
    app.setDesktopFileName("org.stethoscribe.Stethoscribe")
    resources = paths.resources()
    app.setWindowIcon(QIcon(str(resources / "icons" / "app.svg")))
    preferences = Preferences(settings_file())
    look = Theme(app, resources)
    look.apply(preferences.settings.look, preferences.settings.text_size)
    courier = Courier()
    try:
        services = make_services(courier)
    except AppError as error:
        QMessageBox.critical(None, TITLE, texts.words(error))
        preferences.close()
        return EXIT_REFUSED
    courier.event_arrived.connect(services.bus.dispatch)
    for role in ("speech", "notes"):
        if model := getattr(preferences.settings, f"{role}_model"):
            services.administration.choose(role, ModelId(model))
    window = MainWindow(services, preferences)
    window.show()
    window.begin()
    try:
        return app.exec()
    finally:
        window.leave()
        services.close()
        preferences.close()


def settings_file() -> Path:
    """Return where the settings lie."""
    return paths.config_folder() / SETTINGS_FILE
