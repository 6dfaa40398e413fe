"""`make bench ARGS="tokens"`: tokens a second through the app, against the engine's own bare loop.

Through the app: a section is drafted by the product's services with the real notes port, grammar,
parser and checks; counted from the first text of an answer that reaches the main thread to its
end. Bare: a child that was set up in the same way evaluates the same prompt and then as many
tokens, the most probable one each time, and does nothing else. One run, section by section, one
after the other in changing order, so that other load on the machine hits both; while one writes,
the other waits.
"""

from __future__ import annotations

import argparse
import queue
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from app.domain.events import ChildFailed, ChildReady, GenerationEnded, TextGenerated
from app.domain.ids import new_id
from app.domain.ports import GenerationPlan, InstalledModel
from app.domain.transcript import Transcript
from app.drafting.templates import load_template
from app.engines.notes import Notes
from app.foundation import paths
from app.workflow.draft_run import NO_VISIT, DraftOrder
from tests.performance.chain import installed
from tests.performance.figures import table
from tests.performance.machine import DATA, say_conditions
from tests.performance.note_stage import NoteStage, talk

BARE: Final = (sys.executable, "-P", "-m", "tests.performance.bare_notes")
WAIT_S: Final = 600.0
SOAP: Final = load_template(paths.resources() / "templates" / "soap.toml")
HEAD: Final = (
    "section", "pairs", "tokens", "app/s", "bare/s", "app/bare", "lowest", "median", "highest",
)  # fmt: skip
FEWEST_TOKENS: Final = 16
"""Shorter answers, `not discussed`, say nothing about a rate."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the app asked of the engine, and what it gave: tokens, and seconds behind the first."""

    prefix: str
    system: str
    plan: GenerationPlan
    tokens: int = 0
    taken_s: float = 0.0


