"""Orders in a note: medicines, laboratory, imaging, follow-up; held against what persons found.

A note is free text, so orders are read from it by the lexicon and by words; the same reader is used
on every note and on both baselines. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.lexicon import Kind, Lexicon
from app.drafting.measures.cases import ExpectedOrder, NoteText
from app.drafting.measures.facts import FactMatcher

KINDS: Final = ("medication", "lab", "imaging", "followup")
SAME: Final = 0.5
"""Share of an expected order's words that a written one must hold. Descriptions in the data are
scraps of speech ("lasix sixty milligrams four days pill"). Set by hand, not swept."""
_IMAGING: Final = re.compile(
    r"\b(?:x-?\s?rays?|mri|ct|cat scan|ultrasound|sonogram|echo(?:cardiogram)?|mammogram|dexa|"
    r"doppler|scan|angiogram|imaging|fluoroscopy)\b",
    re.IGNORECASE,
)
_LAB: Final = re.compile(
    r"\b(?:labs?|blood (?:tests?|work|count|sugar)|a1c|cbc|panel|profile|urinalysis|urine|culture|"
    r"tsh|thyroid (?:test|function)|lipids?|biopsy|swab|screen(?:ing)?|level|strep|factor|crp|"
    r"creatinine|psa|stool|titers?|electrolytes|hemoglobin)\b",
    re.IGNORECASE,
)
_FOLLOW_UP: Final = re.compile(
    r"\b(?:come back|follow(?:ing)?[- ]?up|see (?:you|me|us|him|her) (?:again|back|in)|"
    r"return (?:to|in|for)|check (?:back|in)|next (?:visit|appointment)|back in)\b",
    re.IGNORECASE,
)
_PLAN: Final = "plan"


@dataclass(frozen=True, slots=True)
class WrittenOrder:
    """An order that stands in a note."""

    kind: str
    text: str
    evidence: frozenset[str]


class OrderReader:
    """Reads orders from notes and counts how many are right."""

    def __init__(self, lexicon: Lexicon, matcher: FactMatcher) -> None:
        self._lexicon = lexicon
        self._matcher = matcher

    def orders(self, note: NoteText) -> tuple[WrittenOrder, ...]:
        """Return the orders of a note, from its plan and from sentences that plan."""
        found: list[WrittenOrder] = []
        for key, _, claims in note.sections:
            for claim in claims:
                if _PLAN in key or self._lexicon.has_cue("plan", claim.text):
                    evidence = frozenset(map(str, claim.evidence))
                    found += [
                        WrittenOrder(kind, text, evidence) for kind, text in self._in(claim.text)
                    ]
        return tuple(found)

    def count(
        self, note: NoteText, expected: Sequence[ExpectedOrder]
    ) -> dict[str, tuple[int, int, int, int]]:
        """Return for each kind: (found, found with a right place, written, expected).

        An expected order is found once at most; the best match goes first.
        """
        written = self.orders(note)
        return {
            kind: self._count(
                [each for each in written if each.kind == kind],
                [each for each in expected if each.kind == kind],
            )
            for kind in KINDS
        }

    def _count(
        self, written: Sequence[WrittenOrder], expected: Sequence[ExpectedOrder]
    ) -> tuple[int, int, int, int]:
        lines = [self._matcher.note([each.text]) for each in written]
        pairs = [
            (bool(each.evidence & wanted.evidence), share, at, number)
            for number, wanted in enumerate(expected)
            for at, each in enumerate(written)
            if (share := self._matcher.share(lines[at], wanted.text)) >= SAME
        ]
        hits = placed = 0
        used: set[int] = set()
        found: set[int] = set()
        for is_placed, _, at, number in sorted(pairs, reverse=True):
            if at not in used and number not in found:
                used.add(at)
                found.add(number)
                hits += 1
                placed += is_placed
        return hits, placed, len(written), len(expected)

    def _in(self, text: str) -> list[tuple[str, str]]:
        drugs = {
            each.idea
            for each in self._lexicon.mentions(text)
            if each.kind in {Kind.DRUG, Kind.DRUG_CLASS}
        }
        found = [("medication", text) for _ in drugs]
        if _IMAGING.search(text):
            found.append(("imaging", text))
        elif _LAB.search(text):
            found.append(("lab", text))
        if _FOLLOW_UP.search(text):
            found.append(("followup", text))
        return found
