"""Writes the sections of one full part of a transcript while the visit goes on. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.draft import Claim
from app.domain.events import ChildFailed, GenerationEnded, TextGenerated
from app.domain.ports import NotesPort
from app.domain.transcript import Transcript
from app.drafting.prompt import Prompt
from app.drafting.section_writer import Outcome, SectionDone, SectionWriter, StopWanted, Written
from app.drafting.templates import Template

Keep = Callable[[Prompt, str, tuple[Claim, ...]], object]


@dataclass(frozen=True, slots=True)
class FullPart:
    """A part of a transcript to which nothing is added any more, and what is written of it."""

    template: Template
    transcript: Transcript
    prompt: Prompt
    written: Written


class PartWriting:
    """One part. What fails here is tried again by the draft, which has the ladder of fallbacks.

    Args:
        notes: the engine; nobody else uses it meanwhile.
        part: what to write.
        keep: takes the claims of each section, not yet checked.
        over: called once, when nothing more will come.
    """

    def __init__(
        self, notes: NotesPort, part: FullPart, keep: Keep, over: Callable[[], object]
    ) -> None:
        self.prompt = part.prompt
        self._notes = notes
        self._keep = keep
        self._over = over
        self._writer = SectionWriter(part.template, part.transcript, (part.prompt,))
        self._writer.recall(part.written)

    def start(self) -> None:
        """Ask for the first section."""
        self._notes.begin(self.prompt.text, self.prompt.system)
        self._next()

    def take(self, event: TextGenerated | GenerationEnded | ChildFailed) -> None:
        """Take an event of the engine; those of other requests are ignored."""
        step = self._writer.next()
        if step is None or event.request != step.plan.request:
            return
        for outcome in self._writer.take(event):
            self._note(outcome)
        if not isinstance(event, TextGenerated):
            self._next()

    def _note(self, outcome: Outcome) -> None:
        if isinstance(outcome, SectionDone):
            self._keep(self.prompt, outcome.section, outcome.claims)
        elif isinstance(outcome, StopWanted):
            self._notes.cancel()

    def _next(self) -> None:
        step = self._writer.next()
        if step is None or step.prompt is not self.prompt:  # a shorter context: the draft's affair
            self._over()
            return
        self._notes.generate(step.plan)
