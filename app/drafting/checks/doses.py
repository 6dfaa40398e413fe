"""Doses and how often they are taken must stand near the drug in the visit."""

from __future__ import annotations

from typing import Final

from app.clinical.lexicon import Kind
from app.clinical.quantities import Measure, Quantity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case, is_said
from app.drafting.reading import Reading

REACH: Final = 3
"""Passages around the drug's name in which its dose may be said."""


def check(case: Case) -> list[Finding]:
    """Return a finding for each dose that was not said of its drug."""
    doses = [each for each in case.claim.quantities if is_dose(each, case.claim)]
    places = _places(case)
    return [
        _finding(case, each)
        for each in doses
        if not is_said(each, places, _fits) and not is_said(each, _naming(case, places))
    ]


def is_dose(quantity: Quantity, claim: Reading) -> bool:
    """Return whether a quantity says how much of a drug or how often."""
    has_drug = bool(claim.of(Kind.DRUG))
    is_price = claim.text[max(0, quantity.start - 1) : quantity.start] == "$"
    return quantity.measure is Measure.DOSE or (
        has_drug and not is_price and quantity.measure in {Measure.FREQUENCY, Measure.PLAIN}
    )


def _finding(case: Case, told: Quantity) -> Finding:
    """How often is vague where it was said of something; how much is harmful."""
    is_vague = told.measure is not Measure.DOSE and (
        case.is_anywhere(told) or (told.measure is Measure.PLAIN and case.has_figures(told.text))
    )
    return Finding(FindingKind.LOW_OVERLAP if is_vague else FindingKind.DOSE, told.text)


def _fits(told: Quantity, said: Quantity, _passage: Reading) -> bool:
    """Whether both are doses. A bare number counts only beside the name of the drug."""
    return told.measure is Measure.PLAIN or said.measure is not Measure.PLAIN


def _naming(case: Case, places: list[Reading]) -> list[Reading]:
    wanted = {part for drug in case.claim.of(Kind.DRUG) for part in drug.name.split("+")}
    return [
        each
        for each in places
        if any(wanted & set(drug.name.split("+")) for drug in each.of(Kind.DRUG))
    ]


def _places(case: Case) -> list[Reading]:
    places = {each.order: each for each in case.window}
    for drug in case.claim.of(Kind.DRUG):
        wanted = set(drug.name.split("+"))
        for passage in case.index.passages:
            if any(wanted & set(each.name.split("+")) for each in passage.of(Kind.DRUG)):
                places |= {each.order: each for each in case.index.near(passage, REACH)}
    if not case.claim.of(Kind.DRUG):
        places |= {each.order: each for each in case.related}
    return list(places.values())
