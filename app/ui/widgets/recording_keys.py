"""Every dialog hears the keys of a recording that runs behind it. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog

from app.ui.widgets.actions import make_recording_actions

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel


class RecordingKeys(QObject):
    """Gives each dialog the keys once, when it first has the focus.

    A dialog hears no key of the window it belongs to, and one that is modal lets nobody reach the
    buttons: without this, whoever says something private had to close it first.
    """

    def __init__(self, recorder: RecorderModel, parent: QObject) -> None:
        super().__init__(parent)
        self._recorder = recorder
        application = QApplication.instance()
        if isinstance(application, QApplication):
            # its arguments are left out: the part that had the focus may be half gone
            application.focusChanged.connect(self._look)

    def _look(self) -> None:
        focused = QApplication.focusWidget()
        window = focused.window() if focused is not None else None
        if isinstance(window, QDialog) and window.findChild(QAction, "action_pause") is None:
            make_recording_actions(window, self._recorder)
