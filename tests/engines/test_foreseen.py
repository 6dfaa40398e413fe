"""A request that is read ahead, with the real starter model in the child's own code."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from app.domain.events import ChildReady, GenerationEnded, PrefixEvaluated, TextGenerated
from app.domain.ports import ChatTemplate, GenerationPlan
from app.engine_host.foreseen import PIECE, Foreseen
from app.engine_host.llama_runtime import LlamaRuntime
from app.engine_host.notes import NotesChild
from app.engines.wire import Frame
from tests.engines.test_notes import GRAMMAR, Desk, installed, needs_model, posix_only

FIRST = "[1] Clinician: What brought you in?\n[2] Patient: My left knee hurts on the stairs.\n"
LATE = "[3] Patient: And I take ibuprofen for it.\n"
REQUEST = (
    "\nThe transcript ends here. Now write the section Subjective of the note. Write one fact per "
    "line, short, in clinical words. Begin each line with a dash and end it with the numbers of "
    "the transcript lines it comes from, in brackets.\n"
)
pytestmark = needs_model


@dataclass(slots=True)
class Wire:
    """Takes the frames of a child that runs in this process."""

    frames: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)


class Bench:
    """The notes child without its process, so that one can look into the KV cache."""

    def __init__(self, cache: str = "f16") -> None:
        self.wire = Wire()
        self.child = NotesChild(self.wire)  # type: ignore[arg-type]  # it only sends
        model = installed()
        card = model.card
        fields = {
            "folder": model.folder,
            "files": [asdict(each) for each in card.files],
            "context": card.context,
            "threads": 0,
            "gpu_layers": 0,
            "cache": cache,
            "chat": asdict(card.chat or ChatTemplate()),
        }
        self.child.load(Frame("load", fields))

    @property
    def runtime(self) -> LlamaRuntime:
        assert self.child._runtime is not None
        return self.child._runtime

    def begin(self, text: str, anew: int = 64) -> None:
        self.child._foreseen = Foreseen(anew, now_s=lambda: 0.0)
        self.child.begin(Frame("begin", {"mark": 1, "system": "You write notes."}, text.encode()))

    def extend(self, text: str) -> None:
        self.child.extend(Frame("extend", {"mark": 1}, text.encode()))

    def foresee(self, text: str, is_asked: Callable[[], bool] = lambda: False) -> None:
        self.child.foresee(Frame("foresee", {}, text.encode()))
        self.child.rest(is_asked)

    def aside(self) -> int:
        """Return how many tokens of a request were read ahead."""
        return 0 if self.runtime.aside is None else len(self.runtime.aside.tokens)

    def answer(self, suffix: str = REQUEST, grammar: str = "", max_tokens: int = 24) -> str:
        self.wire.frames.clear()
        fields = {
            "request": "r", "grammar": grammar, "max_tokens": max_tokens, "timeout_s": 60.0,
            "stop": [],
        }  # fmt: skip
        self.child.generate(Frame("generate", fields, suffix.encode()))
        return "".join(e.fields["text"] for e in self.wire.frames if e.kind == "token")

    def scores(self, suffix: str = REQUEST) -> NDArray[np.float32]:
        """Return how probable each token is as the first one of an answer."""
        self.answer(suffix, max_tokens=1)
        return self.runtime.logits().copy()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.runtime.close()


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_a_foreseen_request_is_read_before_it_is_asked_and_once(bench: Bench) -> None:
    bench.begin(FIRST)
    bench.foresee(REQUEST)
    whole = len(bench.runtime.tokenize(REQUEST, special=False))
    assert bench.aside() == whole
    bench.extend(LATE)
    assert bench.aside() == whole
    bench.answer()
    assert bench.aside() == 0
    assert bench.runtime.tokens == bench.child._prefix


def test_what_is_said_after_the_request_was_read_is_seen_by_the_answer(bench: Bench) -> None:
    late = LATE * 10
    bench.begin(FIRST + late)
    behind_all = bench.scores()
    bench.begin(FIRST)
    without = bench.scores()
    bench.begin(FIRST, anew=512)
    bench.foresee(REQUEST)
    bench.extend(late)
    between = bench.scores()
    assert likeness(between, behind_all) > likeness(without, behind_all)


def test_a_request_that_was_read_ahead_leaves_no_trace(bench: Bench) -> None:
    bench.begin(FIRST)
    before = bench.scores()
    bench.foresee(REQUEST.replace("Subjective", "Plan"))
    bench.answer(GRAMMAR)
    assert np.array_equal(bench.scores(), before)


def test_reading_stops_when_something_is_asked_and_goes_on_behind_what_was_said(
    bench: Bench,
) -> None:
    bench.begin(FIRST)
    bench.foresee(REQUEST, lambda: bench.aside() > 0)
    assert bench.aside() == PIECE
    bench.extend(LATE)
    bench.child.rest(lambda: False)
    assert bench.aside() == len(bench.runtime.tokenize(REQUEST, special=False))
    assert bench.answer(grammar=GRAMMAR, max_tokens=80).startswith("- ")


def test_a_cache_of_half_the_size_writes_and_moves_like_a_whole_one(bench: Bench) -> None:
    bench.begin(FIRST + LATE)
    whole = bench.scores()
    small = Bench("q8_0")
    try:
        small.begin(FIRST)
        small.foresee(REQUEST)
        small.extend(LATE)
        assert small.aside() > 0
        moved = small.scores()
        small.begin(FIRST + LATE)
        assert likeness(small.scores(), whole) > 0.99
        assert likeness(moved, whole) > 0.95
    finally:
        small.runtime.close()


def test_half_a_request_is_of_use(bench: Bench) -> None:
    bench.begin(FIRST + LATE)
    behind_all = bench.scores()
    bench.begin(FIRST)
    bench.foresee(REQUEST, lambda: bench.aside() > 0)
    bench.extend(LATE)
    assert likeness(bench.scores(), behind_all) > 0.99


def test_another_request_is_read_from_where_it_differs(bench: Bench) -> None:
    other = REQUEST.replace("Subjective", "Plan")
    bench.begin(FIRST)
    plain = bench.scores(other)
    bench.foresee(REQUEST)
    assert np.array_equal(bench.scores(other), plain)


def test_a_request_that_saw_other_words_is_dropped(bench: Bench) -> None:
    bench.begin(FIRST)
    bench.foresee(REQUEST)
    assert bench.aside()
    bench.begin("[1] Patient: Another person.\n")
    assert bench.aside() == 0


def test_a_request_is_read_anew_when_much_was_said_since(bench: Bench) -> None:
    bench.begin(FIRST)
    bench.foresee(REQUEST)
    bench.extend(LATE)
    bench.child.rest(lambda: False)
    assert bench.runtime.aside is not None
    before = bench.runtime.aside.begun_at
    bench.extend("[4] Patient: " + "It hurts. " * 30 + "\n")
    bench.child.rest(lambda: False)
    assert bench.runtime.aside is not None
    assert bench.runtime.aside.begun_at > before
    assert bench.aside() == len(bench.runtime.tokenize(REQUEST, special=False))


def test_reading_anew_rests_three_times_as_long_as_it_took(bench: Bench) -> None:
    clock = iter([0.0, 10.0, 39.0, 39.0, 39.0, 40.0, 40.0, 40.0])
    bench.begin(FIRST)
    bench.child._foreseen = Foreseen(16, now_s=lambda: next(clock))
    bench.foresee(REQUEST)
    assert bench.runtime.aside is not None
    before = bench.runtime.aside.begun_at
    bench.extend("[3] Patient: " + "It hurts. " * 10 + "\n")
    bench.child.rest(lambda: False)
    assert bench.runtime.aside.begun_at == before
    bench.child.rest(lambda: False)
    assert bench.runtime.aside is not None
    assert bench.runtime.aside.begun_at > before


def test_a_request_that_saw_too_little_is_not_used(bench: Bench) -> None:
    bench.begin(FIRST)
    bench.foresee(REQUEST)
    bench.extend("[3] Patient: " + "It hurts. " * 180 + "\n")
    asked = bench.runtime.aside
    assert asked is not None
    bench.child._foreseen.take(bench.runtime, asked.tokens)
    assert bench.runtime.tokens == bench.child._prefix
    assert bench.aside() == 0


def test_who_stops_the_engine_while_it_turns_keys_has_all_read_again(bench: Bench) -> None:
    bench.runtime.roll_back(0)  # all is read in the same pieces as it will be later
    bench.begin(FIRST + LATE)
    before = bench.scores()
    bench.begin(FIRST)
    bench.foresee(REQUEST)
    bench.extend(LATE)
    bench.runtime.join_aside(bench.aside())
    assert not bench.runtime.evaluate([1], lambda: True)
    assert bench.runtime.tokens == []
    assert np.array_equal(bench.scores(), before)


def test_where_the_window_has_no_room_nothing_is_read_ahead(bench: Bench) -> None:
    bench.begin("knee " * 900)
    bench.foresee(REQUEST * 8)
    assert bench.aside() == 0
    bench.begin(FIRST)
    bench.foresee(REQUEST * 8)
    assert bench.aside() > 300
    bench.extend("knee " * 850)  # the window has room for these or for the request
    assert bench.runtime.tokens == bench.child._prefix
    assert bench.aside() == 0


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    desk.notes.load(installed())
    desk.wait(ChildReady)
    yield desk
    desk.notes.close()


def test_the_late_line_may_be_named_as_evidence_and_no_other(desk: Desk) -> None:
    desk.begin(FIRST)
    desk.notes.foresee(REQUEST)
    desk.notes.extend(LATE)
    desk.wait(PrefixEvaluated)
    text, ended = desk.answer(
        GenerationPlan("r", REQUEST, 'root ::= "- " [a-z ]{3,12} " [3]\\n"', 60)
    )
    assert ended.reason == "stop"
    assert text.endswith("[3]\n")


def test_a_prompt_that_goes_on_is_not_evaluated_again(desk: Desk) -> None:
    whole = desk.begin(FIRST + LATE)
    fresh, _ = desk.answer(GenerationPlan("a", REQUEST, max_tokens=12))
    assert desk.begin("[1] Patient: Another person.\n") < whole
    desk.begin(FIRST)
    assert desk.begin(FIRST + LATE) == whole
    again, _ = desk.answer(GenerationPlan("b", REQUEST, max_tokens=12))
    assert again == fresh
    assert desk.notes._prefix is not None
    assert len(desk.notes._prefix.texts) == 2  # the late line alone went to the child


def test_a_request_that_was_read_ahead_is_cancelled_like_any_other(desk: Desk) -> None:
    desk.begin(FIRST)
    desk.notes.foresee(REQUEST)
    desk.notes.generate(GenerationPlan("c", REQUEST, "root ::= [a-z] root", 900))
    desk.wait(TextGenerated)
    desk.notes.cancel()
    ended = desk.wait(GenerationEnded)
    assert ended.reason == "cancelled"
    assert ended.tokens < 450  # half of what it would have written
    assert desk.answer(GenerationPlan("n", REQUEST, 'root ::= "yes"', 4))[0] == "yes"


@posix_only
def test_a_child_killed_while_it_reads_ahead_costs_nothing(desk: Desk) -> None:
    desk.begin(FIRST)
    undisturbed, _ = desk.answer(GenerationPlan("a", REQUEST, GRAMMAR, 80))
    desk.notes.foresee(REQUEST * 4)
    os.kill(desk.pid, signal.SIGKILL)
    desk.wait(ChildReady)
    desk.notes.foresee("")
    text, ended = desk.answer(GenerationPlan("b", REQUEST, GRAMMAR, 80))
    assert (text, ended.reason) == (undisturbed, "stop")
