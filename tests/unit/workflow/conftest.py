"""A desk with a real vault: accounts, session, lanes, and an inbox that is the main thread."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import pytest

from app.domain.draft import Claim, Draft, Finding, FindingKind, Owner, Support
from app.domain.ids import ClaimId, PatientId, SegmentId, TemplateId, VisitId, new_id
from app.domain.policy import Policy
from app.domain.transcript import Segment
from app.domain.visit import ConsentManner, Identifier, Patient, Person, Sex, Visit
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.jobs import Pool
from app.store.stored_accounts import StoredAccounts
from app.workflow.drafts import empty_draft, with_added
from app.workflow.note_editing import NoteEditing
from app.workflow.reviewing import Reviewing
from app.workflow.session import Sessions
from app.workflow.signing import Signing
from app.workflow.unlocking import Unlocking
from app.workflow.visiting import Visiting
from tests.conftest import Profile

R = TypeVar("R")
PASSWORD = "a long and quiet afternoon"
SECTIONS = (("subjective", "Subjective"), ("plan", "Plan"))


def blank(visit: Visit, at: datetime) -> Draft:
    return empty_draft(visit.id, at, visit.template or TemplateId("soap"), SECTIONS)


def claim(text: str, support: Support, *kinds: FindingKind, evidence: str = "s0001") -> Claim:
    """Return a claim of a model."""
    ids = (SegmentId(evidence),) if evidence else ()
    findings = tuple(Finding(kind) for kind in kinds)
    return Claim(ClaimId(new_id()), text, ids, support, Owner.MODEL, findings)


@dataclass(frozen=True, slots=True)
class Desk:
    """An unlocked clinician at work."""

    inbox: Inbox
    bus: Bus
    pool: Pool
    sessions: Sessions
    unlocking: Unlocking
    visiting: Visiting
    editing: NoteEditing
    reviewing: Reviewing
    signing: Signing
    policy: Policy

    def result(self, future: Future[R]) -> R:
        """Serve the inbox until the future is done."""
        over: list[bool] = []
        self.inbox.deliver(future, self, lambda _: over.append(True), lambda _: over.append(True))
        self.inbox.run_until(lambda: bool(over), timeout_s=60)
        return future.result()

    def visit(self, family: str = "Quist") -> Visit:
        """Plan a visit with a made-up patient."""
        patient = Patient(
            PatientId(new_id()), family, "Ida", date(1961, 2, 3), Sex.FEMALE, (Identifier("77"),)
        )
        return self.result(self.visiting.plan(patient))

    def reviewed(self, *claims: Claim) -> Visit:
        """Return a visit in review whose draft holds these claims below Subjective."""
        visit = self.visit()
        self.result(self.visiting.type_note(visit.id))
        draft = blank(visit, datetime.now().astimezone())
        for each in claims:
            draft = with_added(draft, "subjective", each)
        session = self.sessions.current()
        segment = Segment(SegmentId("s0001"), "I have had back pain for two days.")
        self.result(session.ask(lambda vault: vault.put_segments(visit.id, [segment])))
        self.result(session.ask(lambda vault: vault.save_draft(draft)))
        return visit

    def see_all(self, visit: VisitId) -> None:
        for key, _ in SECTIONS:
            self.result(self.reviewing.see(visit, key))


@pytest.fixture
def desk(profile: Profile) -> Iterator[Desk]:
    bus, pool, sessions, policy = Bus(), Pool(), Sessions(), Policy()
    inbox = Inbox(bus.dispatch)
    accounts = StoredAccounts(profile.root / "desk", policy.min_password)
    unlocking = Unlocking(accounts, sessions, pool)
    made = Desk(
        inbox,
        bus,
        pool,
        sessions,
        unlocking,
        Visiting(inbox, sessions, blank),
        NoteEditing(inbox, sessions),
        Reviewing(sessions),
        Signing(inbox, sessions, unlocking, policy),
        policy,
    )
    made.result(unlocking.create("Ada Shaw", PASSWORD))
    yield made
    unlocking.close()
    pool.close()


AGREED = (Person("Patient", agreed=True),)
VERBAL = ConsentManner.VERBAL
