"""The recorder: what it does, how loud, how long, and the buttons. Main thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.audio import InputDevice, Level
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.recorder import HOLDING, RUNNING, RecorderState
from app.ui.widgets.banner import LARGE
from app.ui.widgets.choice import Choice
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import AskingLabel, IconLabel, button, icon_button, label, set_kind

LAG_SHOWN_S: Final = 2.0
"""From here on the lag is said: 2 s is fine, 5 s disturbs (PRODUCT.md)."""

NAME: Final = 18
"""Letters of a microphone's name that have room."""
SHORT_NAME: Final = 10
"""Of them, those that have room where text is large and the level is shown."""


class RecorderBar(QFrame):
    """Shows the recorder and asks for its steps; decides nothing.

    Signals:
        record_asked, dictate_asked, pause_asked, stop_asked, file_asked: a button was pressed.
        off_asked: go off the record, or back on it.
        bookmark_asked: mark this moment.
        small_asked: the small recorder instead of the window.
        device_chosen: stable name of a microphone, empty = default.
    """

    record_asked = Signal()
    dictate_asked = Signal()
    pause_asked = Signal()
    stop_asked = Signal()
    file_asked = Signal()
    off_asked = Signal()
    bookmark_asked = Signal()
    small_asked = Signal()
    device_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setObjectName("recorderBar")
        self._dot = IconLabel("microphone", "muted", 3 * theme.UNIT)
        self._state = label("", strong=True)
        self._state.setObjectName("recorderState")
        self._time = label("0:00", factor=1.5, strong=True)
        self._time.setObjectName("recorderTime")
        self._time.setAccessibleName(_("Recorded time"))
        self._lag = AskingLabel("", 0.88)
        self._lag.setProperty("kind", "muted")
        self._lag.setObjectName("recorderLag")
        self._is_armed = self._is_dictation = False
        self.meter = LevelMeter()
        self.devices = Choice("deviceChoice", _("Microphone"))
        adjust = Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.devices.setSizeAdjustPolicy(adjust)
        self._make_buttons()
        self._place()
        theme.current().look_changed.connect(self._fit)
        self._fit()
        self.devices.activated.connect(self._on_device)
        self.show_state(RecorderState.IDLE, can_record=False)

    def _make_buttons(self) -> None:
        self.record = button("recordButton", _("Record"), "record", "record", "F5")
        self.dictate = button("dictateButton", _("Dictate"), "yours", hint="Shift+F5")
        self.dictate.clicked.connect(self.dictate_asked)
        self.pause = button("pauseButton", _("Pause"), "pause", hint="F6")
        self.stop = button("stopButton", _("Stop"), "stop", hint="F7")
        self.file = button("fileButton", _("Open audio file…"), "folder", hint="Ctrl+O")
        self.off = button("offRecordButton", _("Off the record"), "off_record", hint="Shift+F6")
        self.off.setCheckable(True)
        self.mark = icon_button("bookmarkButton", _("Bookmark this moment"), "bookmark", "Ctrl+B")
        self.small = icon_button(
            "compactButton", _("Small recorder above all windows"), "compact", "F10"
        )
        self.small.clicked.connect(self.small_asked)
        self.off.clicked.connect(self._on_off)
        self.mark.clicked.connect(self.bookmark_asked)
        self.record.clicked.connect(self.record_asked)
        self.pause.clicked.connect(self.pause_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.file.clicked.connect(self.file_asked)

    def _place(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(*(each * theme.UNIT for each in (2, 1, 2, 1)))
        row.setSpacing(theme.UNIT + theme.UNIT // 2)
        self.setMinimumHeight(7 * theme.UNIT)  # two lines of words: it does not jump
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self._state)
        words.addWidget(self._lag)
        row.addWidget(self._dot)
        row.addWidget(self._time)
        row.addLayout(words)
        row.addWidget(self.meter, 1)
        row.addStretch(0)
        buttons = (self.mark, self.off, self.pause, self.stop, self.small)
        for control in (self.devices, self.file, *buttons, self.dictate, self.record):
            row.addWidget(control)
        row.setStretchFactor(self.devices, 1)  # up to its largest width

    def _fit(self) -> None:
        """Large text leaves no room for the words on every button, nor for long names."""
        is_large = theme.current().scale >= LARGE
        self.devices.setMinimumContentsLength(NAME)
        self.devices.setMaximumWidth(self.devices.sizeHint().width())
        self.devices.setMinimumContentsLength(SHORT_NAME if is_large else NAME)
        words = self.file.accessibleName()
        self.file.setText("" if is_large else words)
        self.file.setToolTip(f"{words} (Ctrl+O)" if is_large else "Ctrl+O")

    def show_state(self, state: RecorderState, can_record: bool, note: str = "") -> None:
        """Show what the recorder does; `note` is said instead of the state's own word."""
        is_running = state in RUNNING
        is_live = state is RecorderState.RECORDING or state in HOLDING
        for idle in (self.record, self.dictate, self.file, self.devices):
            idle.setVisible(not is_running)
        for live in (self.off, self.stop, self.small):
            live.setVisible(is_live)
        is_open = state is RecorderState.RECORDING
        self.meter.setVisible(is_open)
        if not is_open:
            self.meter.clear()
        self.mark.setVisible(is_open)
        self.pause.setVisible(is_live and state is not RecorderState.OFF_RECORD)
        self._time.setVisible(is_running)
        for start in (self.record, self.dictate, self.file):
            start.setEnabled(can_record)
        self._show_pause(state)
        self._show_off(state)
        self._state.setText(note or state_words(state))
        self._state.setVisible(bool(self._state.text()))
        set_kind(self._state, "kind", state_kind(state))
        self._dot.show_icon(dot_icon(state), dot_color(state))

    def _show_pause(self, state: RecorderState) -> None:
        paused = state is RecorderState.PAUSED
        self.pause.setText(_("Resume") if paused else _("Pause"))
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setIcon(theme.current().icon("record" if paused else "pause"))
        self.off.setEnabled(not paused)

    def _show_off(self, state: RecorderState) -> None:
        """Off the record is no pause: the whole bar says so."""
        is_off = state is RecorderState.OFF_RECORD
        self.off.setChecked(is_off)
        self.off.setText(_("Back on the record") if is_off else _("Off the record"))
        self.off.setAccessibleName(self.off.text())
        self.off.setIcon(theme.current().icon("record" if is_off else "off_record"))
        set_kind(self, "mode", "off" if is_off else "")

    def show_armed(self, is_armed: bool) -> None:
        """Say that the microphone is open already, though nothing is kept."""
        self._is_armed = is_armed
        if is_armed:
            self._state.setText(_("Microphone ready"))
            self._state.show()
            self.meter.show()
        self.show_lag(0.0, is_shown=False)

    def show_dictation(self, *, is_dictation: bool) -> None:
        """Say that the clinician alone is recorded: nobody else was asked."""
        self._is_dictation = is_dictation
        self.show_lag(0.0, is_shown=False)

    def _on_off(self) -> None:
        """Ask; the button stays as it was until the recorder did it."""
        self.off.setChecked(not self.off.isChecked())
        self.off_asked.emit()

    def show_level(self, level: Level, seconds: float) -> None:
        """Show how loud it is and how much is recorded."""
        self.meter.show_level(level)
        self._time.setText(clock_words(seconds))

    def show_lag(self, lag_s: float, is_shown: bool) -> None:
        """Say how far the transcript is behind, when that is worth a word."""
        has_lag = is_shown and lag_s >= LAG_SHOWN_S
        text = _("You alone: the patient was not asked") if self._is_dictation else ""
        if self._is_armed:
            text = _("Nothing is kept before you record")
        if has_lag:
            behind = _("Transcript {seconds} s behind; nothing is lost")
            text = behind.format(seconds=round(lag_s))
        self._lag.setText(text)
        self._lag.setVisible(bool(text))

    def show_devices(self, devices: tuple[InputDevice, ...], chosen: str) -> None:
        """List the microphones."""
        self.devices.clear()
        self.devices.addItem(_("Default microphone"), "")
        for device in devices:
            self.devices.addItem(device.label, device.name)
        found = self.devices.findData(chosen)
        self.devices.setCurrentIndex(max(0, found))

    def _on_device(self, index: int) -> None:
        self.device_chosen.emit(str(self.devices.itemData(index, Qt.ItemDataRole.UserRole)))


def dot_color(state: RecorderState) -> str:
    """Return the duty of the color that stands for a state."""
    if state is RecorderState.RECORDING:
        return "recording"
    return "partly" if state in HOLDING else "muted"


def state_kind(state: RecorderState) -> str:
    """Return the kind of label that says a state."""
    if state is RecorderState.RECORDING:
        return "error"
    return "warning" if state in HOLDING else "muted"


def dot_icon(state: RecorderState) -> str:
    """Return the icon that stands for a state: each has another shape."""
    icons = {RecorderState.OFF_RECORD: "off_record", RecorderState.PAUSED: "pause"}
    return icons.get(state, "record" if state in RUNNING else "microphone")


def state_words(state: RecorderState) -> str:
    """Return what the recorder does, in words; empty when it does nothing."""
    words = {
        RecorderState.IDLE: "",
        RecorderState.STARTING: _("Opening the microphone…"),
        RecorderState.RECORDING: _("Recording"),
        RecorderState.PAUSED: _("Paused"),
        RecorderState.OFF_RECORD: _("Off the record: nothing is kept"),
        RecorderState.FINISHING: _("Finishing…"),
        RecorderState.CATCHING_UP: _("Recorded. The transcript is catching up…"),
    }
    return words[state]
