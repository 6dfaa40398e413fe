"""The first steps: microphone, room check, models. Shown after a first profile was made.

Main thread. Each step can be skipped, and all of them come again from the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.domain.audio import VoiceFinding
from app.foundation import paths
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.workstation import model_state_words
from app.ui.widgets.actions import make_action
from app.ui.widgets.choice import Choice
from app.ui.widgets.parts import button, frame, label, scrolling, wrapped
from app.ui.widgets.room_check import RoomCheck

if TYPE_CHECKING:
    from app.ui.viewmodels.preferences import Preferences
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.room import RoomModel
    from app.ui.viewmodels.workstation import WorkstationModel

WIDTH: Final = 88
"""Of the card, in grid units."""
CHECK: Final = 1
"""The step whose first button is its own."""


class StartPage(QWidget):
    """Three steps, one at a time.

    Signals:
        left: the person is done, or wants none of it.
        guide_asked: how things are done.
    """

    left = Signal()
    guide_asked = Signal()

    def __init__(
        self,
        preferences: Preferences,
        recorder: RecorderModel,
        workstation: WorkstationModel,
        room: RoomModel,
    ) -> None:
        super().__init__()
        self.setObjectName("startPage")
        self._preferences, self._recorder = preferences, recorder
        self._workstation, self._room = workstation, room
        self.microphone = Choice("startMicrophone", _("Microphone"))
        self.check = RoomCheck(room, recorder)
        self._models = QGridLayout()
        self.skip = button("startSkip", _("Skip the first steps"), kind="quiet", hint="Esc")
        self.back = button("startBack", _("Back"))
        self.go = button("startGo", _("Continue"), kind="primary")
        self.go.setDefault(True)
        self._count = label("", "muted")
        self._count.setObjectName("startCount")
        self.steps = QStackedWidget()
        self._place()
        self._connect()
        self._turn(0)

    def _place(self) -> None:
        for step in (self._microphone_step(), self._check_step(), self._models_step()):
            self.steps.addWidget(step)
        foot = QHBoxLayout()
        foot.setSpacing(theme.UNIT)
        for widget in (self.skip, self._count):
            foot.addWidget(widget)
        foot.addStretch(1)
        for widget in (self.back, self.go):
            foot.addWidget(widget)
        inner = QVBoxLayout()
        inner.setSpacing(3 * theme.UNIT)
        inner.addWidget(self.steps)
        inner.addLayout(foot)
        self._box = frame("card", inner, (4, 4, 4, 3))
        theme.current().look_changed.connect(self._fit)
        self._fit()
        body = QWidget()
        column = QVBoxLayout(body)
        column.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._box, 100)  # as wide as is good to read, never wider than the window
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body))

    def _fit(self) -> None:
        self._box.setMaximumWidth(theme.current().span(WIDTH))

    def _microphone_step(self) -> QWidget:
        why = _(
            "Choose the microphone that hears both you and your patient. One on the table between "
            "you is better than the one in the screen."
        )
        step, column = _step(_("Your microphone"), why)
        column.addWidget(self.microphone)
        column.addStretch(1)
        return step

    def _check_step(self) -> QWidget:
        step, column = _step(_("Half a minute for a good sound"), "")
        column.addWidget(self.check)
        column.addStretch(1)
        return step

    def _models_step(self) -> QWidget:
        why = _(
            "Models turn sound into words and words into a note. They are files on this computer; "
            "the program never fetches any. Whoever looks after this computer adds one by "
            "“stethoscribe models import”, from a pack on a drive."
        )
        step, column = _step(_("Models on this computer"), why)
        self._models.setHorizontalSpacing(3 * theme.UNIT)
        self._models.setVerticalSpacing(theme.UNIT)
        self._models.setColumnStretch(0, 1)
        column.addLayout(self._models)
        self._more = wrapped("", "muted", 0.92)
        self._more.setObjectName("startMoreModels")
        column.addWidget(self._more)
        folder = _("They lie in {folder}.").format(folder=paths.model_folders()[0])
        column.addWidget(wrapped(folder, "muted", 0.92))
        column.addWidget(wrapped(_("That is all. The guide shows a first visit step by step.")))
        guide = button("startGuide", _("Open the guide"), "help", hint="Shift+F1")
        guide.clicked.connect(self.guide_asked)
        column.addWidget(guide, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return step

    def _connect(self) -> None:
        self.skip.clicked.connect(self.left)
        self.back.clicked.connect(lambda: self._turn(self.steps.currentIndex() - 1))
        self.go.clicked.connect(self._on_go)
        self.microphone.activated.connect(lambda _row: self._on_microphone())
        self._recorder.devices_changed.connect(self._show_microphones)
        self._workstation.models_loaded.connect(self._show_models)
        self._room.changed.connect(self._on_room)
        make_action(self, "back", self.left.emit)

    def enter(self) -> None:
        """Begin at the first step, with what there is now."""
        self._turn(0)
        self._show_microphones()
        self._recorder.load_devices()
        self._workstation.load()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _turn(self, step: int) -> None:
        count = self.steps.count()
        self.steps.setCurrentIndex(max(0, min(step, count - 1)))
        here = self.steps.currentIndex()
        words = _("Step {number} of {count}").format(number=here + 1, count=count)
        self._count.setText(words)
        self.steps.setAccessibleName(words)
        self.back.setVisible(here > 0)
        is_last = here == count - 1
        self.go.setText(_("To my visits") if is_last else _("Continue"))
        self.go.setAccessibleName(self.go.text())
        self.skip.setVisible(not is_last)
        first = self.check.go if here == CHECK else self.go
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_go(self) -> None:
        if self.steps.currentIndex() == self.steps.count() - 1:
            self.left.emit()
        else:
            self._turn(self.steps.currentIndex() + 1)

    def _on_room(self) -> None:
        """Go on after a good check: Enter must not begin another one. After a bad one it may."""
        found = self._room.result
        is_good = found is not None and found.finding is VoiceFinding.GOOD
        if is_good and self.steps.currentIndex() == CHECK and self.check.go.hasFocus():
            self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_microphones(self) -> None:
        self.microphone.clear()
        self.microphone.addItem(_("Default microphone"), "")
        for device in self._recorder.devices:
            self.microphone.addItem(device.label, device.name)
        self.microphone.setCurrentIndex(max(0, self.microphone.findData(self._recorder.device)))

    def _on_microphone(self) -> None:
        name = str(self.microphone.currentData())
        self._recorder.choose(name)
        self._preferences.change(input_device=name)

    def _show_models(self) -> None:
        while (item := self._models.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        here = [each for each in self._workstation.models if each.state != "missing"]
        for number, row in enumerate(here):
            kind = {"installed": "good", "damaged": "error"}.get(row.state, "muted")
            self._models.addWidget(wrapped(row.card.name), number, 0)
            self._models.addWidget(label(model_state_words(row), kind), number, 1)
        if not here:
            none = _("None yet. You can record now; the words come when a model is here.")
            self._models.addWidget(wrapped(none), 0, 0)
        more = len(self._workstation.models) - len(here)
        words = _("Known to this version, but not on this computer: {count}.")
        self._more.setText(words.format(count=more))
        self._more.setVisible(more > 0)


def _step(title: str, why: str) -> tuple[QWidget, QVBoxLayout]:
    step = QWidget()
    column = QVBoxLayout(step)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * theme.UNIT)
    column.addWidget(label(title, factor=1.35, strong=True))
    if why:
        column.addWidget(wrapped(why, "muted"))
    return step, column
