"""What was only asked is no finding: a claim needs words that answer, affirm or deny."""

from __future__ import annotations

from typing import Final

from app.clinical.lexicon import Kind
from app.clinical.negation import Polarity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.reading import Element

_IDEAS: Final = (
    Kind.DRUG, Kind.DRUG_CLASS, Kind.ALLERGY, Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.PAIN,
    Kind.SOCIAL, Kind.TEST,
)  # fmt: skip
LEAST_ASKED: Final = 0.5
"""Share of what the evidence holds of a claim that only questions hold: then the claim is a guess
from a question, whatever else it says. Set by hand."""


def check(case: Case) -> list[Finding]:
    """Return a finding for each idea that was only asked, else one if most words were."""
    asked = [each for each in case.window if each.is_unanswered]
    if not asked:
        return []
    ideas = [
        Finding(FindingKind.UNANSWERED, each.text)
        for each in case.claim.of(*_IDEAS)
        if _is_told(each) and not case.index.is_said(each)
    ]
    if ideas:
        return ideas
    held = case.index.covered(case.claim, case.window)
    told = case.index.covered(case.claim, [each for each in case.window if each not in asked])
    is_guess = held - told >= LEAST_ASKED * held
    return [Finding(FindingKind.LOW_OVERLAP)] if is_guess else []


def _is_told(element: Element) -> bool:
    """Whether a claim affirms or denies an idea; that it was asked is true."""
    return element.polarity is not Polarity.OPEN
