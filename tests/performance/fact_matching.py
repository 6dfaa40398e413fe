"""How often the matcher of facts agrees with a person who looked the facts up.

    python -m tests.performance.fact_matching ../shared/data

Three looks: facts in notes that a person judged (tests/data/fact_labels.toml), facts in their own
visit's transcript (all are there, so misses are errors), facts in another visit's note (nearly none
is there). And the statements that clinicians labelled: how many correct and incorrect ones the
matcher finds in the transcript; it looks for words, not for truth, so that one is weak.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Lexicon
from app.clinical.sentences import sentences
from app.drafting.measures.facts import FactMatcher
from app.drafting.measures.scoring import person_note
from tests.performance.fact_recall import LEXICONS, reference

LABELS: Final = Path(__file__).parents[1] / "data" / "fact_labels.toml"


def agreement(pairs: list[tuple[bool, bool]]) -> str:
    """Return agreement, Cohen's kappa, sensitivity and specificity of (found, true) pairs."""
    size = len(pairs)
    both = sum(found and true for found, true in pairs)
    found_all, true_all = sum(found for found, _ in pairs), sum(true for _, true in pairs)
    neither = size - found_all - true_all + both
    seen = (both + neither) / size
    chance = (found_all * true_all + (size - found_all) * (size - true_all)) / size**2
    return (
        f"{size} pairs: agreement {seen:.3f}, kappa {(seen - chance) / (1 - chance):.3f}, "
        f"sensitivity {both / true_all:.3f}, specificity {neither / (size - true_all):.3f}; "
        f"held by the matcher {found_all / size:.3f}, by the reader {true_all / size:.3f}"
    )


def critical(sheet: dict[str, Any]) -> list[str]:
    """Return the critical facts of a sheet."""
    rows = [row for checklist in sheet["checklists"] for row in checklist]
    return [row["fact"] for row in rows if row["criticality"] == "critical"]


def main(folder: Path) -> None:
    """Print the figures."""
    matcher = FactMatcher(Lexicon.load(LEXICONS))
    visits = {row["id"]: row for row in json.loads((folder / "primock57.json").read_text("utf-8"))}
    sheets = json.loads((folder / "primock57_checklists.json").read_text("utf-8"))
    print("facts in notes, beside a reader: ", agreement(labelled_pairs(matcher, sheets)))
    print_bounds(matcher, visits, sheets)


def labelled_pairs(
    matcher: FactMatcher, sheets: Sequence[dict[str, Any]]
) -> list[tuple[bool, bool]]:
    """Return (found, true) for each fact that was looked up in a note."""
    pairs: list[tuple[bool, bool]] = []
    for label in tomllib.loads(LABELS.read_text("utf-8"))["note"]:
        sheet = next(
            each for each in sheets
            if (each["id"], str(each["clinician"])) == (label["visit"], label["clinician"])
        )  # fmt: skip
        statements = sheet["generated_notes"][label["note"]]["statements"]
        note = matcher.note([row["statement"] for row in statements])
        pairs += [
            (matcher.holds(note, fact), mark == "1")
            for fact, mark in zip(critical(sheet), label["held"], strict=True)
        ]
    return pairs


def print_bounds(
    matcher: FactMatcher, visits: dict[str, Any], sheets: Sequence[dict[str, Any]]
) -> None:
    """Print what is found where all is, where nearly nothing is, and of labelled statements."""
    ids = sorted(visits)
    found = there = chance = 0
    counts = {"c": [0, 0], "i": [0, 0]}
    for sheet in sheets:
        said = reference(visits[sheet["id"]])
        copy = matcher.note([line for each in said.segments for line in sentences(each.text)])
        far = visits[ids[(ids.index(sheet["id"]) + len(ids) // 2) % len(ids)]]["note"]
        other = matcher.note([each.text for each in person_note(far, "").claims])
        facts = critical(sheet)
        found += sum(matcher.holds(copy, fact) for fact in facts)
        chance += sum(matcher.holds(other, fact) for fact in facts)
        there += len(facts)
        for row in (row for made in sheet["generated_notes"] for row in made["statements"]):
            if row["verdict"] in counts:
                counts[row["verdict"]][0] += matcher.holds(copy, row["statement"])
                counts[row["verdict"]][1] += 1
    print(f"facts in their own transcript: {found / there:.3f} of {there}")
    print(f"facts in another visit's note: {chance / there:.3f} of {there}")
    for verdict, name in (("c", "correct"), ("i", "incorrect")):
        held, size = counts[verdict]
        print(f"statements called {name}, found in the transcript: {held}/{size}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
