from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.clinical.lexicon import Lexicon
from app.domain.draft import Claim, Draft, Section
from app.domain.errors import (
    EngineFailedError,
    EvaluationDataError,
    EvaluationDataMissingError,
    NoSpeechError,
)
from app.domain.ids import ClaimId, DraftId, TemplateId
from app.domain.policy import Policy
from app.domain.transcript import Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.measures.scoring import Scorer
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.jobs import Pool
from app.workflow.evaluating import (
    Evaluating,
    EvaluationPlan,
    EvaluationProgress,
    EvaluationResult,
    EvaluationSetup,
)
from app.workflow.evaluation_data import read_data
from app.workflow.evaluation_report import as_json, markdown
from app.workflow.evaluation_rows import EvaluationRow
from app.workflow.room import Room
from app.workflow.session import Sessions
from tests.data.evaluation import SECRET, write_sets

LEXICON = Lexicon.load(Path(__file__).parents[3] / "resources" / "lexicons")


@dataclass
class Writer:
    """A drafter that writes the first line of each transcript, and fails where it is told."""

    asked: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    stopping_after: int = 1_000

    def draft(self, transcript: Transcript, engine: str, template: TemplateId) -> Future[Draft]:
        future: Future[Draft] = Future()
        if len(self.asked) >= self.stopping_after:
            return future  # never done: the evaluation is stopped here
        self.asked.append(engine)
        first = transcript.segments[0]
        if engine in self.failing:
            future.set_exception(EngineFailedError("loop"))
        elif transcript.word_count < 4:
            future.set_exception(NoSpeechError())
        else:
            claims = (Claim(ClaimId("1"), first.text, (first.id,)),)
            section = Section("subjective", "Subjective", claims, True, engine)
            visit: Any = ""
            future.set_result(
                Draft(DraftId("d"), visit, template, (section,), "", datetime.now(UTC))
            )
        return future


@dataclass
class Bench:
    writer: Writer = field(default_factory=Writer)
    version: str = "1"
    told: list[EvaluationProgress] = field(default_factory=list)

    def run(self, plan: EvaluationPlan, *, is_over: int = 0) -> EvaluationResult | None:
        """Run a plan to its end, or until the writer was asked so many times."""
        bus = Bus()
        inbox = Inbox(bus.dispatch)
        room = Room(bus, inbox, Sessions(), Pool(), Policy())
        bus.subscribe(EvaluationProgress, self.told.append)
        setup = EvaluationSetup(
            Scorer(LEXICON, DeterministicChecker(LEXICON)),
            self.writer.draft,
            lambda engine, template: f"{engine} {template} {self.version}",
        )
        try:
            future = Evaluating(room, setup).start(plan)
            if is_over:
                inbox.run_until(lambda: len(self.writer.asked) >= is_over, 60)
                return None
            inbox.run_until(future.done, 60)
            return future.result()
        finally:
            room.pool.close()


@pytest.fixture
def plan(tmp_path: Path) -> EvaluationPlan:
    write_sets(tmp_path / "data")
    return EvaluationPlan(tmp_path / "data", tmp_path / "out", ("modelled",))


def test_every_set_is_measured_beside_the_baselines(plan: EvaluationPlan) -> None:
    bench = Bench()
    result = bench.run(plan)
    assert result is not None
    report = markdown(result, "today")
    for words in (
        "By part of a set", "**extractive**", "**modelled**", "transcript copied",
        "another visit's note",
        "ROUGE rewards", "FAM/SOCHX", "The checker itself", "What this means for the choice",
    ):  # fmt: skip
        assert words in report
    table = json.loads(json.dumps(as_json(result, "today")))
    by = {(each["set"], each["source"], each["system"]): each["totals"] for each in table["groups"]}
    assert by["primock57", "reference", "transcript copied"]["critical_held"] == 2
    assert by["primock57", "reference", "extractive"]["critical_held"] == 1
    assert by["primock57", "whisper", "transcript copied"]["critical"] == 2
    assert by["orders", "reference", "transcript copied"]["orders_medication_placed"] == 1
    assert ("osce", "reference", "another visit's note") not in by  # nobody wrote notes there
    assert table["checker"]["statements"] == 2
    assert bench.told[-1].total == len(result.rows)
    assert bench.told[-1].left_s is not None


def test_rows_and_reports_hold_no_word_that_was_said(plan: EvaluationPlan) -> None:
    result = Bench().run(plan)
    assert result is not None
    written = [each.read_text("utf-8") for each in plan.out.rglob("*") if each.is_file()]
    written += [markdown(result, "today"), json.dumps(as_json(result, "today"))]
    assert len(written) > 4
    assert all(SECRET not in text.lower() for text in written)


