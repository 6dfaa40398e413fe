"""The room check as a part of a page: what to read, how loud it is, and a plain result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.audio import VoiceFinding
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.room import SECONDS, finding_words
from app.ui.widgets.parts import IconLabel, frame, label, set_kind, wrapped
from app.ui.widgets.room_meter import RoomMeter

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
    """Shows a `RoomModel`. Leaving the page ends a check that runs: see `RoomMeter`."""

    def __init__(self, model: RoomModel, recorder: RecorderModel) -> None:
        super().__init__()
        self.setObjectName("roomCheck")
        self._model = model
        words = (_("Start the room check"), _("Stop the room check"))
        self._row = RoomMeter(model, recorder, "roomCheckGo", words, "primary")
        self.go, self.meter = self._row.go, self._row.meter
        self._time = label("", "muted")
        self._time.setObjectName("roomCheckTime")
        self._icon = IconLabel("supported", "supported", 3 * theme.UNIT)
        self.found = wrapped("", factor=1.1)
        self.found.setObjectName("roomCheckResult")
        self._advice = wrapped("", "muted")
        self._advice.setObjectName("roomCheckAdvice")
        self._place()
        model.changed.connect(self._show)
        model.level_measured.connect(self._show_time)
        self._show()

    def _place(self) -> None:
        how = _(
            "Put the microphone where it stands during a visit, sit where you sit, and read this "
            "aloud until the time is up. Nothing of it is kept."
        )
        inner = QVBoxLayout()
        inner.addWidget(wrapped(reading_words()))
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self._row, 1)
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

    def _show(self) -> None:
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

    def _show_time(self) -> None:
        left = math.ceil(self._model.seconds_left) if self._model.is_listening else round(SECONDS)
        self._time.setText(_("{seconds} s").format(seconds=left))
        set_kind(self._time, "kind", "" if self._model.is_listening else "muted")
