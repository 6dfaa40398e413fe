"""How many dropped facts the omission list brings back: `make bench ARGS="omitted"`.

Of three kinds of notes on the PriMock57 visits with clinicians' checklists (the extractive note,
the clinician's own, generated notes whose right statements a clinician marked) one critical fact
after the other is dropped: the claims that hold it are taken out until none does. Then the fact
should stand among the first 10 of the list. What holds a fact is asked of the matcher that
`stethoscribe evaluate` uses (tests/performance/fact_matching.py tells how often that is wrong), one
listed line at a time, so that two halves of a fact in two lines do not count.

"In the words" are the facts that the matcher finds in the transcript at all; others are a
clinician's wording that no words show. A fact that is not listed was `below` the tenth place, held
for `covered` by another claim, or `unread`: no line of even the full list tells it.

Rules were mended by looking at the visits of half 0 alone; half 1 shows what they are worth.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Lexicon
from app.clinical.sentences import sentences
from app.domain.draft import Claim, Omission
from app.domain.ids import ClaimId
from app.domain.transcript import Transcript
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.measures.facts import FactMatcher
from app.drafting.measures.scoring import person_note
from app.drafting.omissions import OmissionFinder
from app.drafting.routing import Router
from tests.performance.fact_matching import critical
from tests.performance.fact_recall import LEXICONS, SOAP, TUNED, reference
from tests.performance.figures import Cell, table

FIRST: Final = 10
ENDLESS: Final = 10_000
FATES: Final = ("listed", "below", "covered", "unread")


@dataclass(frozen=True, slots=True)
class Drop:
    """A fact that was taken out of a note, and what became of it.

    Attributes:
        note: `extractive`, `own` or `generated`.
        is_in_words: the matcher finds the fact in the transcript.
        fate: one of `FATES`.
        lines: length of the list for the whole note, before the drop.
    """

    visit: str
    half: int
    note: str
    fact: str
    is_in_words: bool
    fate: str
    lines: int


class Dropper:
    """Takes facts out of notes and asks the finder for them."""

    def __init__(self, matcher: FactMatcher, finder: OmissionFinder) -> None:
        self._matcher = matcher
        self._finder = finder

    def drops(
        self, note: str, visit: str, said: Transcript, claims: Sequence[Claim], facts: Sequence[str]
    ) -> Iterator[Drop]:
        """Yield a drop for each fact that the note holds."""
        half = 0 if visit in TUNED else 1
        words = [line for each in said.segments for line in sentences(each.text)]
        copy = self._matcher.note(words)
        everything = self._finder.find(said, (), ENDLESS)
        lines = len(self._finder.find(said, claims))
        for fact in dict.fromkeys(facts):
            left = self.without(claims, fact)
            if len(left) < len(claims):
                listed = self._finder.find(said, left, ENDLESS)
                is_in_words = self._matcher.holds(copy, fact)
                fate = self.fate(fact, listed, everything)
                yield Drop(visit, half, note, fact, is_in_words, fate, lines)

    def without(self, claims: Sequence[Claim], fact: str) -> list[Claim]:
        """Return a note without the claims that hold a fact: the one that tells most first."""
        left = list(claims)
        while left and self._matcher.holds(self._note(left), fact):
            shares = [self._matcher.share(self._note([each]), fact) for each in left]
            del left[shares.index(max(shares))]
        return left

    def fate(self, fact: str, listed: Sequence[Omission], everything: Sequence[Omission]) -> str:
        """Return what became of a dropped fact."""
        places = [place for place, each in enumerate(listed) if self._tells(each, fact)]
        if places:
            return "listed" if places[0] < FIRST else "below"
        return "covered" if any(self._tells(each, fact) for each in everything) else "unread"

    def _tells(self, omission: Omission, fact: str) -> bool:
        return self._matcher.holds(self._matcher.note([omission.text]), fact)

    def _note(self, claims: Sequence[Claim]) -> Any:
        return self._matcher.note([each.text for each in claims])


def notes_of(
    sheet: dict[str, Any], visit: dict[str, Any], said: Transcript, drafter: ExtractiveDrafter
) -> Iterator[tuple[str, list[Claim]]]:
    """Yield the notes on a visit: name and claims."""
    drafted = drafter.draft(said, SOAP)
    yield "extractive", [claim for part in drafted for claim in part.claims]
    yield "own", list(person_note(visit["note"], "").claims)
    for made in sheet["generated_notes"]:
        right = [row["statement"] for row in made["statements"] if row["verdict"] == "c"]
        yield "generated", [Claim(ClaimId(str(at)), text) for at, text in enumerate(right)]


def load(folder: Path) -> list[Drop]:
    """Return every drop of the data. A visit with two sheets has the facts of both."""
    lexicon = Lexicon.load(LEXICONS)
    drafter = ExtractiveDrafter(lexicon, Router.load(LEXICONS / "sections.json"))
    dropper = Dropper(FactMatcher(lexicon), OmissionFinder(lexicon))
    visits = {row["id"]: row for row in json.loads((folder / "primock57.json").read_text("utf-8"))}
    sheets = json.loads((folder / "primock57_checklists.json").read_text("utf-8"))
    found: dict[tuple[str, str, str, int], Drop] = {}
    for sheet in sheets:
        said = reference(visits[sheet["id"]])
        for place, (note, claims) in enumerate(notes_of(sheet, visits[sheet["id"]], said, drafter)):
            for drop in dropper.drops(note, sheet["id"], said, claims, critical(sheet)):
                found.setdefault((drop.visit, note, drop.fact, place), drop)
    return list(found.values())


def tally(drops: Sequence[Drop]) -> dict[str, Any]:
    """Return recall among the first 10, of all drops and of those in the words, and the fates."""
    spoken = [each for each in drops if each.is_in_words]
    fates = Counter(each.fate for each in drops)
    return {
        "n": len(drops),
        "recall": _share(drops),
        "in_words": len(spoken),
        "recall_in_words": _share(spoken),
        **{name: fates[name] for name in FATES},
        "lines": round(sum(each.lines for each in drops) / max(1, len(drops)), 1),
    }


def _share(drops: Sequence[Drop]) -> float:
    return round(sum(each.fate == "listed" for each in drops) / max(1, len(drops)), 3)


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="omitted", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", action="store_true", help="what is not listed, of half 0")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        raise SystemExit(f"there is no folder {asked.data}: name it with --data")
    drops = load(asked.data)
    figures: dict[str, Any] = {}
    rows: list[list[Cell]] = []
    for half in (0, 1, None):
        for note in ("extractive", "own", "generated", "all"):
            chosen = [e for e in drops if half in {None, e.half} and note in {"all", e.note}]
            label = "both" if half is None else str(half)
            figures[f"{note}, half {label}"] = told = tally(chosen)
            rows.append([label, note, *told.values()])
    head = (
        "half",
        "note",
        "n",
        f"recall@{FIRST}",
        "in the words",
        "recall of those",
        *FATES,
        "lines",
    )
    print(table(head, rows))
    for each in drops if asked.show else ():
        if not each.half and each.fate != "listed":
            print(f"{each.visit} | {each.note} | {each.fate} | {each.is_in_words} | {each.fact}")
    return {"omitted": figures}


if __name__ == "__main__":
    main()
