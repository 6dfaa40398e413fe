"""The room check as a part of a page: what to read, how loud it is, and a plain result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.domain.audio import VoiceFinding
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.room import SECONDS, finding_words
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import IconLabel, button, frame, label, set_kind, wrapped

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.room import RoomModel

_LOOKS: Final = {
    VoiceFinding.GOOD: ("supported", "supported"),
    VoiceFinding.FAR: ("partly", "partly"),
    VoiceFinding.QUIET: ("partly", "partly"),
    VoiceFinding.CLIPPING: ("partly", "partly"),
}
_BAD: Final = ("unsupported", "unsupported")


def reading_words() -> str:
    """Return what to read aloud: half a minute, and nothing of anybody."""
    return _(
        "Good morning, please come in and have a seat. I would like to hear what brings you here "
        "today, and then I will have a look at you. Take your time; if I write something down, "
        "it is only so that I do not forget it. Tell me when it began, where it is, and what makes "
        "it better or worse. After that we will talk about what we can do, and you can ask me "
        "whatever you like."
    )


class RoomCheck(QWidget):
    """Shows a `RoomModel`. Leaving the page ends a check that runs."""

    def __init__(self, model: RoomModel, recorder: RecorderModel) -> None:
        super().__init__()
        self.setObjectName("roomCheck")
        self._model, self._recorder = model, recorder
        self.go = button("roomCheckGo", "", "microphone", "primary")
        self.meter = LevelMeter()
        self._time = label("", "muted")
        self._time.setObjectName("roomCheckTime")
        self._icon = IconLabel("supported", "supported", 3 * theme.UNIT)
        self.found = wrapped("", factor=1.1)
        self.found.setObjectName("roomCheckResult")
        self._advice = wrapped("", "muted")
        self._advice.setObjectName("roomCheckAdvice")
        self._place()
        self.go.clicked.connect(self._on_go)
        model.changed.connect(self._show)
        model.level_measured.connect(self._show_level)
        self._show()

    def _place(self) -> None:
        how = _(
            "Put the microphone where it stands during a visit, sit where you sit, and read this "
            "aloud until the time is up. Nothing of it is kept."
        )
        inner = QVBoxLayout()
        inner.addWidget(wrapped(reading_words()))
        keeps = self.meter.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.meter.setSizePolicy(keeps)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.go)
        row.addWidget(self.meter, 1)
        row.addWidget(self._time)
        words = QVBoxLayout()
        words.setSpacing(theme.UNIT // 2)
        words.addWidget(self.found)
        words.addWidget(self._advice)
        result = QHBoxLayout()
        result.setSpacing(theme.UNIT)
        result.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        result.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(wrapped(how, "muted"))
        column.addWidget(frame("sunken", inner, (2, 2, 2, 2)))
        column.addLayout(row)
        column.addLayout(result)
        column.addStretch(1)

    def _on_go(self) -> None:
        if self._model.is_listening:
            self._model.leave()
        else:
            self._model.start(self._recorder.device)

    def _show(self) -> None:
        model = self._model
        words = _("Stop the room check") if model.is_listening else _("Start the room check")
        self.go.setText(words)
        self.go.setAccessibleName(words)
        self.meter.setVisible(model.is_listening)
        self.meter.clear()
        self._show_time()
        found, advice, look = self._result()
        self.found.setText(found)
        self._advice.setText(advice)
        self._icon.show_icon(*look)
        for part in (self._icon, self.found):
            part.setVisible(bool(found))
        self._advice.setVisible(bool(advice))
        if found:
            QAccessible.updateAccessibility(QAccessibleEvent(self.found, QAccessible.Event.Alert))

    def _result(self) -> tuple[str, str, tuple[str, str]]:
        model = self._model
        if model.trouble:
            return model.trouble, "", _BAD
        if model.result is None:
            return "", "", _BAD
        found, advice = finding_words(model.result.finding)
        return found, advice, _LOOKS.get(model.result.finding, _BAD)

    def _show_level(self) -> None:
        if self._model.level is not None:
            self.meter.show_level(self._model.level)
        self._show_time()

    def _show_time(self) -> None:
        left = math.ceil(self._model.seconds_left) if self._model.is_listening else round(SECONDS)
        self._time.setText(_("{seconds} s").format(seconds=left))
        set_kind(self._time, "kind", "" if self._model.is_listening else "muted")

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._model.leave()
