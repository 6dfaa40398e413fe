"""A person changes the draft. Each change is saved before it is shown. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from app.domain.draft import Claim, Draft, Owner, Support
from app.domain.errors import DraftChangedError, NotFoundError, VisitStateError
from app.domain.events import DraftEdited
from app.domain.ids import ClaimId, DraftId, SegmentId, VisitId, new_id
from app.domain.ports import Post
from app.domain.review import Decision, Verdict
from app.domain.store_ports import VaultPort
from app.domain.visit import VisitState
from app.drafting.autotexts import Wording
from app.workflow.consent_line import with_consent_line
from app.workflow.drafts import (
    find_claim,
    lines_in,
    typed_claim,
    with_added,
    with_claim,
    with_claims,
)
from app.workflow.session import Sessions

_Reading: TypeAlias = tuple[tuple[str, ClaimId, str], ...]


class NoteEditing:
    """Edits by hand. What a person wrote is theirs: no model touches it again.

    A line that an auto-text put in is labelled as one for as long as only its fields changed.
    """

    def __init__(self, post: Post, sessions: Sessions) -> None:
        self._post = post
        self._sessions = sessions
        self._before: dict[VisitId, list[tuple[Draft, _Reading]]] = {}  # lane only
        sessions.on_leave(self._before.clear)

    def edit(self, visit: VisitId, claim: ClaimId, text: str) -> Future[Draft]:
        """Give a claim another text. An empty text removes the claim; more lines make more."""
        lines = lines_in(text)
        if not lines:
            return self.remove(visit, claim)

        def change(vault: VaultPort, draft: Draft) -> Draft:
            known = Wording(vault.vocabulary().macros)
            draft = with_claim(draft, claim, lambda each: _mended(each, lines[0], known))
            section = _section_of(draft, claim)
            after = claim
            for line in lines[1:]:
                made = _owned(typed_claim(line), known)
                draft = with_added(draft, section, made, after)
                after = made.id
            return draft

        return self._change(visit, change, claim, Verdict.MENDED)

    def add(
        self,
        visit: VisitId,
        section: str,
        text: str,
        evidence: tuple[SegmentId, ...] = (),
        after: ClaimId | None = None,
    ) -> Future[Draft]:
        """Add a line to a section, or several: one for each line of the text."""
        claims = [typed_claim(line, evidence) for line in lines_in(text) or (text,)]

        def change(vault: VaultPort, draft: Draft) -> Draft:
            known = Wording(vault.vocabulary().macros)
            place = after
            for claim in claims:
                draft = with_added(draft, section, _owned(claim, known), place)
                place = claim.id
            return draft

        return self._change(visit, change, claims[-1].id)

    def remove(self, visit: VisitId, claim: ClaimId) -> Future[Draft]:
        """Take a claim out."""

        def change(_: VaultPort, draft: Draft) -> Draft:
            return with_claim(draft, claim, lambda _: None)

        return self._change(visit, change, claim, Verdict.REMOVED)

    def add_consent_line(self, visit: VisitId) -> Future[Draft]:
        """Put what the consent ledger says into the note, in the place of an earlier such line.

        The future raises ConsentMissingError: the ledger holds no consent that is in force.
        """
        return self._change(
            visit, lambda vault, draft: with_consent_line(vault, vault.visit(visit), draft)
        )

    def apply(
        self, visit: VisitId, change: Callable[[Draft], Draft], base: DraftId | None = None
    ) -> Future[Draft]:
        """Change the draft as a person agreed to.

        Args:
            visit: not signed.
            change: from the newest draft to the next one. Lane: quick and pure.
            base: the draft the change was made for, None for any.

        The future raises DraftChangedError: the newest draft is not `base`.
        """

        def checked(_: VaultPort, draft: Draft) -> Draft:
            if base is not None and draft.id != base:
                raise DraftChangedError
            return change(draft)

        return self._change(visit, checked)

    def restore(self, visit: VisitId, draft: DraftId) -> Future[Draft]:
        """Bring an earlier draft back, whole, as a new one; `undo` takes that back.

        What must be decided before signing is open again, unless the same words were accepted.

        The future raises NotFoundError: there is no such draft.
        """

        def change(vault: VaultPort, _: Draft) -> Draft:
            found = next((each for each in vault.drafts(visit) if each.id == draft), None)
            if found is None:
                raise NotFoundError("draft")
            return found

        return self._change(visit, change)

    def follow(self, visit: VisitId, base: Draft, fresh: Draft) -> Future[None]:
        """Take over what a machine says of its own lines now. It is no edit: `undo` goes past it.

        Claims that are others than in `base` by now stay as they are.

        Args:
            visit: in review; else nothing is changed.
            base: the draft that was looked at.
            fresh: the same draft, with other claims of the same ids and other omissions.
        """

        def job(vault: VaultPort) -> None:
            newest = vault.draft(visit)
            if newest is None or vault.visit(visit).state is not VisitState.IN_REVIEW:
                return
            made = _followed(newest, base, fresh)
            if made == newest:
                return
            is_read_alike = _reading(made) == _reading(newest)
            if not is_read_alike:  # what was proposed for the other wording does not fit any more
                made = replace(made, id=DraftId(new_id()), made_at=_now())
            vault.save_draft(made)
            steps = self._before.get(visit)
            if steps and steps[-1][1] == _reading(newest):
                steps[-1] = (steps[-1][0], _reading(made))
            self._post.publish(DraftEdited(visit, made))

        return self._sessions.current().ask(job)

    def undo(self, visit: VisitId) -> Future[Draft]:
        """Go back to the draft before the last edit.

        The future raises NotFoundError at the end, where the note was drafted anew since (the
        earlier draft is in the history then), and where what was said was struck since.
        """

        def job(vault: VaultPort) -> Draft:
            earlier, newest = self._before.get(visit), vault.draft(visit)
            if not earlier or newest is None:
                raise NotFoundError("edit")
            _refuse_signed(vault, visit)
            before, after = earlier.pop()
            is_erased = before.id not in {each.id for each in vault.drafts(visit)}
            if is_erased or _reading(newest) != after:
                earlier.clear()
                raise NotFoundError("edit")
            draft = replace(before, id=DraftId(new_id()), made_at=_now())
            vault.save_draft(draft)
            self._post.publish(DraftEdited(visit, draft))
            return draft

        return self._sessions.current().ask(job)

    def _change(
        self,
        visit: VisitId,
        change: Callable[[VaultPort, Draft], Draft],
        claim: ClaimId | None = None,
        verdict: Verdict | None = None,
    ) -> Future[Draft]:
        def job(vault: VaultPort) -> Draft:
            _refuse_signed(vault, visit)
            before = vault.draft(visit)
            if before is None:
                raise NotFoundError("draft")
            draft = replace(change(vault, before), id=DraftId(new_id()), made_at=_now())
            vault.save_draft(draft)
            if verdict is not None and claim is not None:
                was = find_claim(before, claim).text
                vault.save_decision(visit, Decision(claim, verdict, _now(), was))
            self._before.setdefault(visit, []).append((before, _reading(draft)))
            self._post.publish(DraftEdited(visit, draft, claim))
            return draft

        return self._sessions.current().ask(job)


def _reading(draft: Draft) -> _Reading:
    """Return how a draft reads, so that one made anew is told from one that a person changed."""
    return tuple(
        (each.key, claim.id, claim.text) for each in draft.sections for claim in each.claims
    )


def _followed(newest: Draft, base: Draft, fresh: Draft) -> Draft:
    was = {each.id: each for each in base.claims}
    now = {each.id: each for each in fresh.claims if each != was.get(each.id)}
    made = with_claims(
        newest,
        {
            each.id: now[each.id]
            for each in newest.claims
            if each == was.get(each.id) and each.id in now
        },
    )
    is_same = newest.omissions == base.omissions
    return replace(made, omissions=fresh.omissions) if is_same else made


def _mended(claim: Claim, text: str, known: Wording) -> Claim:
    mine = replace(claim, text=text, support=Support.CLINICIAN, findings=(), heard="")
    mine = replace(mine, owner=Owner.CLINICIAN, is_changed=False, before="")
    return _owned(mine, known)


def _owned(claim: Claim, known: Wording) -> Claim:
    return replace(claim, owner=Owner.MACRO) if known.is_known(claim.text) else claim


def _section_of(draft: Draft, claim: ClaimId) -> str:
    return next(
        section.key
        for section in draft.sections
        if any(each.id == claim for each in section.claims)
    )


def _refuse_signed(vault: VaultPort, visit: VisitId) -> None:
    state = vault.visit(visit).state
    if state in {VisitState.SIGNED, VisitState.DISCARDED}:
        raise VisitStateError(state.value, VisitState.IN_REVIEW.value)


def _now() -> datetime:
    return datetime.now().astimezone()
