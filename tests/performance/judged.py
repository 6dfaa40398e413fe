"""What a model's answers about doubted claims are worth.

`make bench ARGS="second_look --model ID --data ../shared/data"`

1. Statements of generated notes that clinicians labelled (PriMock57): those that the rules leave in
   the middle band are asked about, as the product asks. Precision and recall for "incorrect" before
   (every doubted statement counts as flagged) and after (those answered Yes no longer do).
2. The same for conflicts planted in sentences of people that the rules only doubt, beside right
   sentences in the middle band: the labels are few, these are many. A planted one that gets a Yes
   would lose its mark.

For a model to be allowed to judge (decision 024): at least half of the right ones Yes, and at least
95 % of the incorrect ones No, in both. A model that says the same to everything shows it here.
"""

from __future__ import annotations

import argparse
import queue
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.draft import Claim, Support
from app.domain.events import ChildFailed, ChildReady, GenerationEnded, TextGenerated
from app.domain.ports import InstalledModel
from app.domain.transcript import Transcript
from app.drafting.judging import OPENING, SYSTEM, is_askable, judged, question
from app.engines.notes import Notes
from tests.performance.chain import installed
from tests.performance.checking import Bench, rates
from tests.performance.figures import Cell, table
from tests.performance.originals import labelled
from tests.performance.planting import is_spoken

WAIT_S: Final = 600.0
LEAST_RIGHT_YES: Final = 0.5
LEAST_WRONG_NO: Final = 0.95


@dataclass(frozen=True, slots=True)
class Doubted:
    """A claim in the middle band, and the truth about it."""

    claim: Claim
    transcript: Transcript
    half: int
    is_incorrect: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said of a claim, and how long it took."""

    doubted: Doubted
    verdict: Claim
    took_s: float

    @property
    def is_yes(self) -> bool:
        """Whether the claim would lose its mark."""
        return self.verdict.support is Support.SUPPORTED


class Judge:
    """A loaded model that is asked as the product asks."""

    def __init__(self, model: InstalledModel) -> None:
        self._events: queue.Queue[object] = queue.Queue()
        self._notes = Notes(self._events.put)
        self._notes.load(model)
        while not isinstance(self._event(), ChildReady):
            pass
        self._notes.begin(OPENING, SYSTEM)
        self._asked = 0

    def says(self, doubted: Doubted) -> Answer:
        """Ask about a claim and wait for the answer."""
        heard = {each.id: each for each in doubted.transcript.segments}
        asked = question(doubted.claim, [heard[each] for each in doubted.claim.evidence])
        self._asked += 1
        plan = asked.plan(str(self._asked), WAIT_S)
        begun_s = time.monotonic()
        self._notes.generate(plan)
        text = ""
        while True:
            event = self._event()
            if isinstance(event, TextGenerated) and event.request == plan.request:
                text += event.text
            elif isinstance(event, GenerationEnded) and event.request == plan.request:
                took_s = time.monotonic() - begun_s
                return Answer(doubted, judged(doubted.claim, text), took_s)

    def _event(self) -> object:
        event = self._events.get(timeout=WAIT_S)
        if isinstance(event, ChildFailed):
            raise SystemExit(f"the model cannot be used: {event.code}")
        return event

    def close(self) -> None:
        """End its process."""
        self._notes.close()


def from_labels(bench: Bench) -> tuple[list[Doubted], list[tuple[bool, bool]]]:
    """Return the labelled statements that may be asked about, and (flagged, incorrect) of others.

    Flagged is what is not supported: what a clinician is shown a mark for.
    """
    doubted: list[Doubted] = []
    others: list[tuple[bool, bool]] = []
    for each in labelled(bench.data):
        claim = bench.verdict(each.text, each.transcript, each.visit)
        if is_askable(claim):
            doubted.append(Doubted(claim, each.transcript, each.half, each.is_incorrect))
        else:
            others.append((claim.support is not Support.SUPPORTED, each.is_incorrect))
    return doubted, others


def from_plants(bench: Bench, count: int) -> list[Doubted]:
    """Return right sentences in the middle band and planted conflicts there, at most `count` each.

    Only where the rules doubt: what they call unsupported no model is asked about. Sentences with
    chart facts that nobody spoke of are neither right nor wrong here, and left out.
    """
    right: list[Doubted] = []
    wrong: list[Doubted] = []
    for original in (each for each in bench.originals if is_spoken(each, bench.lexicon)):
        claim = bench.verdict(original.text, original.transcript, original.visit)
        if is_askable(claim):
            right.append(Doubted(claim, original.transcript, original.half, False))
        for plant in bench.planter.plant(original):
            after = bench.verdict(plant.text, original.transcript)
            if is_askable(after):
                wrong.append(Doubted(after, original.transcript, original.half, True))
    chosen = random.Random(24)
    return [each for rows in (right, wrong) for each in chosen.sample(rows, min(count, len(rows)))]


def outcome(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return how right and incorrect claims were answered, and whether that is enough."""
    counts = Counter((each.doubted.is_incorrect, each.is_yes) for each in answers)
    right_yes, right_no = counts[False, True], counts[False, False]
    wrong_yes, wrong_no = counts[True, True], counts[True, False]
    right, wrong = right_yes + right_no, wrong_yes + wrong_no
    is_enough = (
        right > 0
        and wrong > 0
        and right_yes / right >= LEAST_RIGHT_YES
        and wrong_no / wrong >= LEAST_WRONG_NO
    )
    return {
        "right": right, "right yes": right_yes, "incorrect": wrong, "incorrect yes": wrong_yes,
        "is enough": is_enough,
    }  # fmt: skip


