"""A button that opens a microphone for a while, and how loud it is there. Main thread.

Nothing is recorded, and nothing opens by itself: SECURITY.md, section 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.ui import theme
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import button

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.room import RoomModel


class RoomMeter(QWidget):
    """Starts and ends what a `RoomModel` does; it also ends when this goes out of sight.

    Args:
        model: listens to the room.
        recorder: knows which microphone is chosen.
        name: of the button.
        words: on the button, to start and to stop.
        kind: look of the button.
    """

    def __init__(
        self,
        model: RoomModel,
        recorder: RecorderModel,
        name: str,
        words: tuple[str, str],
        kind: str = "",
    ) -> None:
        super().__init__()
        self._model, self._recorder, self._words = model, recorder, words
        self.go = button(name, "", "microphone", kind)
        self.meter = LevelMeter()
        keeps = self.meter.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.meter.setSizePolicy(keeps)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.go)
        row.addWidget(self.meter, 1)
        self.go.clicked.connect(self._on_go)
        model.changed.connect(self._show)
        model.level_measured.connect(self._show_level)
        self._show()

    def _on_go(self) -> None:
        if self._model.is_listening:
            self._model.leave()
        else:
            self._model.start(self._recorder.device)

    def _show(self) -> None:
        start, stop = self._words
        text = stop if self._model.is_listening else start
        self.go.setText(text)
        self.go.setAccessibleName(text)
        self.meter.setVisible(self._model.is_listening)
        self.meter.clear()

    def _show_level(self) -> None:
        if self._model.level is not None:
            self.meter.show_level(self._model.level)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._model.leave()
