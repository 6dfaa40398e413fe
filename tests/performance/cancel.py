"""`make bench ARGS="cancel"`: how long after a cancel the notes engine has stopped.

The real port and child. Writing: a request is cancelled at a random moment of its answer; reading
a request: while what stands behind the visit is evaluated; both until the port says that it ended,
which the child tells when it has stopped and rolled back. The promise is 100 ms. Reading a visit:
another one begins at a random moment; until the engine has read the few words of that one, beside
the same with an engine that had nothing to do.
"""

from __future__ import annotations

import argparse
import queue
import random
import time
from pathlib import Path
from typing import Any, Final

from app.domain.events import (
    ChildFailed,
    ChildReady,
    GenerationEnded,
    PrefixEvaluated,
    TextGenerated,
)
from app.domain.ids import new_id
from app.domain.ports import GenerationPlan, InstalledModel
from app.domain.transcript import Transcript
from app.drafting.prompt import SYSTEM, build_prompt
from app.engines.notes import Notes
from tests.performance.chain import installed
from tests.performance.figures import spread, table
from tests.performance.machine import DATA, say_conditions
from tests.performance.note_stage import talk

WAIT_S: Final = 300.0
MINUTES: Final = 20.0
"""Of a visit: longer than any of the moments drawn."""
LATEST_S: Final = 1.0
TOKENS: Final = 400
ENDLESS: Final = "root ::= [a-z] root"


class Desk:
    """The port, and what it says."""

    def __init__(self, model: InstalledModel, data: Path, seed: int) -> None:
        self._draw = random.Random(seed)
        self._events: queue.Queue[object] = queue.Queue()
        self.notes = Notes(self._events.put)
        self.notes.load(model)
        self._until(ChildReady)
        self._visit = build_prompt(Transcript(tuple(talk(data, MINUTES)))).text

    def writing(self) -> float:
        """Cancel an answer; return the seconds until it had ended."""
        self.notes.begin("A visit.", SYSTEM)
        self.notes.generate(GenerationPlan(new_id(), "Write.\n", ENDLESS, TOKENS, WAIT_S))
        self._until(TextGenerated)
        return self._cancelled()

    def reading_a_request(self) -> float:
        """Cancel a request whose own words are being read."""
        self.notes.begin("A visit.", SYSTEM)
        self._until(PrefixEvaluated)
        self.notes.generate(GenerationPlan(new_id(), self._visit, ENDLESS, TOKENS, WAIT_S))
        return self._cancelled()

    def reading_a_visit(self) -> float:
        """Begin another visit while one is read."""
        self.notes.begin(self._visit, SYSTEM)
        return self._another()

    def at_rest(self) -> float:
        """Begin another visit when nothing is to be done."""
        self.notes.begin("A visit.", SYSTEM)
        self._until(PrefixEvaluated)
        return self._another()

    def _another(self) -> float:
        self._pass_time()
        begun_s = time.monotonic()
        self.notes.begin("Another visit.")  # what was said of the old one is no longer told
        self._until(PrefixEvaluated, is_new=True)
        return time.monotonic() - begun_s

    def _cancelled(self) -> float:
        self._pass_time()
        begun_s = time.monotonic()
        self.notes.cancel()
        ended = self._until(GenerationEnded)
        if ended.reason != "cancelled":
            raise SystemExit(f"the answer had ended before it was cancelled: {ended.reason}")
        return time.monotonic() - begun_s

    def _pass_time(self) -> None:
        time.sleep(self._draw.uniform(0.0, LATEST_S))

    def _until(self, kind: type[Any], *, is_new: bool = False) -> Any:
        while is_new and not self._events.empty():
            self._events.get()
        while not isinstance(event := self._events.get(timeout=WAIT_S), kind):
            if isinstance(event, ChildFailed):
                raise SystemExit(f"the engine failed: {event.code}")
        return event


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="cancel", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args()
    say_conditions()
    desk = Desk(installed(asked.model), asked.data, asked.seed)
    try:
        found = {
            name: spread([measure() for _ in range(asked.runs)])
            for name, measure in (
                ("writing", desk.writing),
                ("reading a request", desk.reading_a_request),
                ("reading a visit", desk.reading_a_visit),
                ("at rest", desk.at_rest),
            )
        }
    finally:
        desk.notes.close()
    head = ("cancelled while", *next(iter(found.values())))
    print(table(head, [(name, *each.values()) for name, each in found.items()]))
    return found


if __name__ == "__main__":
    main()
