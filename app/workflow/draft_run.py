"""One draft, from transcript to checked sections. Main thread, but for the checks.

The language drafter decides, the notes child writes, the checker looks at each claim as soon as
it is complete. What the model cannot do falls to the extractive drafter, section by section.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeGuard, TypeVar

from app.domain.draft import Claim, Draft, ModelUse, Omission, Section
from app.domain.errors import AppError, ChildGoneError, ContextFullError, NoSpeechError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ClaimGrown,
    ClaimWritten,
    DraftStarted,
    EngineChanged,
    GenerationEnded,
    SectionFinished,
    TextGenerated,
)
from app.domain.ids import ClaimId, TemplateId, VisitId
from app.domain.ports import Checker, InstalledModel, NotesPort
from app.domain.transcript import Transcript
from app.drafting.claims import is_about_consent
from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.judging import WORDING
from app.drafting.prompt import Prompt, plan_prompts, prompt_sha256
from app.drafting.section_writer import (
    ClaimMade,
    ClaimOpened,
    Outcome,
    SectionDone,
    SectionFellBack,
    SectionWriter,
    StopWanted,
    Written,
)
from app.drafting.staleness import draft_printed
from app.drafting.template_filing import TemplateFiling
from app.drafting.templates import Template
from app.foundation.jobs import Lane
from app.workflow.drafts import blank_sections, template_draft
from app.workflow.room import Room

R = TypeVar("R")

NO_VISIT: Final = VisitId("")
NOTES: Final = "notes"
SHORT_TALK: Final = 80
"""Words, half a minute of talk. Where quoting finds nothing in so few, no language model is asked:
the starter model makes a note of its instructions then. Of 1,032 dialogues of MTS-Dialog with up
to 150 words quoting finds nothing in 18, all below 50 words; to look takes 6 ms of a CPU."""


@dataclass(frozen=True, slots=True)
class DraftSetup:
    """Made by bootstrap.

    Attributes:
        templates: reads the template of a visit, the usual one for None. Blocks for small files.
        model: names the notes model to use, or raises ModelMissingError when there is none.
        preferred: the engine somebody chose, empty for the best one.
        speech: the speech model that made the transcript, None for imported text.
        part_tokens: the transcript is read in parts of so many tokens; 0: as the window allows.
    """

    notes: NotesPort
    templates: Callable[[TemplateId | None], Template]
    extractive: ExtractiveDrafter
    checker: Checker
    omissions: Callable[[Transcript, Sequence[Claim]], tuple[Omission, ...]]
    model: Callable[[str], InstalledModel]
    speech: Callable[[], InstalledModel | None]
    preferred: Callable[[], str]
    part_tokens: int = 0


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """What is to be drafted.

    Attributes:
        visit: `NO_VISIT` for a transcript that belongs to none.
        engine: a model id, `extractive`, or empty for the best one.
        only: key of the one section that is wanted; empty for all.
        earlier: claims by section that stood on the screen during the visit: what says the same
            keeps its id.
        written: parts of the transcript that were written during the visit.
        held: text of the part that the notes engine held when the visit ended.
    """

    visit: VisitId
    transcript: Transcript
    template: Template
    engine: str = ""
    only: str = ""
    earlier: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    written: Written = field(default_factory=dict)
    held: str = ""

    @property
    def wanted(self) -> Template:
        """The template, with the sections that are wanted alone."""
        if not self.only:
            return self.template
        kept = tuple(each for each in self.template.sections if each.key == self.only)
        return replace(self.template, sections=kept)


class Drafting:
    """Makes runs; they share one notes child and one thread for checks, which keeps their order."""

    def __init__(self, room: Room, setup: DraftSetup) -> None:
        self.room = room
        self.setup = setup
        self.checks = Lane("checks")

    def run(self, order: DraftOrder) -> DraftRun:
        """Return a run that has not started."""
        return DraftRun(self, order)

    @staticmethod
    def blank(order: DraftOrder) -> Draft:
        """Return a draft in which nothing was discussed."""
        draft = template_draft(order.visit, _now(), order.template)
        return replace(draft, transcript_sha256=order.transcript.sha256)

    def close(self) -> None:
        """End the notes child and the thread for checks."""
        self.setup.notes.close()
        self.checks.close()


class DraftRun:
    """One draft. `result` ends with the draft, or with the error that nothing could mend."""

    def __init__(self, drafting: Drafting, order: DraftOrder) -> None:
        self.order = order
        self.visit = order.visit
        self.result: Future[Draft] = Future()
        self._room = drafting.room
        self._setup = drafting.setup
        self._checks = drafting.checks
        self._transcript = order.transcript
        self._template = order.wanted
        self._engine = order.engine
        self._model: InstalledModel | None = None
        self._writer: SectionWriter | None = None
        self._begun: Prompt | None = None
        self._recalled: tuple[Outcome, ...] = ()
        self._checked: dict[ClaimId, Claim] = {}
        self._done: dict[str, Section] = {}
        self._quoting = 0
        self._is_suspended = False
        self._is_written = False  # the language model has nothing more to write
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin, or go on after `suspend`. Main thread."""
        if self._is_suspended:
            self._is_suspended = False
            if self._model is not None:
                self._setup.notes.load(self._model)
            self._next_step()
            return
        engine = self._engine or self._setup.preferred()
        if engine != EXTRACTIVE:
            try:
                self._model = self._setup.model(engine)
            except AppError as error:
                if self._engine:  # it was asked for by name: say so instead of doing another
                    self._settle(error)
                    return
                self._say_fallback(error.code)
        sections = blank_sections(self._template)
        if self._model is None:  # the same words will stand there in a moment
            sections = tuple(
                replace(each, claims=self.order.earlier.get(each.key, ())) for each in sections
            )
        writer = self._model.card.id if self._model is not None else EXTRACTIVE
        self._room.post.publish(DraftStarted(self.visit, writer, sections))
        if self._model is None:
            self._is_written = True
            self._quote([each.key for each in sections])
        else:
            self._write(self._model)

    def cancel(self) -> None:
        """Stop writing; what is finished stays, the rest is not discussed."""
        if self._writer is not None:
            self._setup.notes.cancel()

    def so_far(self) -> Draft:
        """Return the draft with the sections that are finished."""
        draft = template_draft(self.visit, _now(), self._template)
        made = tuple(self._done.get(each.key, each) for each in blank_sections(self._template))
        draft = replace(
            draft, sections=made, transcript_sha256=self._transcript.sha256, models=self._models()
        )
        draft = draft_printed(draft, self._transcript.segments)
        if (model := self._model) is None:
            return draft
        return replace(
            draft,
            model=model.card.id,
            model_sha256=model.card.sha256,
            prompt_sha256=prompt_sha256(self._template, WORDING if model.card.can_judge else ()),
        )

    # -- with a language model

    def _write(self, model: InstalledModel) -> None:
        if self._is_small_talk():
            self._fall_back_whole(NoSpeechError.code)
            return
        bus = self._room.bus
        self._unsubscribe += [
            bus.subscribe(TextGenerated, self._on_event),
            bus.subscribe(GenerationEnded, self._on_event),
            bus.subscribe(ChildFailed, self._on_event),
            bus.subscribe(ChildEnded, self._on_child_ended),
        ]
        try:
            prompts = plan_prompts(
                self._template, self._transcript, model.card.context, self._setup.part_tokens
            )
        except AppError as error:
            self._fall_back_whole(error.code)
            return
        if prompts[0].left_out:  # never a silent cut: quoting reads every line
            self._fall_back_whole(ContextFullError.code)
            return
        self._writer = SectionWriter(
            self._template,
            self._transcript,
            prompts,
            self.order.earlier,
        )
        self._recalled = self._writer.recall(self.order.written, self.order.held)
        self._setup.notes.load(model)
        self._next_step()

    def _note_recalled(self) -> None:
        """Take over what was written during the visit.

        When the engine has answered, not before: to check the lines of an hour takes a CPU more
        than a second, and the engine reads its request on the same cores.
        """
        recalled, self._recalled = self._recalled, ()
        for outcome in recalled:
            self._note(outcome)

    def _is_small_talk(self) -> bool:
        if self._transcript.word_count > SHORT_TALK:
            return False
        whole = tuple((each.key, each.heading) for each in self.order.template.sections)
        filing = TemplateFiling(self.order.template)
        found = self._setup.extractive.draft(self._transcript, whole, filing)
        return not any(each.claims for each in found)

    def suspend(self) -> bool:
        """Leave the engine to somebody else; `start` goes on with the open section.

        Returns:
            False if no language model writes: there is nothing to leave.
        """
        if self._writer is None or self._is_written:
            return False
        self._writer.postpone()
        self._begun = None
        self._is_suspended = True
        self._setup.notes.cancel()
        return True

    def _next_step(self) -> None:
        step = self._writer.next() if self._writer is not None else None
        if step is None:
            self._note_recalled()
            self._is_written = True
            self._finish_if_over()
            return
        if step.prompt is not self._begun:
            self._setup.notes.begin(step.prompt.text, step.prompt.system)
            self._begun = step.prompt
        self._setup.notes.generate(step.plan)

    def _on_event(self, event: TextGenerated | GenerationEnded | ChildFailed) -> None:
        writer = self._writer
        if writer is None or self._is_suspended:
            return
        step = writer.next()
        if step is None or event.request != step.plan.request:
            if self._is_fatal(event):
                self._fall_back_whole(event.code)
            return
        self._note_recalled()
        for outcome in writer.take(event):
            self._note(outcome)
        if not isinstance(event, TextGenerated) and self._writer is not None:
            self._next_step()

    @staticmethod
    def _is_fatal(event: TextGenerated | GenerationEnded | ChildFailed) -> TypeGuard[ChildFailed]:
        """Whether the model cannot be used at all. A full window fails its request, too."""
        return (
            isinstance(event, ChildFailed)
            and event.child == NOTES
            and not event.request
            and event.code != ContextFullError.code
        )

    def _note(self, outcome: Outcome) -> None:
        match outcome:
            case ClaimOpened(section, text):
                self._room.post.publish(ClaimGrown(self.visit, section, text))
            case ClaimMade(section, claim):
                self._check(section, claim)
            case SectionDone(section, claims):
                engine = self._model.card.id if self._model is not None else EXTRACTIVE
                self._close_section(section, claims, engine)
            case SectionFellBack(section, reason):
                self._room.post.publish(EngineChanged(self.visit, EXTRACTIVE, reason))
                self._quote([section])
            case StopWanted():
                self._setup.notes.cancel()

    def _on_child_ended(self, event: ChildEnded) -> None:
        if event.child == NOTES and event.pause_s is None:
            self._fall_back_whole(ChildGoneError.code)

    def _fall_back_whole(self, code: str) -> None:
        """Write by quoting whatever is not written yet."""
        self._note_recalled()
        self._writer = None
        self._is_written = True
        self._say_fallback(code)
        self._quote([each.key for each in self._template.sections if each.key not in self._done])

    def _say_fallback(self, code: str) -> None:
        self._room.post.publish(EngineChanged(self.visit, EXTRACTIVE, code))

    # -- by quoting

    def _quote(self, keys: Sequence[str]) -> None:
        whole = self.order.template  # a statement goes where it belongs, wanted or not
        headings = tuple((each.key, each.heading) for each in whole.sections)

        def job() -> tuple[Section, ...]:
            filing = TemplateFiling(whole)
            return self._setup.extractive.draft(self._transcript, headings, filing)

        def take(sections: tuple[Section, ...]) -> None:
            self._quoting -= 1
            for section in sections:
                if section.key in keys and section.key not in self._done:
                    quoted = [each for each in section.claims if not is_about_consent(each.text)]
                    for claim in quoted:
                        self._check(section.key, claim)
                    self._close_section(section.key, quoted, EXTRACTIVE)
            self._finish_if_over()

        self._quoting += 1
        self._deliver(self._checks.submit(job), take)

    # -- checks keep their order: one thread, and results come home in turn

    def _check(self, section: str, claim: Claim) -> None:
        def take(checked: Claim) -> None:
            self._checked[claim.id] = checked
            self._room.post.publish(ClaimWritten(self.visit, section, checked))

        self._deliver(self._checks.submit(self._setup.checker.check, claim, self._transcript), take)

    def _close_section(self, key: str, claims: Sequence[Claim], engine: str) -> None:
        blank = next(each for each in blank_sections(self._template) if each.key == key)

        def take(_: None) -> None:
            checked = tuple(self._checked.get(each.id, each) for each in claims)
            section = replace(blank, claims=checked, is_finished=True, engine=engine)
            self._done[key] = section
            self._room.post.publish(SectionFinished(self.visit, section))

        self._deliver(self._checks.submit(_in_turn), take)

    def _finish_if_over(self) -> None:
        if not self._is_written or self._quoting:
            return

        def settle(found: tuple[Omission, ...]) -> None:
            filing = TemplateFiling(self._template)
            placed = tuple(filing.placed(each) for each in found)
            self._settle(replace(self._finished(), omissions=placed))

        def omitted(_: None) -> None:
            self._deliver(
                self._checks.submit(self._setup.omissions, self._transcript, self._claims()),
                settle,
            )

        self._deliver(self._checks.submit(_in_turn), omitted)

    def _finished(self) -> Draft:
        draft = self.so_far()
        return replace(
            draft, sections=tuple(replace(each, is_finished=True) for each in draft.sections)
        )

    def _claims(self) -> tuple[Claim, ...]:
        return tuple(claim for section in self._done.values() for claim in section.claims)

    def _deliver(self, future: Future[R], take: Callable[[R], None]) -> None:
        self._room.post.deliver(future, self, take, self._settle)

    def _settle(self, outcome: Draft | BaseException) -> None:
        if self.result.done():
            return
        self._writer = None
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if isinstance(outcome, Draft):
            self.result.set_result(outcome)
        else:
            self.result.set_exception(outcome)

    def _models(self) -> tuple[ModelUse, ...]:
        used = [("asr", self._setup.speech()), ("llm", self._model)]
        return tuple(
            ModelUse(kind, each.card.name, each.card.maker, each.card.version, each.card.sha256)
            for kind, each in used
            if each is not None
        )


def _in_turn() -> None:
    """Take a place in the queue of checks."""


def _now() -> datetime:
    return datetime.now().astimezone()