def rate(answers: list[Asked]) -> float:
    """Return tokens a second behind the first token of each answer."""
    return sum(each.tokens - 1 for each in answers) / sum(each.taken_s for each in answers)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same answers of a section, through the app and bare."""

    section: str
    through: list[Asked]
    bare: list[Asked]

    @property
    def ratio(self) -> float:
        """Tokens a second through the app, as a share of those of the bare loop."""
        return rate(self.through) / rate(self.bare)


class WatchedNotes(Notes):
    """The port, which remembers what it was asked."""

    def __init__(self, publish: Callable[[object], object]) -> None:
        super().__init__(publish)
        self.asked: dict[str, Asked] = {}
        self._text = self._system = ""

    @override
    def begin(self, prefix: str, system: str = "") -> None:
        self._text, self._system = prefix, system
        super().begin(prefix, system)

    @override
    def extend(self, text: str) -> None:
        self._text += text
        super().extend(text)

    @override
    def generate(self, plan: GenerationPlan) -> None:
        self.asked[plan.request] = Asked(self._text, self._system, plan)
        super().generate(plan)


class Drafts:
    """Drafts the sections of one visit, each by itself, as often as asked."""

    def __init__(self, folder: Path, data: Path, minutes: float, model: InstalledModel) -> None:
        self._notes: WatchedNotes | None = None
        self._began: dict[str, float] = {}
        self._made: list[Asked] = []
        self._transcript = Transcript(tuple(talk(data, minutes)))
        self.stage = NoteStage(folder, model, is_ahead=False, engine=self._watched)
        self.stage.bus.subscribe(TextGenerated, self._on_text)
        self.stage.bus.subscribe(GenerationEnded, self._on_end)
        self.texts: dict[str, set[tuple[str, ...]]] = {}

    def write(self, section: str) -> list[Asked]:
        """Draft a section; return the answers that were long enough to measure."""
        self._made = []
        order = DraftOrder(NO_VISIT, self._transcript, SOAP, only=section)
        draft = self.stage.result(self.stage.note_making.draft_order(order))
        texts = tuple(each.text for part in draft.sections for each in part.claims)
        self.texts.setdefault(section, set()).add(texts)
        return [each for each in self._made if each.tokens >= FEWEST_TOKENS]

    def _watched(self, publish: Callable[[object], object]) -> WatchedNotes:
        self._notes = WatchedNotes(publish)
        return self._notes

    def _on_text(self, event: TextGenerated) -> None:
        self._began.setdefault(event.request, time.monotonic())

    def _on_end(self, event: GenerationEnded) -> None:
        if self._notes is not None and event.request in self._began:
            taken_s = time.monotonic() - self._began[event.request]
            asked = self._notes.asked[event.request]
            self._made.append(replace(asked, tokens=event.tokens, taken_s=taken_s))


class BareEngine:
    """Writes what was written through the app once more, with nothing around it."""

    def __init__(self, model: InstalledModel) -> None:
        self._events: queue.Queue[object] = queue.Queue()
        self._notes = Notes(self._events.put, BARE)
        self._notes.load(model)
        self._wait(ChildReady)

    def write(self, wanted: list[Asked]) -> list[Asked]:
        """Return the same answers with the time they took."""
        found = []
        for each in wanted:
            plan = GenerationPlan(new_id(), each.plan.suffix, "", each.tokens, WAIT_S)
            self._notes.begin(each.prefix, each.system)
            self._notes.generate(plan)
            ended = self._wait(GenerationEnded)
            found.append(replace(each, tokens=ended.tokens, taken_s=ended.ms / 1000))
        return found

    def close(self) -> None:
        """End the child."""
        self._notes.close()

    def _wait(self, kind: type[Any]) -> Any:
        while not isinstance(event := self._events.get(timeout=WAIT_S), kind):
            if isinstance(event, ChildFailed):
                raise SystemExit(f"the bare engine failed: {event.code}")
        return event


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tokens", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--minutes", type=float, default=3.0, help="of the visit")
    parser.add_argument("--rounds", type=int, default=8)
    asked = parser.parse_args()
    say_conditions()
    model = installed(asked.model)
    with tempfile.TemporaryDirectory() as folder:
        drafts = Drafts(Path(folder), asked.data, asked.minutes, model)
        bare = BareEngine(model)
        try:
            with drafts.stage:
                pairs = [
                    pair
                    for section in SOAP.sections
                    for pair in _pairs(drafts, bare, section.key, asked.rounds)
                ]
        finally:
            bare.close()
    return _told(pairs) | {"same_drafts": _say_same(drafts)}


def _pairs(drafts: Drafts, bare: BareEngine, section: str, rounds: int) -> list[Pair]:
    """Write a section through the app and bare, in changing order, so often."""
    known = drafts.write(section)  # both have read the visit afterwards
    bare.write(known)
    found = []
    for number in range(rounds if known else 0):
        ceiling = bare.write(known) if number % 2 else None
        known = drafts.write(section)
        pair = Pair(section, known, bare.write(known) if ceiling is None else ceiling)
        print(f"{section}: {rate(pair.through):.1f}/s, bare {rate(pair.bare):.1f}/s", flush=True)
        found.append(pair)
    return found


def _told(pairs: list[Pair]) -> dict[str, Any]:
    rows: list[tuple[str | int | float, ...]] = []
    for key in (*dict.fromkeys(each.section for each in pairs), "all"):
        some = [each for each in pairs if key in {each.section, "all"}]
        through, ceiling = (
            rate([answer for each in some for answer in getattr(each, name)])
            for name in ("through", "bare")
        )
        ratios = sorted(each.ratio for each in some)
        rows.append(
            (key, len(some), sum(a.tokens for each in some for a in each.through),
             round(through, 1), round(ceiling, 1), round(through / ceiling, 3),
             *(round(each, 3) for each in (ratios[0], statistics.median(ratios), ratios[-1])))
        )  # fmt: skip
    print(table(HEAD, rows))
    return {"rows": [dict(zip(HEAD, row, strict=True)) for row in rows]}


def _say_same(drafts: Drafts) -> bool:
    is_same = all(len(each) == 1 for each in drafts.texts.values())
    print(f"the drafts of all rounds are {'the same' if is_same else 'NOT the same'}")
    return is_same


if __name__ == "__main__":
    main()
