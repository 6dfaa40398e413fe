"""The gate between a draft and a signature: which findings block, what a person decided."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.draft import Claim, Draft, FindingKind, Owner, Support
from app.domain.ids import ClaimId

HARMFUL: Final = frozenset(
    {
        FindingKind.DRUG,
        FindingKind.DOSE,
        FindingKind.ALLERGY,
        FindingKind.LATERALITY,
        FindingKind.NEGATION,
        FindingKind.NUMBER,
        FindingKind.DATE,
        FindingKind.ATTRIBUTION,
        FindingKind.UNANSWERED,
    }
)
"""Kinds that block signing until decided: NOTES.md, "The gate"; attribution: decision 022."""


class Verdict(enum.StrEnum):
    """What a person did about a claim."""

    ACCEPTED = "accepted"
    MENDED = "mended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's verdict on one claim. Kept with the version that was signed.

    Attributes:
        text: the claim as it read then; empty in verdicts of earlier versions of the program.
    """

    claim: ClaimId
    verdict: Verdict
    at: datetime
    text: str = ""


def is_blocking(claim: Claim) -> bool:
    """Return whether this claim may not be signed unseen.

    A model's claim without any evidence is harmful whatever it says: nobody can check it.
    """
    if claim.owner is not Owner.MODEL or claim.support is not Support.UNSUPPORTED:
        return False
    return not claim.evidence or any(each.kind in HARMFUL for each in claim.findings)


def accepted_claims(draft: Draft, decisions: Collection[Decision]) -> frozenset[ClaimId]:
    """Return the claims that a person let stand, and that read as they did then."""
    texts = {each.id: each.text for each in draft.claims}
    return frozenset(
        each.claim
        for each in decisions
        if each.verdict is Verdict.ACCEPTED and each.text in {"", texts.get(each.claim)}
    )


def open_claims(draft: Draft, decided: Collection[ClaimId]) -> tuple[Claim, ...]:
    """Return the blocking claims nobody has decided on, in reading order."""
    return tuple(each for each in draft.claims if is_blocking(each) and each.id not in decided)
