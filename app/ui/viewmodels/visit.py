"""The visit on the screen: patient, consent, state, and the models of its parts. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.errors import ConsentMissingError
from app.domain.events import (
    DraftEdited,
    DraftStarted,
    PatientCorrected,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import VisitId
from app.domain.transcript import Transcript
from app.domain.visit import ConsentGranted, ConsentManner, Person, Visit, VisitState
from app.ui.viewmodels.after import AfterModel
from app.ui.viewmodels.changes import ChangesModel
from app.ui.viewmodels.codes import CodesModel
from app.ui.viewmodels.handover import HandoverModel
from app.ui.viewmodels.listener import Listener
from app.ui.viewmodels.note import NoteModel
from app.ui.viewmodels.repair import RepairModel
from app.ui.viewmodels.review import ReviewModel
from app.ui.viewmodels.templates import TemplatesModel
from app.ui.viewmodels.timeline import TimelineModel
from app.ui.viewmodels.transcript import TranscriptModel

if TYPE_CHECKING:
    from concurrent.futures import Future

    from app.ui.viewmodels.patients import PatientFields
    from app.ui.viewmodels.recorder import RecorderModel
    from app.workflow.services import Services
    from app.workflow.visiting import ConsentText, VisitRecord

_READY = {VisitState.PLANNED, VisitState.CONSENTED}
_CLOSED = {VisitState.SIGNED, VisitState.DISCARDED}


class VisitModel(Listener):
    """Opens a visit and leads it from consent to signature.

    Signals:
        opened: another visit is on the screen.
        visit_changed: `visit` is another, for instance in another state.
        consent_asked: the consent dialog is due.
        declined: somebody said no; the note can be typed.
        patient_corrected: who the visit is with reads otherwise.
    """

    opened = Signal()
    visit_changed = Signal()
    consent_asked = Signal()
    declined = Signal()
    patient_corrected = Signal()

    def __init__(
        self, services: Services, recorder: RecorderModel, parent: QObject | None = None
    ) -> None:
        super().__init__(services, parent)
        self.visit: Visit | None = None
        self.recorder = recorder
        self._is_on_screen = False
        self._readings = 0  # how often the visit was read: what an earlier one brings is stale
        self.transcript = TranscriptModel(services, recorder, self)
        self.repair = RepairModel(services, self.transcript, self)
        self.timeline = TimelineModel(services, recorder, self.transcript, self)
        self.note = NoteModel(services, self)
        self.review = ReviewModel(services, self)
        self.handover = HandoverModel(services, self)
        self.changes = ChangesModel(services, self)
        self.templates = TemplatesModel(services, self)
        self.after = AfterModel(services, self)
        self.codes = CodesModel(services, self)
        for extra in (self.changes, self.templates, self.after, self.codes):
            extra.trouble_arose.connect(self.trouble_arose)
        parts = (self.transcript, self.repair, self.note, self.review, self.handover)
        for part in (*parts, self.timeline):
            part.trouble_arose.connect(self.trouble_arose)
        self._after_consent: Callable[[ConsentGranted], object] = recorder.start
        self.hear(VisitAdvanced, self._on_advanced)
        self.hear(PatientCorrected, self._on_corrected)
        self.hear(DraftStarted, lambda event: self._reload(event.visit))
        self.hear(DraftEdited, self._on_edited)
        self.hear(TranscriptEdited, self._on_transcript_edited)
        self.review.signed.connect(lambda _version: self.reload())
        self.after.added.connect(self.reload)

    # -- opening

    def open(self, visit: VisitId) -> None:
        """Put a visit on the screen."""
        self.ask(lambda: self._services.visiting.open(visit), self._on_opened)

    def reload(self) -> None:
        """Read the visit on the screen again."""
        if self.visit is not None:
            self._reload(self.visit.id)

    def clear(self) -> None:
        """Hold no patient any more."""
        self.visit = None
        self.recorder.disarm()
        self.repair.allow(can_edit=False)
        self.transcript.show(None, Transcript())
        self.timeline.show(None)
        self.note.show(None, None, can_edit=False)
        self.review.show(None, ())
        self.handover.visit = None
        self._show_extras(None)
        self.opened.emit()

    def come_on_screen(self, is_on_screen: bool) -> None:
        """Say whether a person sees the visit: only then a microphone is opened ahead."""
        self._is_on_screen = is_on_screen
        if is_on_screen:
            self._arm()
        else:
            self.recorder.disarm()

    @property
    def can_record(self) -> bool:
        """Whether a recording may be started now."""
        states = {VisitState.PLANNED, VisitState.CONSENTED, VisitState.IN_REVIEW}
        return (
            self.visit is not None and self.visit.state in states and not self.recorder.is_running
        )

    @property
    def is_here(self) -> bool:
        """Whether the recording that runs is of this visit."""
        return self.visit is not None and self.recorder.visit == self.visit.id

    # -- consent and recording

    @property
    def script(self) -> ConsentText:
        """The text to read out before recording."""
        return self._services.visiting.script()

    @property
    def asker(self) -> str:
        """Name of who is unlocked: who asks for consent."""
        account = self._services.unlocking.account
        return account.name if account is not None else ""

    def record(self) -> None:
        """Record from the microphone; asks for consent first if there is none."""
        self._record_by(self.recorder.start)

    def dictate(self) -> None:
        """Dictate the note into the microphone. Nobody is asked: only the clinician is heard."""
        if self.visit is not None and self.can_record:
            visit = self.visit.id
            self.ask(lambda: self._services.visiting.dictate(visit), self._on_dictation)

    def record_file(self, path: Path) -> None:
        """Record from an audio file; asks for consent first if there is none."""
        self._record_by(lambda granted: self.recorder.start_file(granted, path))

    def grant(self, asked_by: str, manner: ConsentManner, present: tuple[Person, ...]) -> None:
        """Keep everybody's answer, then go on: record, or type if somebody declined."""
        if self.visit is not None:
            visit = self.visit.id
            self.ask(
                lambda: self._services.visiting.grant(visit, asked_by, manner, present),
                self._on_granted,
                self._on_not_granted,
            )

    def type_note(self) -> None:
        """Go without a recording: an empty note to type."""
        if self.visit is not None:
            visit = self.visit.id
            self._read(lambda: self._services.visiting.type_note(visit))

    def set_terms(self, terms: tuple[str, ...]) -> None:
        """Keep the words that may come up at this visit."""
        if self.visit is not None:
            visit = self.visit.id
            self.ask(
                lambda: self._services.visiting.set_terms(visit, terms),
                lambda _visit: self.reload(),
            )

    @property
    def can_correct_patient(self) -> bool:
        """Whether it may still be said who the visit is with."""
        return self.visit is not None and self.visit.state not in _CLOSED

    def correct_patient(self, visit: VisitId, fields: PatientFields) -> None:
        """Say who the patient of the visit on the screen is, as it was typed anew.

        Nothing is done when another visit is on the screen meanwhile.

        Raises:
            ValueError: see `PatientFields.patient`.
        """
        if self.visit is not None and self.visit.id == visit:
            patient = fields.corrected(self.visit.patient)
            self.ask(
                lambda: self._services.visiting.correct_patient(visit, patient.id, patient),
                lambda _visit: None,  # PatientCorrected brings it
            )

    def withdraw(self) -> None:
        """The patient takes the consent back: the recorder stops at once."""
        if self.visit is not None:
            self.recorder.disarm()
            visit = self.visit.id
            self.ask(lambda: self._services.listening.withdraw(visit), lambda _none: self.reload())

    def discard(self) -> None:
        """Give the visit up."""
        if self.visit is not None:
            visit = self.visit.id
            self.ask(lambda: self._services.visiting.discard(visit), lambda _none: self.reload())

    def _record_by(self, start: Callable[[ConsentGranted], object]) -> None:
        if self.visit is None or not self.can_record:
            return
        self._after_consent = start
        visit = self.visit
        if visit.consent is None:
            self.consent_asked.emit()
        else:
            self.ask(
                lambda: self._services.visiting.granted(visit.id),
                self._on_granted,
                self._on_not_granted,
            )

    def _on_granted(self, granted: ConsentGranted) -> None:
        if self.visit is not None and granted.visit == self.visit.id:
            self.visit = replace(self.visit, consent=granted.consent)
            self._after_consent(granted)

    def _on_dictation(self, granted: ConsentGranted) -> None:
        if self.visit is not None and granted.visit == self.visit.id and self.can_record:
            self.recorder.start(granted, is_dictation=True)

    def _on_not_granted(self, error: BaseException) -> None:
        if isinstance(error, ConsentMissingError):
            self.reload()  # first: what follows is newer
            self.declined.emit()
        else:
            self.trouble_arose.emit(error)

    # -- news

    def _on_opened(self, record: VisitRecord) -> None:
        is_other = self.visit is None or self.visit.id != record.visit.id
        if is_other:
            self.recorder.disarm()
        self.visit = record.visit
        can_edit = record.visit.state is VisitState.IN_REVIEW
        draft = record.draft
        if record.versions and not can_edit:
            draft = record.versions[-1].draft
        self.transcript.show(record.visit.id, record.transcript)
        self.timeline.show(record.visit.id)
        self.repair.allow(record.visit.state not in _CLOSED)
        self.note.show(record.visit.id, draft, can_edit)
        self.review.show(record.visit.id, record.decisions)
        self.handover.visit = record.visit.id
        self.note.note_outdated(can_edit and record.is_outdated)
        self.recorder.count_on(record.visit.id, self.transcript.time.all_unkept)
        self._show_extras(record.visit)
        if is_other:
            self.note.load_auto_texts()
        if can_edit:
            self.review.refresh()
        (self.opened if is_other else self.visit_changed).emit()
        self._arm()

    def _show_extras(self, visit: Visit | None) -> None:
        """Tell the models around the note which visit it is."""
        number = visit.id if visit is not None else None
        self.changes.show(number)
        self.templates.show(visit)
        self.after.show(visit)
        self.codes.visit = number

    def _arm(self) -> None:
        """Open the microphone ahead when consent is on file and the visit is to be recorded."""
        visit = self.visit
        if visit is None or visit.consent is None or visit.state not in _READY:
            return
        if self._is_on_screen and not self.recorder.is_running and not self.recorder.is_armed:
            self.ask(
                lambda: self._services.visiting.granted(visit.id),
                self._on_ticket,
                lambda _error: None,  # withdrawn since: it is asked for again when recording
            )

    def _on_ticket(self, granted: ConsentGranted) -> None:
        is_here = self.visit is not None and self.visit.id == granted.visit
        if is_here and self._is_on_screen and not self.recorder.is_running:
            self.recorder.arm(granted)

    def _reload(self, visit: VisitId) -> None:
        if self.visit is not None and self.visit.id == visit:
            self._read(lambda: self._services.visiting.open(visit))

    def _read(self, question: Callable[[], Future[VisitRecord]]) -> None:
        """Show the visit as it is now, unless it was read again meanwhile."""
        self._readings += 1
        number = self._readings
        self.ask(question, lambda record: self._on_reloaded(record, number))

    def _on_reloaded(self, record: VisitRecord, number: int) -> None:
        is_newest = number == self._readings
        if is_newest and self.visit is not None and self.visit.id == record.visit.id:
            self._on_opened(record)

    def _on_advanced(self, event: VisitAdvanced) -> None:
        if self.visit is None or self.visit.id != event.visit:
            return
        self.visit = replace(self.visit, state=event.state)
        self.visit_changed.emit()
        ends = {VisitState.IN_REVIEW, VisitState.SIGNED, VisitState.DISCARDED}
        if event.state in {*ends, VisitState.PLANNED}:
            self._reload(event.visit)

    def _on_corrected(self, event: PatientCorrected) -> None:
        if self.visit is not None and self.visit.id == event.visit:
            self.patient_corrected.emit()
            self._reload(event.visit)

    def _on_transcript_edited(self, event: TranscriptEdited) -> None:
        """Words that were struck took the draft with them: read it all anew."""
        if event.gone:
            self._reload(event.visit)
        elif self.visit is not None and self.visit.id == event.visit and self.note.can_edit:
            self.note.note_outdated(is_outdated=True)
            self.review.refresh()

    def _on_edited(self, event: DraftEdited) -> None:
        if self.visit is not None and self.visit.id == event.visit:
            self.review.refresh()
