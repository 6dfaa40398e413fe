"""The window's services around drafts that change as a person agrees, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import replace

from app.clinical.icd10 import IcdHit
from app.clinical.icd10_table import IcdEntry
from app.domain.draft import Draft
from app.domain.errors import (
    DraftChangedError,
    LookUpOffError,
    NotFoundError,
    NothingTypedError,
    NotSignedError,
    ReauthenticationError,
    WrongPatientError,
)
from app.domain.ids import ClaimId, DraftId, NoteId, PatientId, TemplateId, VisitId, new_id
from app.domain.note import Attestation, NoteVersion
from app.drafting import rewording
from app.drafting.diffs import SectionDiff, draft_diff, merge, section_diff
from app.drafting.reading_level import hard_words, reading_grade
from app.workflow.coding import code_line
from app.workflow.drafts import lines_in, template_draft, typed_claim
from app.workflow.history import Step, steps
from app.workflow.letter_writing import Letter, ReadingLevel
from app.workflow.rewriting import Proposal, Rewording
from tests.fakes.note_services import FakeNoteEditing, FakeSigning
from tests.fakes.template_service import FakeTemplating
from tests.fakes.visits import NOW
from tests.fakes.world import World, given

HITS = (
    IcdHit(IcdEntry("I20.9", "Angina pectoris, unspecified", is_billable=True), "", 1.0),
    IcdHit(IcdEntry("I20.0", "Unstable angina", is_billable=True), "", 0.9),
    IcdHit(IcdEntry("I20", "Angina pectoris", is_billable=False), "", 0.8),
)


class FakeHistory:
    def __init__(self, world: World) -> None:
        self.world = world

    def drafts(self, visit: VisitId) -> list[Draft]:
        shelf = self.world.shelf(visit)
        return [*shelf.earlier, *filter(None, [shelf.draft])]

    def steps(self, visit: VisitId) -> Future[tuple[Step, ...]]:
        return given(lambda: steps(self.drafts(visit)))

    def compare(self, visit: VisitId, draft: DraftId) -> Future[tuple[SectionDiff, ...]]:
        def work() -> tuple[SectionDiff, ...]:
            drafts = self.drafts(visit)
            wanted = next((each for each in drafts if each.id == draft), None)
            if wanted is None:
                raise NotFoundError("draft")
            return draft_diff(drafts[-1].sections, wanted.sections, is_whole=True)

        return given(work)


class FakeRewriting:
    """Rewords by the real rules; what a model would write again is told by the test."""

    def __init__(self, world: World, editing: FakeNoteEditing) -> None:
        self.world = world
        self.editing = editing
        self.written: dict[str, tuple[str, ...]] = {}
        self.checked: list[VisitId] = []

    def again(self, visit: VisitId, section: str, engine: str = "") -> Future[Proposal]:
        del engine
        lines = self.written.get(section, ())

        def diffs(draft: Draft) -> tuple[SectionDiff, ...]:
            old = next(each for each in draft.sections if each.key == section)
            new = replace(
                old,
                claims=tuple(replace(old.claims[0], id=ClaimId(each), text=each) for each in lines),
            )
            return (section_diff(old, new),)

        return self._propose(visit, diffs)

    def reword(
        self, visit: VisitId, how: Rewording, claims: Collection[ClaimId]
    ) -> Future[Proposal]:
        made = {
            Rewording.SHORTER: rewording.shorter,
            Rewording.BULLETS: rewording.bullets,
            Rewording.FIRST_PERSON: rewording.first_person,
        }[how]

        def diffs(draft: Draft) -> tuple[SectionDiff, ...]:
            found = (made(each, claims) for each in draft.sections)
            return tuple(each for each in found if any(one.is_open for one in each.changes))

        return self._propose(visit, diffs)

    def move(self, visit: VisitId, claims: Collection[ClaimId], target: str) -> Future[Proposal]:
        return self._propose(visit, lambda draft: rewording.move(draft.sections, claims, target))

    def take(self, visit: VisitId, proposal: Proposal, numbers: Collection[int]) -> Future[Draft]:
        merged = {each.key: merge(each.changes, numbers) for each in proposal.diffs}

        def change(draft: Draft) -> Draft:
            if draft.id != proposal.base:
                raise DraftChangedError
            sections = tuple(
                replace(each, claims=merged.get(each.key, each.claims)) for each in draft.sections
            )
            return replace(draft, sections=sections)

        return self.editing.change(visit, change)

    def check_again(self, visit: VisitId) -> Future[int]:
        self.checked.append(visit)
        self.world.shelf(visit).stale.clear()
        return given(lambda: 1)

    def _propose(
        self, visit: VisitId, diffs: Callable[[Draft], tuple[SectionDiff, ...]]
    ) -> Future[Proposal]:
        def work() -> Proposal:
            draft = self.world.shelf(visit).draft
            if draft is None:
                raise NotFoundError("draft")
            return Proposal(visit, draft.id, diffs(draft))

        return given(work)


class FakeLetterWriting:
    """Every line of the signed note goes into the first section of the letter."""

    def __init__(self, world: World, templating: FakeTemplating, signing: FakeSigning) -> None:
        self.world = world
        self.templating = templating
        self.signing = signing
        self.kept: list[NoteVersion] = []

    def make(
        self, visit: VisitId, template: TemplateId, grade: int | None = None
    ) -> Future[Letter]:
        def work() -> Letter:
            versions = self.world.shelf(visit).versions
            if not versions:
                raise NotSignedError
            asked = self.templating.load(template)
            wanted = grade or next((each.reading_grade for each in asked.sections), None)
            draft = template_draft(visit, NOW, asked)
            first, *rest = draft.sections
            first = replace(first, claims=versions[-1].draft.claims)
            return Letter(replace(draft, sections=(first, *rest)), versions[-1].version, wanted)

        return given(work)

    def edited(self, letter: Letter, texts: Sequence[str]) -> Letter:
        sections = tuple(
            replace(each, claims=tuple(typed_claim(line) for line in lines_in(text)))
            for each, text in zip(letter.draft.sections, texts, strict=True)
        )
        return replace(letter, draft=replace(letter.draft, sections=sections))

    def measure(self, text: str) -> ReadingLevel:
        return ReadingLevel(reading_grade(text), hard_words(text))

    def sign(self, letter: Letter, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        def work() -> NoteVersion:
            account = self.world.account
            assert account is not None
            if self.world.shelf(letter.draft.visit).visit.patient.id != banner:
                raise WrongPatientError
            if not letter.draft.claims:
                raise NothingTypedError
            if self.signing.needs_password and not password:
                raise ReauthenticationError
            told = Attestation(account.uid, account.name, NOW, "", "0" * 64, b"", b"")
            note = NoteId(new_id())
            visit = letter.draft.visit
            version = NoteVersion(note, 1, visit, banner, letter.draft, (), None, told)
            self.kept.append(version)
            shelf = self.world.shelf(visit)
            shelf.visit = shelf.visit.with_letter(letter.draft.template, None)
            return version

        return given(work)

    def signed(self, visit: VisitId) -> Future[tuple[NoteVersion, ...]]:
        return given(lambda: tuple(each for each in self.kept if each.visit == visit))


class FakeCoding:
    def __init__(self, editing: FakeNoteEditing) -> None:
        self.editing = editing
        self.is_on = False
        self.asked: list[str] = []

    def turn(self, is_on: bool) -> None:
        self.is_on = is_on

    def find(self, text: str, limit: int = 20) -> Future[tuple[IcdHit, ...]]:
        self.asked.append(text)

        def work() -> tuple[IcdHit, ...]:
            if not self.is_on:
                raise LookUpOffError
            words = text.lower().split()
            return tuple(
                each for each in HITS if any(word in each.entry.title.lower() for word in words)
            )[:limit]

        return given(work)

    def below(self, code: str) -> Future[tuple[IcdEntry, ...]]:
        found = (each.entry for each in HITS)
        return given(lambda: tuple(e for e in found if e.code.startswith(code) and e.code != code))

    def release(self) -> Future[str]:
        return given(lambda: "FY2026")

    def write(
        self, visit: VisitId, section: str, entry: IcdEntry, after: ClaimId | None = None
    ) -> Future[Draft]:
        return self.editing.add(visit, section, code_line(entry), after=after)
