"""Pressures, ages, scores and other numbers must have been said."""

from __future__ import annotations

from typing import Final

from app.clinical.quantities import Measure, Quantity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case, is_said
from app.drafting.checks.doses import is_dose

_HERE: Final = frozenset(
    {
        Measure.PRESSURE, Measure.AGE, Measure.SCALE, Measure.PERCENT, Measure.TEMPERATURE,
        Measure.RATE, Measure.TIME, Measure.PLAIN,
    }
)  # fmt: skip


def check(case: Case) -> list[Finding]:
    """Return a finding for each number that was not said about the same thing."""
    return [
        Finding(FindingKind.NUMBER, each.text)
        for each in case.claim.quantities
        if each.measure in _HERE
        and not is_dose(each, case.claim)
        and not _is_idle(each)
        and not is_said(each, case.neighborhood)
    ]


def _is_idle(quantity: Quantity) -> bool:
    """Whether it is a "one" that counts nothing ("no one", "one of them")."""
    return quantity.measure is Measure.PLAIN and quantity.text.lower() in {"one", "once", "zero"}
