"""A person changes the draft. Each change is saved before it is shown. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from app.domain.draft import Claim, Draft, Owner, Support
from app.domain.errors import NotFoundError, VisitStateError
from app.domain.events import DraftEdited
from app.domain.ids import ClaimId, DraftId, SegmentId, VisitId, new_id
from app.domain.ports import Post
from app.domain.review import Decision, Verdict
from app.domain.store_ports import VaultPort
from app.domain.visit import VisitState
from app.workflow.drafts import typed_claim, with_added, with_claim
from app.workflow.session import Sessions


class NoteEditing:
    """Edits by hand. What a person wrote is theirs: no model touches it again."""

    def __init__(self, post: Post, sessions: Sessions) -> None:
        self._post = post
        self._sessions = sessions
        self._before: dict[VisitId, list[Draft]] = {}  # lane only

    def edit(self, visit: VisitId, claim: ClaimId, text: str) -> Future[Draft]:
        """Give a claim another text. An empty text removes the claim."""
        if not text.strip():
            return self.remove(visit, claim)

        def change(draft: Draft) -> Draft:
            return with_claim(draft, claim, lambda each: _mended(each, text))

        return self._change(visit, change, claim, Verdict.MENDED)

    def add(
        self,
        visit: VisitId,
        section: str,
        text: str,
        evidence: tuple[SegmentId, ...] = (),
        after: ClaimId | None = None,
    ) -> Future[Draft]:
        """Add a line to a section."""
        claim = typed_claim(text, evidence)
        return self._change(visit, lambda draft: with_added(draft, section, claim, after), claim.id)

    def remove(self, visit: VisitId, claim: ClaimId) -> Future[Draft]:
        """Take a claim out."""
        return self._change(
            visit, lambda draft: with_claim(draft, claim, lambda _: None), claim, Verdict.REMOVED
        )

    def undo(self, visit: VisitId) -> Future[Draft]:
        """Go back to the draft before the last edit. The future raises NotFoundError at the end."""

        def job(vault: VaultPort) -> Draft:
            earlier = self._before.get(visit)
            if not earlier:
                raise NotFoundError("edit")
            _refuse_signed(vault, visit)
            draft = replace(earlier.pop(), id=DraftId(new_id()), made_at=_now())
            vault.save_draft(draft)
            self._post.publish(DraftEdited(visit, draft))
            return draft

        return self._sessions.current().ask(job)

    def _change(
        self,
        visit: VisitId,
        change: Callable[[Draft], Draft],
        claim: ClaimId,
        verdict: Verdict | None = None,
    ) -> Future[Draft]:
        def job(vault: VaultPort) -> Draft:
            _refuse_signed(vault, visit)
            before = vault.draft(visit)
            if before is None:
                raise NotFoundError("draft")
            draft = replace(change(before), id=DraftId(new_id()), made_at=_now())
            vault.save_draft(draft)
            if verdict is not None:
                vault.save_decision(visit, Decision(claim, verdict, _now()))
            self._before.setdefault(visit, []).append(before)
            self._post.publish(DraftEdited(visit, draft, claim))
            return draft

        return self._sessions.current().ask(job)


def _mended(claim: Claim, text: str) -> Claim:
    return replace(
        claim, text=text.strip(), owner=Owner.CLINICIAN, support=Support.CLINICIAN, findings=()
    )


def _refuse_signed(vault: VaultPort, visit: VisitId) -> None:
    state = vault.visit(visit).state
    if state in {VisitState.SIGNED, VisitState.DISCARDED}:
        raise VisitStateError(state.value, VisitState.IN_REVIEW.value)


def _now() -> datetime:
    return datetime.now().astimezone()
