"""`make bench ARGS="PART OPTIONS"`: what the parts measure, as tables and as JSON.

Parts by name; `all` runs every part on short material, no name lists them. A part is a module
with `main()` that reads `sys.argv`, prints its tables, and may return its figures. Each can also
be run as `python -m tests.performance.MODULE`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.performance.figures import table
from tests.performance.machine import RESULTS, conditions


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark.

    Attributes:
        module: below `tests.performance`.
        about: what it shows.
        takes: how long it runs, roughly, on 2 cores.
        short: options that make it short, for `all`.
    """

    module: str
    about: str
    takes: str
    short: tuple[str, ...] = ()


PARTS: Final = {
    "live": Part(
        "live",
        "live words: latency, accuracy, revisions",
        "12 min a model, idle or busy",
        ("--clips", "jfk", "--model", "tiny.en", "--notes", "idle"),
    ),
    "simulated": Part(
        "simulated",
        "live words on a simulated clock: accuracy without other work",
        "2 min a model, seconds when known",
        ("--clips", "jfk", "--model", "tiny.en"),
    ),
    "nonspeech": Part(
        "nonspeech",
        "words in sound that is no speech",
        "1 min a model and mode",
        ("--minutes", "2"),
    ),
    "soak": Part("soak", "memory and lag of a long visit", "90 min / pace", ("--minutes", "2")),
    "faults": Part(
        "faults", "what is lost when something breaks", "6 to 20 min a fault", ("--runs", "1")
    ),
    "window": Part("window", "stalls of the main thread, start, memory", "1 min"),
    "forms": Part("forms", "numbers, doses, dates as they are written", "seconds"),
    "drugs": Part("drug_words", "drug names: suggestions and swaps", "minutes"),
    "roles": Part("roles", "who said it, per word", "minutes"),
    "coverage": Part(
        "coverage", "speech that is neither words nor told as missing", "5 min", ("--quick",)
    ),
    "waits": Part("waits", "what the doctor promises against what happens", "5 min", ("--quick",)),
    "first_token": Part(
        "first_token",
        "how long after the last word the draft begins",
        "15 min",
        ("--minutes", "2", "--runs", "1"),
    ),
    "foreseen": Part(
        "foreseen",
        "what reading a request ahead does to the section it asks for",
        "15 min",
        ("--sets", "aci_bench", "--limit", "1"),
    ),
    "tokens": Part(
        "tokens",
        "tokens a second through the app, against the engine alone",
        "10 min",
        ("--minutes", "1", "--rounds", "1"),
    ),
    "cancel": Part(
        "cancel", "how long after a cancel the notes engine has stopped", "1 min", ("--runs", "5")
    ),
    "notes_killed": Part(
        "notes_killed",
        "what a draft loses when its engine is killed",
        "10 min",
        ("--runs", "2", "--stubborn", "1"),
    ),
    "injections": Part(
        "injections", "what spoken instructions do to a draft", "5 min", ("--model", "none")
    ),
    "checker": Part("checking", "planted conflicts and labelled statements", "2 min"),
    "second_look": Part(
        "judged",
        "what a model's answers about doubted claims are worth",
        "10 min with the starter model",
        ("--planted", "10"),
    ),
    "omitted": Part("omitted", "dropped facts that the omission list brings back", "1 min"),
    "whole": Part("whole", "the whole product on whole recordings", "10 min", ("--quick",)),
}


def main() -> None:
    """Run a part, or all of them, and keep the figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=(*PARTS, "all"))
    parser.add_argument("options", nargs=argparse.REMAINDER, help="of the part; try --help")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    if asked.part is None:
        rows = [(name, part.about, part.takes) for name, part in PARTS.items()]
        print(table(("part", "shows", "takes"), rows))
        return
    if asked.part == "all":
        for name, part in PARTS.items():
            _run_short(name, part)
        return
    _keep(asked.part, run(PARTS[asked.part], asked.options))


def run(part: Part, options: Sequence[str]) -> dict[str, Any]:
    """Run one part; return its figures."""
    module = importlib.import_module(f"tests.performance.{part.module}")
    sys.argv = [part.module, *options]
    return dict(module.main() or {})


def _leave(number: int, _: object) -> None:
    """End in order, so that sound servers and small disks do not stay."""
    raise SystemExit(128 + number)


def _run_short(name: str, part: Part) -> None:
    """Run a part on little; what it cannot run without is said, and the others go on."""
    print(f"\n=== {name} {' '.join(part.short)}", flush=True)
    try:
        _keep(f"{name}-short", run(part, part.short))
    except (SystemExit, ModuleNotFoundError) as error:
        print(f"{name} did not run: {error}")


def _keep(name: str, figures: dict[str, Any]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    told = {"part": name, "conditions": conditions(), **figures}
    path.write_text(json.dumps(told, indent=1, default=str), "utf-8")
    print(f"figures: {path.name} in {RESULTS.name}")


if __name__ == "__main__":
    main()
