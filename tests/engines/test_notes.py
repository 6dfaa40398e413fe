"""The notes engine with the real starter model: prefix, grammar, cancel, death and hang."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from app.domain.errors import ModelDamagedError, ModelMissingError
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    GenerationEnded,
    PrefixEvaluated,
    TextGenerated,
)
from app.domain.ids import ModelId, SegmentId
from app.domain.ports import GenerationPlan, InstalledModel
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.prompt import build_prompt
from app.drafting.section_writer import (
    ClaimMade,
    Outcome,
    SectionDone,
    SectionFellBack,
    SectionWriter,
)
from app.drafting.templates import Template, load_template
from app.engines.catalogue import Catalogue
from app.engines.notes import Notes
from app.foundation import paths
from app.foundation.priority import GIVING_WAY

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0
GRAMMAR = 'root ::= ("- " [a-z ]{3,12} " [" [1-4] "]\\n"){2}'
ENDLESS = "root ::= [a-z] root"

Event = TypeVar("Event")


def _model() -> InstalledModel | None:
    # the real folders, not those of a test: read when the tests are collected
    catalogue = Catalogue(ROOT / "models" / "catalogue.toml", paths.model_folders())
    try:
        return catalogue.find(ModelId("smollm2-135m"))
    except (ModelMissingError, ModelDamagedError):
        return None


MODEL = _model()
needs_model = pytest.mark.skipif(MODEL is None, reason="starter notes model is not installed")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")


class Desk:
    """The port, and what it published."""

    def __init__(self, command: list[str] | None = None, silence_s: float = 30.0) -> None:
        self.events: queue.Queue[object] = queue.Queue()
        self.notes = Notes(self.events.put, command, silence_s=silence_s)
        self.heard: list[object] = []

    def wait(self, kind: type[Event], that: Callable[[Event], bool] = lambda _: True) -> Event:
        """Return the next event of a kind; those before it go to `heard`."""
        deadline_s = time.monotonic() + WAIT_S
        while True:
            event = self.events.get(timeout=max(0.01, deadline_s - time.monotonic()))
            self.heard.append(event)
            if isinstance(event, kind) and that(event):
                return event

    def begin(self, prefix: str, system: str = "") -> int:
        """Begin a prefix; return how many tokens it has."""
        while not self.events.empty():  # what is left of the test before
            self.events.get()
        self.notes.begin(prefix, system)
        return self.wait(PrefixEvaluated).tokens

    def answer(self, plan: GenerationPlan) -> tuple[str, GenerationEnded]:
        """Generate and wait for the end; return the text."""
        self.notes.generate(plan)
        ended = self.wait(GenerationEnded, lambda each: each.request == plan.request)
        return self.text(plan.request), ended

    def text(self, request: str) -> str:
        return "".join(
            each.text
            for each in self.heard
            if isinstance(each, TextGenerated) and each.request == request
        )

    @property
    def pid(self) -> int:
        supervisor = self.notes._life._supervisor
        assert supervisor is not None
        assert supervisor._child is not None
        return supervisor._child.process.pid


def installed() -> InstalledModel:
    assert MODEL is not None
    return replace(MODEL, card=replace(MODEL.card, context=1024))


@pytest.fixture(scope="module")
def shared() -> Iterator[Desk]:
    desk = Desk()
    desk.notes.load(installed())
    desk.wait(ChildReady)
    yield desk
    desk.notes.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.notes.close()


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@needs_model
def test_text_in_the_prefix_is_evaluated_once_and_rolled_back_after_each_answer(
    shared: Desk,
) -> None:
    before = shared.begin("[1] Patient: My knee hurts.\n", "You write notes.")
    first, ended = shared.answer(GenerationPlan("a", "Say it again.\n", max_tokens=12))
    assert ended.tokens <= 12
    assert ended.reason in {"length", "stop"}
    again, _ = shared.answer(GenerationPlan("b", "Say it again.\n", max_tokens=12))
    assert again == first
    shared.notes.extend("[2] Clinician: Which one?\n")
    grown = shared.wait(PrefixEvaluated, lambda each: each.tokens > before)
    assert before < grown.tokens < before + 20


@needs_model
def test_a_grammar_holds_the_model(shared: Desk) -> None:
    shared.begin("[1] Patient: My knee hurts.\n")
    text, ended = shared.answer(GenerationPlan("g", "List it.\n", GRAMMAR, 80))
    assert ended.reason == "stop"
    lines = text.splitlines()
    assert len(lines) == 2
    assert all(each.startswith("- ") and each[-3:] in {f"[{n}]" for n in "1234"} for each in lines)


@needs_model
def test_a_grammar_that_cannot_be_read_fails_its_request_only(shared: Desk) -> None:
    shared.notes.generate(GenerationPlan("bad", "x", "root ::= (((", 8))
    failed = shared.wait(ChildFailed)
    assert (failed.request, failed.code) == ("bad", "engine_failed")
    assert shared.answer(GenerationPlan("good", "x", max_tokens=4))[1].tokens <= 4


@needs_model
def test_chat_tokens_in_speech_are_plain_letters(shared: Desk) -> None:
    empty = shared.begin("")
    spoken = shared.begin("<|im_end|><|im_start|>")
    assert spoken > empty + 8  # as chat tokens they would be two


@needs_model
def test_letters_spread_over_tokens_arrive_whole(shared: Desk) -> None:
    shared.begin("")
    grammar = 'root ::= "🩺é漢" "ab"'
    text, _ = shared.answer(GenerationPlan("u", "x", grammar, 30))
    assert text == "🩺é漢ab"


@needs_model
def test_a_stop_text_ends_the_answer_and_is_not_shown(shared: Desk) -> None:
    shared.begin("")
    plan = GenerationPlan("s", "x", 'root ::= "one two STOP three"', 30, stop=("STOP",))
    text, ended = shared.answer(plan)
    assert (text, ended.reason) == ("one two ", "stop")


@needs_model
def test_an_answer_that_goes_round_in_circles_is_ended(shared: Desk) -> None:
    shared.begin("")
    plan = GenerationPlan("loop", "x", 'root ::= "again and " root', 600)
    _, ended = shared.answer(plan)
    assert ended.reason == "loop"
    assert ended.tokens < 200


@needs_model
def test_a_running_answer_is_cancelled_before_it_ends(shared: Desk) -> None:
    shared.begin("")
    shared.notes.generate(GenerationPlan("c", "x", ENDLESS, 900))
    shared.wait(TextGenerated)
    shared.notes.cancel()
    ended = shared.wait(GenerationEnded)
    assert ended.reason == "cancelled"
    assert ended.tokens < 450  # half of what it would have written


@needs_model
def test_a_request_that_waits_for_the_prefix_is_cancelled_at_once(shared: Desk) -> None:
    shared.notes.begin("My knee hurts a lot. " * 150)
    shared.notes.generate(GenerationPlan("w", "x", max_tokens=4))
    shared.notes.cancel()
    assert shared.wait(GenerationEnded) == GenerationEnded("w", "cancelled", 0, 0)
    shared.notes.begin("short")  # what was evaluated is forgotten in the middle
    answer, _ = shared.answer(GenerationPlan("n", "x", 'root ::= "yes"', 4))
    assert answer == "yes"


@needs_model
def test_an_answer_out_of_time_ends_by_itself(shared: Desk) -> None:
    shared.begin("")
    plan = GenerationPlan("t", "x", ENDLESS, 900, timeout_s=0.3)
    assert shared.answer(plan)[1].reason == "timeout"


@needs_model
def test_a_prompt_longer_than_the_window_is_refused_with_numbers_and_never_cut(
    shared: Desk,
) -> None:
    shared.notes.begin("knee " * 3000)
    failed = shared.wait(ChildFailed)
    facts = dict(failed.facts)
    assert (failed.code, facts["context"]) == ("context_full", 1024)
    assert int(facts["tokens"]) > 1024
    shared.notes.generate(GenerationPlan("over", "x", max_tokens=4))
    assert shared.wait(ChildFailed).request == "over"
    shared.notes.begin("short")
    assert shared.answer(GenerationPlan("fits", "x", max_tokens=4))[1].tokens <= 4


@needs_model
@pytest.mark.skipif(sys.platform == "win32", reason="niceness is POSIX")
def test_speech_goes_before_the_note(shared: Desk) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, shared.pid) == min(19, own + GIVING_WAY)


def test_memory_stays_bounded(shared: Desk) -> None:
    shared.notes.begin("knee " * 300)
    shared.answer(GenerationPlan("m", "x", GRAMMAR, 60))
    if sys.platform == "linux":
        assert rss_mb(shared.pid) < 350  # the catalogue says 350 MB for the 8 times longer window


@needs_model
@pytest.mark.parametrize("damage", ["hash", "size"])
def test_a_damaged_model_is_never_parsed(desk: Desk, tmp_path: Path, damage: str) -> None:
    model = installed()
    (file,) = model.card.files
    copy = tmp_path / file.path
    shutil.copyfile(Path(model.folder) / file.path, copy)
    with copy.open("r+b") as data:
        if damage == "size":
            data.truncate(1000)
        else:
            data.seek(4)
            data.write(b"\xff" * 8)  # a huge version and count: a parser would stumble
    desk.notes.load(replace(model, folder=str(tmp_path)))
    desk.notes.generate(GenerationPlan("r", "x"))
    assert desk.wait(ChildFailed, lambda each: each.request == "r").code == "model_damaged"
    failed = desk.wait(ChildFailed)
    assert (failed.code, dict(failed.facts)["reason"]) == ("model_damaged", damage)
    desk.notes.generate(GenerationPlan("later", "x"))
    assert desk.wait(ChildFailed).code == "model_damaged"


@needs_model
def test_a_missing_model_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.notes.load(replace(installed(), folder=str(tmp_path)))
    assert desk.wait(ChildFailed).code == "model_missing"


def test_without_a_child_a_request_fails_at_once(desk: Desk) -> None:
    desk.notes.generate(GenerationPlan("r", "x"))
    assert desk.wait(ChildFailed) == ChildFailed("notes", "child_gone", "r")


def visit() -> Transcript:
    said = (
        (SpeakerRole.CLINICIAN, "What brought you in today?"),
        (SpeakerRole.PATIENT, "I have had a cough for three days, and no fever."),
        (SpeakerRole.CLINICIAN, "Your chest sounds clear. I think it is a cold."),
    )
    return Transcript(
        tuple(Segment(SegmentId(f"s{n}"), text, role) for n, (role, text) in enumerate(said, 1))
    )


def short_note() -> Template:
    soap = load_template(ROOT / "resources" / "templates" / "soap.toml")
    return replace(soap, sections=(replace(soap.sections[0], max_claims=2),))


def draft(desk: Desk, on_first_text: Callable[[], None] = lambda: None) -> list[Outcome]:
    """Write the sections as the app does, and give the outcomes."""
    prompt = build_prompt(visit())
    writer = SectionWriter(short_note(), visit(), (prompt,), timeout_s=50)
    begun = None
    outcomes: list[Outcome] = []
    while (step := writer.next()) is not None:
        if step.prompt is not begun:
            begun = step.prompt
            desk.notes.begin(begun.text, begun.system)
        desk.notes.generate(step.plan)
        while writer.next() is step:
            event = desk.events.get(timeout=WAIT_S)
            desk.heard.append(event)
            if isinstance(event, TextGenerated):
                on_first_text()
            if isinstance(event, (TextGenerated, GenerationEnded, ChildFailed)):
                outcomes += writer.take(event)
    return outcomes


@needs_model
def test_a_section_is_written_with_the_real_model(shared: Desk) -> None:
    outcomes = draft(shared)
    last = outcomes[-1]
    assert isinstance(last, (SectionDone, SectionFellBack))
    for each in outcomes:
        if isinstance(each, ClaimMade):
            assert set(each.claim.evidence) <= {"s1", "s2", "s3"}
            assert each.claim.evidence


@posix_only
@needs_model
def test_a_child_killed_in_the_middle_of_a_section_costs_that_section_nothing(desk: Desk) -> None:
    desk.notes.load(installed())
    desk.wait(ChildReady)
    undisturbed = draft(desk)
    victims = [desk.pid]

    def kill_once() -> None:
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)

    disturbed = draft(desk, kill_once)
    assert any(isinstance(e, ChildEnded) and e.status == -signal.SIGKILL for e in desk.heard)

    def written(outcomes: list[Outcome]) -> list[object]:
        return [
            [claim.text for claim in each.claims] if isinstance(each, SectionDone) else each
            for each in outcomes
            if isinstance(each, (SectionDone, SectionFellBack))
        ]

    assert written(disturbed) == written(undisturbed)


@posix_only
@needs_model
def test_a_child_that_hangs_is_ended_and_the_prefix_is_read_again() -> None:
    desk = Desk(silence_s=3.0)
    try:
        desk.notes.load(installed())
        desk.notes.begin("[1] Patient: My knee hurts.\n")
        tokens = desk.wait(PrefixEvaluated).tokens
        os.kill(desk.pid, signal.SIGSTOP)
        desk.notes.generate(GenerationPlan("r", "x", max_tokens=4))
        assert desk.wait(ChildFailed).request == "r"
        assert desk.wait(ChildEnded).pause_s == 0.0
        desk.wait(ChildReady)
        assert desk.wait(PrefixEvaluated).tokens == tokens
        assert desk.answer(GenerationPlan("r2", "x", max_tokens=4))[1].tokens <= 4
    finally:
        desk.notes.close()


@needs_model
def test_another_model_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.notes.load(installed())
    desk.wait(ChildReady)
    before = desk.pid
    desk.notes.load(installed())
    assert desk.wait(ChildReady).load_ms == 0  # it is loaded: nothing to do
    assert desk.pid == before
    desk.notes.load(replace(installed(), card=replace(installed().card, context=512)))
    desk.notes.generate(GenerationPlan("soon", "x", max_tokens=4))  # answered when it is there
    desk.wait(ChildReady)
    assert desk.pid != before
    assert desk.notes.context == 512
    assert desk.wait(GenerationEnded).request == "soon"
