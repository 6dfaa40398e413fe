"""Settings, third page: your voice. What is kept and why, learning it, forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.domain.ids import VisitId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.voice import visit_words
from app.ui.widgets.choice import Choice, Tick
from app.ui.widgets.parts import button, frame, label, set_kind, wrapped
from app.ui.widgets.question import ask_before

if TYPE_CHECKING:
    from app.ui.viewmodels.voice import VoiceModel


def _why() -> str:
    return _(
        "When the program knows your voice, it can tell your words from the patient's. It keeps "
        "a row of numbers that describes the sound of your voice, no recording. The numbers are "
        "biometric data: they lie encrypted among your own notes on this computer, nobody else "
        "can read them, and you can erase them at any time. Without them the speakers are "
        "called Speaker A and Speaker B until you name them."
    )


def _agreement() -> str:
    return _("I agree that my voice is kept in this form.")


class VoicePage(QWidget):
    """State, consent, learning and forgetting."""

    def __init__(self, model: VoiceModel) -> None:
        super().__init__()
        self.setObjectName("voicePage")
        self._model = model
        self.state = label("", strong=True)
        self.state.setObjectName("voiceState")
        self.agree = Tick("voiceAgree", _agreement())
        self.visits = Choice("voiceVisit", _("Learn from the visit"))
        self.learn = button("voiceLearn", _("Learn my voice"), "microphone", "primary")
        self.forget = button("voiceForget", _("Forget my voice…"), "remove", "danger")
        self._missing = wrapped("", "muted", 0.92)
        self._place()
        self.agree.toggled.connect(lambda _on: self._show())
        self.learn.clicked.connect(self._on_learn)
        self.forget.clicked.connect(self._ask_forget)
        model.changed.connect(self._show)
        model.learned.connect(lambda: self.agree.setChecked(False))
        self._show()

    def _place(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(self.visits, 1)
        row.addWidget(self.learn)
        inner = QVBoxLayout()
        inner.setSpacing(2 * theme.UNIT)
        inner.addWidget(label(_("Your voice"), factor=1.1, strong=True))
        inner.addWidget(wrapped(_why()))
        inner.addWidget(self.state)
        inner.addWidget(frame("line", _line(), (0, 0, 0, 0)))
        inner.addWidget(self.agree)
        hint = _("Choose a finished visit in which you spoke, and look first that clinician and "
                 "patient are not mixed up in its transcript.")  # fmt: skip
        inner.addWidget(wrapped(hint, "muted", 0.92))
        inner.addLayout(row)
        inner.addWidget(self._missing)
        inner.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(each * theme.UNIT for each in (3, 3, 3, 3)))
        column.addWidget(frame("card", inner, (3, 2, 3, 2)))
        column.addStretch(1)

    def _show(self) -> None:
        model = self._model
        self.state.setText(model.words)
        set_kind(self.state, "kind", "good" if model.voice is not None else "")
        chosen = self.visits.currentData()
        self.visits.clear()
        for visit in model.visits:
            self.visits.addItem(visit_words(visit), visit.id)
        self.visits.setCurrentIndex(max(0, self.visits.findData(chosen)))
        is_ready = model.can_learn and bool(model.visits) and not model.is_busy
        self.visits.setEnabled(is_ready)
        self.agree.setEnabled(model.can_learn)
        self.learn.setEnabled(is_ready and self.agree.isChecked())
        self.forget.setVisible(model.voice is not None)
        self._missing.setText(_missing_words(model))
        self._missing.setVisible(bool(self._missing.text()))

    def _on_learn(self) -> None:
        if self.agree.isChecked() and self.visits.currentData():
            self._model.learn(VisitId(str(self.visits.currentData())))

    def _ask_forget(self) -> None:
        words = _(
            "Erase your voice? From then on speakers are Speaker A and B until you name them."
        )
        ask_before(self, words, _("Forget it"), self._model.forget)


class VoiceDialog(QDialog):
    """Asks to learn the voice from one visit."""

    def __init__(self, model: VoiceModel, visit: VisitId, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("voiceDialog")
        self.setWindowTitle(_("Learn my voice"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().span(64))
        self._model, self._visit = model, visit
        self.agree = Tick("voiceAgree", _agreement())
        self.go = button("voiceLearn", _("Learn my voice"), "microphone", "primary")
        self.cancel = button("cancel", _("Cancel"))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(label(_("Learn my voice from this visit"), factor=1.2, strong=True))
        column.addWidget(wrapped(_why()))
        column.addWidget(label(model.words, "muted"))
        column.addWidget(self.agree)
        missing = "" if model.can_learn else _missing_words(model)
        if missing:
            column.addWidget(wrapped(missing, "muted", 0.92))
        column.addLayout(buttons)
        self.agree.setEnabled(model.can_learn)
        self.agree.toggled.connect(self.go.setEnabled)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        self.cancel.clicked.connect(self.reject)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """Make room for all lines: a dialog does not ask its wrapped texts how high they are."""
        super().showEvent(event)
        if (column := self.layout()) is not None:
            self.setMinimumHeight(column.totalHeightForWidth(self.width()))

    def _on_go(self) -> None:
        self._model.learn(self._visit)
        self.accept()


def _line() -> QVBoxLayout:
    made = QVBoxLayout()
    made.addSpacing(1)
    return made


def _missing_words(model: VoiceModel) -> str:
    if not model.can_learn:
        return _("The model that tells voices apart is not on this computer.")
    return "" if model.visits else _("There is no finished visit yet to learn from.")
