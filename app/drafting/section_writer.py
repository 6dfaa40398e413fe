"""Decides what a notes engine writes next, and what to make of its answers.

A state machine without threads and without I/O. Its driver hands the plan of each step to
the engine and the engine's events back; retries, loops and falling back are decided here.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.draft import Claim
from app.domain.errors import ContextFullError, DraftRejectedError, EngineTimeoutError
from app.domain.events import ChildFailed, GenerationEnded, TextGenerated
from app.domain.ids import new_id
from app.domain.ports import GenerationPlan
from app.domain.transcript import Transcript
from app.drafting import prompt as wording
from app.drafting.claims import ClaimMaker, is_babble, is_echo, sameness
from app.drafting.prompt import Prompt
from app.drafting.stream_parser import Grown, Line, NotDiscussed, Parsed, StreamParser
from app.drafting.templates import Template, TemplateSection

TIMES_TOO_MANY: Final = 3
"""A line written so often is a loop: NOTES.md asks for a repetition guard."""
FEWEST_CLAIMS: Final = 2
"""Lines a part may write, however many parts there are."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the engine does next. A `prompt` that is not the one before needs a `begin`."""

    section: str
    prompt: Prompt
    plan: GenerationPlan


@dataclass(frozen=True, slots=True)
class ClaimOpened:
    """The open line of a section so far; replaces the one before."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ClaimMade:
    """A line is complete. Not yet checked."""

    section: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class SectionDone:
    """A section is complete. These are its claims, whatever was made on the way."""

    section: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class SectionFellBack:
    """The engine failed twice: write this section without one. `reason` is an error code."""

    section: str
    reason: str


@dataclass(frozen=True, slots=True)
class StopWanted:
    """The rest of the running answer is of no use: cancel it."""


Written = Mapping[tuple[str, str], tuple[Claim, ...]]
"""Claims by (text of a prompt, key of a section): what was written of a part before."""

Outcome = ClaimOpened | ClaimMade | SectionDone | SectionFellBack | StopWanted


@dataclass(frozen=True, slots=True)
class _Job:
    section: TemplateSection
    prompt: Prompt
    max_claims: int
    is_retry: bool = False


@dataclass(slots=True)
class _Run:
    """A step while it is answered."""

    job: _Job
    step: Step
    made: int = 0
    was_stopped: bool = False
    says_nothing: bool = False
    parser: StreamParser = field(default_factory=StreamParser)
    seen: Counter[str] = field(default_factory=Counter)


class SectionWriter:
    """Write the sections of a note, in reading order, each in as many parts as the prompt has.

    Drive it like this: while `next()` gives a step, begin its prompt if it is another one,
    generate its plan, and give each event of that request to `take`.

    Args:
        template: the note to write.
        transcript: what was said.
        prompts: from `plan_prompts`.
        earlier: claims by section that exist already, so that unchanged ones keep their ids.
        timeout_s: budget of one request.
    """

    def __init__(
        self,
        template: Template,
        transcript: Transcript,
        prompts: tuple[Prompt, ...],
        earlier: Mapping[str, Iterable[Claim]] | None = None,
        timeout_s: float = 120.0,
    ) -> None:
        self._transcript = transcript
        self._timeout_s = timeout_s
        self._makers = {
            each.key: ClaimMaker((earlier or {}).get(each.key, ())) for each in template.sections
        }
        self._jobs = deque(
            _Job(section, prompt, _share(section.max_claims, len(prompts)))
            for prompt in prompts
            for section in template.sections
        )
        self._run: _Run | None = None
        self.was_cancelled = False

    def recall(self, written: Written, held: str = "") -> tuple[Outcome, ...]:
        """Take over what was written before. Call it once, before the first `next`.

        The rest begins with the part whose text the engine holds, or else with the last one, of
        which it holds the most when a visit ends.
        """
        found: list[Outcome] = []
        left: deque[_Job] = deque()
        for job in self._jobs:
            known = written.get((job.prompt.text, job.section.key))
            if known is None:
                left.append(job)
                continue
            kept = [self._makers[job.section.key].adopt(each) for each in known]
            found += [ClaimMade(job.section.key, each) for each in kept if each is not None]
        last = left[-1].prompt.text if left else ""
        first = held if any(job.prompt.text == held for job in left) else last
        self._jobs = deque(sorted(left, key=lambda job: job.prompt.text != first))
        open_keys = {job.section.key for job in left}
        found += [
            SectionDone(key, maker.claims)
            for key, maker in self._makers.items()
            if key not in open_keys
        ]
        return tuple(found)

    def postpone(self) -> None:
        """Write the open section later, from its beginning: somebody else needs the engine."""
        if self._run is not None:
            self._jobs.appendleft(self._run.job)
            self._run = None

    def next(self) -> Step | None:
        """Return what to generate now; the same step until it is answered; None at the end."""
        if self._run is None and self._jobs and not self.was_cancelled:
            job = self._jobs.popleft()
            self._run = _Run(job, self._step(job))
        return None if self._run is None else self._run.step

    def take(self, event: TextGenerated | GenerationEnded | ChildFailed) -> tuple[Outcome, ...]:
        """Take an event of the running request; events of others are ignored."""
        run = self._run
        if run is None or event.request != run.step.plan.request:
            return ()
        match event:
            case TextGenerated():
                return () if run.was_stopped else self._read(run, run.parser.feed(event.text))
            case GenerationEnded():
                return self._end(run, event.reason)
            case ChildFailed():
                return self._fail(run.job, event.code, is_shorter=event.code in _TOO_LONG)

    def _step(self, job: _Job) -> Step:
        plan = GenerationPlan(
            new_id(),
            wording.section_request(job.section, job.max_claims),
            wording.section_grammar(job.prompt, job.max_claims),
            wording.section_tokens(job.max_claims),
            self._timeout_s,
        )
        return Step(job.section.key, job.prompt, plan)

    def _read(self, run: _Run, parsed: list[Parsed]) -> tuple[Outcome, ...]:
        key = run.job.section.key
        found: list[Outcome] = []
        for each in parsed:
            match each:
                case Grown():
                    found.append(ClaimOpened(key, each.text))
                case NotDiscussed():
                    run.says_nothing = True
                case Line():
                    found += self._read_line(run, each)
            if run.was_stopped:
                break
        return tuple(found)

    def _read_line(self, run: _Run, line: Line) -> list[Outcome]:
        same = sameness(line.text)
        run.seen[same] += 1
        if run.seen[same] >= TIMES_TOO_MANY:
            run.was_stopped = True
            return [StopWanted()]
        key = run.job.section.key
        found: list[Outcome] = []
        if not is_babble(line.text) and not is_echo(line.text, run.step.plan.suffix):
            run.made += 1
            claim = self._makers[key].make(line.text, run.job.prompt.segments(line.numbers))
            found += [] if claim is None else [ClaimMade(key, claim)]
        if len(run.seen) >= run.job.max_claims:
            run.was_stopped = True
            found.append(StopWanted())
        return found

    def _end(self, run: _Run, reason: str) -> tuple[Outcome, ...]:
        if reason == "cancelled" and not run.was_stopped:
            self.was_cancelled = True
            self._run = None
            return ()
        found: tuple[Outcome, ...] = ()
        if not run.was_stopped:
            found = self._read(run, run.parser.finish(keep_open_line=reason == "stop"))
        if reason == "timeout" and not run.was_stopped:
            return found + self._fail(run.job, EngineTimeoutError.code, is_shorter=True)
        if not run.made and not run.says_nothing:
            return found + self._fail(run.job, DraftRejectedError.code, is_shorter=True)
        self._run = None
        kept = tuple(each for each in found if not isinstance(each, StopWanted))
        return kept + self._finish(run.job.section.key)

    def _fail(self, job: _Job, code: str, *, is_shorter: bool) -> tuple[Outcome, ...]:
        """Try once more, with a shorter context if that may help; then fall back."""
        self._run = None
        key = job.section.key
        if job.is_retry:
            self._jobs = deque(each for each in self._jobs if each.section.key != key)
            return (SectionFellBack(key, code),)
        if not is_shorter:
            self._jobs.appendleft(_Job(job.section, job.prompt, job.max_claims, is_retry=True))
            return ()
        parts = wording.halves(job.prompt, self._transcript)
        share = _share(job.max_claims, len(parts))
        # last, because the other sections need the prefix that lies in the KV cache now
        self._jobs.extend(_Job(job.section, part, share, is_retry=True) for part in parts)
        return ()

    def _finish(self, key: str) -> tuple[Outcome, ...]:
        if any(each.section.key == key for each in self._jobs):
            return ()
        return (SectionDone(key, self._makers[key].claims),)


_TOO_LONG: Final = frozenset({ContextFullError.code, EngineTimeoutError.code})


def _share(max_claims: int, parts: int) -> int:
    return max(min(FEWEST_CLAIMS, max_claims), math.ceil(max_claims / max(1, parts)))
