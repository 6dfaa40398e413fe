"""The settings of this person on this workstation, read once and saved when changed.

Main thread; writing happens on a lane of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.errors import FileAccessError
from app.foundation import texts
from app.foundation.config import Settings, read_settings, save_settings
from app.foundation.i18n import _
from app.foundation.jobs import Lane
from app.foundation.paths import private_folder

if TYPE_CHECKING:
    from app.domain.ports import Post

FROM_NEXT_START: Final = ("language", "clinic_id", "clinic_name")
"""What the file alone brings into effect: a choice that cannot be saved is none."""


class Preferences(QObject):
    """Holds `Settings` and keeps the file in step.

    A choice that cannot be saved holds until the program is closed, which is said; one that would
    begin with the next start of the program is taken back.

    Args:
        path: of the file.
        post: brings home whether it was saved.

    Signals:
        changed: `settings` is another.
        not_saved: words for a person: what was not saved, why, and what to do.
        saved: what was told by `not_saved` holds no longer.
    """

    changed = Signal()
    not_saved = Signal(str)
    saved = Signal()

    def __init__(self, path: Path, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path, self._post = path, post
        reading = read_settings(path)
        self.settings: Settings = reading.settings
        self.trouble = reading.trouble
        self.unsaved = ""
        """What `not_saved` told; empty when all is saved."""
        self._kept = reading.settings  # what the file says
        self._lane = Lane("settings")

    def change(self, **values: str | int) -> None:
        """Take other values and save them; `not_saved` follows when that is not possible.

        Raises:
            pydantic.ValidationError: a value is not allowed.
        """
        settings = Settings.model_validate({**self.settings.model_dump(), **values})
        if settings != self.settings:
            self.settings = settings
            self.save()
            self.changed.emit()

    def save(self) -> None:
        """Write the settings in effect, once more if they could not be written before."""
        wanted = self.settings
        self._post.deliver(
            self._lane.submit(_save, self._path, wanted),
            self,
            lambda _none: self._on_saved(wanted),
            lambda error: self._on_failed(wanted, error),
        )

    def close(self) -> None:
        """Write what is queued. Blocks for one small file."""
        self._lane.close()

    def _on_saved(self, settings: Settings) -> None:
        self._kept = settings
        if self.unsaved and settings == self.settings:
            self.unsaved = ""
            self.saved.emit()

    def _on_failed(self, wanted: Settings, error: BaseException) -> None:
        if wanted != self.settings:
            return  # what was changed since then is being saved, and this with it
        lost = {each: getattr(self._kept, each) for each in FROM_NEXT_START}
        self.settings = wanted.model_copy(update=lost)
        self.unsaved = _words(error, is_taken_back=self.settings != wanted)
        self.not_saved.emit(self.unsaved)
        if self.settings != wanted:
            self.changed.emit()


def _words(error: BaseException, *, is_taken_back: bool) -> str:
    """Return what happened to a choice, why, and what can be done."""
    if is_taken_back:
        what = _("The setting could not be saved and is what it was.")
    else:
        what = _("The setting could not be saved: it holds until the program is closed.")
    why = texts.words(error)
    if isinstance(error, FileAccessError):  # its words are of folders that a person chose
        why = _("Its folder cannot be written: have its permissions mended, then save again.")
    return f"{what} {why}"


def _save(path: Path, settings: Settings) -> None:
    private_folder(path.parent)  # nobody else makes the folder of the settings
    save_settings(path, settings)
