"""What is evaluated: a visit with what persons wrote about it, and a note that is held against it.

Plain data, frozen. Texts stay in memory: rows and reports hold figures alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.draft import Claim, Draft
from app.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a clinician's checklist."""

    text: str
    is_critical: bool


@dataclass(frozen=True, slots=True)
class ExpectedOrder:
    """An order that a person found in a visit.

    Attributes:
        kind: `medication`, `lab`, `imaging` or `followup`.
        evidence: ids of the segments it was said in.
    """

    kind: str
    text: str
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """One visit, or one dialogue, of a data set.

    Attributes:
        source: `reference` for a person's transcript, else the name of the recognizer.
        part: of the data set, as its file says (`train`, `valid`); may be empty.
        note: by a person, empty without one.
        other_note: a person's note of another visit of the set, the second baseline.
        header: MTS-Dialog's name of the section, empty elsewhere.
        orders: None where nobody looked for orders.
    """

    set: str
    source: str
    part: str
    transcript: Transcript
    note: str = ""
    other_note: str = ""
    header: str = ""
    facts: tuple[Fact, ...] = ()
    orders: tuple[ExpectedOrder, ...] | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 in hex over all that the figures depend on."""
        orders = [[e.kind, e.text, sorted(e.evidence)] for e in self.orders or ()]
        facts = [[each.text, each.is_critical] for each in self.facts]
        rest = [self.set, self.source, self.note, self.other_note, self.header, facts, orders]
        data = json.dumps([self.transcript.sha256, rest, self.orders is None])
        return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement about a visit that a clinician called correct or incorrect."""

    transcript: Transcript
    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note as it is held against a case: headings with their claims."""

    sections: tuple[tuple[str, str, tuple[Claim, ...]], ...]

    @classmethod
    def of(cls, draft: Draft) -> NoteText:
        """Return the note that a draft makes."""
        return cls(tuple((each.key, each.heading, each.claims) for each in draft.sections))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims in reading order."""
        return tuple(claim for _, _, claims in self.sections for claim in claims)

    @property
    def text(self) -> str:
        """The note as text, a claim a line; sections without claims are left out."""
        lines: list[str] = []
        for _, heading, claims in self.sections:
            if claims:
                lines += [heading, *(each.text for each in claims)]
        return "\n".join(line for line in lines if line)

    def without(self, left_out: Sequence[Claim]) -> NoteText:
        """Return the note without some claims."""
        ids = {each.id for each in left_out}
        return NoteText(
            tuple(
                (key, heading, tuple(each for each in claims if each.id not in ids))
                for key, heading, claims in self.sections
            )
        )
