"""Every draft of a visit is kept: what changed when, and the way back. Main thread."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.draft import Draft
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, DraftId, VisitId
from app.domain.store_ports import VaultPort
from app.drafting.diffs import SectionDiff, draft_diff
from app.workflow.session import Sessions


@dataclass(frozen=True, slots=True)
class Step:
    """A draft and what it changed.

    Attributes:
        title: of its template.
        engine: the model that drafted it, empty for none.
        lines: how many it has.
        added, changed, removed: lines, against the draft before.
        is_current: the newest one.
    """

    draft: DraftId
    at: datetime
    title: str
    engine: str
    lines: int
    added: int
    changed: int
    removed: int
    is_current: bool = False


class History:
    """Lists the drafts of a visit. `NoteEditing.restore` brings one back."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def steps(self, visit: VisitId) -> Future[tuple[Step, ...]]:
        """Return the drafts that changed something, the newest first."""
        return self._sessions.current().ask(lambda vault: steps(vault.drafts(visit)))

    def compare(self, visit: VisitId, draft: DraftId) -> Future[tuple[SectionDiff, ...]]:
        """Return what would change in the newest draft if an earlier one came back.

        The future raises NotFoundError.
        """

        def job(vault: VaultPort) -> tuple[SectionDiff, ...]:
            drafts = vault.drafts(visit)
            wanted = next((each for each in drafts if each.id == draft), None)
            if wanted is None:
                raise NotFoundError("draft")
            return draft_diff(drafts[-1].sections, wanted.sections, is_whole=True)

        return self._sessions.current().ask(job)


def steps(drafts: Sequence[Draft]) -> tuple[Step, ...]:
    """Return what each draft changed, the newest first; one that changed nothing is left out."""
    found: list[Step] = []
    for before, after in itertools.pairwise((None, *drafts)):
        if after is not None:
            step = _step(before, after)
            if not found or step.added or step.changed or step.removed:
                found.append(step)
    if found:
        found[-1] = replace(found[-1], is_current=True)
    return tuple(reversed(found))


def _step(before: Draft | None, after: Draft) -> Step:
    old, new = _lines(before), _lines(after)
    both = old.keys() & new.keys()
    return Step(
        after.id,
        after.made_at,
        after.title,
        after.model or "",
        len(new),
        added=len(new.keys() - old.keys()),
        changed=sum(old[each] != new[each] for each in both),
        removed=len(old.keys() - new.keys()),
    )


def _lines(draft: Draft | None) -> dict[ClaimId, tuple[str, str]]:
    """Return section and text of each claim."""
    sections = draft.sections if draft is not None else ()
    return {claim.id: (each.key, claim.text) for each in sections for claim in each.claims}
