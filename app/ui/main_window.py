"""The window: pages, status line, shortcuts, and what happens when somebody locks or leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.domain.errors import AppError
from app.domain.ids import TemplateId, VisitId
from app.domain.visit import Visit
from app.foundation.clock import awake_or_not
from app.foundation.i18n import _
from app.ui import theme
from app.ui.clipboard import Clipboard
from app.ui.viewmodels.idle import IdleModel
from app.ui.viewmodels.library import LibraryModel
from app.ui.viewmodels.patients import PatientFields, clock_words
from app.ui.viewmodels.preferences import Preferences
from app.ui.viewmodels.recorder import RecorderModel, RecorderState
from app.ui.viewmodels.room import RoomModel
from app.ui.viewmodels.session import SessionModel
from app.ui.viewmodels.templates import TemplatesModel
from app.ui.viewmodels.troubles import TroubleModel
from app.ui.viewmodels.visit import VisitModel
from app.ui.viewmodels.vocabulary import VocabularyModel
from app.ui.viewmodels.voice import VoiceModel
from app.ui.viewmodels.workstation import WorkstationModel
from app.ui.views.compact import CompactRecorder
from app.ui.views.cover import Cover
from app.ui.views.help import HelpDesk
from app.ui.views.library import LibraryPage
from app.ui.views.patient import PatientDialog
from app.ui.views.policy import PolicyPage
from app.ui.views.privacy import PrivacyPage
from app.ui.views.settings import SettingsPage
from app.ui.views.start import StartPage
from app.ui.views.templates import TemplatesPage
from app.ui.views.unlock import UnlockPage
from app.ui.views.visit import VisitPage
from app.ui.views.vocabulary import VocabularyPage
from app.ui.views.voice import VoiceDialog, VoicePage
from app.ui.widgets.actions import make_action, make_recording_actions
from app.ui.widgets.curtain import NOBODY
from app.ui.widgets.microphone_level import MicrophoneLevel
from app.ui.widgets.plain_text import LineBox
from app.ui.widgets.question import ask_before
from app.ui.widgets.readiness import Readiness
from app.ui.widgets.recording_keys import RecordingKeys
from app.ui.widgets.room_check import RoomCheck
from app.ui.widgets.status_line import StatusLine
from app.ui.widgets.word_editor import WordEditor

if TYPE_CHECKING:
    from app.workflow.services import Services

TITLE = "Stethoscribe"
"""All a window title ever says: task switchers and screen shares show it."""
UNDER_COVER: Final = frozenset({"pause", "off-record", "bookmark", "stop", "compact"})
"""Keys from outside that show nothing of a patient."""


class MainWindow(QMainWindow):
    """Owns viewmodels and pages and leads from one to the other."""

    def __init__(
        self,
        services: Services,
        preferences: Preferences,
        clock: Callable[[], float] = awake_or_not,
    ) -> None:
        """Args: `clock` gives seconds, for the lock of a window that nobody uses."""
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(f"{TITLE} DEMO" if services.is_demo else TITLE)
        self.setWindowIcon(theme.current().icon("app"))
        self._services, self._preferences = services, preferences
        self._is_leaving = self._records_next = False
        self._to_record: VisitId | None = None  # goes on to the recording once it is open
        self.session = SessionModel(services, self)
        self.library = LibraryModel(services, self)
        self.recorder = RecorderModel(services, self)
        self.visit = VisitModel(services, self.recorder, self)
        self.workstation = WorkstationModel(services, self)
        self.room = RoomModel(services, self)
        self.vocabulary = VocabularyModel(services, self)
        self.voice = VoiceModel(services, self)
        self.templates = TemplatesModel(services, self)
        self.troubles = TroubleModel(services, self)
        self.idle = IdleModel(services, self.recorder, clock, self)
        self.clipboard = Clipboard(self.visit.handover.clear_s, self)
        self.status = StatusLine()
        self.compact = CompactRecorder(self.recorder, TITLE)
        self.compact.left.connect(self.toggle_compact)
        self._make_pages()
        self.help = HelpDesk(self, self.workstation, preferences, self.recorder)
        self._connect_models()
        self._connect_pages()
        self._make_actions()
        self.setMinimumSize(110 * theme.UNIT, 70 * theme.UNIT)
        self.resize(160 * theme.UNIT, 100 * theme.UNIT)

    def _make_pages(self) -> None:
        self.pages = QStackedWidget()
        self.unlock_page = UnlockPage(self.session)
        self.privacy_page = PrivacyPage(self.session, self.recorder)
        self.library_page = LibraryPage(self.library)
        self.start_page = StartPage(self._preferences, self.recorder, self.workstation, self.room)
        self.visit_page = VisitPage(self.visit, self._preferences)
        self._readiness = Readiness(self.visit_page)
        level = MicrophoneLevel(RoomModel(self._services, self), self.recorder)
        self.settings_page = SettingsPage(self._preferences, self.recorder, self.workstation, level)
        self.settings_page.list_layouts(self.visit.handover.layouts)
        self.settings_page.add_page(_("Vocabulary"), VocabularyPage(self.vocabulary))
        self.settings_page.add_room_check(RoomCheck(self.room, self.recorder))
        self.templates_page = TemplatesPage(self.templates)
        self.settings_page.add_page(_("Voice"), VoicePage(self.voice))
        self.settings_page.add_page(_("Templates"), self.templates_page)
        policy = PolicyPage(self._services.policy_reading)
        self.settings_page.add_page(_("Clinic"), policy)
        for page in (
            self.unlock_page, self.start_page, self.library_page, self.visit_page,
            self.settings_page, self.privacy_page,
        ):  # fmt: skip
            self.pages.addWidget(page)
        self.pages.currentChanged.connect(self._on_page)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self._before_settings: QWidget = self.library_page
        self.cover = Cover(self.pages, self.privacy_page, self.recorder, self)
        self.cover.told.connect(self.status.tell)

    def _connect_models(self) -> None:
        self._keys = RecordingKeys(self.recorder, self)
        taught = (self.vocabulary, self.voice, self.templates)
        for model in (
            self.session, self.library, self.recorder, self.visit, self.workstation, *taught,
        ):  # fmt: skip
            model.trouble_arose.connect(self.troubles.tell)
        self.troubles.told.connect(self.status.tell)
        self.troubles.over.connect(self.status.take_back)
        self.session.unlocked.connect(self._on_unlocked)
        self.session.locked.connect(self._on_locked)
        self.session.proved.connect(self._come_back)
        self.idle.warned.connect(self.status.show_lock)
        self.idle.cover_due.connect(self._cover)
        self.idle.lock_due.connect(self._lock_unasked)
        self.library.planned.connect(self._on_planned)
        self.library.taken_up.connect(self._on_planned)
        self.visit.opened.connect(self._on_visit_opened)
        self.visit.patient_corrected.connect(self.clipboard.clear)
        self.recorder.state_changed.connect(self._show_recording)
        self.recorder.level_measured.connect(self._show_recording)
        self.clipboard.countdown.connect(self.status.show_countdown)
        self._preferences.changed.connect(self._apply_preferences)
        self._preferences.not_saved.connect(self._on_setting_not_saved)
        self._preferences.saved.connect(lambda: self.status.tell(_("Saved."), "info"))
        self.recorder.choose(self._preferences.settings.input_device)
        self.recorder.place(self._preferences.settings.two_microphones)
        self.visit.handover.choose_layout(self._preferences.settings.copy_layout)

    def _connect_pages(self) -> None:
        library, visit, settings = self.library_page, self.visit_page, self.settings_page
        library.visit_asked.connect(self.open_visit)
        library.new_asked.connect(self.ask_patient)
        library.settings_asked.connect(self.show_settings)
        library.lock_asked.connect(self.session.lock)
        library.help_asked.connect(self.help.show_shortcuts)
        library.guide_asked.connect(self.help.show_guide)
        library.card_asked.connect(self.help.ask_card)
        self.unlock_page.guide_asked.connect(self.help.show_guide)
        visit.guide_asked.connect(self.help.show_guide)
        self.privacy_page.lock_asked.connect(self._lock)
        self.help.told.connect(self.cover.tell)
        visit.back_asked.connect(self.show_library)
        visit.told.connect(self.cover.tell)
        visit.text_made.connect(self._copy)
        visit.recorder.small_asked.connect(self.toggle_compact)
        visit.voice_asked.connect(self._ask_voice)
        self.voice.learned.connect(lambda: self.cover.tell(self.voice.words, "info"))
        settings.back_asked.connect(self._leave_settings)
        settings.first_steps_asked.connect(self.show_first_steps)
        self.start_page.left.connect(self.show_library)
        self.start_page.guide_asked.connect(self.help.show_guide)
        self.templates_page.usual_chosen.connect(self._on_usual_template)
        self.status.clear_asked.connect(self.clipboard.clear)
        self.status.recording_asked.connect(self._show_recorded_visit)

    def _make_actions(self) -> None:
        for name, handler in (
            ("new", self.ask_patient),
            ("settings", self.show_settings),
            ("lock", self._lock),
            ("quit", self.close),
            ("compact", self.toggle_compact),
        ):
            make_action(self, name, handler)
        for page in (self.library_page, self.settings_page):
            make_recording_actions(page, self.recorder)

    # -- coming and going

    def begin(self) -> None:
        """Look who has a vault here, and whether a recorder outlived the app."""
        self.session.load()
        try:
            living = self._services.recovery.living()
        except AppError as error:
            self.troubles.tell(error)
            return
        if living:
            self.unlock_page.show_note(
                _("A recording goes on without its window. Unlock to take it up.")
            )

    def _on_unlocked(self) -> None:
        self.unlock_page.clear()
        self.unlock_page.show_note("")
        self.library_page.show_account(self.session.name)
        self.library.refresh()
        self.library.look_for_interrupted()
        self.recorder.load_devices()
        self._readiness.begin()
        self.idle.open()
        is_new, self.session.is_new = self.session.is_new, False
        if self.recorder.is_running and self.recorder.visit is not None:
            self.open_visit(self.recorder.visit)
        elif is_new:
            self.show_first_steps()
        else:
            self.show_library()

    def show_first_steps(self) -> None:
        """Lead through microphone, room check and models."""
        self.start_page.enter()
        self.cover.go(self.start_page)

    def _on_locked(self) -> None:
        self.idle.close()
        self._keep_typed()
        self.cover.drop()
        if self.compact.isVisible():
            self.toggle_compact()
        for dialog in self.findChildren(QDialog):
            dialog.reject()  # a letter or an earlier draft must not stay in front of the lock
        self.clipboard.clear()
        self.library.clear()
        self.library_page.clear()
        self.visit.clear()
        self.vocabulary.clear()
        self.voice.clear()
        self.templates.clear()
        self.status.clear_words()
        self.unlock_page.clear()
        self.pages.setCurrentWidget(self.unlock_page)
        self._show_recording()

    def _lock(self) -> None:
        if self._is_unlocked or self.cover.is_down:
            self.session.lock()

    @property
    def _is_unlocked(self) -> bool:
        """Whether somebody is unlocked and sees the window."""
        return self.pages.currentWidget() is not self.unlock_page and not self.cover.is_down

    # -- when nobody works here

    def leave_alone(self) -> None:
        """The system's own session was left: lock, a recording goes on without the window.

        Not in a demonstration: its patients are made up, and nobody knows its password.
        """
        if not self._services.is_demo:
            self._lock_unasked()

    def _lock_unasked(self) -> None:
        """Lock, and take no keys from the window that is worked in meanwhile."""
        is_small = self.compact.isVisible()
        self.compact.hide()
        self._lock()
        if is_small:  # the window shows that a recording runs
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            self.showNormal()
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, on=False)

    def _cover(self) -> None:
        """Show the privacy screen: nobody works here, and a recording runs."""
        self.cover.lower()
        self.clipboard.clear()
        self.status.clear_words()
        self._show_recording()

    def _come_back(self) -> None:
        if self.cover.is_down:
            self.idle.uncover()
            self.cover.lift()
            self._show_recording()

    def _keep_typed(self) -> None:
        """Keep what is typed and not entered yet; the vault takes it before it closes."""
        typed: list[LineBox | WordEditor] = [*self.findChildren(LineBox)]
        for box in (*typed, *self.findChildren(WordEditor)):
            box.finish(keep=True)

    def _copy(self, text: str, what: str) -> None:
        if self._is_unlocked:  # it may come late
            self.clipboard.put(text, what)

    # -- pages

    def show_library(self) -> None:
        """Go to the list of visits."""
        self.cover.go(self.library_page)
        self.library.refresh()
        self.library_page.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_recording()

    def open_visit(self, visit: str) -> None:
        """Open a visit; a copied text of another patient leaves the clipboard."""
        if self.visit.visit is not None and self.visit.visit.id == visit:
            self._show_visit()
        else:
            self.clipboard.clear()
        self.library_page.choose(VisitId(visit))
        self.visit.open(VisitId(visit))

    def _on_planned(self, visit: Visit) -> None:
        self._to_record = visit.id if self._records_next else None
        self._records_next = False
        self.open_visit(visit.id)

    def _on_visit_opened(self) -> None:
        if (self.visit.visit is not None and self._is_unlocked) or (
            self.visit.visit is not None and self.session.name
        ):
            self._show_visit()
            wanted, self._to_record = self._to_record, None
            if self.visit.visit.id == wanted:
                self.visit.record()

    def _on_page(self) -> None:
        self.visit.come_on_screen(self.pages.currentWidget() is self.visit_page)

    def _show_visit(self) -> None:
        self.cover.go(self.visit_page)
        self._show_recording()

    def _show_recorded_visit(self) -> None:
        if self.recorder.visit is not None and self._is_unlocked:
            if self.visit.visit is not None and self.visit.visit.id == self.recorder.visit:
                self._show_visit()
            else:
                self.open_visit(self.recorder.visit)

    def show_settings(self) -> None:
        """Go to the settings."""
        current = self.pages.currentWidget()
        if current in {self.library_page, self.visit_page}:
            self._before_settings = current
            self.settings_page.enter()
            self.vocabulary.load()
            self.voice.load()
            self.templates.load()
            self.pages.setCurrentWidget(self.settings_page)

    def _leave_settings(self) -> None:
        self.visit.note.load_auto_texts()  # they may be others now
        if self._before_settings is self.visit_page and self.visit.visit is not None:
            self._show_visit()
        else:
            self.show_library()

    def ask_patient(self) -> None:
        """Ask for a patient and start a visit."""
        if not self._is_unlocked:
            return
        for each in self.findChildren(PatientDialog, "patientDialog"):
            if each.is_new and each.isVisible():
                each.activateWindow()
                return
        dialog = PatientDialog(self)
        dialog.given.connect(self._on_patient)
        dialog.show() if self.recorder.is_running else dialog.open()

    def _on_patient(self, fields: PatientFields, is_recorded: bool) -> None:
        self._records_next = is_recorded
        self.library.plan(fields)

    def _ask_voice(self) -> None:
        """Ask to learn the clinician's voice from the visit on the screen."""
        if self.visit.visit is not None:
            self.voice.load()
            VoiceDialog(self.voice, self.visit.visit.id, self).open()

    # -- keys from elsewhere, and the small recorder

    def toggle_compact(self) -> None:
        """Show the small recorder instead of the window, or the window again."""
        if self.compact.isVisible():
            self.compact.hide()
            self.showNormal()
            self.raise_()
            self.activateWindow()
        elif self.recorder.is_running and (self._is_unlocked or self.cover.is_down):
            self.showMinimized()
            self.compact.appear()

    def press(self, word: str) -> None:
        """Do what a key of the whole workstation asks for; see `foundation.instance`."""
        recorder = self.recorder
        keys: dict[str, Callable[[], object]] = {
            "raise": self._come_forward,
            "record": self.visit.record,
            "pause": recorder.pause_or_resume,
            "off-record": recorder.off_or_on_record,
            "bookmark": recorder.bookmark,
            "stop": recorder.finish,
            "compact": self.toggle_compact,
        }
        self.idle.use()
        is_allowed = self._is_unlocked or (self.cover.is_down and word in UNDER_COVER)
        if word == "raise" or is_allowed:
            keys[word]()

    def _come_forward(self) -> None:
        self.compact.hide()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # -- small things

    def _show_recording(self) -> None:
        on_page = self.pages.currentWidget() is self.visit_page and self.visit.is_here
        on_page = on_page or self.cover.is_down
        words = ""
        if self.recorder.is_running and not on_page:
            states = {
                RecorderState.OFF_RECORD: _("Off the record {time}"),
                RecorderState.PAUSED: _("Paused {time}"),
            }
            text = states.get(self.recorder.state, _("Recording {time}"))
            words = text.format(time=clock_words(self.recorder.seconds))
        self.status.show_recording(words)

    def _on_usual_template(self, template: str) -> None:
        self._preferences.change(note_template=template)
        self.templates.prefer(TemplateId(template))

    def _on_setting_not_saved(self, words: str) -> None:
        if self.pages.currentWidget() is not self.settings_page:  # there it stands already
            self.status.tell(words, "warning")

    def _apply_preferences(self) -> None:
        settings = self._preferences.settings
        self.visit.codes.turn(settings.code_look_up)
        self._services.note_making.has_consent_line = settings.consent_line
        theme.current().calm(settings.motion)
        theme.current().apply(settings.look, settings.text_size)
        self.recorder.place(settings.two_microphones)
        self.visit.handover.choose_layout(settings.copy_layout)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.recorder.is_running and not self._is_leaving:
            event.ignore()
            self._ask_to_finish()
            return
        self.idle.close()
        self.cover.drop()
        self.compact.hide()
        self.help.close()
        self.clipboard.clear()
        event.accept()

    def leave(self) -> None:
        """Close without a question; a recording that runs is settled by the services."""
        self._is_leaving = True
        self.close()

    def _ask_to_finish(self) -> None:
        words = _("A recording is running. Finish it and close? It can be drafted later.")
        box = ask_before(self, words, _("Finish and close"), self.leave, _("Go on recording"))
        box.setProperty(NOBODY, self.cover.is_down)
