"""The privacy screen: a recording runs, nobody works here, nothing can be read. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.refusals import Refusals
from app.ui.widgets.actions import make_action
from app.ui.widgets.gate import GateBox, card_column, error_label, fields_form, in_the_middle
from app.ui.widgets.level_meter import LevelMeter
from app.ui.widgets.parts import IconLabel, button, frame, label, set_kind
from app.ui.widgets.password_edit import PasswordEdit
from app.ui.widgets.recorder_bar import dot_color, dot_icon, state_kind, state_words

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.session import SessionModel


class PrivacyPage(QWidget):
    """What anyone may see of a recording, and the password to come back.

    Anyone may pause or stop, because a patient may want it; only the owner resumes.

    Signals:
        lock_asked: lock wholly, e.g. for somebody else to log in.
    """

    lock_asked = Signal()

    def __init__(
        self, session: SessionModel, recorder: RecorderModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("privacyPage")
        self._session, self._recorder = session, recorder
        self._dot = IconLabel("record", "recording", 3 * theme.UNIT)
        self._time = label("0:00", factor=1.5, strong=True)
        self._time.setObjectName("privacyTime")
        self._time.setAccessibleName(_("Recorded time"))
        self._state = label("", strong=True)
        self._state.setObjectName("privacyState")
        self.meter = LevelMeter()
        keeps = self.meter.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # the words beside it stay where they are
        self.meter.setSizePolicy(keeps)
        self.pause = button("privacyPause", _("Pause"), "pause", hint="F6")
        self.off = button("privacyOff", _("Off the record"), "off_record", hint="Shift+F6")
        self.stop = button("privacyStop", _("Stop"), "stop", hint="F7")
        self._name = label("", strong=True)
        self._name.setObjectName("privacyName")
        self.password = PasswordEdit("privacyPassword", _("Password"))
        self._error = error_label()
        self.go = button("privacyGo", _("Come back"), "lock", "primary")
        self.lock = button("privacyLock", _("Lock fully"), kind="quiet", hint="Ctrl+L")
        self._place()
        self._connect()
        self._show_state()

    def _place(self) -> None:
        card = QWidget()
        column = card_column(
            card,
            _("The screen is covered"),
            _("Nobody worked here for a while. A recording that runs goes on, and so does its "
              "transcript. Anyone may pause or stop it; to resume it, come back with your "
              "password."),
        )  # fmt: skip
        said = QHBoxLayout()
        said.setSpacing(theme.UNIT)
        said.addWidget(self._dot)
        said.addWidget(self._time)
        said.addWidget(self._state)
        said.addWidget(self.meter, 1)
        steps = QHBoxLayout()
        steps.setSpacing(theme.UNIT)
        for each in (self.pause, self.off, self.stop):
            steps.addWidget(each, 1)
        inner = QVBoxLayout()
        inner.setSpacing(2 * theme.UNIT)
        inner.addLayout(said)
        inner.addLayout(steps)
        column.addWidget(frame("sunken", inner, (2, 2, 2, 2)))
        form = fields_form()
        form.addRow(_("Name"), self._name)
        form.addRow(_("Password"), self.password)
        column.addLayout(form)
        column.addWidget(self._error)
        column.addWidget(self.go)
        column.addWidget(self.lock)
        box = QVBoxLayout()
        box.addWidget(card)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(in_the_middle(GateBox(box)))

    def _connect(self) -> None:
        recorder = self._recorder
        for control, name, handler in (
            (self.pause, "pause", recorder.pause_or_resume),
            (self.off, "off_record", recorder.off_or_on_record),
            (self.stop, "stop", recorder.finish),
        ):
            control.clicked.connect(lambda _checked, handler=handler: handler())
            make_action(self, name, handler)
        recorder.state_changed.connect(self._show_state)
        recorder.level_measured.connect(self._on_level)
        self.password.entered.connect(self._on_go)
        self.password.changed.connect(lambda _text: self._enable())
        self.go.clicked.connect(self._on_go)
        self.lock.clicked.connect(self.lock_asked)
        Refusals(self._session, self, self.password, self._error).changed.connect(self._enable)

    def enter(self) -> None:
        """Be ready for who is unlocked."""
        self.clear()
        self._name.setText(self._session.name)
        self._show_state()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Forget what was typed."""
        self.password.clear()
        self._name.setText("")
        self._error.setText("")
        self._enable()

    def _show_state(self) -> None:
        state = self._recorder.state
        is_open = state is RecorderState.RECORDING
        self._dot.show_icon(dot_icon(state), dot_color(state))
        self._state.setText(state_words(state) or _("The recording has ended"))
        set_kind(self._state, "kind", state_kind(state))
        self.pause.setEnabled(is_open)
        self.off.setEnabled(is_open)
        self.stop.setEnabled(is_open or state in {RecorderState.PAUSED, RecorderState.OFF_RECORD})
        self.meter.setVisible(is_open)
        if not is_open:
            self.meter.clear()
        self._on_level()

    def _on_level(self) -> None:
        if self.isVisible():
            self.meter.show_level(self._recorder.level)
        self._time.setText(clock_words(self._recorder.seconds))

    def _enable(self) -> None:
        is_busy = self._session.is_busy
        is_ready = bool(self.password.text()) and not is_busy
        self.go.setEnabled(is_ready and self._session.wait_s == 0)
        self.go.setText(_("Unlocking…") if is_busy else _("Come back"))

    def _on_go(self) -> None:
        if self.go.isEnabled():
            self._error.setText("")
            self._session.prove(self.password.text())
