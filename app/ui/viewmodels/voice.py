"""The clinician's own voice: learned on request, kept in their vault, forgotten at once.

Main thread.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.ids import VisitId
from app.domain.store_ports import VisitSummary
from app.domain.visit import Visit, VisitState
from app.domain.vocabulary import VoiceEnrolment
from app.foundation.i18n import _
from app.ui.viewmodels.library import time_words
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services

FINISHED: Final = frozenset({VisitState.DRAFTING, VisitState.IN_REVIEW, VisitState.SIGNED})


class VoiceModel(Listener):
    """Learns and forgets a voice.

    Signals:
        changed: `voice`, `visits` or `is_busy` is another.
        learned: a voice is kept now.
    """

    changed = Signal()
    learned = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.voice: VoiceEnrolment | None = None
        self.visits: tuple[Visit, ...] = ()
        self.is_busy = False

    @property
    def can_learn(self) -> bool:
        """Whether the model for it is on this computer."""
        return self._services.teaching.can_learn_voices

    @property
    def words(self) -> str:
        """What is kept, and since when."""
        if self.is_busy:
            return _("Listening to the visit…")
        if self.voice is None:
            return _("No voice is kept.")
        text = _("Your voice is kept since {date}. It was learned from {seconds} s of speech.")
        at = self.voice.consented_at.astimezone()
        return text.format(date=f"{at:%Y-%m-%d %H:%M}", seconds=round(self.voice.speech_s))

    def load(self) -> None:
        """Look what is kept, and from which visits a voice can be learned."""
        self.ask(self._services.teaching.voice, self._on_voice)
        self.ask(lambda: self._services.visiting.visits(""), self._on_visits)

    def clear(self) -> None:
        """Hold nothing of anybody."""
        self.voice, self.visits, self.is_busy = None, (), False
        self.changed.emit()

    def learn(self, visit: VisitId) -> None:
        """Learn the voice from a visit. Call it only when the person ticked that they agree."""
        if self.is_busy or not self.can_learn:
            return
        now = datetime.now().astimezone()
        self._set_busy(True)
        self.ask(
            lambda: self._services.teaching.learn_from_visit(visit, now),
            self._on_learned,
            self._on_refused,
        )

    def forget(self) -> None:
        """Erase the voice for good."""
        self.ask(self._services.teaching.forget_voice, lambda _none: self._on_voice(None))

    def _on_voice(self, voice: VoiceEnrolment | None) -> None:
        self.voice = voice
        self.changed.emit()

    def _on_visits(self, rows: tuple[VisitSummary, ...]) -> None:
        self.visits = tuple(each.visit for each in rows if each.visit.state in FINISHED)
        self.changed.emit()

    def _on_learned(self, voice: VoiceEnrolment) -> None:
        self.voice = voice
        self._set_busy(False)
        self.learned.emit()

    def _on_refused(self, error: BaseException) -> None:
        self._set_busy(False)
        self.trouble_arose.emit(error)

    def _set_busy(self, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.changed.emit()


def visit_words(visit: Visit) -> str:
    """Return a visit as a line to choose from."""
    return f"{time_words(visit.started_at or visit.created_at)}  {visit.patient.display}"
