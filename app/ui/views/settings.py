"""Settings: look, microphone, clinic, models, and what was found; more pages by tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.workstation import model_state_words, report_lines
from app.ui.widgets.actions import make_action
from app.ui.widgets.choice import Choice, Tick
from app.ui.widgets.parts import button, frame, icon_button, label, wrapped

if TYPE_CHECKING:
    from app.ui.viewmodels.preferences import Preferences
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.workstation import WorkstationModel
    from app.ui.widgets.microphone_level import MicrophoneLevel

TEXT_SIZES = (90, 100, 115, 130, 150, 175, 200)
LANGUAGES = (("en", "English"), ("de", "Deutsch"))
"""Each in its own words: who cannot read the others finds it."""
PAGE_WIDTH = 108
"""In grid units."""


class SettingsPage(QWidget):
    """What a person can choose, and what this computer has.

    Signals:
        back_asked: to where the person came from.
        first_steps_asked: show the first steps again.
    """

    back_asked = Signal()
    first_steps_asked = Signal()

    def __init__(
        self,
        preferences: Preferences,
        recorder: RecorderModel,
        workstation: WorkstationModel,
        level: MicrophoneLevel,
    ) -> None:
        super().__init__()
        self.pages = QStackedWidget()
        self.tabs = QTabBar()
        self.tabs.setObjectName("settingsTabs")
        self.tabs.setAccessibleName(_("Settings"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.setObjectName("settingsPage")
        self._preferences, self._recorder, self._workstation = preferences, recorder, workstation
        self.level = level
        self._make_choices()
        self._make_unsaved()
        self.copies = Choice("copyLayout", _("Copies for"))
        self.clinic = QLineEdit()
        self.clinic.setObjectName("clinicName")
        self.clinic.setAccessibleName(_("Clinic"))
        self.clinic.setMaxLength(200)
        self.consent_line = Tick("consentLineSetting", _("Put the consent into every new note"))
        self.code_look_up = Tick("codeLookUp", _("Look up ICD-10-CM codes"))
        self.models = {role: Choice(f"model_{role}", role) for role in ("speech", "notes")}
        self._rows = QGridLayout()
        self._report = QFormLayout()
        self.examine = button("examine", _("Look at this computer"), "search")
        self._place()
        self._connect()
        self.show_settings()

    def _make_choices(self) -> None:
        self.look = _filled(
            Choice("look", _("Look")),
            ("system", _("As the system")),
            ("light", _("Light")),
            ("dark", _("Dark")),
            ("contrast", _("High contrast")),
        )
        self.text_size = Choice("textSize", _("Size of text"))
        for percent in TEXT_SIZES:
            self.text_size.addItem(f"{percent} %", percent)
        self.motion = _filled(
            Choice("motion", _("Motion")),
            ("system", _("As the system")),
            ("reduced", _("Reduced")),
        )
        self.language = _filled(
            Choice("language", _("Language")), ("system", _("As the system")), *LANGUAGES
        )
        self.microphone = Choice("microphone", _("Microphone"))
        self.sides = _filled(
            Choice("twoMicrophones", _("Two microphones")),
            ("one", _("One microphone, or not used")),
            ("left", _("The clinician's is left (channel 1)")),
            ("right", _("The clinician's is right (channel 2)")),
        )

    def _make_unsaved(self) -> None:
        """What says that a choice was not saved, until it was."""
        self.unsaved = wrapped("", "warning")
        self.unsaved.setObjectName("settingsUnsaved")
        self.save = button("settingsSave", _("Save again"))
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.unsaved, 1)
        row.addWidget(self.save)
        self._unsaved_bar = frame("bar", row, (3, 1, 2, 1))
        self._unsaved_bar.hide()

    def _make_head(self) -> QWidget:
        self.back = icon_button("settingsBack", _("Back"), "back", "Esc")
        head = QHBoxLayout()
        head.setSpacing(theme.UNIT)
        head.addWidget(self.back)
        head.addWidget(label(_("Settings"), factor=1.35, strong=True))
        head.addSpacing(2 * theme.UNIT)
        head.addWidget(self.tabs)
        head.addStretch(1)
        return frame("bar", head, (1, 1, 2, 1))

    def _place(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(*(each * theme.UNIT for each in (3, 3, 3, 3)))
        inner.setSpacing(2 * theme.UNIT)
        inner.addWidget(_card(_("Window"), self._window_form()))
        inner.addWidget(_card(_("Recording and notes"), self._work_form()))
        self._room = QVBoxLayout()
        self._room.setSpacing(2 * theme.UNIT)
        inner.addWidget(_card(_("Room check"), self._room))
        inner.addWidget(_card(_("Models on this computer"), self._rows))
        doctor = QVBoxLayout()
        doctor.setSpacing(2 * theme.UNIT)
        self._report.setHorizontalSpacing(3 * theme.UNIT)
        doctor.addLayout(self._report)
        doctor.addWidget(self.examine, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(_card(_("This computer"), doctor))
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(self._unsaved_bar)
        body = QWidget()
        body.setLayout(inner)
        self.add_page(_("General"), body)
        column.addWidget(self.pages, 1)

    def add_page(self, title: str, page: QWidget) -> None:
        """Add a page behind a tab."""
        self.pages.addWidget(_scrolling(page))
        self.tabs.addTab(title)

    def add_room_check(self, check: QWidget) -> None:
        """Place the room check, and the way back to the first steps below it."""
        self._room.addWidget(check)
        again = button("firstSteps", _("Show the first steps again"), kind="quiet")
        again.clicked.connect(self.first_steps_asked)
        self._room.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)

    def _window_form(self) -> QFormLayout:
        return self._form(
            (_("Look"), self.look),
            (_("Size of text"), self.text_size),
            (_("Motion"), self.motion),
            (_("Language"), self.language),
            ("", wrapped(_("From the next start of the program on."), "muted", 0.9)),
        )

    def _work_form(self) -> QFormLayout:
        hint = _("As it stands in exported files, from the next start on.")
        codes = _("For words you select. Nothing is suggested.")
        return self._form(
            (_("Microphone"), self.microphone),
            ("", self.level),
            (_("Two microphones"), self.sides),
            (_("Speech model"), self.models["speech"]),
            (_("Notes model"), self.models["notes"]),
            (_("Copies for"), self.copies),
            (_("Clinic"), self.clinic),
            ("", wrapped(hint, "muted", 0.9)),
            ("", self.consent_line),
            ("", self.code_look_up),
            ("", wrapped(codes, "muted", 0.9)),
        )

    @staticmethod
    def _form(*rows: tuple[str, QWidget]) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * theme.UNIT)
        form.setVerticalSpacing(theme.UNIT)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, field in rows:
            name = label(title, "muted")
            name.setMinimumWidth(16 * theme.UNIT)
            form.addRow(name, field)
        return form

    def _connect(self) -> None:
        change = self._preferences.change
        self.look.activated.connect(lambda _row: change(look=self.look.currentData()))
        self.text_size.activated.connect(
            lambda _row: change(text_size=self.text_size.currentData())
        )
        self.language.activated.connect(lambda _row: change(language=self.language.currentData()))
        self.motion.activated.connect(lambda _row: change(motion=self.motion.currentData()))
        self.microphone.activated.connect(lambda _row: self._on_microphone())
        self.sides.activated.connect(lambda _row: change(two_microphones=self.sides.currentData()))
        self.copies.activated.connect(lambda _row: change(copy_layout=self.copies.currentData()))
        self.clinic.editingFinished.connect(lambda: change(clinic_name=self.clinic.text().strip()))
        self.consent_line.toggled.connect(lambda is_on: change(consent_line=is_on))
        self.code_look_up.toggled.connect(lambda is_on: change(code_look_up=is_on))
        for role, choice in self.models.items():
            choice.activated.connect(lambda _row, role=role: self._on_model(role))
        self.examine.clicked.connect(self._on_examine)
        self.back.clicked.connect(self.back_asked)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self._recorder.devices_changed.connect(self._show_microphones)
        self._workstation.models_loaded.connect(self._show_models)
        self._workstation.report_made.connect(self._show_report)
        self._preferences.changed.connect(self.show_settings)
        self._preferences.not_saved.connect(self._on_unsaved)
        self._preferences.saved.connect(self._show_unsaved)
        self.save.clicked.connect(self._preferences.save)
        make_action(self, "back", self.back_asked.emit)

    def enter(self) -> None:
        """Come to the page: look what there is now."""
        self.show_settings()
        self._recorder.load_devices()
        self._workstation.load()
        self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def list_layouts(self, layouts: tuple[tuple[str, str], ...]) -> None:
        """Offer these target systems for copies: ids and names."""
        self.copies.clear()
        for name, words in layouts:
            self.copies.addItem(words, name)
        self.show_settings()

    def show_settings(self) -> None:
        """Show the settings in effect."""
        settings = self._preferences.settings
        self.look.setCurrentIndex(self.look.findData(settings.look))
        self.text_size.setCurrentIndex(max(0, self.text_size.findData(settings.text_size)))
        self.language.setCurrentIndex(max(0, self.language.findData(settings.language)))
        self.motion.setCurrentIndex(max(0, self.motion.findData(settings.motion)))
        self.consent_line.setChecked(settings.consent_line)
        self.code_look_up.setChecked(settings.code_look_up)
        self.sides.setCurrentIndex(self.sides.findData(settings.two_microphones))
        self.copies.setCurrentIndex(max(0, self.copies.findData(settings.copy_layout)))
        if not self.clinic.hasFocus():
            self.clinic.setText(settings.clinic_name)
        self._show_unsaved()

    def _on_unsaved(self) -> None:
        self.clinic.setText(self._preferences.settings.clinic_name)  # what is in effect
        self._show_unsaved()

    def _show_unsaved(self) -> None:
        self.unsaved.setText(self._preferences.unsaved)
        self._unsaved_bar.setVisible(bool(self._preferences.unsaved))

    def _show_microphones(self) -> None:
        self.microphone.clear()
        self.microphone.addItem(_("Default microphone"), "")
        for device in self._recorder.devices:
            self.microphone.addItem(device.label, device.name)
        found = self.microphone.findData(self._recorder.device)
        self.microphone.setCurrentIndex(max(0, found))

    def _show_models(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._rows.setHorizontalSpacing(3 * theme.UNIT)
        self._rows.setVerticalSpacing(theme.UNIT)
        self._rows.setColumnStretch(0, 1)
        for number, row in enumerate(self._workstation.models):
            kind = {"installed": "good", "damaged": "error"}.get(row.state, "muted")
            self._rows.addWidget(label(row.card.name), number, 0)
            self._rows.addWidget(label(row.card.role, "muted"), number, 1)
            self._rows.addWidget(label(model_state_words(row), kind), number, 2)
        for role, choice in self.models.items():
            choice.clear()
            choice.addItem(_("The best this computer can run"), "")
            for row in self._workstation.models:
                if row.card.role == role and row.state == "installed":
                    choice.addItem(row.card.name, row.card.id)
            choice.setCurrentIndex(max(0, choice.findData(self._workstation.in_effect(role))))

    def _on_microphone(self) -> None:
        name = str(self.microphone.currentData())
        self._recorder.choose(name)
        self.level.follow()
        self._preferences.change(input_device=name)

    def _on_model(self, role: str) -> None:
        model = str(self.models[role].currentData())
        self._preferences.change(**{f"{role}_model": model})
        self._workstation.choose(role, model)

    def _on_examine(self) -> None:
        self.examine.setEnabled(False)
        self.examine.setText(_("Looking…"))
        self._workstation.examine()

    def _show_report(self) -> None:
        self.examine.setEnabled(True)
        self.examine.setText(_("Look again"))
        while self._report.rowCount():
            self._report.removeRow(0)
        if self._workstation.report is not None:
            for name, value in report_lines(self._workstation.report):
                self._report.addRow(label(name, "muted"), wrapped(value))


def _filled(choice: Choice, *rows: tuple[str, str]) -> Choice:
    for value, words in rows:
        choice.addItem(words, value)
    return choice


def _card(title: str, content: QVBoxLayout | QFormLayout | QGridLayout) -> QWidget:
    column = QVBoxLayout()
    column.setSpacing(2 * theme.UNIT)
    column.addWidget(label(title, factor=1.1, strong=True))
    column.addLayout(content)
    return frame("card", column, (3, 2, 3, 2))


class _PageScroll(QScrollArea):
    """Keeps its page as wide as is good to read."""

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self._body = body
        theme.current().look_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self._body.setMaximumWidth(theme.current().span(PAGE_WIDTH))


def _scrolling(body: QWidget) -> QScrollArea:
    scroll = _PageScroll(body)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    scroll.setWidget(body)
    return scroll
