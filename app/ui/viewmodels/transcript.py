"""The transcript of the visit on the screen, as it grows. Main thread.

Three layers: finished segments, committed words of the open utterance, and partial words
that may still change. Committed words never do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.audio import Gap
from app.domain.events import GapNoted, PartialHeard, SegmentFinished, WordsCommitted
from app.domain.ids import SegmentId, VisitId
from app.domain.transcript import Segment, SpeakerRole, Transcript, Word
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.workflow.services import Services


def role_words(role: SpeakerRole) -> str:
    """Return a speaker role for people."""
    words = {
        SpeakerRole.CLINICIAN: _("Clinician"),
        SpeakerRole.PATIENT: _("Patient"),
        SpeakerRole.OTHER: _("Other"),
        SpeakerRole.UNKNOWN: _("Speaker"),
    }
    return words[role]


class TranscriptModel(Listener):
    """Holds what was said.

    Signals:
        replaced: all is new.
        segment_added: index of a new segment at the end.
        segment_changed: index of a segment that came again.
        tail_changed: `committed` or `partial` is another.
        gap_noted: sound is missing; a `Gap`.
    """

    replaced = Signal()
    segment_added = Signal(int)
    segment_changed = Signal(int)
    tail_changed = Signal()
    gap_noted = Signal(object)

    def __init__(
        self, services: Services, recorder: RecorderModel, parent: QObject | None = None
    ) -> None:
        super().__init__(services, parent)
        self._recorder = recorder
        self.visit: VisitId | None = None
        self.segments: list[Segment] = []
        self.gaps: list[Gap] = []
        self.committed: list[Word] = []
        self.partial: tuple[Word, ...] = ()
        self._places: dict[SegmentId, int] = {}
        self.hear(SegmentFinished, self._on_segment)
        self.hear(WordsCommitted, self._on_committed)
        self.hear(PartialHeard, self._on_partial)
        self.hear(GapNoted, self._on_gap)

    def show(self, visit: VisitId | None, transcript: Transcript) -> None:
        """Hold another transcript. What is live goes on after it."""
        is_same = visit is not None and visit == self.visit
        self.visit = visit
        self.segments = list(transcript.segments)
        self.gaps = list(transcript.gaps)
        self._places = {each.id: place for place, each in enumerate(self.segments)}
        if not is_same:
            self.committed = []
            self.partial = ()
        self.replaced.emit()

    def find(self, segment: SegmentId) -> int:
        """Return the index of a segment, -1 if it is not here."""
        return self._places.get(segment, -1)

    @property
    def is_live(self) -> bool:
        """Whether words that are heard now belong here."""
        return self.visit is not None and self._services.listening.transcribing == self.visit

    def _on_segment(self, event: SegmentFinished) -> None:
        if not self.is_live:
            return
        segment = event.segment
        known = {word.id for word in segment.words}
        self.committed = [
            word
            for word in self.committed
            if word.id not in known and (not segment.end or word.start >= segment.end)
        ]
        if not self.committed:
            self.partial = tuple(word for word in self.partial if word.start >= segment.end)
        place = self._places.get(segment.id)
        if place is None:
            self._places[segment.id] = len(self.segments)
            self.segments.append(segment)
            self.segment_added.emit(len(self.segments) - 1)
        else:
            self.segments[place] = segment
            self.segment_changed.emit(place)
        self.tail_changed.emit()

    def _on_committed(self, event: WordsCommitted) -> None:
        if not self.is_live:
            return
        present = {word.id for word in self.committed}
        self.committed += [word for word in event.words if word.id not in present]
        self._drop_said()
        self.tail_changed.emit()

    def _on_partial(self, event: PartialHeard) -> None:
        if self.is_live:
            self.partial = event.words
            self._drop_said()
            self.tail_changed.emit()

    def _drop_said(self) -> None:
        """Take out of the partial words what is committed by now."""
        if self.committed:
            end = self.committed[-1].end
            self.partial = tuple(word for word in self.partial if word.end > end)

    def _on_gap(self, event: GapNoted) -> None:
        if self.visit is not None and self._recorder.visit == self.visit:
            self.gaps.append(event.gap)
            self.gap_noted.emit(event.gap)
