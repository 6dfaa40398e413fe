"""How well the checker finds what is wrong: `make bench ARGS="checker --data ../shared/data"`.

1. Conflicts planted by script in right sentences of people (paraphrase) and, as before, in
   quotations of the extractive drafter. Caught: unsupported with a finding of a harmful kind, so
   that the gate blocks. False alarm: the same verdict on the sentence as it was. Only sentences
   whose numbers, drugs and sides occur in the visit count; the others hold chart facts nobody
   spoke of (decided by `planting.is_spoken`, which does not ask the checker) and are a row of their
   own (first table). Sentences less than half of whose words were said ("other words") are a part
   of their own: words cannot tell whether they are right. Negations of words that are no clinical
   idea ("denies that he runs in the morning") are a row of their own and not in the mean.
2. Precision and recall for "incorrect" on statements that clinicians labelled, beside bare word
   overlap.
3. What it says of every human note sentence, and the time a claim takes.

Rules were tuned on half 0 alone; half 1 shows what they are worth.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Lexicon
from app.clinical.wording import content_stems
from app.domain.draft import Claim, Support
from app.domain.ids import ClaimId
from app.domain.review import HARMFUL, is_blocking
from app.domain.transcript import Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.routing import Router
from tests.performance.fact_recall import LEXICONS, SOAP
from tests.performance.figures import Cell, table
from tests.performance.originals import Original, Statement, labelled, load
from tests.performance.planting import COMMON, KINDS, OTHER_NEGATION, Planter, is_spoken, is_worded

OVERLAP_BELOW: Final = 0.5
QUOTED: Final = 120
"""Quotations taken of each half for planting."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A plant and what the checker said of it and of its original."""

    kind: str
    half: int
    source: str
    is_caught: bool
    is_alarm: bool
    text: str
    was: str
    put: str
    found: str


class Bench:
    """The checker with what it is measured on."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.lexicon = Lexicon.load(LEXICONS)
        self.checker = DeterministicChecker(self.lexicon)
        self.originals = load(data)
        self.planter = Planter(self.lexicon, COMMON)
        self._verdicts: dict[tuple[str, str], Claim] = {}

    def verdict(self, text: str, transcript: Transcript, visit: str = "") -> Claim:
        """Return a checked claim; originals are checked once."""
        key = (visit, text)
        if not visit or key not in self._verdicts:
            claim = self.checker.check(Claim(ClaimId("1"), text), transcript)
            if not visit:
                return claim
            self._verdicts[key] = claim
        return self._verdicts[key]

    def shots(self, originals: Iterable[Original]) -> list[Shot]:
        """Plant in these sentences and check."""
        found = []
        for original in originals:
            for plant in self.planter.plant(original):
                before = self.verdict(original.text, original.transcript, original.visit)
                after = self.verdict(plant.text, original.transcript)
                found.append(
                    Shot(
                        plant.kind, original.half, original.source, is_harmful(after),
                        is_harmful(before), plant.text, plant.was, plant.put, told(after),
                    )
                )  # fmt: skip
        return found

    def quotations(self) -> list[Original]:
        """Return sentences that the extractive drafter quotes."""
        drafter = ExtractiveDrafter(self.lexicon, Router.load(LEXICONS / "sections.json"))
        visits = {each.visit: each for each in self.originals}
        found: dict[int, list[Original]] = defaultdict(list)
        for each in visits.values():
            for part in drafter.draft(each.transcript, SOAP):
                found[each.half] += [
                    Original(
                        "quoted", each.visit, each.half, claim.text, each.transcript, each.said
                    )
                    for claim in part.claims
                ]
        chosen = random.Random(4)
        return [each for half in (0, 1) for each in chosen.sample(found[half], QUOTED)]


def is_harmful(claim: Claim) -> bool:
    """Return whether a claim is unsupported with a finding of a harmful kind."""
    is_unsupported = claim.support is Support.UNSUPPORTED
    return is_unsupported and any(each.kind in HARMFUL for each in claim.findings)


def told(claim: Claim) -> str:
    """Return support and findings in a line."""
    found = ", ".join(f"{each.kind.value}:{each.detail}" for each in claim.findings)
    return f"{claim.support.value} [{found}]"


def rates(marks: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """Return precision and recall of (flagged, incorrect) pairs."""
    hits = sum(flagged and wrong for flagged, wrong in marks)
    flags, wrongs = sum(flagged for flagged, _ in marks), sum(wrong for _, wrong in marks)
    return {
        "precision": round(hits / max(1, flags), 3),
        "recall": round(hits / max(1, wrongs), 3),
        "hits": hits, "flagged": flags, "incorrect": wrongs, "n": len(marks),
    }  # fmt: skip


def overlap(statement: str, transcript: Transcript) -> float:
    """Return the share of a statement's content words that occur anywhere in the transcript."""
    words = set(content_stems(statement))
    said = {stem for each in transcript.segments for stem in content_stems(each.text)}
    return len(words & said) / max(1, len(words))


