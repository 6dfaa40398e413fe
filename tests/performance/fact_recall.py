"""How many of the clinicians' critical facts an extractive note holds, beside two baselines.

    python -m tests.performance.fact_recall ../shared/data

By the matcher that `stethoscribe evaluate` uses; tests/performance/fact_matching.py tells how often
that is wrong. Rules were last mended by looking at the first half of the visits (TUNED) alone, so
the second half is the one to believe; earlier rules saw both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Lexicon
from app.clinical.sentences import sentences
from app.clinical.wording import word_count
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.measures.facts import FactMatcher
from app.drafting.measures.scoring import person_note
from app.drafting.routing import Router
from app.workflow.evaluation_data import heard

LEXICONS: Final = Path(__file__).parents[2] / "resources" / "lexicons"
SOAP: Final = (
    ("subjective", "Subjective"), ("objective", "Objective"), ("assessment", "Assessment"),
    ("plan", "Plan"),
)  # fmt: skip
ROLES: Final = {"Doctor": SpeakerRole.CLINICIAN, "Patient": SpeakerRole.PATIENT}
TUNED: Final = frozenset({"day1_consultation10", "day2_consultation04", "day3_consultation02"})


def reference(visit: dict[str, Any]) -> Transcript:
    """Return the human transcript with roles."""
    turns = [turn for turn in visit["turns"] if turn["text"].strip()]
    return Transcript(
        tuple(
            Segment(SegmentId(str(index)), turn["text"], ROLES[turn["speaker"]])
            for index, turn in enumerate(turns)
        )
    )


def transcript_of(visit: dict[str, Any], source: str) -> Transcript:
    """Return what a person or a recognizer wrote down; empty where it heard nothing."""
    return reference(visit) if source == "reference" else heard(visit["asr"].get(source, ""))


class Recall:
    """Counts critical facts in notes."""

    def __init__(self, lexicon: Lexicon, sheets: Iterable[dict[str, Any]]) -> None:
        self._matcher = FactMatcher(lexicon)
        self._facts: dict[str, list[str]] = {}
        for sheet in sheets:
            for checklist in sheet["checklists"]:
                self._facts.setdefault(sheet["id"], []).extend(
                    row["fact"] for row in checklist if row["criticality"] == "critical"
                )

    @property
    def visits(self) -> tuple[str, ...]:
        """Visits with a checklist."""
        return tuple(sorted(self._facts))

    def share(self, notes: dict[str, list[str]], visits: Iterable[str]) -> str:
        """Return the share of critical facts that the notes of some visits hold."""
        held = wanted = 0
        for visit in visits:
            if visit in notes:
                lines = self._matcher.note(notes[visit])
                held += sum(self._matcher.holds(lines, fact) for fact in self._facts[visit])
                wanted += len(self._facts[visit])
        return f"{held / wanted:.3f}" if wanted else "  -  "


def main(folder: Path) -> None:
    """Print recall and length for each kind of transcript."""
    lexicon = Lexicon.load(LEXICONS)
    drafter = ExtractiveDrafter(lexicon, Router.load(LEXICONS / "sections.json"))
    visits = {row["id"]: row for row in json.loads((folder / "primock57.json").read_text("utf-8"))}
    sheets = json.loads((folder / "primock57_checklists.json").read_text("utf-8"))
    recall = Recall(lexicon, sheets)
    ids = sorted(visits)
    after = dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    recognized = [each for each in recall.visits if visits[each]["asr"]]
    engines = sorted({engine for visit in visits.values() for engine in visit["asr"]})
    print("critical facts held: all visits | those that recognizers heard | tuned | held out")
    for name in ("reference", *engines):
        made = {each: transcript_of(visits[each], name) for each in recall.visits}
        made = {each: said for each, said in made.items() if said.segments}
        notes = {
            each: [claim.text for part in drafter.draft(said, SOAP) for claim in part.claims]
            for each, said in made.items()
        }
        copies = {
            each: [line for part in said.segments for line in sentences(part.text)]
            for each, said in made.items()
        }
        words = sum(word_count(" ".join(lines)) for lines in notes.values())
        shares = [
            recall.share(notes, chosen)
            for chosen in (made, recognized, TUNED, set(recall.visits) - TUNED)
        ]
        print(
            f"{name:32} {' | '.join(shares)}   copied {recall.share(copies, made)}   "
            f"words {words / sum(said.word_count for said in made.values()):.2f} of transcript"
        )
    others = {
        each: [claim.text for claim in person_note(visits[after[each]]["note"], "").claims]
        for each in recall.visits
    }
    own = {
        each: [claim.text for claim in person_note(visits[each]["note"], "").claims]
        for each in recall.visits
    }
    print(f"another visit's note {recall.share(others, recall.visits)}")
    print(f"the clinician's own note {recall.share(own, recall.visits)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
