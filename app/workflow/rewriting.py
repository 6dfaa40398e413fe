"""A section written again, or lines reworded as a person asks: shown as a diff, then taken or not.

Nothing is changed until `take`. What a person owns is touched only where they selected it, and
what a model wrote is checked again before it is shown. Main thread.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.domain.draft import Claim, Draft, Owner, Section
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, DraftId, SegmentId, VisitId
from app.domain.ports import Checker
from app.domain.review import accepted_claims
from app.domain.store_ports import VaultPort
from app.domain.transcript import Segment, Transcript
from app.drafting import rewording
from app.drafting.diffs import ClaimChange, SectionDiff, merge, section_diff
from app.drafting.following import Changed, checked_again
from app.drafting.staleness import printed, stale_claims
from app.workflow.draft_run import NO_VISIT, Drafting, DraftOrder
from app.workflow.drafts import with_claims
from app.workflow.note_editing import NoteEditing
from app.workflow.note_making import NoteMaking
from app.workflow.room import Room


class Rewording(enum.StrEnum):
    """What may be asked of selected lines."""

    SHORTER = "shorter"
    BULLETS = "bullets"
    FIRST_PERSON = "first_person"


_REWORD: Final = {
    Rewording.SHORTER: rewording.shorter,
    Rewording.BULLETS: rewording.bullets,
    Rewording.FIRST_PERSON: rewording.first_person,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change for a person to take, whole or in parts.

    Attributes:
        base: the draft it was made for; it can be taken into no other.
        diffs: of the sections it touches; changes that belong together have one number.
    """

    visit: VisitId
    base: DraftId
    diffs: tuple[SectionDiff, ...]

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all changes that can be taken."""
        return frozenset(
            each.number for diff in self.diffs for each in diff.changes if each.is_open
        )


Differ: TypeAlias = Callable[[Draft], tuple[SectionDiff, ...]]


class Rewriting:
    """Makes proposals and takes them."""

    def __init__(
        self, room: Room, drafting: Drafting, making: NoteMaking, editing: NoteEditing
    ) -> None:
        self._post = room.post
        self._pool = room.pool
        self._sessions = room.sessions
        self._templates = drafting.setup.templates
        self._checker: Checker = drafting.setup.checker
        self._making = making
        self._editing = editing

    def again(self, visit: VisitId, section: str, engine: str = "") -> Future[Proposal]:
        """Write one section again from the transcript.

        The future raises NotFoundError: no draft, or its template has no such section;
        NoSpeechError; ModelMissingError.
        """

        def read(vault: VaultPort) -> tuple[Draft, DraftOrder]:
            draft = _draft(vault, visit)
            template = self._templates(draft.template)
            if template.section(section) is None or _section(draft, section) is None:
                raise NotFoundError("section")
            heard = vault.transcript(visit)
            return draft, DraftOrder(NO_VISIT, heard, template, engine, only=section)

        done: Future[Proposal] = Future()

        def write(found: tuple[Draft, DraftOrder]) -> None:
            draft, order = found
            self._post.deliver(
                self._making.draft_order(order),
                self,
                lambda made: done.set_result(_again(draft, made, section)),
                done.set_exception,
            )

        self._post.deliver(self._sessions.current().ask(read), self, write, done.set_exception)
        return done

    def reword(
        self, visit: VisitId, how: Rewording, claims: Collection[ClaimId]
    ) -> Future[Proposal]:
        """Propose another wording of selected lines. Without anything to change it is empty.

        The future raises NotFoundError: there is no draft.
        """

        def diffs(draft: Draft) -> tuple[SectionDiff, ...]:
            made = (_REWORD[how](each, claims) for each in draft.sections)
            return tuple(each for each in made if any(one.is_open for one in each.changes))

        return self._propose(visit, diffs)

    def move(self, visit: VisitId, claims: Collection[ClaimId], target: str) -> Future[Proposal]:
        """Propose to move lines to another section.

        The future raises NotFoundError: no draft, or no such section.
        """
        return self._propose(visit, lambda draft: rewording.move(draft.sections, claims, target))

    def take(self, visit: VisitId, proposal: Proposal, numbers: Collection[int]) -> Future[Draft]:
        """Take some changes of a proposal. `NoteEditing.undo` takes them back.

        The future raises DraftChangedError: the draft is another one by now.
        """
        return self._editing.apply(
            visit, lambda draft: _taken(draft, proposal.diffs, numbers), proposal.base
        )

    def check_again(self, visit: VisitId) -> Future[int]:
        """Check the lines whose evidence changed against the transcript as it reads now.

        Those a person let stand on other words, and that would block, stay to be decided on.

        Returns:
            How many there were.
        """
        session = self._sessions.current()

        def job() -> int:
            draft, heard = session.ask(_read, visit).result()
            stale = stale_claims(draft, heard.segments)
            if stale:
                decisions = session.ask(lambda vault: vault.decisions(visit)).result()
                changed = Changed(heard, accepted=accepted_claims(draft, decisions))
                fresh = {
                    each.id: checked_again(each, changed, self._checker.check) for each in stale
                }
                change = functools.partial(with_claims, fresh=fresh)
                self._editing.apply(visit, change, draft.id).result()
            return len(stale)

        return self._pool.submit(job)

    def _propose(self, visit: VisitId, diffs: Differ) -> Future[Proposal]:
        session = self._sessions.current()

        def job() -> Proposal:
            draft, heard = session.ask(_read, visit).result()
            checked = tuple(self._diff_checked(each, heard) for each in diffs(draft))
            return Proposal(visit, draft.id, checked)

        return self._pool.submit(job)

    def _diff_checked(self, diff: SectionDiff, heard: Transcript) -> SectionDiff:
        changes = tuple(self._change_checked(each, heard) for each in diff.changes)
        return replace(diff, changes=changes)

    def _change_checked(self, change: ClaimChange, heard: Transcript) -> ClaimChange:
        new = change.new
        if new is None or not change.is_open or new.owner is not Owner.MODEL or change.moved:
            return change
        return replace(change, new=self._checked(new, heard))

    def _checked(self, claim: Claim, heard: Transcript) -> Claim:
        return printed(self._checker.check(claim, heard), _by_id(heard))


def _draft(vault: VaultPort, visit: VisitId) -> Draft:
    found = vault.draft(visit)
    if found is None:
        raise NotFoundError("draft")
    return found


def _read(vault: VaultPort, visit: VisitId) -> tuple[Draft, Transcript]:
    return _draft(vault, visit), vault.transcript(visit)


def _section(draft: Draft, key: str) -> Section | None:
    return next((each for each in draft.sections if each.key == key), None)


def _again(draft: Draft, made: Draft, key: str) -> Proposal:
    old, new = _section(draft, key), _section(made, key)
    if old is None or new is None:
        return Proposal(draft.visit, draft.id, ())
    return Proposal(draft.visit, draft.id, (section_diff(old, new),))


def _taken(draft: Draft, diffs: Collection[SectionDiff], numbers: Collection[int]) -> Draft:
    merged = {each.key: merge(each.changes, numbers) for each in diffs}
    sections = tuple(
        replace(each, claims=merged.get(each.key, each.claims), is_finished=True)
        for each in draft.sections
    )
    return replace(draft, sections=sections)


def _by_id(heard: Transcript) -> dict[SegmentId, Segment]:
    return {each.id: each for each in heard.segments}