def planted(shots: Sequence[Shot], half: int | None) -> tuple[list[list[Cell]], dict[str, Any]]:
    """Return a table row a kind, and the figures."""
    rows: list[list[Cell]] = []
    figures: dict[str, Any] = {}
    for kind in (*KINDS, OTHER_NEGATION):
        chosen = [each for each in shots if each.kind == kind and half in {None, each.half}]
        caught, alarms = sum(e.is_caught for e in chosen), sum(e.is_alarm for e in chosen)
        size = max(1, len(chosen))
        rows.append([kind, len(chosen), 100 * caught / size, 100 * alarms / size])
        figures[kind] = {"n": len(chosen), "caught": caught, "alarms": alarms}
    full = [row for row in rows if row[1] and row[0] in KINDS]
    means = [sum(float(row[place]) for row in full) / max(1, len(full)) for place in (2, 3)]
    rows.append(["mean of kinds", sum(int(row[1]) for row in full), *means])
    figures["mean"] = {"caught": round(means[0], 1), "alarms": round(means[1], 1)}
    return rows, figures


def statements(bench: Bench, rows: Sequence[Statement], is_told: bool) -> dict[str, Any]:
    """Print and return precision and recall on labelled statements, all and by half."""
    figures: dict[str, Any] = {}
    lines: list[list[Cell]] = []
    for half in (None, 0, 1):
        chosen = [each for each in rows if half in {None, each.half}]
        checks: dict[str, Callable[[Statement], bool]] = {
            "checker": lambda each: (
                bench.verdict(each.text, each.transcript, each.visit).support is Support.UNSUPPORTED
            ),
            "checker, blocks": lambda each: is_harmful(
                bench.verdict(each.text, each.transcript, each.visit)
            ),
            "checker, partly too": lambda each: (
                bench.verdict(each.text, each.transcript, each.visit).support
                is not Support.SUPPORTED
            ),
            "word overlap": lambda each: overlap(each.text, each.transcript) < OVERLAP_BELOW,
        }
        for name, check in checks.items():
            found = rates([(check(each), each.is_incorrect) for each in chosen])
            figures[f"{name}, half {'all' if half is None else half}"] = found
            label = "both" if half is None else str(half)
            counts = [found["hits"], found["flagged"], found["incorrect"], found["n"]]
            lines.append([label, name, found["precision"], found["recall"], *counts])
    head = ("half", "by", "precision", "recall", "hits", "flagged", "incorrect", "n")
    print(table(head, lines))
    for each in rows if is_told else ():
        claim = bench.verdict(each.text, each.transcript, each.visit)
        is_right = (claim.support is Support.UNSUPPORTED) == each.is_incorrect
        print("OK " if is_right else "BAD", each.half, each.is_incorrect, told(claim), each.text)
    return figures


def people(bench: Bench) -> dict[str, Any]:
    """Print and return what the checker says of all human sentences."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    spent = 0.0
    for each in bench.originals:
        is_chart = not is_spoken(each, bench.lexicon)
        started = time.process_time()
        claim = bench.verdict(each.text, each.transcript, each.visit)
        spent += time.process_time() - started
        row = counts[f"{each.source} {'with a chart fact' if is_chart else 'spoken'}"]
        row["n"] += 1
        row[claim.support.value] += 1
        row["harmful"] += is_harmful(claim)
        row["blocks"] += is_blocking(claim)
    names = ("n", "supported", "partly", "unsupported", "harmful", "blocks")
    print(table(("sentences", *names), [[k, *(v[n] for n in names)] for k, v in counts.items()]))
    total = sum(row["n"] for row in counts.values())
    print(f"{spent / total * 1000:.1f} ms of processor a claim, reading the transcript included")
    return {name: dict(row) for name, row in counts.items()}


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="checker", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", default="", help="missed, alarms or labels, of half 0")
    parser.add_argument("--kind", default="", help="only this kind with --show")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        raise SystemExit(f"there is no folder {asked.data}: name it with --data")
    bench = Bench(asked.data)
    figures: dict[str, Any] = {"people": people(bench)}
    spoken = [each for each in bench.originals if is_spoken(each, bench.lexicon)]
    parts = (
        ("paraphrase", [each for each in spoken if is_worded(each)]),
        ("other words", [each for each in spoken if not is_worded(each)]),
        ("quotation", bench.quotations()),
    )
    for name, originals in parts:
        shots = bench.shots(originals)
        for half in (0, 1, None):
            rows, figures[f"{name}, half {half}"] = planted(shots, half)
            print(f"\nplanted in {name}, half {'0 and 1' if half is None else half}")
            print(table(("kind", "n", "caught %", "alarms %"), rows))
        _show([each for each in shots if asked.kind in each.kind], asked.show)
    print("\nstatements of generated notes, labelled by clinicians")
    figures["labelled"] = statements(bench, labelled(asked.data), asked.show == "labels")
    return figures


def _show(shots: Sequence[Shot], what: str) -> None:
    for each in shots:
        is_meant = {"missed": not each.is_caught, "alarms": each.is_alarm}.get(what, False)
        if is_meant and not each.half:
            print(f"{each.kind} | {each.was} -> {each.put} | {each.found} | {each.text}")


if __name__ == "__main__":
    main()
