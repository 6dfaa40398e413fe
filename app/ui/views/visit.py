"""A visit: banner, recorder, transcript beside note. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.domain.ids import SegmentId
from app.domain.visit import VisitState
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.library import state_words
from app.ui.viewmodels.recorder import RUNNING, RecorderState
from app.ui.viewmodels.review import facts_words
from app.ui.viewmodels.vocabulary import terms_in
from app.ui.viewmodels.voice import FINISHED
from app.ui.views.consent import ConsentAnswer, ConsentDialog
from app.ui.views.entry import EntryDialog
from app.ui.views.files import ask_for_audio, ask_for_folder
from app.ui.views.note_pane import NotePane
from app.ui.views.patient import PatientDialog
from app.ui.views.review import SignDialog
from app.ui.views.transcript_pane import TranscriptPane
from app.ui.widgets.actions import make_action
from app.ui.widgets.banner import PatientBanner
from app.ui.widgets.parts import button, frame, icon_button, label
from app.ui.widgets.question import ask_beside
from app.ui.widgets.recorder_bar import RecorderBar
from app.ui.widgets.timeline_bar import TimelineBar

if TYPE_CHECKING:
    from app.ui.viewmodels.preferences import Preferences
    from app.ui.viewmodels.visit import VisitModel


class VisitPage(QWidget):
    """Places the parts of a visit and connects them.

    Signals:
        back_asked: to the list of visits.
        told: words and weight for the status line.
        text_made: text for the clipboard, and what it is.
        voice_asked: learn the clinician's voice from this visit.
        guide_asked: how things are done.
    """

    back_asked = Signal()
    told = Signal(str, str)
    text_made = Signal(str, str)
    voice_asked = Signal()
    guide_asked = Signal()

    def __init__(
        self, model: VisitModel, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("visitPage")
        self._model = model
        self._preferences = preferences
        self._next_copy = 0
        self._consent: ConsentDialog | None = None  # while it is open
        self.banner = PatientBanner()
        self.recorder = RecorderBar()
        self.timeline = TimelineBar(model.timeline)
        self.said = TranscriptPane(model)
        self.transcript = self.said.transcript
        self.note = NotePane(model)
        self._place()
        self._connect_recorder()
        self._connect_parts()
        self._make_actions()
        self._show_state()

    # -- placing

    def _place(self) -> None:
        self.back = icon_button("back", _("Back to the list of visits"), "back", "Esc")
        self._state = label("", "muted")
        self._state.setObjectName("visitState")
        head = QHBoxLayout()
        head.setSpacing(theme.UNIT + theme.UNIT // 2)
        head.addWidget(self.back)
        head.addWidget(self.banner, 1)
        head.addWidget(self._state)
        head.addWidget(self._make_more())
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setObjectName("split")
        self.split.setHandleWidth(theme.UNIT)
        self.split.addWidget(self.said)
        self.split.addWidget(self.note)
        self.split.setStretchFactor(0, 9)
        self.split.setStretchFactor(1, 11)
        self.split.setSizes([450, 550])
        body = QHBoxLayout()
        body.setContentsMargins(*(each * theme.UNIT for each in (2, 2, 2, 2)))
        body.addWidget(self.split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(frame("bar", head, (1, 1, 3, 1)))
        column.addWidget(self.recorder)
        column.addWidget(self.timeline)
        column.addLayout(body, 1)

    def _make_more(self) -> QPushButton:
        menu = QMenu(self)
        menu.setObjectName("moreMenu")
        self.patient = menu.addAction(_("Correct the patient…"), self._ask_patient)
        self.patient.setObjectName("correctPatient")
        self.terms = menu.addAction(_("Words that may come up…"), self._ask_terms)
        self.terms.setObjectName("terms")
        self.voice = menu.addAction(_("Learn my voice from this visit…"), self.voice_asked.emit)
        self.voice.setObjectName("learnVoice")
        menu.addSeparator()
        self.withdraw = menu.addAction(_("Consent withdrawn…"), self._ask_withdrawal)
        self.withdraw.setObjectName("withdraw")
        self.discard = menu.addAction(_("Give the visit up…"), self._ask_discard)
        self.discard.setObjectName("discard")
        menu.addSeparator()
        menu.addAction(_("Guide") + "\tShift+F1", self.guide_asked.emit).setObjectName("guide")
        self.more = button("more", _("More"), "down", "quiet", "Ctrl+M")
        self.more.setMenu(menu)
        return self.more

    # -- connecting

    def _connect_recorder(self) -> None:
        model, recorder = self._model, self._model.recorder
        self.recorder.record_asked.connect(model.record)
        self.recorder.dictate_asked.connect(model.dictate)
        self.recorder.pause_asked.connect(recorder.pause_or_resume)
        self.recorder.stop_asked.connect(recorder.finish)
        self.recorder.off_asked.connect(recorder.off_or_on_record)
        self.recorder.bookmark_asked.connect(recorder.bookmark)
        self.recorder.file_asked.connect(self._ask_file)
        self.recorder.device_chosen.connect(self._on_device)
        recorder.state_changed.connect(self._show_state)
        recorder.level_measured.connect(self._on_level)
        recorder.lag_changed.connect(self._on_lag)
        recorder.devices_changed.connect(self._on_devices)

    def _connect_parts(self) -> None:
        model = self._model
        self.back.clicked.connect(self.back_asked)
        self.said.segment_chosen.connect(self._on_segment)
        self.said.told.connect(self.told)
        self.note.note.evidence_asked.connect(self._light_up)
        self.note.note.play_asked.connect(self._play)
        self.note.omissions.segment_asked.connect(
            lambda segment: self._light_up((SegmentId(segment),))
        )
        self.timeline.segment_found.connect(
            lambda segment: self.transcript.light_up((SegmentId(segment),))
        )
        self.transcript.play_asked.connect(lambda segment: self._play((SegmentId(segment),)))
        self.note.sign_asked.connect(self._ask_signature)
        self.note.copy_asked.connect(self.copy)
        self.note.export_asked.connect(self._export)
        self.note.type_asked.connect(model.type_note)
        model.opened.connect(self._on_opened)
        model.visit_changed.connect(self._show_state)
        model.consent_asked.connect(self._ask_consent)
        model.declined.connect(self._on_declined)
        model.review.signed.connect(self._on_signed)
        model.handover.text_made.connect(self.text_made)
        model.handover.exported.connect(self._on_exported)
        model.after.text_made.connect(self.text_made)
        model.after.exported.connect(self._on_exported)
        self.note.tools.told.connect(self.told)
        self.note.tools.folder = lambda: self._preferences.settings.export_folder
        self.note.tools.folder_used.connect(
            lambda folder: self._preferences.change(export_folder=folder)
        )

    def _make_actions(self) -> None:
        model = self._model
        for name, handler in (
            ("record", model.record),
            ("dictate", model.dictate),
            ("pause", model.recorder.pause_or_resume),
            ("off_record", model.recorder.off_or_on_record),
            ("bookmark", model.recorder.bookmark),
            ("stop", model.recorder.finish),
            ("file", self._ask_file),
            ("type", self._type_note),
            ("layout", self._next_layout),
            ("next_offer", lambda: self.transcript.next_offer(1)),
            ("previous_offer", lambda: self.transcript.next_offer(-1)),
            ("find_said", self.said.start_finding),
            ("play", model.timeline.play_or_stop),
            ("swap", model.repair.swap),
            ("next_open", lambda: self.note.note.next_open(1)),
            ("previous_open", lambda: self.note.note.next_open(-1)),
            ("add", self._add_line),
            ("change", self.note.tools.open_menu),
            ("next_field", self.note.note.next_field),
            ("history", self.note.tools.show_history),
            ("look_up", self.note.tools.ask_code),
            ("undo", model.note.undo),
            ("sign", self._ask_signature),
            ("copy", lambda: self.copy("", "")),
            ("copy_next", self.copy_next),
            ("export", lambda: _open_menu(self.note.export)),
            ("draft", lambda: _open_menu(self.note.draft)),
            ("more", lambda: _open_menu(self.more)),
            ("back", self.back_asked.emit),
        ):
            make_action(self, name, handler)
        for number in range(1, 10):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda number=number: self._copy_section(number))

    # -- showing

    def _on_opened(self) -> None:
        self.transcript.stop_correcting()
        self._light_up(())
        self.said.note.setText("")
        self._next_copy = 0
        visit = self._model.visit
        if visit is not None:
            self._model.recorder.load_devices()
        self._show_state()
        if visit is not None:  # only now the button is enabled, and can have the focus
            is_ready = visit.state in {VisitState.PLANNED, VisitState.CONSENTED}
            first = self.recorder.record if is_ready else self.transcript  # Space must not record
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_state(self) -> None:
        model, recorder = self._model, self._model.recorder
        visit = model.visit
        self.banner.show_patient(visit.patient if visit is not None else None)
        is_off = model.is_here and recorder.state is RecorderState.OFF_RECORD
        words = state_words(visit.state) if visit is not None else ""
        self._state.setText(_("Off the record") if is_off else words)
        if model.is_here or not recorder.is_running:
            state = recorder.state if model.is_here else RecorderState.IDLE
            is_dictation = recorder.is_dictation and state in RUNNING
            is_heard = is_dictation and state is RecorderState.RECORDING
            words = _("Dictating") if is_heard else ""
            self.recorder.show_state(state, model.can_record, words)
            self.recorder.show_armed(recorder.is_armed)
            self.recorder.show_dictation(is_dictation=is_dictation)
            self.recorder.show_level(recorder.level, recorder.seconds)
        else:
            other = _("Another visit is being recorded.")
            self.recorder.show_state(RecorderState.IDLE, can_record=False, note=other)
            self.recorder.show_dictation(is_dictation=False)
        is_signed = visit is not None and visit.state in {VisitState.SIGNED, VisitState.DISCARDED}
        self.recorder.setVisible(not is_signed)
        self._show_more()
        self.note.refresh()
        self.said.refresh()
        self._on_lag()

    def _show_more(self) -> None:
        visit = self._model.visit
        state = visit.state if visit is not None else VisitState.DISCARDED
        is_open = state not in {VisitState.SIGNED, VisitState.DISCARDED}
        self.patient.setVisible(self._model.can_correct_patient)
        self.more.setVisible(state is not VisitState.DISCARDED)
        self.terms.setVisible(is_open)
        self.discard.setVisible(is_open)
        self.voice.setVisible(state in FINISHED)
        has_consent = visit is not None and visit.consent is not None
        self.withdraw.setVisible(is_open and has_consent)

    def _on_level(self) -> None:
        if self._model.is_here or self._model.recorder.is_armed:
            self.recorder.show_level(self._model.recorder.level, self._model.recorder.seconds)

    def _on_lag(self) -> None:
        self.recorder.show_lag(self._model.recorder.lag_s, self._model.is_here)

    def _on_devices(self) -> None:
        self.recorder.show_devices(self._model.recorder.devices, self._model.recorder.device)

    def _light_up(self, segments: tuple[SegmentId, ...]) -> None:
        """Show what a claim rests on, in the transcript and on the line of time."""
        self.transcript.light_up(segments)
        self._model.timeline.light_up(segments)

    def _play(self, segments: tuple[SegmentId, ...]) -> None:
        timeline = self._model.timeline
        timeline.light_up(segments)
        if timeline.can_play:
            timeline.play(timeline.lit)

    def _on_segment(self, segment: str) -> None:
        self.transcript.light_up((SegmentId(segment),), scroll=False)
        self._model.timeline.light_up((SegmentId(segment),))
        self.note.note.choose(None)
        count = len(self.note.note.show_resting_on(SegmentId(segment)))
        if count == 0:
            self.said.note.setText(_("No statement rests on this line."))
        elif count == 1:
            self.said.note.setText(_("1 statement rests on this line."))
        else:
            text = _("{count} statements rest on this line.")
            self.said.note.setText(text.format(count=count))

    # -- doing

    def copy(self, section: str, name: str) -> None:
        """Copy a section, or the whole note, for the patient in the banner."""
        visit = self._model.visit
        if visit is not None and self._model.note.sections:
            self._model.handover.copy(visit.patient.id, section, name or _("Note"))

    def copy_next(self) -> None:
        """Copy the next section, for systems with a field for each; after the last, the first."""
        sections = self._model.note.sections
        if sections:
            section = sections[self._next_copy % len(sections)]
            self._next_copy = (self._next_copy + 1) % len(sections)
            self.copy(section.key, section.heading)

    def _copy_section(self, number: int) -> None:
        sections = self._model.note.sections
        if number <= len(sections):
            self.copy(sections[number - 1].key, sections[number - 1].heading)

    def _export(self, kind: str) -> None:
        visit = self._model.visit
        if visit is None:
            return
        patient = visit.patient.id

        def write(folder: Path) -> None:
            self._preferences.change(export_folder=str(folder))
            self._model.handover.export(patient, kind, folder)

        ask_for_folder(self, self._preferences.settings.export_folder, write)

    def _on_exported(self, path: Path) -> None:
        self.told.emit(_("Saved as {name}.").format(name=path), "info")

    def _ask_file(self) -> None:
        if self._model.can_record:
            ask_for_audio(self, self._model.record_file)

    def _type_note(self) -> None:
        visit = self._model.visit
        states = {VisitState.PLANNED, VisitState.CONSENTED}
        if visit is not None and visit.state in states and not self._model.recorder.is_running:
            self._model.type_note()

    def _ask_consent(self) -> None:
        visit = self._model.visit
        if visit is None or self._consent is not None:
            return
        self._consent = dialog = ConsentDialog(
            visit.patient, self._model.script, self._model.asker, self
        )
        dialog.answered.connect(self._on_consent)
        dialog.finished.connect(self._on_consent_closed)
        dialog.open()

    def _on_consent_closed(self) -> None:
        self._consent = None

    def _on_consent(self, answer: ConsentAnswer) -> None:
        self._model.grant(answer.asked_by, answer.manner, answer.present)

    def _on_declined(self) -> None:
        words = _("Declined, and kept so. The visit is not recorded: type the note, or dictate it.")
        self.told.emit(words, "info")
        self._type_note()

    def _ask_patient(self) -> None:
        """Ask who the patient is; beside the recorder, which goes on being used meanwhile."""
        visit = self._model.visit
        if visit is None or not self._model.can_correct_patient:
            return
        for each in self.findChildren(PatientDialog):
            if each.isVisible():
                each.activateWindow()
                return
        dialog = PatientDialog(self, visit.patient)
        dialog.given.connect(lambda fields, _: self._model.correct_patient(visit.id, fields))
        self._model.opened.connect(dialog.reject)
        dialog.show()

    def _ask_terms(self) -> None:
        visit = self._model.visit
        if visit is None:
            return
        name = _("Words")
        dialog = EntryDialog(_("Words that may come up"), ((name, True),), self)
        dialog.explain(
            _("Medications and names of this visit, with commas between them. They help to hear "
              "them right from the next recording on.")
        )  # fmt: skip
        dialog.show_texts((", ".join(visit.terms),))
        dialog.given.connect(lambda texts: self._model.set_terms(terms_in(texts[0])))
        self._model.opened.connect(dialog.reject)
        dialog.show()  # beside the recorder, as the patient

    def _ask_withdrawal(self) -> None:
        words = _(
            "Stop recording and erase the recording, the transcript and the draft of this visit?"
        )
        box = ask_beside(self, words, _("Erase"), self._model.withdraw)
        self._model.opened.connect(box.reject)

    def _ask_discard(self) -> None:
        words = _("Give this visit up? It leaves the list.")
        box = ask_beside(self, words, _("Give it up"), self._discard)
        self._model.opened.connect(box.reject)

    def _discard(self) -> None:
        self._model.discard()
        self.back_asked.emit()

    def _ask_signature(self) -> None:
        model = self._model
        if model.visit is None or model.visit.state is not VisitState.IN_REVIEW:
            return
        if not model.review.is_clear:
            self.note.note.next_open()
            self.told.emit(_("Before signing: {open}.").format(open=model.review.words), "info")
            return
        patient = model.visit.patient
        facts = facts_words(model.note.claims(), model.review.accepted, len(model.note.omissions))
        dialog = SignDialog(patient, model.review, facts, self)
        dialog.confirmed.connect(lambda password: model.review.sign(patient.id, password))
        dialog.open()

    def _on_signed(self) -> None:
        self.told.emit(_("Signed. Copy it with Ctrl+Shift+C."), "info")

    def _add_line(self) -> None:
        visit, section = self._model.visit, self.note.note.current_section()
        if visit is not None and visit.state is VisitState.SIGNED:
            self.note.tools.ask_addendum()
        elif section is not None:
            section.start_adding()

    def _on_device(self, name: str) -> None:
        self._model.recorder.choose(name)
        self._preferences.change(input_device=name)

    def _next_layout(self) -> None:
        """Both, transcript alone, note alone."""
        shown = (not self.said.isHidden(), not self.note.isHidden())
        order = {(True, True): (True, False), (True, False): (False, True)}
        has_transcript, has_note = order.get(shown, (True, True))
        self.said.setVisible(has_transcript)
        self.note.setVisible(has_note)


def _open_menu(owner: QPushButton) -> None:
    """Show a menu asked for by a key, with its first entry chosen: Enter takes it."""
    if owner.isVisible():
        first = next(iter(owner.menu().actions()), None)
        if first is not None:
            QTimer.singleShot(0, owner, lambda: owner.menu().setActiveAction(first))
        owner.showMenu()  # returns when the menu is closed
