"""The transcript of the visit on the screen, as it grows. Main thread.

Three layers: finished segments, committed words of the open utterance, and partial words
that may still change. Committed words change only by a tracked revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.audio import RecordedTime, Stretch, StretchKind
from app.domain.events import (
    Bookmarked,
    GapNoted,
    PartialHeard,
    RecordingPaused,
    RecordingResumed,
    RolesFound,
    SegmentFinished,
    SpeechUnheard,
    TranscriptEdited,
    WordsCommitted,
    WordsRevised,
)
from app.domain.ids import SegmentId, VisitId, WordId
from app.domain.transcript import Revision, Segment, Transcript, Word
from app.ui.viewmodels.lines import Line, Offer, arrange
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.workflow.services import Services

_OPEN: Final = (StretchKind.PAUSE, StretchKind.OFF_RECORD)


class TranscriptModel(Listener):
    """Holds what was said.

    Signals:
        replaced: another visit's transcript is held.
        lines_changed: `lines` are others.
        tail_changed: `committed` or `partial` is another.
        segments_changed: `segments` are others; doubtful words may be, too.
    """

    replaced = Signal()
    lines_changed = Signal()
    tail_changed = Signal()
    segments_changed = Signal()

    def __init__(
        self, services: Services, recorder: RecorderModel, parent: QObject | None = None
    ) -> None:
        super().__init__(services, parent)
        self._recorder = recorder
        self.visit: VisitId | None = None
        self.segments: list[Segment] = []
        self.stretches: list[Stretch] = []
        self.committed: list[Word] = []
        self.partial: tuple[Word, ...] = ()
        self._places: dict[SegmentId, int] = {}
        self._revised: dict[WordId, list[Revision]] = {}
        self._emptied: dict[SegmentId, list[Revision]] = {}  # what took words out of a segment
        self._marks: dict[SegmentId, tuple[Revision, ...]] = {}
        self._offers: Mapping[SegmentId, tuple[Offer, ...]] = {}
        self._lines: list[Line] | None = None
        self._time: RecordedTime | None = None
        self.hear(SegmentFinished, self._on_segment)
        self.hear(WordsCommitted, self._on_committed)
        self.hear(PartialHeard, self._on_partial)
        self.hear(WordsRevised, self._on_revised)
        self.hear(RolesFound, self._on_roles)
        self.hear(TranscriptEdited, self._on_edited)
        self._hear_recorder()

    def _hear_recorder(self) -> None:
        self.hear(SpeechUnheard, self._on_unheard)
        self.hear(GapNoted, self._on_gap)
        self.hear(RecordingPaused, self._on_paused)
        self.hear(RecordingResumed, self._on_resumed)
        self.hear(Bookmarked, self._on_bookmark)

    def show(self, visit: VisitId | None, transcript: Transcript) -> None:
        """Hold another transcript, or the same one read anew. What is live goes on after it."""
        is_same = visit is not None and visit == self.visit
        self.visit = visit
        segments, stretches = list(transcript.segments), list(transcript.stretches)
        if is_same and self.is_live:  # the vault may be a moment behind
            known = {each.id for each in segments}
            segments += [each for each in self.segments if each.id not in known]
        if is_same and (self.is_live or (segments and not stretches)):
            stretches += [each for each in self.stretches if each not in stretches]
        if not is_same:
            self._offers = {}
        if not (is_same and self.is_live):  # over, or erased
            self.committed = []
            self.partial = ()
        self.segments, self.stretches = segments, stretches
        self._places = {each.id: place for place, each in enumerate(segments)}
        self._revised, self._emptied, self._marks = {}, {}, {}
        self._take_revisions(transcript.revisions)
        self._changed()
        if not is_same:
            self.replaced.emit()
        self.segments_changed.emit()

    def find(self, segment: SegmentId) -> int:
        """Return the index of a segment, -1 if it is not here."""
        return self._places.get(segment, -1)

    def segment(self, segment: SegmentId) -> Segment | None:
        """Return a segment, None if it is not here."""
        place = self.find(segment)
        return self.segments[place] if place >= 0 else None

    @property
    def lines(self) -> list[Line]:
        """All lines of the page. The list is made anew when something changed; do not change it."""
        if self._lines is None:
            self._lines = arrange(self.segments, self.stretches, self._offers, self._marks)
        return self._lines

    @property
    def time(self) -> RecordedTime:
        """What the times of this transcript are told by."""
        if self._time is None:
            self._time = RecordedTime.of(self.stretches)
        return self._time

    @property
    def is_live(self) -> bool:
        """Whether words that are heard now belong here."""
        return self.visit is not None and self._services.listening.transcribing == self.visit

    def offer(self, offers: Mapping[SegmentId, tuple[Offer, ...]]) -> None:
        """Show other choices below their segments."""
        if offers != self._offers:
            self._offers = offers
            self._changed()

    # -- words

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
        self._put(segment)
        self._changed()
        self.segments_changed.emit()

    def _put(self, segment: Segment) -> None:
        """Take a new segment at the end, or one that came again in its place."""
        place = self._places.get(segment.id)
        if place is None:
            self._places[segment.id] = len(self.segments)
            self.segments.append(segment)
        else:
            self.segments[place] = segment
        self._mark(segment)

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

    # -- changes

    def _on_revised(self, event: WordsRevised) -> None:
        if not self.is_live:
            return
        self._take_revisions(event.revisions)
        self._changed()
        unsaid = {word for each in event.revisions if not each.after for word in each.words}
        if any(word.id in unsaid for word in self.committed):
            self.committed = [word for word in self.committed if word.id not in unsaid]
            self.tail_changed.emit()

    def _on_roles(self, event: RolesFound) -> None:
        if not self.is_live:
            return
        for found in event.roles:
            old = self.segment(found.segment)
            is_free = old is not None and (
                old.role_confidence < 1.0 or found.role_confidence == 1.0
            )
            if old is not None and is_free:  # a machine changes nothing that a person set
                self.segments[self.find(old.id)] = replace(
                    old,
                    role=found.role,
                    role_confidence=found.role_confidence,
                    speaker=found.speaker,
                )
        self._changed()

    def _on_edited(self, event: TranscriptEdited) -> None:
        if event.visit != self.visit:
            return
        gone = set(event.gone)
        if gone:
            self.segments = [each for each in self.segments if each.id not in gone]
            self._places = {each.id: place for place, each in enumerate(self.segments)}
        self._take_revisions(event.revisions)
        for segment in event.segments:
            if segment.id in self._places:
                self._put(segment)
        self._changed()
        self.segments_changed.emit()

    def _take_revisions(self, revisions: Iterable[Revision]) -> None:
        changed: set[WordId] = set()
        for each in revisions:
            if each.segment is not None and not each.after:
                self._emptied.setdefault(each.segment, []).append(each)
            for word in each.words:
                self._revised.setdefault(word, []).append(each)
                changed.add(word)
        if changed:
            for segment in self.segments:
                is_emptied = not segment.words and segment.id in self._emptied
                if is_emptied or any(word.id in changed for word in segment.words):
                    self._mark(segment)

    def _mark(self, segment: Segment) -> None:
        """Gather what was changed in a segment."""
        if not self._revised:
            return
        if not segment.words:
            self._marks[segment.id] = tuple(self._emptied.get(segment.id, ()))
            return
        found: dict[int, Revision] = {}
        for word in segment.words:
            found.update((id(each), each) for each in self._revised.get(word.id, ()))
        if found:
            self._marks[segment.id] = tuple(found.values())

    # -- what is not words

    def _on_unheard(self, event: SpeechUnheard) -> None:
        if self.is_live:
            kind = StretchKind.INAUDIBLE
            self._add(*(Stretch(each.start, each.end, kind) for each in event.spans))

    def _on_gap(self, event: GapNoted) -> None:
        if self._is_recorded:
            gap = event.gap
            end = gap.at_sample + gap.count
            self._add(Stretch(gap.at_sample, end, StretchKind.GAP, gap.reason))

    def _on_paused(self, event: RecordingPaused) -> None:
        if self._is_recorded:
            kind = StretchKind.OFF_RECORD if event.is_off_record else StretchKind.PAUSE
            self._add(Stretch(event.at_sample, event.at_sample, kind))

    def _on_resumed(self, event: RecordingResumed) -> None:
        """Say how long a pause was. On the audio clock it may have no length at all."""
        for place in range(len(self.stretches) - 1, -1, -1):
            last = self.stretches[place]
            if self._is_recorded and last.kind in _OPEN:
                self.stretches[place] = replace(last, end=max(last.end, event.at_sample))
                self._changed()
                return

    def _on_bookmark(self, event: Bookmarked) -> None:
        if self._is_recorded:
            self._add(Stretch(event.at_sample, event.at_sample, StretchKind.BOOKMARK))

    @property
    def _is_recorded(self) -> bool:
        return self.visit is not None and self._recorder.visit == self.visit

    def _add(self, *stretches: Stretch) -> None:
        self.stretches += [each for each in stretches if each not in self.stretches]
        self._changed()

    def _changed(self) -> None:
        self._lines = self._time = None
        self.lines_changed.emit()
