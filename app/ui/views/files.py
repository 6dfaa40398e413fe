"""Choose an audio file or a folder. Main thread.

Our own dialog, because all others remember: the system's keep lists of recent files, and Qt's
writes the folders one went through into a settings file. Such names can hold a patient's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDir, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileSystemModel,
    QHBoxLayout,
    QHeaderView,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import button, label
from app.ui.widgets.plain_text import LineEdit

AUDIO: Final = ("*.wav", "*.flac", "*.mp3", "*.ogg", "*.oga", "*.opus")


class PathDialog(QDialog):
    """A line for the path, and the tree of folders below it.

    Signals:
        chosen: a `Path` that was there a moment ago.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget, title: str, start: Path, patterns: tuple[str, ...]) -> None:
        """Make the dialog; without `patterns` a folder is asked for."""
        super().__init__(parent)
        self.setObjectName("pathDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.current().span(90), 64 * theme.UNIT)
        self._wants_folder = not patterns
        self._model = self._make_model(patterns)
        self.path = LineEdit(str(start))
        self.path.setObjectName("path")
        self.path.setAccessibleName(_("Path"))
        self.tree = QTreeView()
        self.tree.setObjectName("pathTree")
        self.tree.setAccessibleName(_("Folders"))
        self.tree.setModel(self._model)
        self._error = label("", "error")
        self.go = button("pathGo", _("Open") if patterns else _("Save here"), kind="primary")
        self.go.setDefault(True)
        self.cancel = button("pathCancel", _("Cancel"))
        self._place(title)
        self._connect()
        self._show(start)

    def _make_model(self, patterns: tuple[str, ...]) -> QFileSystemModel:
        model = QFileSystemModel(self)
        model.setOption(QFileSystemModel.Option.DontUseCustomDirectoryIcons)
        folders = QDir.Filter.AllDirs | QDir.Filter.NoDotAndDotDot | QDir.Filter.Drives
        model.setFilter(folders | QDir.Filter.Files if patterns else folders)
        model.setNameFilters(list(patterns))
        model.setNameFilterDisables(False)
        model.setRootPath("")
        return model

    def _place(self, title: str) -> None:
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        for column in (1, 2, 3) if self._wants_folder else (2,):
            self.tree.setColumnHidden(column, True)
        for column in (1, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QHBoxLayout()
        buttons.addWidget(self._error, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        body = QVBoxLayout(self)
        body.setContentsMargins(*[3 * theme.UNIT] * 4)
        body.setSpacing(2 * theme.UNIT)
        body.addWidget(label(title, factor=1.35, strong=True))
        body.addWidget(self.path)
        body.addWidget(self.tree, 1)
        body.addLayout(buttons)

    def _connect(self) -> None:
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.tree.doubleClicked.connect(self._on_double_click)
        self.go.clicked.connect(self._on_go)
        self.cancel.clicked.connect(self.reject)
        self.path.textEdited.connect(lambda _text: self._error.setText(""))

    def _show(self, start: Path) -> None:
        index = self._model.index(str(start))
        self.tree.setCurrentIndex(index)
        self.tree.expand(index)
        self.path.setText(str(start))
        self._model.directoryLoaded.connect(lambda _folder: self._come_into_view())
        self.path.setFocus()

    def _come_into_view(self) -> None:
        """Scroll to the folder one is in; the tree learns of its folders bit by bit."""
        index = self.tree.currentIndex()
        if index.isValid() and not self.tree.hasFocus():
            self.tree.scrollTo(index, QTreeView.ScrollHint.PositionAtCenter)

    def _on_current(self, index: QModelIndex) -> None:
        self.path.setText(QDir.toNativeSeparators(self._model.filePath(index)))
        self._error.setText("")

    def _on_double_click(self, index: QModelIndex) -> None:
        if not self._model.isDir(index):
            self._on_go()

    def _on_go(self) -> None:
        path = Path(self.path.text().strip()).expanduser()
        is_there = path.is_dir() if self._wants_folder else path.is_file()
        if is_there:
            self.chosen.emit(path)
            self.accept()
        elif self._wants_folder:
            self._error.setText(_("There is no such folder."))
        else:
            self._error.setText(_("Choose an audio file."))


def ask_for_audio(parent: QWidget, done: Callable[[Path], object]) -> PathDialog:
    """Ask for an audio file; `done` gets its path unless the person cancels."""
    return _ask(PathDialog(parent, _("Open audio file"), Path.home(), AUDIO), done)


def ask_for_folder(parent: QWidget, folder: str, done: Callable[[Path], object]) -> PathDialog:
    """Ask for a folder; `done` gets its path unless the person cancels."""
    start = Path(folder) if folder and Path(folder).is_dir() else Path.home()
    return _ask(PathDialog(parent, _("Save into folder"), start, ()), done)


def _ask(dialog: PathDialog, done: Callable[[Path], object]) -> PathDialog:
    dialog.chosen.connect(done)
    dialog.open()
    return dialog
