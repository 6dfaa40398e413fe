"""`make bench ARGS="faults --runs 20"`: what is lost when something breaks while a patient talks.

Each run is a recording from the real sound device through the real chain; faults of the whole
app run the product. Rows are kept: a run that was ended goes on. `--jobs 4` runs kinds side by
side, each with a sound server of its own.
"""

from __future__ import annotations

import argparse
import functools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.fakes.pulse import missing, private_server
from tests.performance.chain import Chain, installed
from tests.performance.fault_kinds import KINDS
from tests.performance.fault_stage import ALSA, Stage, spoken_words
from tests.performance.figures import Cell, table
from tests.performance.machine import CODE, REPOSITORY, RESULTS, Results, code, say_conditions
from tests.performance.product_faults import PRODUCT_KINDS, run_product_fault

ALL: Final = (*KINDS, *PRODUCT_KINDS)
WORST: Final = (
    "audio_lost_s", "gap_error_s", "segments_lost", "words_missing", "words_doubled", "tail_lost"
)  # fmt: skip


def main() -> dict[str, Any]:
    """Break things and print what it cost."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kind", action="append", choices=ALL)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--jobs", type=int, default=1, help="kinds that run side by side")
    parser.add_argument("--again", action="store_true", help="measure again what is known")
    asked = parser.parse_args()
    if reason := missing():
        raise SystemExit(f"faults: {reason}")
    say_conditions()
    kinds = asked.kind or list(ALL)
    if asked.jobs > 1:
        _side_by_side(kinds, asked)
    else:
        for kind in kinds:
            _measure(kind, asked)
    rows = {kind: list(_rows(kind, asked.runs)) for kind in kinds}
    _print(rows)
    return {"faults": rows}


def _measure(kind: str, asked: argparse.Namespace) -> None:
    """Run what of a kind is not known yet; one row a run."""
    results = _results(kind)
    known = {} if asked.again else results.rows()
    numbers = [each for each in range(asked.runs) if str(each) not in known]
    if not numbers:
        return
    words = spoken_words()
    if kind in PRODUCT_KINDS:
        for number in numbers:
            results.put(
                str(number), _timed(kind, functools.partial(run_product_fault, kind, number, words))
            )
        return
    for number in numbers:
        # a chain of its own for each: an engine that dies four times in two minutes stays away
        with tempfile.TemporaryDirectory() as folder, Chain(Path(folder)) as chain:
            chain.load(installed(asked.model))
            place = Path(folder) / "stage"
            place.mkdir()
            with private_server(ALSA) as server:
                stage = Stage(chain, server, place, random.Random(number), words)
                results.put(str(number), _timed(kind, functools.partial(_run, kind, stage)))


def _run(kind: str, stage: Stage) -> dict[str, Any]:
    try:
        KINDS[kind](stage)
        return stage.figures() if "text" not in stage.notes else stage.notes
    finally:
        for take in stage.takes:
            take.player.stop()
        stage.chain.recorder.close()


def _timed(kind: str, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run once; a run that fails by itself is a row, too, and counts as one."""
    began_s = time.monotonic()
    try:
        row = run()
    except BaseException as error:  # pytest's Failed is none of Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        row = {"broken": f"{type(error).__name__}: {error}"}
    row["took_s"] = round(time.monotonic() - began_s, 1)
    told = {name: row[name] for name in (*WORST, "broken", "took_s") if name in row}
    print(kind, told, flush=True)
    return dict(row)


def _side_by_side(kinds: Iterable[str], asked: argparse.Namespace) -> None:
    """Run each kind in a process of its own, so many at a time."""
    waiting = list(kinds)
    running: list[subprocess.Popen[bytes]] = []
    while waiting or running:
        while waiting and len(running) < asked.jobs:
            command = [
                sys.executable,
                "-m",
                "tests.performance",
                "faults",
                "--kind",
                waiting.pop(0),
            ]
            command += ["--runs", str(asked.runs), "--model", asked.model]
            command += ["--again"] if asked.again else []
            running.append(
                subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | {CODE: code()})
            )
        running = [each for each in running if each.poll() is None]
        time.sleep(0.2)


def _results(kind: str) -> Results:
    return Results(RESULTS / f"faults-{kind.replace(' ', '-')}.json")


def _rows(kind: str, runs: int) -> Iterable[Mapping[str, Any]]:
    known = _results(kind).rows()
    return (known[str(each)] for each in range(runs) if str(each) in known)


def _print(rows: Mapping[str, list[Mapping[str, Any]]]) -> None:
    print("\nWorst (mean) of each fault; the goal: audio lost at most 1 s, no segment, no tail")
    head = ("fault", "n", "broken", "audio lost s", "gap error s", "segments", "words", "doubled",
            "tail")  # fmt: skip
    told: list[list[Cell]] = []
    for kind, found in rows.items():
        good = [each for each in found if "broken" not in each]
        line: list[Cell] = [kind, len(found), len(found) - len(good)]
        told.append(
            [*line, *(_worst([float(each.get(name, 0)) for each in good]) for name in WORST)]
        )
    print(table(head, told))


def _worst(values: list[float]) -> str:
    return f"{max(values):.3g} ({sum(values) / len(values):.2g})" if values else "-"


if __name__ == "__main__":
    main()
