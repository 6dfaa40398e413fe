"""The line of time with its button: play what is lit up, or go where one points. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import clock_words
from app.ui.widgets.parts import icon_button, label
from app.ui.widgets.waveform import Waveform

if TYPE_CHECKING:
    from app.ui.viewmodels.timeline import TimelineModel


class TimelineBar(QFrame):
    """Shows a `TimelineModel` and plays it.

    Signals:
        segment_found: id of the segment at the place a person went to.
    """

    segment_found = Signal(str)

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.setObjectName("timelineBar")
        self._model = model
        self.play = icon_button("play", _("Play"), "play", "F3")
        self.play.clicked.connect(model.play_or_stop)
        self._time = label("", "muted", 0.88)
        self._time.setObjectName("timelineTime")
        self.waveform = Waveform(model)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.UNIT, 0, 2 * theme.UNIT, 0)
        row.setSpacing(theme.UNIT)
        for widget in (self.play, self._time):
            row.addWidget(widget)
        row.addWidget(self.waveform, 1)
        self.waveform.seek_asked.connect(self._on_seek)
        self.waveform.play_asked.connect(model.play_or_stop)
        model.changed.connect(self.refresh)
        model.moved.connect(self._show_time)
        model.playing_changed.connect(self.refresh)
        self.setMinimumHeight(6 * theme.UNIT)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is; nothing, when nothing was heard."""
        model = self._model
        self.setVisible(model.samples > 0)
        words, icon = (_("Stop playing"), "stop") if model.is_playing else (_("Play"), "play")
        if self.play.accessibleName() != words:
            self.play.setAccessibleName(words)
            self.play.setToolTip(f"{words} (F3)")
            self.play.setIcon(theme.current().icon(icon))
        self.play.setEnabled(model.can_play)
        self._show_time()

    def _show_time(self) -> None:
        length = clock_words(self._model.length_s)
        place = clock_words(self._model.recorded_s(self._model.position))
        words = _("{place} / {length}").format(place=place, length=length)
        self._time.setText(words if self._model.can_play else length)

    def _on_seek(self, at_sample: int) -> None:
        segment = self._model.seek(at_sample)
        if segment is not None:
            self.segment_found.emit(segment)
