"""`make bench ARGS="first_token"`: how long after the last word the draft begins.

OSCE interviews, one after the other, as the text of visits of several lengths. Prefilled: the
transcript was read while it came, and its last segment comes at the moment of the stop. Cold: the
same visit, and nothing was read before. Through the product's own services, a real vault and the
real engine; without speech, whose last decode comes on top of both (bench `live`).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.performance.chain import installed
from tests.performance.figures import table
from tests.performance.machine import DATA, say_conditions
from tests.performance.note_stage import NoteStage, talk

MINUTES: Final = (2, 10, 30, 60)


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="first_token", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--minutes", type=float, nargs="+", default=list(MINUTES))
    parser.add_argument("--runs", type=int, default=3, help="prefilled runs; cold ones take long")
    parser.add_argument("--cold-runs", type=int, default=1)
    asked = parser.parse_args()
    say_conditions()
    found: dict[str, dict[str, list[float]]] = {}
    for minutes in asked.minutes:
        runs = {
            "prefilled": [_run(asked, minutes, is_ahead=True) for _ in range(asked.runs)],
            "cold": [_run(asked, minutes, is_ahead=False) for _ in range(asked.cold_runs)],
        }
        found[f"{minutes:g}"] = runs
        print(f"{minutes:g} min", runs, flush=True)
    rows = []
    base = statistics.median(found[f"{asked.minutes[0]:g}"]["prefilled"])
    for minutes, runs in found.items():
        warm, cold = (statistics.median(runs[each]) for each in ("prefilled", "cold"))
        rows.append((minutes, round(warm, 3), round(warm / base, 2), round(cold, 2),
                     round(cold / warm, 1)))  # fmt: skip
    head = ("minutes of visit", "prefilled s", "against shortest", "cold s", "cold/prefilled")
    print(table(head, rows))
    return {"first_token_s": found}


def _run(asked: argparse.Namespace, minutes: float, *, is_ahead: bool) -> float:
    segments = talk(asked.data, minutes)
    with (
        tempfile.TemporaryDirectory() as folder,
        NoteStage(Path(folder), installed(asked.model), is_ahead=is_ahead) as stage,
    ):
        visit = stage.visit()
        if is_ahead:
            stage.say(visit.id, segments[:-1])
            stage.until(stage.is_read)
        else:
            _load(stage, asked.model)
            stage.say(visit.id, segments[:-1])
        begun_s = time.monotonic()
        stage.say(visit.id, segments[-1:])
        stage.stop(visit.id)
        taken_s = stage.first_text_s(begun_s)
        stage.note_making.cancel()
        stage.until(lambda: bool(stage.finished))
        return taken_s


def _load(stage: NoteStage, model: str) -> None:
    """Have the model loaded: its load is no part of what reading ahead saves."""
    stage.notes.load(installed(model))
    stage.until(lambda: stage.notes.context > 0)


if __name__ == "__main__":
    main()
