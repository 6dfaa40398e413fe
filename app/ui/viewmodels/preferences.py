"""The settings of this person on this workstation, read once and saved when changed.

Main thread; writing happens on a lane of its own.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.foundation.config import Settings, read_settings, save_settings
from app.foundation.jobs import Lane
from app.foundation.paths import private_folder


class Preferences(QObject):
    """Holds `Settings` and keeps the file in step.

    Signals:
        changed: `settings` is another.
    """

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        reading = read_settings(path)
        self.settings: Settings = reading.settings
        self.trouble = reading.trouble
        self._lane = Lane("settings")

    def change(self, **values: str | int) -> None:
        """Take other values and save them. A full disk keeps the old file and the new look.

        Raises:
            pydantic.ValidationError: a value is not allowed.
        """
        settings = Settings.model_validate({**self.settings.model_dump(), **values})
        if settings != self.settings:
            self.settings = settings
            self._lane.submit(_save, self._path, settings)
            self.changed.emit()

    def close(self) -> None:
        """Write what is queued. Blocks for one small file."""
        self._lane.close()


def _save(path: Path, settings: Settings) -> None:
    private_folder(path.parent)  # nobody else makes the folder of the settings
    save_settings(path, settings)
