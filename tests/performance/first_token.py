"""`make bench ARGS="first_token"`: how long after the last word the draft begins.

OSCE interviews, one after the other, as the text of visits of several lengths; all end with the
same words. Through the product's own services, a real vault and the real engine; without speech,
whose last decode comes on top of all (bench `live`). Until the first text of the draft:

- prefilled: the transcript was read while it came, and full parts were written. Two seconds after
  the engine has done that, the last segment comes, and at once the stop.
- cold, in parts: nothing was read before. As on a CPU, the draft begins with the last part.
- cold, one context: nothing was read before, and the visit is read in one piece, from its beginning
  as far as the window of the model allows: what a program does that has no parts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from app.bootstrap import PART_ON_CPU
from app.domain.draft import Claim
from app.domain.ids import VisitId
from app.domain.transcript import Segment, Transcript
from app.drafting.prompt import plan_prompts
from app.drafting.templates import load_template
from app.engines.memory_plan import WINDOW
from app.foundation import paths
from tests.performance.chain import installed
from tests.performance.figures import table
from tests.performance.machine import DATA, say_conditions
from tests.performance.note_stage import NoteStage, talk

SOAP: Final = load_template(paths.resources() / "templates" / "soap.toml")
MINUTES: Final = (2, 10, 30, 60)
HEAD: Final = (
    "minutes of visit", "prefilled s", "against shortest", "cold, in parts s", "of prefilled",
    "cold, one context s", "of prefilled",
)  # fmt: skip


@dataclass(slots=True)
class Length:
    """A visit of some length, and what was measured."""

    minutes: float
    segments: Sequence[Segment]
    written: dict[tuple[str, str], tuple[Claim, ...]] = field(default_factory=dict)
    prefilled_s: list[float] = field(default_factory=list)
    parts_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)

    def row(self, base_s: float) -> tuple[float, ...]:
        """Return the cells of `HEAD`: medians."""
        warm, parts, whole = map(statistics.median, (self.prefilled_s, self.parts_s, self.whole_s))
        return (
            self.minutes, round(warm, 3), round(warm / base_s, 2), round(parts, 2),
            round(parts / warm, 1), round(whole, 2), round(whole / warm, 1),
        )  # fmt: skip


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="first_token", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--minutes", type=float, nargs="+", default=list(MINUTES))
    parser.add_argument("--runs", type=int, default=3, help="prefilled runs; cold ones take long")
    parser.add_argument("--cold-runs", type=int, default=1)
    parser.add_argument("--pause-s", type=float, default=2.0, help="before the last segment")
    parser.add_argument(
        "--blank-parts",
        action="store_true",
        help="take full parts as written, with nothing in them: spares minutes before the clock",
    )
    asked = parser.parse_args()
    say_conditions()
    closing = talk(asked.data, asked.minutes[0])[-1]
    lengths = []
    for minutes in asked.minutes:
        segments = talk(asked.data, minutes)
        segments[-1] = replace(closing, id=segments[-1].id, start=segments[-1].start,
                               end=segments[-1].end)  # fmt: skip
        length = Length(minutes, segments)
        if asked.blank_parts:
            length.written.update(_blank(length))
        for _ in range(asked.runs):
            length.prefilled_s.append(_prefilled(asked, length))
            print(f"{minutes:g} min, prefilled: {length.prefilled_s[-1]:.3f} s", flush=True)
        for _ in range(asked.cold_runs):
            length.parts_s.append(_cold(asked, length, PART_ON_CPU))
            length.whole_s.append(_cold(asked, _in_one_context(length), 0))
            print(
                f"{minutes:g} min, cold: in parts {length.parts_s[-1]:.2f} s, "
                f"one context {length.whole_s[-1]:.2f} s",
                flush=True,
            )
        lengths.append(length)
    base_s = statistics.median(lengths[0].prefilled_s)
    print(table(HEAD, [each.row(base_s) for each in lengths]))
    return {
        f"{each.minutes:g}": {
            "prefilled_s": each.prefilled_s,
            "cold_in_parts_s": each.parts_s,
            "cold_one_context_s": each.whole_s,
        }
        for each in lengths
    }


def _in_one_context(length: Length) -> Length:
    """Return as much of a visit as the window holds, with its last words."""
    transcript = Transcript(tuple(length.segments))
    first = plan_prompts(SOAP, transcript, WINDOW)[0]
    kept = set(first.included[:-1])
    said = [each for each in length.segments[:-1] if each.id in kept]
    return Length(length.minutes, [*said, length.segments[-1]])


def _blank(length: Length) -> dict[tuple[str, str], tuple[Claim, ...]]:
    transcript = Transcript(tuple(length.segments[:-1]))
    full = plan_prompts(SOAP, transcript, WINDOW, PART_ON_CPU)[:-1]
    return {(part.text, each.key): () for part in full for each in SOAP.sections}


def _prefilled(asked: argparse.Namespace, length: Length) -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        NoteStage(Path(folder), installed(asked.model)) as stage,
    ):
        visit = stage.visit()
        stage.say(visit.id, list(length.segments[:1]))
        stage.take_over(length.written)  # of the run before: it takes minutes, before the clock
        stage.say(visit.id, list(length.segments[1:-1]))
        stage.until(stage.is_read)
        length.written.update(stage.meanwhile._ahead.written(visit.id))
        rested_s = time.monotonic() + asked.pause_s
        stage.until(lambda: time.monotonic() > rested_s)
        return _first_text_s(stage, visit.id, length)


def _cold(asked: argparse.Namespace, length: Length, part_tokens: int) -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        NoteStage(
            Path(folder), installed(asked.model), is_ahead=False, part_tokens=part_tokens
        ) as stage,
    ):
        visit = stage.visit()
        stage.notes.load(installed(asked.model))  # no part of what reading ahead saves
        stage.until(lambda: stage.notes.context > 0)
        stage.say(visit.id, list(length.segments[:-1]))
        return _first_text_s(stage, visit.id, length)


def _first_text_s(stage: NoteStage, visit: VisitId, length: Length) -> float:
    stage.end(visit)
    begun_s = time.monotonic()
    stage.say(visit, [length.segments[-1]])
    stage.stop(visit)
    taken_s = stage.first_text_s(begun_s)
    stage.note_making.cancel()
    stage.until(lambda: bool(stage.finished))
    return taken_s


if __name__ == "__main__":
    main()
