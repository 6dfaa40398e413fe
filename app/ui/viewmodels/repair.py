"""What a person mends in a transcript: doubtful words, differences, who spoke, what must go.

Main thread. Nothing is ever swapped by itself: offers are shown, a person chooses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QObject, Signal

from app.domain.audio import Span
from app.domain.events import NamesHeard, SecondPassFinished, SegmentFinished
from app.domain.ids import SegmentId, VisitId, WordId
from app.domain.transcript import Difference, Segment, SpeakerRole, Suggestion
from app.ui.viewmodels.lines import Offer
from app.ui.viewmodels.listener import Listener
from app.ui.viewmodels.pace import Pace
from app.workflow.second_hearing import meant

if TYPE_CHECKING:
    from app.ui.viewmodels.transcript import TranscriptModel
    from app.workflow.services import Services

R = TypeVar("R")

LOOK_MS: Final = 3_000
"""Doubtful words are looked for at most this often: a candidate three seconds late is early."""

REST: Final = 8
"""After a look that took long, this many times as long is waited: speech needs the processor."""

_ENDS: Final = ".,;:?!…)\"'”"


class RepairModel(Listener):
    """Finds offers and does what a person decides.

    Signals:
        offers_changed: `offers` are others.
        struck: a number: lines were erased for good.
    """

    offers_changed = Signal()
    struck = Signal(int)

    def __init__(
        self, services: Services, transcript: TranscriptModel, parent: QObject | None = None
    ) -> None:
        super().__init__(services, parent)
        self._transcript = transcript
        self._suggestions: tuple[Suggestion, ...] = ()
        self._differences: tuple[Difference, ...] = ()
        self._settled: set[str] = set()
        self.offers: tuple[Offer, ...] = ()
        self.can_edit = False
        self._pace = Pace(self._look, self, LOOK_MS)
        self._look_again = self._is_looking = False
        transcript.segments_changed.connect(self._gather)
        transcript.replaced.connect(self._start_over)
        self.hear(SegmentFinished, lambda _event: self._on_segment())
        self.hear(SecondPassFinished, self._on_second_pass)
        self.hear(NamesHeard, self._on_names)

    @property
    def visit(self) -> VisitId | None:
        """Whose transcript it is."""
        return self._transcript.visit

    def allow(self, can_edit: bool) -> None:
        """Let the transcript be changed, or not: a signed one stays as it is."""
        if can_edit != self.can_edit:
            self.can_edit = can_edit
            self._gather()
            self.refresh()

    def refresh(self) -> None:
        """Look for doubtful words and undecided differences."""
        visit = self.visit
        if visit is None or not self.can_edit or not self._transcript.segments:
            return
        self._look()
        self.ask(
            lambda: self._services.correcting.differences(visit),
            lambda found: self._on_differences(visit, found),
        )

    # -- offers

    def choose(self, offer: Offer, text: str) -> None:
        """Write what a person chose."""
        visit, difference = self._settle(offer), offer.difference
        if visit is None:
            return
        if difference is not None:
            self._do(lambda: self._services.second_pass.accept(visit, difference))
        else:
            self.correct(offer.segment, offer.words, self._dressed(offer, text))

    def keep(self, offer: Offer) -> None:
        """Let stand what was heard; it is not asked again."""
        visit, difference = self._settle(offer), offer.difference
        if visit is None:
            return
        if difference is not None:
            self._do(lambda: self._services.second_pass.keep(visit, difference))
        else:
            self.correct(offer.segment, offer.words, self._said(offer))

    def _settle(self, offer: Offer) -> VisitId | None:
        if not self.can_edit:
            return None
        self._settled.add(offer.key)
        self._gather()
        return self.visit

    def _said(self, offer: Offer) -> str:
        segment = self._transcript.segment(offer.segment)
        words = segment.words if segment is not None else ()
        return " ".join(each.text for each in words if each.id in offer.words) or offer.heard

    def _dressed(self, offer: Offer, text: str) -> str:
        """Give a word the capital and the punctuation of the one it replaces."""
        said = self._said(offer)
        end = said[len(said.rstrip(_ENDS)) :]
        capital = said[:1].isupper() and not offer.heard[:1].islower()
        return (text[:1].upper() + text[1:] if capital else text) + end

    # -- by hand

    def correct(self, segment: SegmentId, words: tuple[WordId, ...], text: str) -> None:
        """Write other words in the place of some."""
        visit = self.visit
        if visit is not None and self.can_edit and words:
            self._do(lambda: self._services.correcting.correct(visit, segment, words, text))

    def swap(self) -> None:
        """Exchange clinician and patient everywhere."""
        visit = self.visit
        if visit is not None and self.can_edit and self._transcript.segments:
            self._do(lambda: self._services.correcting.swap(visit))

    def name(self, segment: Segment, role: SpeakerRole, everywhere: bool) -> None:
        """Say who speaks: everywhere this voice is heard, or in one line only."""
        visit, speaker = self.visit, segment.speaker
        if visit is None or not self.can_edit:
            return
        correcting = self._services.correcting
        if everywhere and speaker:
            self._do(lambda: correcting.name_speaker(visit, speaker, role))
        else:
            self._do(lambda: correcting.name_segment(visit, segment.id, role))

    def span(self, segments: Sequence[SegmentId]) -> Span | None:
        """Return the time of some lines; None when they have no time."""
        found = [each for one in segments if (each := self._transcript.segment(one)) is not None]
        if not found or not self.can_edit or any(each.end <= each.start for each in found):
            return None
        return Span(min(each.start for each in found), max(each.end for each in found))

    def strike(self, span: Span) -> None:
        """Erase what was said in a span for good."""
        visit = self.visit
        if visit is not None:
            self.ask(
                lambda: self._services.correcting.strike(visit, span),
                lambda gone: self.struck.emit(len(gone)),
            )

    def _do(self, question: Callable[[], Future[R]]) -> None:
        self.ask(question, lambda _done: None)  # TranscriptEdited brings what changed

    # -- finding

    def _on_segment(self) -> None:
        if self._transcript.is_live and self.can_edit:
            self._pace.ask()

    def _look(self) -> None:
        """Have doubtful words looked for, one look at a time."""
        visit = self.visit
        if visit is None or not self.can_edit:
            return
        if self._is_looking:
            self._look_again = True
            return
        self._is_looking, self._look_again = True, False
        began = time.monotonic()
        self.ask(
            lambda: self._services.correcting.suggestions(visit),
            lambda found: self._on_suggestions(visit, found, began),
            self._on_no_look,
        )

    def _on_no_look(self, error: BaseException) -> None:
        self._is_looking = False
        self.trouble_arose.emit(error)

    def _on_suggestions(self, visit: VisitId, found: tuple[Suggestion, ...], began: float) -> None:
        self._is_looking = False
        if visit != self.visit:  # another visit came on the screen meanwhile
            self.refresh()
            return
        self._pace.slow_to(max(LOOK_MS, round(REST * (time.monotonic() - began) * 1_000)))
        if self._look_again:
            self._pace.ask()
        self._suggestions = found
        self._gather()

    def _on_differences(self, visit: VisitId, found: tuple[Difference, ...]) -> None:
        if visit == self.visit:
            self._differences = found
            self._gather()

    def _on_second_pass(self, event: SecondPassFinished) -> None:
        self._on_differences(event.visit, event.differences)

    def _on_names(self, event: NamesHeard) -> None:
        if event.visit == self.visit:
            self._look()

    def _start_over(self) -> None:
        self._pace.stop()
        self._suggestions, self._differences = (), ()
        self._settled.clear()
        self._gather()
        self.refresh()

    def _gather(self) -> None:
        """Offer what is still true and nobody decided."""
        found = [
            Offer(each.segment, each.words, each.heard.rstrip(_ENDS), each.candidates)
            for each in self._suggestions
            if self._holds(each)
        ]
        found += [
            Offer(each.segment, (), each.before, (each.after,), each)
            for each in self._differences
            if self._differs(each)
        ]
        offers = tuple(each for each in found if each.key not in self._settled)
        self.offers = offers if self.can_edit else ()
        grouped: dict[SegmentId, tuple[Offer, ...]] = {}
        for each in self.offers:
            grouped[each.segment] = (*grouped.get(each.segment, ()), each)
        self._transcript.offer(grouped)
        self.offers_changed.emit()

    def _differs(self, difference: Difference) -> bool:
        """Whether the words a difference is about still stand there: nobody corrected them."""
        segment = self._transcript.segment(difference.segment)
        if segment is None:
            return False
        return not difference.before or bool(meant(segment.words, difference))

    def _holds(self, suggestion: Suggestion) -> bool:
        """Whether the words are still there, and nobody typed them since."""
        segment = self._transcript.segment(suggestion.segment)
        if segment is None:
            return False
        heard = {each.id: each.probability < 1.0 for each in segment.words}
        return all(heard.get(each, False) for each in suggestion.words)
