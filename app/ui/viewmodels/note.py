"""The draft of the visit on the screen: grows by events, changes by hand. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.draft import Claim, Draft, Omission, Owner, Section
from app.domain.events import (
    ClaimGrown,
    ClaimJudged,
    ClaimWritten,
    DictationChanged,
    DraftEdited,
    DraftFinished,
    DraftRefreshed,
    DraftStarted,
    EngineChanged,
    SectionFinished,
)
from app.domain.ids import ClaimId, SegmentId, VisitId
from app.domain.vocabulary import Vocabulary
from app.ui.viewmodels.listener import Listener
from app.workflow.auto_texts import AutoTexts

if TYPE_CHECKING:
    from app.workflow.services import Services


@dataclass(slots=True)
class SectionView:
    """A section as it stands on the screen.

    Attributes:
        growing: text of the claim that is being written, or of the section that is dictated;
            empty when there is none.
        is_dictated: the text is the clinician's own, not a model's.
        mark: stands behind a text that goes on.
    """

    key: str
    heading: str
    claims: list[Claim] = field(default_factory=list)
    growing: str = ""
    is_dictated: bool = False
    mark: str = "…"
    is_finished: bool = False
    engine: str = ""


class NoteModel(Listener):
    """Holds the draft and changes it through `NoteEditing`.

    Signals:
        replaced: the sections are others.
        section_changed: key of a section whose claims or growing text changed.
        drafting_changed: `is_drafting`, `is_dictated`, `engine` or `can_edit` is another.
        omissions_changed: `omissions` is another.
        edited: a claim's id, or None after an undo: the draft was saved.
    """

    replaced = Signal()
    section_changed = Signal(str)
    drafting_changed = Signal()
    omissions_changed = Signal()
    edited = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None
        self.sections: list[SectionView] = []
        self.omissions: tuple[Omission, ...] = ()
        self.engine = ""
        self.is_drafting = False
        self.is_dictated = False
        self.is_live = False
        self.can_edit = False
        self.is_outdated = False
        self.auto_texts = AutoTexts(())
        self._inserted: set[tuple[SegmentId, str]] = set()
        self.hear(DraftStarted, self._on_started)
        self.hear(DraftRefreshed, self._on_refreshed)
        self.hear(DictationChanged, self._on_dictated)
        self.hear(ClaimGrown, self._on_grown)
        self.hear(ClaimWritten, self._on_written)
        self.hear(ClaimJudged, self._on_judged)
        self.hear(SectionFinished, self._on_section)
        self.hear(EngineChanged, self._on_engine)
        self.hear(DraftFinished, self._on_finished)
        self.hear(DraftEdited, self._on_edited)

    def show(self, visit: VisitId | None, draft: Draft | None, can_edit: bool) -> None:
        """Hold another draft; one that grows for the same visit is kept."""
        is_same = visit is not None and visit == self.visit
        self.can_edit = can_edit and draft is not None
        if is_same and self.is_drafting:
            self.drafting_changed.emit()
            return
        if not is_same:
            self._inserted.clear()
            self.auto_texts = AutoTexts(())
            self.is_drafting = False
            self.is_live = False
        self.visit = visit
        if draft is not None or not self.is_live:
            self._take(draft)
        self.drafting_changed.emit()

    def load_auto_texts(self) -> None:
        """Read the clinician's auto-texts; they are there when the next line is edited."""
        self.ask(self._services.teaching.vocabulary, self._on_vocabulary)

    def note_outdated(self, is_outdated: bool) -> None:
        """Say whether the transcript reads otherwise than when the note was drafted."""
        if is_outdated != self.is_outdated:
            self.is_outdated = is_outdated
            self.drafting_changed.emit()

    # -- reading

    def section(self, key: str) -> SectionView | None:
        """Return a section, None if there is none."""
        return next((each for each in self.sections if each.key == key), None)

    def claim(self, claim: ClaimId) -> Claim | None:
        """Return a claim, None if it is gone."""
        return next((each for each in self.claims() if each.id == claim), None)

    def claims(self) -> list[Claim]:
        """Return all claims in reading order."""
        return [claim for section in self.sections for claim in section.claims]

    def section_of(self, claim: ClaimId) -> str:
        """Return the key of the section that holds a claim; empty if none does."""
        for section in self.sections:
            if any(each.id == claim for each in section.claims):
                return section.key
        return ""

    def resting_on(self, segment: SegmentId) -> list[ClaimId]:
        """Return the claims whose evidence holds a segment."""
        return [each.id for each in self.claims() if segment in each.evidence]

    # -- changing

    def edit(self, claim: ClaimId, text: str) -> None:
        """Give a claim another text; it is the clinician's from then on."""
        present = self.claim(claim)
        if self.visit is None or present is None or present.text == text.strip():
            return
        visit = self.visit
        self._change(lambda: self._services.note_editing.edit(visit, claim, text))

    def add(self, section: str, text: str, after: ClaimId | None = None) -> None:
        """Add a line to a section."""
        if self.visit is not None and text.strip():
            visit = self.visit
            self._change(
                lambda: self._services.note_editing.add(visit, section, text.strip(), after=after)
            )

    def remove(self, claim: ClaimId) -> None:
        """Take a claim out; `undo` brings it back."""
        if self.visit is not None:
            visit = self.visit
            self._change(lambda: self._services.note_editing.remove(visit, claim))

    def let_stand(self, claim: ClaimId) -> None:
        """Show that a person let a claim stand on words that changed; `Reviewing` keeps it."""
        section, found = self.section(self.section_of(claim)), self.claim(claim)
        if section is not None and found is not None and found.is_changed:
            section.claims = _with(section.claims, replace(found, is_changed=False, before=""))
            self.section_changed.emit(section.key)

    def undo(self) -> None:
        """Go back to the draft before the last change."""
        if self.visit is not None and self.can_edit:
            visit = self.visit
            self._inserted.clear()
            self._change(lambda: self._services.note_editing.undo(visit))

    def insert(self, omission: Omission) -> None:
        """Put what was said and left out into its section, on the clinician's word."""
        if self.visit is None:
            return
        visit = self.visit
        self._inserted.add((omission.segment, omission.text))
        self._change(
            lambda: self._services.note_editing.add(
                visit, omission.section, omission.text, (omission.segment,)
            )
        )

    def draft_again(self, engine: str = "") -> None:
        """Have the note written anew; what a person wrote stays."""
        if self.visit is not None and not self.is_drafting:
            self._services.note_making.draft(self.visit, engine)

    def cancel_drafting(self) -> None:
        """Stop writing."""
        if self.is_drafting:
            self._services.note_making.cancel()

    def _on_vocabulary(self, vocabulary: Vocabulary) -> None:
        self.auto_texts = AutoTexts.of(vocabulary.macros)

    def _change(self, question: Callable[[], Future[Draft]]) -> None:
        self.ask(question, lambda _draft: None)  # DraftEdited brings the new draft

    # -- events

    def _on_started(self, event: DraftStarted) -> None:
        if event.visit != self.visit:
            return
        self.is_drafting, self.can_edit, self.is_live = True, False, False
        self.engine = event.engine
        self.sections = [
            SectionView(each.key, each.heading, list(each.claims)) for each in event.sections
        ]
        self.omissions = ()
        self.replaced.emit()
        self.omissions_changed.emit()
        self.drafting_changed.emit()

    def _on_refreshed(self, event: DraftRefreshed) -> None:
        """Show what the note would hold so far; it is drafted when the visit ends."""
        if event.visit != self.visit or self.can_edit or self.is_drafting or self.is_dictated:
            return
        if [each.key for each in self.sections] != [each.key for each in event.sections]:
            self.sections = [SectionView(each.key, each.heading) for each in event.sections]
            self.replaced.emit()
        for view, section in zip(self.sections, event.sections, strict=True):
            if _fill(view, replace(section, is_finished=False)):
                self.section_changed.emit(view.key)
        if not self.is_live:
            self.is_live = True
            self.drafting_changed.emit()

    def _on_dictated(self, event: DictationChanged) -> None:
        """Show what is dictated so far; the draft is made of it when the dictation ends."""
        if event.visit != self.visit or self.can_edit or self.is_drafting:
            return
        if [each.key for each in self.sections] != [key for key, _text in event.sections]:
            headings = event.headings or [_heading(key) for key, _text in event.sections]
            self.sections = [
                SectionView(key, heading)
                for (key, _text), heading in zip(event.sections, headings, strict=True)
            ]
            self.replaced.emit()
        if not self.is_dictated:
            self.is_dictated = True
            self.drafting_changed.emit()
        for view, (key, text) in zip(self.sections, event.sections, strict=True):
            mark = " …" if key == event.section else ""
            if (view.growing, view.mark) != (text, mark):
                view.growing, view.mark, view.is_dictated = text, mark, True
                self.section_changed.emit(key)

    def _on_grown(self, event: ClaimGrown) -> None:
        section = self.section(event.section)
        if event.visit == self.visit and section is not None:
            section.growing = event.text
            self.section_changed.emit(section.key)

    def _on_written(self, event: ClaimWritten) -> None:
        section = self.section(event.section)
        if event.visit == self.visit and section is not None:
            section.growing = ""
            section.claims = _with(section.claims, event.claim)
            self.section_changed.emit(section.key)

    def _on_judged(self, event: ClaimJudged) -> None:
        """Show a verdict on a claim that still stands there, and reads as it did."""
        section, claim = self.section(event.section), self.claim(event.claim.id)
        if event.visit != self.visit or section is None or claim is None or self.is_drafting:
            return
        if claim.owner is Owner.MODEL and claim.text == event.claim.text:
            section.claims = _with(section.claims, event.claim)
            self.section_changed.emit(section.key)

    def _on_section(self, event: SectionFinished) -> None:
        section = self.section(event.section.key)
        if event.visit == self.visit and section is not None:
            _fill(section, event.section)
            self.section_changed.emit(section.key)

    def _on_engine(self, event: EngineChanged) -> None:
        if event.visit == self.visit:
            self.engine = event.engine
            self.drafting_changed.emit()

    def _on_finished(self, event: DraftFinished) -> None:
        if event.visit == self.visit:
            self.is_drafting, self.can_edit = False, True
            self._take(event.draft)
            self.omissions = event.omissions
            self.omissions_changed.emit()
            self.drafting_changed.emit()

    def _on_edited(self, event: DraftEdited) -> None:
        if event.visit == self.visit:
            self._take(event.draft)
            self.edited.emit(event.claim)

    def _take(self, draft: Draft | None) -> None:
        """Show a whole draft. Sections that stay keep their place and identity."""
        sections = draft.sections if draft is not None else ()
        self.is_dictated = self.is_live = False
        if [each.key for each in sections] == [each.key for each in self.sections]:
            for view, section in zip(self.sections, sections, strict=True):
                if _fill(view, section):
                    self.section_changed.emit(view.key)
        else:
            self.sections = [SectionView(each.key, each.heading) for each in sections]
            for view, section in zip(self.sections, sections, strict=True):
                _fill(view, section)
            self.replaced.emit()
        if draft is not None and draft.model is not None:
            self.engine = draft.model
        left = draft.omissions if draft is not None else ()
        self.omissions = tuple(
            each for each in left if (each.segment, each.text) not in self._inserted
        )
        self.omissions_changed.emit()


def _heading(key: str) -> str:
    """Return a heading for a section of which only the key is told."""
    return key.replace("_", " ").capitalize()


def _fill(view: SectionView, section: Section) -> bool:
    """Take over a section; return whether anything is another."""
    before = (view.claims, view.growing, view.is_finished, view.engine, view.heading)
    view.claims = list(section.claims)
    view.growing = ""
    view.is_dictated, view.mark = False, "…"
    view.is_finished = section.is_finished
    view.engine = section.engine
    view.heading = section.heading
    return before != (view.claims, view.growing, view.is_finished, view.engine, view.heading)


def _with(claims: list[Claim], claim: Claim) -> list[Claim]:
    """Return the claims with one replaced, or added at the end."""
    if any(each.id == claim.id for each in claims):
        return [claim if each.id == claim.id else each for each in claims]
    return [*claims, claim]
