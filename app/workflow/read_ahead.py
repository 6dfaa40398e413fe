"""Reads the transcript into the notes engine while people talk. Main thread.

At the end of a visit only its last words and one request are left to evaluate, so that the first
words of the draft do not wait for the length of the visit. The first request of the draft is read,
too, while nothing else is to be read: decision 027. A part of the transcript that is full
is written at once, while the visit goes on: what is left at the end is the last part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from app.domain.draft import Claim
from app.domain.errors import AppError
from app.domain.events import (
    ChildFailed,
    GenerationEnded,
    SpeechFinished,
    SpeechProgressed,
    TextGenerated,
    VisitAdvanced,
)
from app.domain.ids import VisitId
from app.domain.ports import InstalledModel
from app.domain.transcript import Transcript
from app.domain.visit import Visit, VisitState
from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.prompt import Prompt, plan_prompts
from app.drafting.section_writer import SectionWriter, Written
from app.drafting.templates import Template
from app.workflow.draft_run import NOTES, DraftSetup
from app.workflow.live_transcript import LiveTranscript
from app.workflow.part_writing import FullPart, PartWriting
from app.workflow.room import Room

HOLD_LAG_S: Final = 1.5
GO_ON_LAG_S: Final = 0.75
"""Words first: while speech is this far behind, the notes engine rests (SPEECH.md 3 calls a lag
above 1.5 s slow). It goes on when half of that is left, so that the two do not alternate."""


@dataclass(slots=True)
class _Reading:
    """A visit that is read ahead."""

    visit: VisitId
    model: InstalledModel
    template: Template | None = None
    transcript: Transcript = field(default_factory=Transcript)
    prompts: tuple[Prompt, ...] = ()
    written: dict[tuple[str, str], tuple[Claim, ...]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)  # texts of parts that were tried in vain
    is_stale: bool = False  # the transcript changed since the prompts were planned
    is_planning: bool = False


class ReadAhead:
    """Keeps the engine's prefix at the newest words of the visit that is being heard.

    Whoever drafts takes the engine by `hold` and gives it back by `release`.
    """

    def __init__(self, room: Room, setup: DraftSetup, live: LiveTranscript) -> None:
        self._post = room.post
        self._pool = room.pool
        self._setup = setup
        self._reading: _Reading | None = None
        self._writing: PartWriting | None = None
        self._sent = ""  # what the engine holds, as far as it is ours
        self._is_held = False
        self._is_behind = False
        room.sessions.on_leave(self.forget)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)
        live.on_change(self._on_change)
        room.bus.subscribe(SpeechProgressed, self._on_progress)
        room.bus.subscribe(SpeechFinished, lambda _: self._catch_up())
        room.bus.subscribe(TextGenerated, self._on_event)
        room.bus.subscribe(GenerationEnded, self._on_event)
        room.bus.subscribe(ChildFailed, self._on_event)

    def written(self, visit: VisitId) -> Written:
        """Return the claims of the parts that are written already, not yet checked."""
        reading = self._reading
        return dict(reading.written) if reading is not None and reading.visit == visit else {}

    def held(self, visit: VisitId) -> str:
        """Return the text of the part that the engine holds or is reading; empty for none."""
        return self._sent if self._reading is not None and self._reading.visit == visit else ""

    def hold(self) -> None:
        """Leave the engine to a draft."""
        self._is_held = True
        self._stop_writing()
        self._sent = ""

    def release(self) -> None:
        """Take the engine again and catch up."""
        self._is_held = False
        self._advance()

    def forget(self) -> None:
        """Hold no words and no claims any more, neither here nor in the engine."""
        self._stop_writing()
        self._reading = None
        if self._sent and not self._is_held:
            self._setup.notes.begin("")
        self._sent = ""

    # -- what was said

    def _on_change(self, visit: Visit, transcript: Transcript) -> None:
        if self._reading is None or self._reading.visit != visit.id:
            self._begin(visit)
        reading = self._reading
        if reading is None:
            return
        reading.transcript, reading.is_stale = transcript, True
        self._advance()

    def _on_advanced(self, event: VisitAdvanced) -> None:
        """Forget a visit whose consent was withdrawn, or that was given up."""
        gone = {VisitState.PLANNED, VisitState.DISCARDED}
        if self._reading is not None and event.visit == self._reading.visit and event.state in gone:
            self.forget()

    def _begin(self, visit: Visit) -> None:
        self.forget()
        engine = self._setup.preferred()
        if engine == EXTRACTIVE:
            return
        try:
            model = self._setup.model(engine)
        except AppError:  # the draft will say so, and quote
            return
        reading = _Reading(visit.id, model)
        self._reading = reading

        def take(template: Template) -> None:
            reading.template = template
            self._advance()

        future = self._pool.submit(self._setup.templates, visit.template)
        self._post.deliver(future, self, take, lambda _error: self.forget())

    def _on_progress(self, event: SpeechProgressed) -> None:
        limit = GO_ON_LAG_S if self._is_behind else HOLD_LAG_S
        was_behind, self._is_behind = self._is_behind, event.lag_s > limit
        if was_behind and not self._is_behind:
            self._advance()
        elif self._is_behind and self._sent and not self._is_held:
            self._setup.notes.foresee("")

    def _catch_up(self) -> None:
        self._is_behind = False
        self._advance()

    # -- to the engine

    def _advance(self) -> None:
        reading = self._reading
        if reading is None or self._is_held or self._is_behind or reading.template is None:
            return
        if reading.is_stale and not reading.is_planning:
            self._plan(reading, reading.template)
        elif self._writing is None and not reading.is_planning:
            self._write_or_read(reading, reading.template)

    def _plan(self, reading: _Reading, template: Template) -> None:
        reading.is_stale, reading.is_planning = False, True

        def take(prompts: tuple[Prompt, ...]) -> None:
            reading.prompts, reading.is_planning = prompts, False
            if self._writing is not None and self._writing.prompt not in prompts:
                self._stop_writing()  # a person changed what was said in it
            self._advance()

        def failed(_: BaseException) -> None:  # the draft says why
            if self._reading is reading:
                self.forget()

        future = self._pool.submit(
            plan_prompts,
            template,
            reading.transcript,
            reading.model.card.context,
            self._setup.part_tokens,
        )
        self._post.deliver(future, self, take, failed)

    def _write_or_read(self, reading: _Reading, template: Template) -> None:
        self._setup.notes.load(reading.model)
        for part in reading.prompts[:-1]:
            keys = [each.key for each in template.sections]
            is_written = all((part.text, key) in reading.written for key in keys)
            if not is_written and part.text not in reading.failed:
                self._write(reading, template, part)
                return
        if reading.prompts:
            self._read(reading.prompts[-1])
            if self._setup.part_tokens:  # a GPU reads the request in a blink, in its right place
                self._setup.notes.foresee(self._first_request(reading, template))

    def _read(self, prompt: Prompt) -> None:
        if self._sent and prompt.text.startswith(self._sent):
            self._setup.notes.extend(prompt.text[len(self._sent) :])
        else:
            self._setup.notes.begin(prompt.text, prompt.system)
        self._sent = prompt.text

    @staticmethod
    def _first_request(reading: _Reading, template: Template) -> str:
        """Return what a draft would ask first, if the visit ended now."""
        writer = SectionWriter(template, reading.transcript, reading.prompts)
        writer.recall(reading.written)
        step = writer.next()
        return "" if step is None else step.plan.suffix

    # -- a part that is full

    def _write(self, reading: _Reading, template: Template, part: Prompt) -> None:
        def keep(prompt: Prompt, section: str, claims: tuple[Claim, ...]) -> None:
            reading.written[prompt.text, section] = claims

        def over() -> None:
            reading.failed.add(part.text)  # what is not written by now is the draft's affair
            self._writing = None
            self._advance()

        whole = FullPart(template, reading.transcript, part, dict(reading.written))
        self._writing = PartWriting(self._setup.notes, whole, keep, over)
        self._sent = part.text
        self._writing.start()

    def _on_event(self, event: TextGenerated | GenerationEnded | ChildFailed) -> None:
        if self._is_held or self._reading is None:
            return
        if isinstance(event, ChildFailed) and event.child == NOTES and not event.request:
            self.forget()  # the model cannot be used: the draft says so
        elif self._writing is not None:
            self._writing.take(event)

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing = None
            self._setup.notes.cancel()
