"""The sound of the visit on the screen as a line of time, and what of it is played. Main thread."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.audio import SAMPLE_RATE, Span, Stretch, StretchKind
from app.domain.events import PlaybackEnded, PlaybackMoved
from app.domain.ids import SegmentId, VisitId
from app.ui.viewmodels.listener import Listener
from app.ui.viewmodels.recorder import HOLDING

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.transcript import TranscriptModel
    from app.workflow.services import Services

COLUMN: Final = SAMPLE_RATE // 2
"""Samples in one peak: 90 minutes are 10,800 of them."""

STEP: Final = 5 * SAMPLE_RATE
"""How far an arrow key moves."""

BRIDGE: Final = 2 * SAMPLE_RATE
"""Shorter quiet parts no words on the line of time; at 90 minutes it is a third of a pixel."""

GO_ON: Final = 30 * SAMPLE_RATE
"""Played from a place one points at, as much as the service plays at once."""


class TimelineModel(Listener):
    """Peaks, marks, evidence and the place that is heard.

    Signals:
        changed: what is drawn is another.
        moved: `position` is another; some ten times a second while sound is played.
        playing_changed: `is_playing` is another.
    """

    changed = Signal()
    moved = Signal()
    playing_changed = Signal()

    def __init__(
        self,
        services: Services,
        recorder: RecorderModel,
        transcript: TranscriptModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(services, parent)
        self._recorder, self._transcript = recorder, transcript
        self.visit: VisitId | None = None
        self.peaks: array[float] = array("f")
        self.lit: tuple[Span, ...] = ()
        self.position = 0
        self.is_playing = False
        self._covered: tuple[Span, ...] | None = None  # until other lines are there
        recorder.level_measured.connect(self._on_level)
        recorder.state_changed.connect(self.changed)
        transcript.lines_changed.connect(self._on_lines)
        self.hear(PlaybackMoved, self._on_moved)
        self.hear(PlaybackEnded, self._on_ended)

    @property
    def samples(self) -> int:
        """How long the sound is on the audio clock."""
        said = self._transcript.segments[-1].end if self._transcript.segments else 0
        return max(len(self.peaks) * COLUMN, said)

    @property
    def length_s(self) -> float:
        """How much is recorded, in seconds; the same as the recorder shows."""
        return self._recorder.seconds if self.is_hearing else self.recorded_s(self.samples)

    def recorded_s(self, at_sample: int) -> float:
        """Return the recorded time at a place of the audio clock, in seconds."""
        return self._transcript.time.seconds(at_sample)

    @property
    def stretches(self) -> Sequence[Stretch]:
        """Gaps, pauses, off the record, bookmarks."""
        return self._transcript.stretches

    @property
    def can_play(self) -> bool:
        """Whether no microphone would hear what is played."""
        running = self._recorder.is_running and self._recorder.state not in HOLDING
        return not running

    @property
    def is_hearing(self) -> bool:
        """Whether a recording of this visit grows now."""
        here = self.visit is not None and self._recorder.visit == self.visit
        return here and self._recorder.is_running

    def show(self, visit: VisitId | None) -> None:
        """Hold another visit, or the same one read anew."""
        if visit != self.visit:
            self.stop()
            self.visit, self.position, self.lit = visit, 0, ()
            self.peaks = array("f")
            self.changed.emit()
        if visit is not None and not (self.is_hearing and self.peaks):
            self.ask(
                lambda: self._services.playback.outline(visit, COLUMN),
                lambda found: self._on_outline(visit, found[1]),
                lambda _error: None,  # no sound to draw: it was erased, or the file is damaged
            )

    @property
    def covered(self) -> tuple[Span, ...]:
        """Where words are: the draft is made of them. Empty while a recording grows.

        Lines less than `BRIDGE` apart are one. What was spoken and is no word is among the
        stretches, as inaudible: the ledger of speech sees to that.
        """
        if self.is_hearing:
            return ()
        if self._covered is None:
            self._covered = _joined(
                (each.start, each.end) for each in self._transcript.segments if each.end
            )
        return self._covered

    @property
    def inaudible(self) -> int:
        """Samples in which somebody spoke and no words could be made of it."""
        return sum(
            each.end - each.start for each in self.stretches if each.kind is StretchKind.INAUDIBLE
        )

    def light_up(self, segments: Iterable[SegmentId]) -> None:
        """Mark where the evidence was said."""
        self.lit = self.spans(segments)
        if self.lit and not self.is_playing:
            self.position = self.lit[0].start
        self.changed.emit()

    def spans(self, segments: Iterable[SegmentId]) -> tuple[Span, ...]:
        """Return when segments were said; those without a time are left out."""
        found = (self._transcript.segment(each) for each in segments)
        return tuple(Span(each.start, each.end) for each in found if each is not None and each.end)

    # -- playing

    def play(self, spans: Sequence[Span]) -> None:
        """Play passages, one after the other."""
        visit = self.visit
        if visit is None or not spans:
            return
        self._set_playing(True)
        self.position = min(spans).start
        self.moved.emit()
        self.ask(
            lambda: self._services.playback.play(visit, tuple(spans)),
            lambda _none: None,
            self._on_refused,
        )

    def play_or_stop(self) -> None:
        """Play what is lit up, or on from the place one is at; while something plays, stop."""
        if self.is_playing:
            self.stop()
        elif self.lit:
            self.play(self.lit)
        else:
            self.play_from(self.position)

    def play_from(self, at_sample: int) -> None:
        """Play on from a place."""
        self.play((Span(at_sample, at_sample + GO_ON),))

    def stop(self) -> None:
        """Be silent."""
        if self.is_playing:
            self._set_playing(False)
            self._services.playback.stop()

    def seek(self, at_sample: int) -> SegmentId | None:
        """Go to a place; return what was said there, None when nobody spoke."""
        self.position = max(0, min(at_sample, self.samples))
        self.lit = ()
        if self.is_playing:
            self.play_from(self.position)
        self.changed.emit()
        self.moved.emit()
        return self.said_at(self.position)

    def said_at(self, at_sample: int) -> SegmentId | None:
        """Return the segment that is spoken at a place, or the last one before it."""
        before = [
            each for each in self._transcript.segments if each.end and each.start <= at_sample
        ]
        return before[-1].id if before else None

    # -- news

    def _on_lines(self) -> None:
        self._covered = None
        self.changed.emit()

    def _on_outline(self, visit: VisitId, peaks: tuple[float, ...]) -> None:
        if visit == self.visit and len(peaks) >= len(self.peaks):
            self.peaks = array("f", peaks)
            self.changed.emit()

    def _on_level(self) -> None:
        """Draw on while it is recorded; a peak each half second."""
        recorder = self._recorder
        if not self.is_hearing or recorder.at_sample <= 0:
            return
        column = recorder.at_sample // COLUMN
        peak = 10.0 ** (recorder.level.peak_dbfs / 20)
        while len(self.peaks) <= column:
            self.peaks.append(0.0)
        is_new = column == len(self.peaks) - 1 and self.peaks[column] == 0.0
        self.peaks[column] = max(self.peaks[column], peak)
        if is_new:
            self.changed.emit()

    def _on_moved(self, event: PlaybackMoved) -> None:
        if event.visit == self.visit and self.is_playing:
            self.position = event.at_sample
            self.moved.emit()

    def _on_ended(self, event: PlaybackEnded) -> None:
        if event.visit == self.visit:
            self._set_playing(False)

    def _on_refused(self, error: BaseException) -> None:
        self._set_playing(False)
        self.trouble_arose.emit(error)

    def _set_playing(self, is_playing: bool) -> None:
        if is_playing != self.is_playing:
            self.is_playing = is_playing
            self.playing_changed.emit()


def _joined(times: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Return times as spans in order, those less than `BRIDGE` apart as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(times):
        if joined and start - joined[-1][1] < BRIDGE:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(Span(start, end) for start, end in joined)
