"""What stands between a draft and a signature, and a person's verdicts. Main thread."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.draft import Claim, Draft
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, DraftId, VisitId, new_id
from app.domain.review import Decision, Verdict, accepted_claims, open_claims
from app.domain.store_ports import VaultPort
from app.drafting.autotexts import unfilled_claims
from app.drafting.staleness import printed, stale_claims, watched
from app.workflow.drafts import find_claim, with_claim
from app.workflow.session import Sessions


@dataclass(frozen=True, slots=True)
class OpenItems:
    """What must be done before signing.

    Attributes:
        claims: to decide on.
        unseen: keys of sections not seen.
        stale: claims that rest on words which read otherwise now: check them again or accept.
        unfilled: claims with a field of an auto-text to fill.
    """

    claims: tuple[Claim, ...]
    unseen: tuple[str, ...]
    stale: tuple[Claim, ...] = ()
    unfilled: tuple[Claim, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.claims or self.unseen or self.stale or self.unfilled)


class Reviewing:
    """Keeps verdicts and which sections were seen."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def accept(self, visit: VisitId, claim: ClaimId) -> Future[OpenItems]:
        """Let a claim stand as it is, on the clinician's word."""

        def job(vault: VaultPort) -> OpenItems:
            draft = vault.draft(visit)
            if draft is None:
                raise NotFoundError("draft")
            found = find_claim(draft, claim)
            now = datetime.now().astimezone()
            vault.save_decision(visit, Decision(claim, Verdict.ACCEPTED, now, found.text))
            _read_again(vault, draft, found)
            return open_items(vault, visit)

        return self._sessions.current().ask(job)

    def see(self, visit: VisitId, section: str) -> Future[OpenItems]:
        """Note that a section was on the screen."""

        def job(vault: VaultPort) -> OpenItems:
            vault.mark_seen(visit, section)
            return open_items(vault, visit)

        return self._sessions.current().ask(job)

    def open_items(self, visit: VisitId) -> Future[OpenItems]:
        """Return what is open."""
        return self._sessions.current().ask(open_items, visit)


def open_items(vault: VaultPort, visit: VisitId) -> OpenItems:
    """Return what stands between the newest draft and a signature. Lane.

    A verdict on a claim that was mended or removed since is moot: such a claim is the
    clinician's, or gone. So is one on other words: the claim is open again.
    """
    draft = vault.draft(visit)
    if draft is None:
        return OpenItems((), ())
    accepted = accepted_claims(draft, vault.decisions(visit))
    seen = vault.seen(visit)
    unseen = tuple(section.key for section in draft.sections if section.key not in seen)
    stale = stale_claims(draft, vault.segments(visit, watched(draft)))
    return OpenItems(open_claims(draft, accepted), unseen, stale, unfilled_claims(draft.sections))


def _read_again(vault: VaultPort, draft: Draft, claim: Claim) -> None:
    """Keep that a person let a claim stand on its evidence as it reads now."""
    heard = {each.id: each for each in vault.segments(draft.visit, claim.evidence)}
    fresh = printed(claim, heard) if claim.heard else claim
    fresh = replace(fresh, is_changed=False, before="")
    if fresh != claim:
        changed = with_claim(draft, claim.id, lambda _: fresh)
        made_at = datetime.now().astimezone()
        vault.save_draft(replace(changed, id=DraftId(new_id()), made_at=made_at))
