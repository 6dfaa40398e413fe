"""Choose files and folders with Qt's own dialogs: they leave no recent-files entry behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.foundation.i18n import _


def ask_for_audio(parent: QWidget, done: Callable[[Path], object]) -> QFileDialog:
    """Ask for an audio file; `done` gets its path unless the person cancels."""
    dialog = _dialog(parent, _("Open audio file"))
    dialog.setObjectName("audioFileDialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(
        [_("Sound") + " (*.wav *.flac *.mp3 *.ogg *.oga *.opus)", _("All files") + " (*)"]
    )
    dialog.fileSelected.connect(lambda name: done(Path(name)))
    dialog.open()
    return dialog


def ask_for_folder(parent: QWidget, folder: str, done: Callable[[Path], object]) -> QFileDialog:
    """Ask for a folder; `done` gets its path unless the person cancels."""
    dialog = _dialog(parent, _("Save into folder"))
    dialog.setObjectName("folderDialog")
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    if folder:
        dialog.setDirectory(folder)
    dialog.fileSelected.connect(lambda name: done(Path(name)))
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    return dialog