def answer_row(name: str, half: str, found: dict[str, Any]) -> list[Cell]:
    """Return a table row of an `outcome`."""
    return [
        name, half, found["right"], found["right yes"], found["incorrect"],
        found["incorrect yes"], "yes" if found["is enough"] else "no",
    ]  # fmt: skip


def told_answers(said: dict[str, list[Answer]]) -> dict[str, Any]:
    """Print and return how claims were answered, by what they are and by half."""
    figures: dict[str, Any] = {}
    lines: list[list[Cell]] = []
    for name, rows in said.items():
        for half in (None, 0, 1):
            shown = "both" if half is None else str(half)
            found = outcome([each for each in rows if half in {None, each.doubted.half}])
            figures[f"{name}, half {shown}"] = found
            lines.append(answer_row(name, shown, found))
    head = ("claims", "half", "right", "of these Yes", "incorrect", "of these Yes", "enough")
    print(table(head, lines))
    return figures


def told_rates(others: list[tuple[bool, bool]], answers: Sequence[Answer]) -> dict[str, Any]:
    """Print and return precision and recall on all labelled statements, before and after."""
    figures = {
        "before": rates([*others, *((True, each.doubted.is_incorrect) for each in answers)]),
        "after": rates(
            [*others, *((not each.is_yes, each.doubted.is_incorrect) for each in answers)]
        ),
    }
    names = ("precision", "recall", "hits", "flagged", "incorrect", "n")
    rows = [[name, *(found[key] for key in names)] for name, found in figures.items()]
    print('\nall labelled statements, flagged = not supported, for "incorrect"')
    print(table(("second look", *names), rows))
    return figures


def told_times(answers: Sequence[Answer]) -> dict[str, float]:
    """Print and return how long a claim takes."""
    times = [each.took_s for each in answers]
    found = {"median": statistics.median(times), "longest": max(times)}
    print(f"\n{found['median']:.2f} s a claim in the middle, {found['longest']:.2f} s at most")
    return found


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="second_look", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="starter", help="id of an installed notes model")
    parser.add_argument("--planted", type=int, default=100, help="at most so many of each kind")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        raise SystemExit(f"there is no folder {asked.data}: name it with --data")
    bench, model = Bench(asked.data), installed(asked.model)
    doubted, others = from_labels(bench)
    parts = {"labelled": doubted, "planted": from_plants(bench, asked.planted)}
    judge = Judge(model)
    try:
        said = {name: [judge.says(each) for each in rows] for name, rows in parts.items()}
    finally:
        judge.close()
    print(f"{model.card.name} on claims in the middle band")
    return {
        "model": model.card.id,
        "may judge": model.card.can_judge,
        "answers": told_answers(said),
        **told_rates(others, said["labelled"]),
        "seconds a claim": told_times([each for rows in said.values() for each in rows]),
    }


if __name__ == "__main__":
    main()
