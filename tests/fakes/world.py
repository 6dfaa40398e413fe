"""What the fake services share: accounts, visits, and what was done to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain.audio import Stretch
from app.domain.draft import (
    Draft,
)
from app.domain.errors import (
    AppError,
    LockedError,
    NotFoundError,
)
from app.domain.events import (
    VisitAdvanced,
)
from app.domain.ids import (
    UserId,
    VisitId,
)
from app.domain.note import NoteVersion
from app.domain.people import Account
from app.domain.ports import Post
from app.domain.review import Decision
from app.domain.transcript import Difference, Revision, Segment, Suggestion, Transcript
from app.domain.visit import (
    Consent,
    Visit,
    VisitState,
)
from app.workflow.recovery import Recoverable
from app.workflow.visiting import VisitRecord

R = TypeVar("R")
PASSWORD = "correct horse battery staple"
RECOVERY_KEY = "7KQ2P-M4XCD-9TRFA-HWZ3B-E6NYV-5GJ8S"


def given(work: Callable[[], R]) -> Future[R]:
    """Return a future that is done already, as `work` ended."""
    future: Future[R] = Future()
    try:
        future.set_result(work())
    except AppError as error:
        future.set_exception(error)
    return future


def given_error(error: AppError) -> Future[R]:
    """Return a future that failed already."""
    future: Future[R] = Future()
    future.set_exception(error)
    return future


@dataclass
class Shelf:
    """One visit and all that belongs to it."""

    visit: Visit
    segments: list[Segment] = field(default_factory=list)
    draft: Draft | None = None
    earlier: list[Draft] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)
    versions: list[NoteVersion] = field(default_factory=list)
    consent: Consent | None = None
    stretches: list[Stretch] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def record(self) -> VisitRecord:
        return VisitRecord(
            self.visit,
            Transcript(
                tuple(self.segments),
                stretches=tuple(sorted(self.stretches)),
                revisions=tuple(self.revisions),
            ),
            self.draft,
            tuple(self.decisions),
            frozenset(self.seen),
            tuple(self.versions),
        )


@dataclass
class World:
    """What all fake services share."""

    post: Post
    account: Account | None = None
    accounts: dict[UserId, Account] = field(default_factory=dict)
    passwords: dict[UserId, str] = field(default_factory=dict)
    shelves: dict[VisitId, Shelf] = field(default_factory=dict)
    interrupted: list[Recoverable] = field(default_factory=list)
    exports: list[tuple[str, str]] = field(default_factory=list)

    def shelf(self, visit: VisitId) -> Shelf:
        if self.account is None:
            raise LockedError
        if visit not in self.shelves:
            raise NotFoundError("visit")
        return self.shelves[visit]

    def move(self, visit: VisitId, state: VisitState) -> None:
        shelf = self.shelf(visit)
        shelf.visit = shelf.visit.moved_to(state)
        self.post.publish(VisitAdvanced(visit, state))
