"""The window's services around the note, in memory: drafting, editing, review, signing, export."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from app.domain.draft import (
    Claim,
    Draft,
    Owner,
    Section,
    Support,
)
from app.domain.errors import (
    ConsentMissingError,
    NotFoundError,
    NothingTypedError,
    ReauthenticationError,
    SigningBlockedError,
    WrongPasswordError,
    WrongPatientError,
)
from app.domain.events import (
    ClaimWritten,
    DraftEdited,
    DraftFinished,
    DraftStarted,
    SectionFinished,
)
from app.domain.ids import (
    ClaimId,
    DraftId,
    NoteId,
    PatientId,
    SegmentId,
    TemplateId,
    VisitId,
    new_id,
)
from app.domain.note import Attestation, NoteVersion
from app.domain.review import Decision, Verdict, open_claims
from app.domain.visit import (
    VisitState,
)
from app.drafting.autotexts import unfilled_claims
from app.workflow.drafts import typed_claim, with_added, with_claim
from app.workflow.reviewing import OpenItems
from tests.fakes.visits import NOW, SOAP
from tests.fakes.world import World, given, given_error


class FakeNoteMaking:
    """A note writer that writes what the test dictates."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[tuple[VisitId, str]] = []
        self.templates: list[TemplateId | None] = []
        self.cancelled = 0

    def draft(
        self, visit: VisitId, engine: str = "", template: TemplateId | None = None
    ) -> Future[None]:
        self.asked.append((visit, engine))
        self.templates.append(template)
        if template is not None:
            shelf = self.world.shelf(visit)
            shelf.visit = shelf.visit.with_template(template)
        return given(lambda: None)

    def cancel(self) -> None:
        self.cancelled += 1

    def begin(self, visit: VisitId, engine: str = "smollm2-135m") -> None:
        sections = tuple(Section(key, heading) for key, heading in SOAP)
        self.world.post.publish(DraftStarted(visit, engine, sections))

    def write(self, visit: VisitId, draft: Draft) -> None:
        """Write a whole draft, claim by claim, and hand it to review."""
        for section in draft.sections:
            for claim in section.claims:
                self.world.post.publish(ClaimWritten(visit, section.key, claim))
            self.world.post.publish(SectionFinished(visit, section))
        self.world.shelf(visit).draft = draft
        self.world.post.publish(DraftFinished(visit, draft, draft.omissions))
        self.world.move(visit, VisitState.IN_REVIEW)


class FakeNoteEditing:
    def __init__(self, world: World) -> None:
        self.world = world

    def edit(self, visit: VisitId, claim: ClaimId, text: str) -> Future[Draft]:
        def mend(each: Claim) -> Claim:
            return replace(
                each, text=text, owner=Owner.CLINICIAN, support=Support.CLINICIAN, findings=()
            )

        return self._change(visit, lambda draft: with_claim(draft, claim, mend), claim)

    def add(
        self,
        visit: VisitId,
        section: str,
        text: str,
        evidence: tuple[SegmentId, ...] = (),
        after: ClaimId | None = None,
    ) -> Future[Draft]:
        claim = typed_claim(text, evidence)
        return self._change(visit, lambda draft: with_added(draft, section, claim, after), claim.id)

    def remove(self, visit: VisitId, claim: ClaimId) -> Future[Draft]:
        return self._change(
            visit, lambda draft: with_claim(draft, claim, lambda _each: None), claim
        )

    def add_consent_line(self, visit: VisitId) -> Future[Draft]:
        if self.world.shelf(visit).consent is None:
            return given_error(ConsentMissingError())
        return self.add(visit, "plan", "Verbal consent was given by the patient.")

    def restore(self, visit: VisitId, draft: DraftId) -> Future[Draft]:
        earlier = {each.id: each for each in self.world.shelf(visit).earlier}
        return self.change(visit, lambda _: earlier[draft])

    def change(self, visit: VisitId, change: Callable[[Draft], Draft]) -> Future[Draft]:
        return self._change(visit, change, None)

    def undo(self, visit: VisitId) -> Future[Draft]:
        def work() -> Draft:
            shelf = self.world.shelf(visit)
            if not shelf.earlier:
                raise NotFoundError("edit")
            shelf.draft = shelf.earlier.pop()
            self.world.post.publish(DraftEdited(visit, shelf.draft))
            return shelf.draft

        return given(work)

    def _change(
        self, visit: VisitId, change: Callable[[Draft], Draft], claim: ClaimId | None
    ) -> Future[Draft]:
        def work() -> Draft:
            shelf = self.world.shelf(visit)
            if shelf.draft is None:
                raise NotFoundError("draft")
            draft = replace(change(shelf.draft), id=DraftId(new_id()))
            shelf.earlier.append(shelf.draft)
            shelf.draft = draft
            self.world.post.publish(DraftEdited(visit, draft, claim))
            return draft

        return given(work)


