"""Durations, frequencies and days must have been said."""

from __future__ import annotations

from typing import Final

from app.clinical.quantities import Measure
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case, is_said
from app.drafting.checks.doses import is_dose

_WORDS: Final = {
    "yesterday": "day", "monday": "weekday", "tuesday": "weekday", "wednesday": "weekday",
    "thursday": "weekday", "friday": "weekday", "saturday": "weekday", "sunday": "weekday",
    "january": "month", "february": "month", "april": "month", "june": "month", "july": "month",
    "august": "month", "september": "month", "october": "month", "november": "month",
    "december": "month",
}  # fmt: skip
"""Without "march" and "may", which are verbs more often."""


def check(case: Case) -> list[Finding]:
    """Return a finding for each duration or day that was not said about the same thing."""
    findings = [
        Finding(FindingKind.DATE, each.text)
        for each in case.claim.quantities
        if each.measure in {Measure.DURATION, Measure.FREQUENCY}
        and not is_dose(each, case.claim)
        and not is_said(each, case.neighborhood)
    ]
    findings += [
        Finding(FindingKind.DATE, token.text)
        for token in case.claim.tokens
        if token.text in _WORDS and not any(token.stem in each.stems for each in case.neighborhood)
    ]
    return findings
