"""How loud the chosen microphone is, beside its choice: a room check without a text. Main thread.

Nothing is recorded, and the microphone opens only when the person asks for it: without a consent
no device is opened by itself, not even for a meter (SECURITY.md, section 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import set_kind, wrapped
from app.ui.widgets.room_meter import RoomMeter

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.room import RoomModel


class MicrophoneLevel(QWidget):
    """Shows the level of the chosen microphone for half a minute, or until it is out of sight.

    Args:
        model: of its own; a room check that is started elsewhere ends what runs here.
        recorder: knows which microphone is chosen.
    """

    def __init__(self, model: RoomModel, recorder: RecorderModel) -> None:
        super().__init__()
        self.setObjectName("microphoneLevel")
        self._model, self._recorder = model, recorder
        words = (_("Show the level"), _("Hide the level"))
        row = RoomMeter(model, recorder, "microphoneLevelGo", words)
        self.go, self.meter = row.go, row.meter
        self.words = wrapped("", "muted", 0.9)
        self.words.setObjectName("microphoneLevelWords")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addWidget(row)
        column.addWidget(self.words)
        model.changed.connect(self._show)
        self._show()

    def follow(self) -> None:
        """Another microphone was chosen: show that one, if a level is shown."""
        if self._model.is_listening:
            self._model.start(self._recorder.device)

    def _show(self) -> None:
        model = self._model
        words = _("The microphone is open. Nothing is kept.") if model.is_listening else ""
        self.words.setText(model.trouble or words)
        self.words.setVisible(bool(self.words.text()))
        set_kind(self.words, "kind", "error" if model.trouble else "muted")