class FakeReviewing:
    def __init__(self, world: World) -> None:
        self.world = world

    def accept(self, visit: VisitId, claim: ClaimId) -> Future[OpenItems]:
        self.world.shelf(visit).decisions.append(Decision(claim, Verdict.ACCEPTED, NOW))
        return self.open_items(visit)

    def see(self, visit: VisitId, section: str) -> Future[OpenItems]:
        self.world.shelf(visit).seen.add(section)
        return self.open_items(visit)

    def open_items(self, visit: VisitId) -> Future[OpenItems]:
        def work() -> OpenItems:
            shelf = self.world.shelf(visit)
            if shelf.draft is None:
                return OpenItems((), ())
            done = {each.claim for each in shelf.decisions}
            unseen = tuple(each.key for each in shelf.draft.sections if each.key not in shelf.seen)
            stale = tuple(each for each in shelf.draft.claims if each.id in shelf.stale)
            unfilled = unfilled_claims(shelf.draft.sections)
            return OpenItems(open_claims(shelf.draft, done), unseen, stale, unfilled)

        return given(work)


class FakeSigning:
    addendum_attestation = "I have added this to the signed note."
    letter_attestation = "I have read this letter."
    attestation = (
        "I have read this note. It says what was said and done in this visit, and I am "
        "responsible for it. It was drafted with AI assistance."
    )

    def __init__(self, world: World, reviewing: FakeReviewing) -> None:
        self.world = world
        self.reviewing = reviewing
        self.needs_password = False

    def sign(self, visit: VisitId, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        def work() -> NoteVersion:
            shelf, account = self.world.shelf(visit), self.world.account
            assert account is not None
            assert shelf.draft is not None
            if shelf.visit.patient.id != banner:
                raise WrongPatientError
            items = self.reviewing.open_items(visit).result()
            if not items.is_clear:
                raise SigningBlockedError(
                    len(items.claims), len(items.unseen), len(items.stale), len(items.unfilled)
                )
            if self.needs_password and not password:
                raise ReauthenticationError
            if self.needs_password and password != self.world.passwords[account.uid]:
                raise WrongPasswordError
            attestation = Attestation(
                account.uid, account.name, NOW, self.attestation, "0" * 64, b"", b""
            )
            version = NoteVersion(
                NoteId(new_id()),
                1,
                visit,
                banner,
                shelf.draft,
                tuple(shelf.decisions),
                shelf.visit.consent,
                attestation,
            )
            shelf.versions.append(version)
            self.world.move(visit, VisitState.SIGNED)
            return version

        return given(work)

    def add(
        self, visit: VisitId, banner: PatientId, text: str, password: str = ""
    ) -> Future[NoteVersion]:
        def work() -> NoteVersion:
            shelf = self.world.shelf(visit)
            if shelf.visit.patient.id != banner:
                raise WrongPatientError
            if not text.strip():
                raise NothingTypedError
            if self.needs_password and not password:
                raise ReauthenticationError
            last = shelf.versions[-1]
            claims = tuple(typed_claim(each) for each in text.splitlines())
            section = Section("addendum_1", "Addendum 2026-11-20 15:10", claims, True)
            draft = replace(last.draft, sections=(*last.draft.sections, section))
            version = replace(last, version=2, draft=draft, replaces=1, is_addendum=True)
            shelf.versions.append(version)
            shelf.visit = replace(shelf.visit, addendum="")
            return version

        return given(work)


class FakeExporting:
    formats = ("text", "fhir_bundle", "fhir_docref")
    layouts = (("fields", "One field per section"),)
    layout = ""

    def choose_layout(self, layout: str) -> None:
        self.layout = layout

    def __init__(self, world: World) -> None:
        self.world = world

    def text(
        self,
        visit: VisitId,
        banner: PatientId,
        section: str = "",
        letter: NoteId | None = None,
    ) -> Future[str]:
        del letter

        def work() -> str:
            shelf = self.world.shelf(visit)
            if shelf.visit.patient.id != banner:
                raise WrongPatientError
            if shelf.draft is None:
                raise NotFoundError("draft")
            lines = [] if shelf.versions else ["DRAFT, not reviewed", ""]
            for each in shelf.draft.sections:
                if section in {"", each.key}:
                    lines += [each.heading.upper(), *(f"- {claim.text}" for claim in each.claims)]
            self.world.exports.append(("clipboard", section))
            return "\n".join(lines) + "\n"

        return given(work)

    def file(
        self,
        visit: VisitId,
        banner: PatientId,
        format: str,  # noqa: A002 - as the real one
        folder: Path,
        letter: NoteId | None = None,
    ) -> Future[Path]:
        del letter
        assert self.world.shelf(visit).visit.patient.id == banner
        self.world.exports.append((format, str(folder)))
        return given(lambda: folder / f"note.{format}")
