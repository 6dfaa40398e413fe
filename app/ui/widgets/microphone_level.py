"""How loud the chosen microphone is, beside its choice: a room check without a text. Main thread.

Nothing is recorded, and the microphone opens only when the person asks for it: without a consent
no device is opened by itself, not even for a meter (SECURITY.md, section 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import button, set_kind, wrapped

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
        self.go = button("microphoneLevelGo", "", "microphone")
        self.meter = LevelMeter()
        self.words = wrapped("", "muted", 0.9)
        self.words.setObjectName("microphoneLevelWords")
        keeps = self.meter.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.meter.setSizePolicy(keeps)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.go)
        row.addWidget(self.meter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT // 2)
        column.addLayout(row)
        column.addWidget(self.words)
        self.go.clicked.connect(self._on_go)
        model.changed.connect(self._show)
        model.level_measured.connect(self._show_level)
        self._show()

    def follow(self) -> None:
        """Another microphone was chosen: show that one, if a level is shown."""
        if self._model.is_listening:
            self._model.start(self._recorder.device)

    def _on_go(self) -> None:
        if self._model.is_listening:
            self._model.leave()
        else:
            self._model.start(self._recorder.device)

    def _show(self) -> None:
        model = self._model
        text = _("Hide the level") if model.is_listening else _("Show the level")
        self.go.setText(text)
        self.go.setAccessibleName(text)
        self.meter.setVisible(model.is_listening)
        self.meter.clear()
        words = _("The microphone is open. Nothing is kept.") if model.is_listening else ""
        self.words.setText(model.trouble or words)
        self.words.setVisible(bool(self.words.text()))
        set_kind(self.words, "kind", "error" if model.trouble else "muted")

    def _show_level(self) -> None:
        if self._model.level is not None:
            self.meter.show_level(self._model.level)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._model.leave()
