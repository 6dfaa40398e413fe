"""Durations, frequencies and days must have been said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.clinical.figures import days, is_month_in
from app.clinical.quantities import Measure, Quantity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.checks.doses import is_dose

_WORDS: Final = {
    "yesterday": "day", "monday": "weekday", "tuesday": "weekday", "wednesday": "weekday",
    "thursday": "weekday", "friday": "weekday", "saturday": "weekday", "sunday": "weekday",
    "january": "month", "february": "month", "april": "month", "june": "month", "july": "month",
    "august": "month", "september": "month", "october": "month", "november": "month",
    "december": "month",
}  # fmt: skip
"""Without "march" and "may", which are verbs more often."""
_HERE: Final = frozenset({"today", "overnight", "last night"})
"""Words of the note's own day: "presents today" was not said by anybody."""


def check(case: Case) -> list[Finding]:
    """Return a finding for each span or day nobody said; a vague one if said elsewhere."""
    findings = [
        _finding(case, each)
        for each in case.claim.quantities
        if each.measure in {Measure.DURATION, Measure.FREQUENCY}
        and each.text.lower() not in _HERE
        and not is_dose(each, case.claim)
        and not case.is_near(each)
    ]
    findings += [
        Finding(FindingKind.DATE, token.text)
        for token in case.claim.tokens
        if token.text in _WORDS
        and not any(token.stem in each.stems for each in case.index.passages)
    ]
    return [*findings, *_days(case)]


def _finding(case: Case, told: Quantity) -> Finding:
    kind = FindingKind.LOW_OVERLAP if case.is_anywhere(told) else FindingKind.DATE
    return Finding(kind, told.text)


def _days(case: Case) -> Iterator[Finding]:
    """Yield dates in digits with a month or day that was not said. The chart knows the year."""
    for each in days(case.claim.text):
        if not all(
            float(one) in case.index.figures or is_month_in(one, case.index.words)
            for one in each.figures
        ):
            yield Finding(FindingKind.DATE, each.text)
