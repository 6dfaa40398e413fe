"""The recorder as a small bar above all windows, for working in the EHR meanwhile. Main thread.

It holds no name: other people see this screen, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.recorder import HOLDING, RecorderState
from app.ui.widgets.actions import make_action
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import IconLabel, frame, icon_button, label, screen_area, set_kind
from app.ui.widgets.recorder_bar import dot_color, dot_icon, state_kind

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel

METER: Final = 12
"""Width of the level in grid units."""


class CompactRecorder(QWidget):
    """Time, level, and the steps of a recording as icons. Drag it anywhere.

    Signals:
        left: back to the whole window.
    """

    left = Signal()

    def __init__(self, model: RecorderModel, title: str) -> None:
        flags = Qt.WindowType
        super().__init__(  # no parent: its keys would be those of the whole window, too
            None, flags.Tool | flags.FramelessWindowHint | flags.WindowStaysOnTopHint
        )
        self.setObjectName("compactRecorder")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_AlwaysShowToolTips)
        self._model = model
        self._dot = IconLabel("record", "recording", 3 * theme.UNIT)
        self._time = label("0:00", factor=1.35, strong=True)
        self._time.setObjectName("compactTime")
        self._state = label("", factor=0.88)
        self._state.setObjectName("compactState")
        self.meter = LevelMeter()
        self.meter.setFixedWidth(METER * theme.UNIT)
        self.mark = icon_button("compactMark", _("Bookmark this moment"), "bookmark", "Ctrl+B")
        self.off = icon_button("compactOff", _("Off the record"), "off_record", "Shift+F6")
        self.pause = icon_button("compactPause", _("Pause"), "pause", "F6")
        self.stop = icon_button("compactStop", _("Stop"), "stop", "F7")
        self.back = icon_button("compactBack", _("Whole window"), "expand", "F10")
        self._place()
        self._connect()

    def _place(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._state)
        words.addWidget(self.meter)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(self._dot)
        row.addWidget(self._time)
        row.addLayout(words)
        for button in (self.mark, self.off, self.pause, self.stop, self.back):
            row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._frame = frame("compact", row, (1, 1, 1, 1))
        whole.addWidget(self._frame)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    def _connect(self) -> None:
        model = self._model
        for button, name, handler in (
            (self.mark, "bookmark", model.bookmark),
            (self.off, "off_record", model.off_or_on_record),
            (self.pause, "pause", model.pause_or_resume),
            (self.stop, "stop", model.finish),
            (self.back, "compact", self.left.emit),
        ):
            button.clicked.connect(lambda _checked, handler=handler: handler())
            make_action(self, name, handler)
        model.state_changed.connect(self.refresh)
        model.level_measured.connect(self._on_level)

    def refresh(self) -> None:
        """Show what the recorder does."""
        state = self._model.state
        is_open = state is RecorderState.RECORDING
        is_live = is_open or state in HOLDING
        self._dot.show_icon(dot_icon(state), dot_color(state))
        is_dictation = is_open and self._model.is_dictation
        self._state.setText(_("Dictating") if is_dictation else _words(state))
        set_kind(self._state, "kind", state_kind(state))
        self.mark.setEnabled(is_open)
        can_hold = is_open or self._model.may_go_on
        self.off.setEnabled(can_hold and state is not RecorderState.PAUSED)
        self.pause.setEnabled(can_hold and state is not RecorderState.OFF_RECORD)
        self.stop.setEnabled(is_live)
        is_off, is_paused = state is RecorderState.OFF_RECORD, state is RecorderState.PAUSED
        off = (_("Back on the record"), "record") if is_off else (_("Off the record"), "off_record")
        pause = (_("Resume"), "record") if is_paused else (_("Pause"), "pause")
        for button, (text, icon), key in ((self.off, off, "Shift+F6"), (self.pause, pause, "F6")):
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key})")
            button.setIcon(theme.current().icon(icon))
        set_kind(self._frame, "mode", "off" if is_off else "")
        if not is_open:
            self.meter.clear()
        self._on_level()

    def _on_level(self) -> None:
        if self.isVisible():
            self.meter.show_level(self._model.level)
            self._time.setText(clock_words(self._model.seconds))

    def appear(self) -> None:
        """Come to the top of the screen, where the eye rests while typing elsewhere."""
        self.show()
        self.refresh()
        self.adjustSize()
        area = screen_area(self)
        self.move(area.center().x() - self.width() // 2, area.top() + theme.UNIT)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.windowHandle().startSystemMove()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """A window manager may close it: that means back, not an end of the recording."""
        event.ignore()
        self.left.emit()


def _words(state: RecorderState) -> str:
    words = {
        RecorderState.RECORDING: _("Recording"),
        RecorderState.PAUSED: _("Paused"),
        RecorderState.OFF_RECORD: _("Off the record"),
        RecorderState.STARTING: _("Opening…"),
        RecorderState.FINISHING: _("Finishing…"),
        RecorderState.CATCHING_UP: _("Recorded"),
        RecorderState.IDLE: _("Recorded"),
    }
    return words[state]
