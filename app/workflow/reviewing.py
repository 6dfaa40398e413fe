"""What stands between a draft and a signature, and a person's verdicts. Main thread."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from app.domain.draft import Claim
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, VisitId
from app.domain.review import Decision, Verdict, open_claims
from app.domain.store_ports import VaultPort
from app.workflow.drafts import find_claim
from app.workflow.session import Sessions


@dataclass(frozen=True, slots=True)
class OpenItems:
    """What must be done before signing: claims to decide on, keys of sections not seen."""

    claims: tuple[Claim, ...]
    unseen: tuple[str, ...]

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.claims and not self.unseen


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
            find_claim(draft, claim)
            now = datetime.now().astimezone()
            vault.save_decision(visit, Decision(claim, Verdict.ACCEPTED, now))
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
    clinician's, or gone.
    """
    draft = vault.draft(visit)
    if draft is None:
        return OpenItems((), ())
    accepted = {each.claim for each in vault.decisions(visit) if each.verdict is Verdict.ACCEPTED}
    seen = vault.seen(visit)
    unseen = tuple(section.key for section in draft.sections if section.key not in seen)
    return OpenItems(open_claims(draft, accepted), unseen)
