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
    }
)
"""Kinds that block signing until decided: NOTES.md, "The gate"."""


class Verdict(enum.StrEnum):
    """What a person did about a claim."""

    ACCEPTED = "accepted"
    MENDED = "mended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's verdict on one claim. Kept with the version that was signed."""

    claim: ClaimId
    verdict: Verdict
    at: datetime


def is_blocking(claim: Claim) -> bool:
    """Return whether this claim may not be signed unseen.

    A model's claim without any evidence is harmful whatever it says: nobody can check it.
    """
    if claim.owner is not Owner.MODEL or claim.support is not Support.UNSUPPORTED:
        return False
    return not claim.evidence or any(each.kind in HARMFUL for each in claim.findings)


def open_claims(draft: Draft, decided: Collection[ClaimId]) -> tuple[Claim, ...]:
    """Return the blocking claims nobody has decided on, in reading order."""
    return tuple(each for each in draft.claims if is_blocking(each) and each.id not in decided)
