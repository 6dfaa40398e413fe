"""One draft, from transcript to checked sections. Main thread, but for the checks.

The language drafter decides, the notes child writes, the checker looks at each claim as soon as
it is complete. What the model cannot do falls to the extractive drafter, section by section.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.domain.draft import Claim, Draft, Omission, Section
from app.domain.ids import TemplateId, VisitId
from app.domain.ports import Checker, InstalledModel, NotesPort
from app.domain.transcript import Transcript
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.templates import Template
from app.foundation.jobs import Lane
from app.workflow.drafts import empty_draft
from app.workflow.room import Room

NO_VISIT: Final = VisitId("")
NOTES: Final = "notes"


@dataclass(frozen=True, slots=True)
class DraftSetup:
    """Made by bootstrap.

    Attributes:
        model: names the notes model to use, or raises ModelMissingError when there is none.
        speech: the speech model that made the transcript, None for imported text.
    """

    notes: NotesPort
    template: Template
    extractive: ExtractiveDrafter
    checker: Checker
    omissions: Callable[[Transcript, Sequence[Claim]], tuple[Omission, ...]]
    model: Callable[[str], InstalledModel]
    speech: Callable[[], InstalledModel | None]


class Drafting:
    """Makes runs; they share one notes child and one thread for checks, which keeps their order."""

    def __init__(self, room: Room, setup: DraftSetup) -> None:
        self.room = room
        self.setup = setup
        self.checks = Lane("checks")

    def run(self, visit: VisitId | None, transcript: Transcript, engine: str) -> DraftRun:
        """Return a run that has not started."""
        return DraftRun(self, visit if visit is not None else NO_VISIT, transcript, engine)

    def blank(self, visit: VisitId, transcript: Transcript) -> Draft:
        """Return a draft in which nothing was discussed."""
        template = self.setup.template
        draft = empty_draft(visit, _now(), TemplateId(template.id), headings(template))
        return replace(draft, transcript_sha256=transcript.sha256)

    def close(self) -> None:
        """End the notes child and the thread for checks."""
        self.setup.notes.close()
        self.checks.close()


def headings(template: Template) -> tuple[tuple[str, str], ...]:
    """Return (key, heading) of the template's sections."""
    return tuple((each.key, each.heading) for each in template.sections)


@dataclass(slots=True)
class _Parts:
    """What is written so far: sections by key, and claims of the open one."""

    done: dict[str, Section] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)


class DraftRun:
    """One draft. `result` ends with the draft, or with the error that nothing could mend."""