def test_a_stopped_evaluation_goes_on_where_it_was(plan: EvaluationPlan) -> None:
    resumed = EvaluationPlan(plan.data, plan.out, plan.models, is_resumed=True)
    stopped = Bench(Writer(stopping_after=3))
    stopped.run(plan, is_over=3)
    rest = Bench()
    first = rest.run(resumed)
    assert first is not None
    assert first.reused > 0
    again = Bench()
    result = again.run(resumed)
    assert result is not None
    assert again.writer.asked == []
    assert result.reused == len(result.rows) == len(first.rows)
    whole = Bench()
    unbroken = whole.run(plan)
    assert unbroken is not None
    assert 0 < len(rest.writer.asked) < len(whole.writer.asked)
    assert [_timeless(each) for each in sorted(unbroken.rows, key=lambda e: e.key)] == [
        _timeless(each) for each in sorted(result.rows, key=lambda e: e.key)
    ]


def _timeless(row: EvaluationRow) -> dict[str, float]:
    return {name: value for name, value in row.figures.items() if name != "seconds"}


def test_rows_of_another_model_or_of_other_data_are_measured_again(plan: EvaluationPlan) -> None:
    Bench().run(plan)
    resumed = EvaluationPlan(plan.data, plan.out, plan.models, is_resumed=True)
    other = Bench(version="2")
    other.run(resumed)
    assert other.writer.asked.count("modelled") > 1
    path = plan.data / "osce_transcripts.json"
    path.write_text(path.read_text("utf-8").replace("sore", "dry"), "utf-8")
    changed = Bench(version="2")
    changed.run(resumed)
    assert "modelled" in changed.writer.asked
    assert changed.writer.asked.count("modelled") < other.writer.asked.count("modelled")


def test_a_line_cut_by_a_crash_is_measured_again(plan: EvaluationPlan) -> None:
    Bench().run(plan)
    path = plan.out / "rows" / "modelled.osce.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    again = Bench()
    again.run(EvaluationPlan(plan.data, plan.out, plan.models, is_resumed=True))
    assert again.writer.asked == ["modelled"]


def test_a_draft_that_fails_is_told_and_left_out(plan: EvaluationPlan) -> None:
    result = Bench(Writer(failing={"modelled"})).run(plan)
    assert result is not None
    report = markdown(result, "today")
    assert "modelled: " in report
    assert "engine_failed" in report
    assert as_json(result, "today")["failures"] > 1


def test_a_limit_takes_checklists_first_and_headers_by_turns(plan: EvaluationPlan) -> None:
    few = EvaluationPlan(plan.data, plan.out, limit=1, sources="reference")
    result = Bench().run(few)
    assert result is not None
    counts = {
        each.set: each.figures
        for each in result.rows
        if each.system == "extractive" and each.source == "reference"
    }
    assert counts["primock57"]["critical"] == 2
    assert not any(each.source == "whisper" for each in result.rows)


def test_what_is_absent_is_said(plan: EvaluationPlan) -> None:
    (plan.data / "orders.json").unlink()
    (plan.data / "primock57_checklists.json").unlink()
    data = read_data(plan.data)
    assert set(data.absent) == {"orders.json", "primock57_checklists.json"}
    result = Bench().run(plan)
    assert result is not None
    assert "Absent, so not measured: orders.json" in markdown(result, "today")
    with pytest.raises(EvaluationDataMissingError) as missing:
        read_data(plan.data, ("orders",))
    assert missing.value.facts == {"file": "orders.json"}
    with pytest.raises(EvaluationDataMissingError):
        Bench().run(EvaluationPlan(plan.data / "nowhere", plan.out))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("osce_transcripts.json", f'[{{"id": "1", "turns": "{SECRET}"}}]'),
        ("osce_transcripts.json", f"[{SECRET}"),
        ("mts_dialog.json", '[{"section_header": "CC"}]'),
        ("orders.json", '[{"expected_orders": [], "transcript": []}]'),
        ("aci_bench.json", f'{{"{SECRET}": 1}}'),
    ],
)
def test_a_damaged_file_is_named_and_not_quoted(plan: EvaluationPlan, file: str, text: str) -> None:
    (plan.data / file).write_text(text, "utf-8")
    with pytest.raises(EvaluationDataError) as damaged:
        read_data(plan.data)
    assert damaged.value.facts["file"] == file
    assert SECRET not in repr(damaged.value.facts)
    assert damaged.value.__cause__ is None
    assert damaged.value.__context__ is None
