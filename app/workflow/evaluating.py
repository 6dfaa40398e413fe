"""Measures note models on data with known answers: `stethoscribe evaluate`. Main thread.

Each draft is made as for a visit, by the same queue, child and checks; figures are taken in the
pool. One note after another, each kept at once, so that it can be stopped and go on later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from app.domain.draft import Draft
from app.domain.errors import AppError, NoSpeechError
from app.domain.events import GenerationEnded, TextGenerated
from app.domain.ids import TemplateId
from app.domain.transcript import Transcript
from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.measures import filed
from app.drafting.measures.cases import Case, LabelledStatement, NoteText
from app.drafting.measures.scoring import VERSION, Figures, Scorer, copied, person_note
from app.workflow.evaluation_data import REFERENCE, EvaluationData, read_data
from app.workflow.evaluation_rows import EvaluationRow, EvaluationRows, row_key
from app.workflow.room import Room

R = TypeVar("R")

COPIED: Final = "transcript copied"
OTHER_NOTE: Final = "another visit's note"
OWN_NOTE: Final = "own note by a person"
CHECKER: Final = "checker"
BASELINES: Final = (COPIED, OTHER_NOTE, OWN_NOTE)
SOAP: Final = "soap"
SUBJECTIVE: Final = "subjective"
HELD_OUT: Final = "valid"
"""How the names of parts begin that models/section_rows.py leaves out of training."""


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What to measure.

    Attributes:
        models: ids of notes models, `extractive` for none; extractive is always measured.
        sets: names of data sets; empty for all that are there.
        limit: visits of each set, 0 for all; `chosen` says which come first.
        sources: `reference`, `recognized` or `all`: whose transcripts are used.
    """

    data: Path
    out: Path
    models: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    limit: int = 0
    sources: str = "all"
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How far it is. `left_s` is None until something was measured."""

    done: int
    total: int
    system: str
    set: str
    left_s: float | None


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """All rows, old and new, and what was not there."""

    plan: EvaluationPlan
    rows: tuple[EvaluationRow, ...]
    absent: tuple[str, ...]
    reused: int


@dataclass(frozen=True, slots=True)
class EvaluationSetup:
    """Made by bootstrap.

    Attributes:
        draft: drafts a transcript with an engine and a template, as for a visit.
        identity: names what a model's notes depend on; raises ModelMissingError. Pool.
    """

    scorer: Scorer
    draft: Callable[[Transcript, str, TemplateId], Future[Draft]]
    identity: Callable[[str, TemplateId], str]


@dataclass(frozen=True, slots=True)
class _Job:
    key: str
    system: str
    case: Case
    statement: LabelledStatement | None = None


class Evaluating:
    """Runs evaluations, one at a time."""

    def __init__(self, room: Room, setup: EvaluationSetup) -> None:
        self._room = room
        self._setup = setup

    def start(self, plan: EvaluationPlan) -> Future[EvaluationResult]:
        """Measure. The bus tells EvaluationProgress.

        The future raises EvaluationDataMissingError, EvaluationDataError, ModelMissingError,
        FileAccessError, DiskFullError. A note that fails is a row that says so.
        """
        run = _Run(self._room, self._setup, plan)
        self._room.post.deliver(
            self._room.pool.submit(_prepare, self._setup, plan),
            run, run.begin, run.result.set_exception,
        )  # fmt: skip
        return run.result


@dataclass(frozen=True, slots=True)
class _Prepared:
    rows: EvaluationRows
    jobs: tuple[_Job, ...]
    absent: tuple[str, ...]


def _prepare(setup: EvaluationSetup, plan: EvaluationPlan) -> _Prepared:
    systems = tuple(dict.fromkeys((*BASELINES, EXTRACTIVE, *plan.models)))
    identities = {
        (system, template): setup.identity(system, TemplateId(template))
        for system in systems if system not in BASELINES
        for template in (SOAP, filed.TEMPLATE)
    }  # fmt: skip
    data = read_data(plan.data, plan.sets)
    jobs = [
        _Job(row_key(str(VERSION), system, identities.get((system, _template(case)), ""),
                     case.sha256), system, case)
        for system in systems
        for case in chosen(data, plan)
        if _has_note(system, case)
    ]  # fmt: skip
    for each in data.labelled:
        case = Case("primock57", REFERENCE, "checklist", each.transcript, each.text)
        key = row_key(str(VERSION), CHECKER, identities[EXTRACTIVE, SOAP], case.sha256)
        jobs.append(_Job(key, CHECKER, case, each))
    return _Prepared(EvaluationRows(plan.out, is_resumed=plan.is_resumed), tuple(jobs), data.absent)


def chosen(data: EvaluationData, plan: EvaluationPlan) -> tuple[Case, ...]:
    """Return the cases that a plan names.

    Those with checklists come first, then parts that nothing was trained on, sections by turns.
    """
    seen: dict[tuple[str, ...], int] = {}
    ranked: list[tuple[tuple[bool, bool, int], Case]] = []
    for case in data.cases:
        kind = (case.set, case.source, case.part, case.header)
        turn = seen[kind] = seen.get(kind, 0) + 1
        is_trained = not case.part.lower().startswith(HELD_OUT)
        ranked.append(((not case.facts, is_trained, turn if case.header else 0), case))
    ordered = [case for _, case in sorted(ranked, key=lambda each: each[0])]
    kept: list[Case] = []
    counts: dict[tuple[str, str], int] = {}
    for case in ordered:
        is_reference = case.source == REFERENCE
        if plan.sources != "all" and is_reference != (plan.sources == REFERENCE):
            continue
        place = (case.set, case.source)
        counts[place] = counts.get(place, 0) + 1
        if not plan.limit or counts[place] <= plan.limit:
            kept.append(case)
    return tuple(kept)


def _template(case: Case) -> str:
    return filed.TEMPLATE if case.header else SOAP


def _has_note(system: str, case: Case) -> bool:
    if system == OTHER_NOTE:
        return bool(case.other_note)
    return bool(case.note) if system == OWN_NOTE else True


class _Run:
    """One evaluation on its way. `result` ends with it."""

    def __init__(self, room: Room, setup: EvaluationSetup, plan: EvaluationPlan) -> None:
        self.result: Future[EvaluationResult] = Future()
        self._room = room
        self._setup = setup
        self._plan = plan
        self._found: list[EvaluationRow] = []
        self._open: list[_Job] = []
        self._reused = 0
        self._costs: dict[str, list[float]] = {}
        self._begun_s = 0.0
        self._first_s: float | None = None
        self._tokens = self._generating_ms = 0
        self._prepared: _Prepared | None = None
        self._stops = [
            room.bus.subscribe(TextGenerated, self._on_text),
            room.bus.subscribe(GenerationEnded, self._on_ended),
        ]
        self.result.add_done_callback(lambda _: [stop() for stop in self._stops])

    def begin(self, prepared: _Prepared) -> None:
        """Take what was measured before; start on the rest."""
        self._prepared = prepared
        for job in prepared.jobs:
            row = prepared.rows.find(job.key)
            if row is None:
                self._open.append(job)
            else:
                self._found.append(row)
        self._reused = len(self._found)
        self._open.reverse()
        self._next()

    def _next(self) -> None:
        prepared = self._prepared
        if prepared is None or self.result.done():
            return
        if not self._open:
            rows = tuple(self._found)
            self.result.set_result(
                EvaluationResult(self._plan, rows, prepared.absent, self._reused)
            )
            return
        job = self._open[-1]
        self._tell(job, len(prepared.jobs))
        self._begun_s, self._first_s = time.monotonic(), None
        self._tokens = self._generating_ms = 0
        if job.system in (*BASELINES, CHECKER):
            self._take(self._room.pool.submit(_baseline, self._setup.scorer, job), job)
        else:
            self._draft(job)

    def _draft(self, job: _Job) -> None:
        template = TemplateId(_template(job.case))
        future = self._setup.draft(job.case.transcript, job.system, template)

        def drafted(draft: Draft) -> None:
            timing = self._timing(job, draft)
            note = NoteText.of(draft)
            self._take(self._room.pool.submit(_scored, self._setup.scorer, job, note, timing), job)

        self._room.post.deliver(future, self, drafted, lambda error: self._failed(job, error))

    def _timing(self, job: _Job, draft: Draft) -> Figures:
        timing: Figures = {
            "seconds": time.monotonic() - self._begun_s,
        }
        if job.system != EXTRACTIVE:
            timing["sections"] = len(draft.sections)
            timing["fallen_back"] = sum(each.engine == EXTRACTIVE for each in draft.sections)
        if self._first_s is not None:
            timing["first_s"] = self._first_s
            timing |= {"tokens": self._tokens, "generating_ms": self._generating_ms}
        return timing

    def _take(self, future: Future[EvaluationRow], job: _Job) -> None:
        self._room.post.deliver(
            future, self, lambda row: self._keep(row, job), lambda error: self._failed(job, error)
        )

    def _failed(self, job: _Job, error: BaseException) -> None:
        """Too little speech, or a draft that nothing could mend: a row without a note."""
        if not isinstance(error, AppError):
            self.result.set_exception(error)
            return
        figures: Figures = {"notes": 1, "silent": isinstance(error, NoSpeechError)}
        self._keep(replace(_row(job, figures), failure=error.code), job)

    def _keep(self, row: EvaluationRow, job: _Job) -> None:
        prepared = self._prepared
        if prepared is None:
            return
        self._costs.setdefault(job.system, []).append(time.monotonic() - self._begun_s)
        self._found.append(row)
        self._open.pop()
        self._room.post.deliver(
            self._room.pool.submit(prepared.rows.add, row), self,
            lambda _: self._next(), self.result.set_exception,
        )  # fmt: skip

    def _tell(self, job: _Job, total: int) -> None:
        done = total - len(self._open)
        left = self._left_s()
        self._room.post.publish(EvaluationProgress(done, total, job.system, job.case.set, left))

    def _left_s(self) -> float | None:
        """Return the time left by the mean of each system, of all where it has none yet."""
        if not self._costs:
            return None
        every = [cost for costs in self._costs.values() for cost in costs]
        means = {system: sum(costs) / len(costs) for system, costs in self._costs.items()}
        usual = sum(every) / len(every)
        return sum(means.get(job.system, usual) for job in self._open)

    def _on_text(self, _: TextGenerated) -> None:
        if self._first_s is None:
            self._first_s = time.monotonic() - self._begun_s

    def _on_ended(self, event: GenerationEnded) -> None:
        self._tokens += event.tokens
        self._generating_ms += event.ms


def _baseline(scorer: Scorer, job: _Job) -> EvaluationRow:
    case = job.case
    if job.statement is not None:
        return _row(job, scorer.judge(job.statement))
    key = filed.COMMONEST if case.header else SUBJECTIVE
    if job.system == COPIED:
        note = copied(case.transcript, key, "")
    else:
        note = person_note(case.note if job.system == OWN_NOTE else case.other_note, key)
    figures = scorer.score(case, scorer.checked(case, note))
    if job.system == OWN_NOTE:  # a note against itself, or filed by nobody, says nothing
        figures = {
            name: value
            for name, value in figures.items()
            if not name.startswith(("rouge", "filed", "sentences"))
        }
    return _row(job, figures)


def _scored(scorer: Scorer, job: _Job, note: NoteText, timing: Figures) -> EvaluationRow:
    return _row(job, {**scorer.score(job.case, note), **timing})


def _row(job: _Job, figures: Figures) -> EvaluationRow:
    case = job.case
    return EvaluationRow(
        job.key, job.system, case.set, case.source, case.part, case.header, figures
    )


def systems_of(rows: Sequence[EvaluationRow]) -> tuple[str, ...]:
    """Return the systems of some rows: extractive, models, then the baselines."""
    names = dict.fromkeys(row.system for row in rows)
    order = (EXTRACTIVE, *(e for e in names if e not in {*BASELINES, EXTRACTIVE, CHECKER}))
    return tuple(each for each in (*order, *BASELINES) if each in names)
