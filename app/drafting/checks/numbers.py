"""Pressures, ages, scores and other numbers must have been said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from app.clinical.figures import without_days
from app.clinical.numerals import numbers
from app.clinical.quantities import Measure, Quantity
from app.clinical.wording import STOPWORDS, Token, tokenize, word_set
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.checks.doses import is_dose

_HERE: Final = frozenset(
    {
        Measure.PRESSURE, Measure.AGE, Measure.SCALE, Measure.PERCENT, Measure.TEMPERATURE,
        Measure.RATE, Measure.TIME, Measure.PLAIN,
    }
)  # fmt: skip
_KINDS: Final = {Measure.DURATION: FindingKind.DATE, Measure.FREQUENCY: FindingKind.DATE}
_NAME: Final = re.compile(r"[A-Za-z]{2}-$")
_GRADES: Final = word_set("type stage grade class phase score")
_IDLE: Final = frozenset({"one", "once", "zero"})


def check(case: Case) -> list[Finding]:
    """Return a finding for each number nobody said; a vague one where it was said elsewhere."""
    unsaid = list(_unsaid(case))
    told = {each.detail for each in unsaid}
    return unsaid + [
        _finding(case, each)
        for each in case.claim.quantities
        if each.measure in _HERE
        and each.text not in told
        and not is_dose(each, case.claim)
        and each.text.lower() not in _IDLE
        and not _NAME.search(case.claim.text[: each.start])
        and (_is_misgraded(case, each) or not case.is_near(each))
    ]


def _finding(case: Case, told: Quantity) -> Finding:
    if told.measure is Measure.PLAIN and _is_counted_otherwise(case, told):
        return Finding(FindingKind.NUMBER, told.text)
    is_elsewhere = case.is_anywhere(told) or (
        told.measure is Measure.PLAIN and case.has_figures(told.text)
    )
    return Finding(FindingKind.LOW_OVERLAP if is_elsewhere else FindingKind.NUMBER, told.text)


def _is_misgraded(case: Case, told: Quantity) -> bool:
    """Whether a grade ("type 2") was said with other numbers alone; any "two" is no grade."""
    before = tokenize(case.claim.text[: told.start])
    is_grade = bool(before) and before[-1].text in _GRADES
    return is_grade and _is_counted_otherwise(case, told)


def _is_counted_otherwise(case: Case, told: Quantity) -> bool:
    """Whether the same thing was said with other numbers alone: "type 3 diabetes", "5 packs"."""
    values = {
        number.value
        for passage in case.index.passages
        for number in numbers(passage.tokens)
        if _beside(passage.tokens, number.first, number.last) & _things(case, told)
    }
    return bool(values) and not any(told.low <= each <= told.high for each in values)


def _things(case: Case, told: Quantity) -> set[str]:
    tokens = case.claim.tokens
    inside = [
        place for place, each in enumerate(tokens) if told.start <= each.start < told.end
    ]  # fmt: skip
    return _beside(tokens, inside[0], inside[-1] + 1) if inside else set()


def _beside(tokens: Sequence[Token], first: int, last: int) -> set[str]:
    """Return the stem of the grade named before a number, and of the thing counted after it."""
    before = {each.stem for each in tokens[max(0, first - 1) : first] if each.text in _GRADES}
    after = tokens[last : last + 1]
    return before | {
        each.stem for each in after if each.text[0].isalpha() and each.text not in STOPWORDS
    }


def _unsaid(case: Case) -> Iterator[Finding]:
    """Yield numbers that stand nowhere in the visit, neither so nor as part of another value."""
    for number in numbers(case.claim.tokens):
        tokens = case.claim.tokens[number.first : number.last]
        start = tokens[0].start
        if number.value in case.index.figures or tokens[0].text in _IDLE:
            continue
        is_date = not without_days(case.claim.text)[start].strip()
        if is_date or _NAME.search(case.claim.text[:start]):
            continue  # dates have a rule of their own; "COVID-19" is a name
        holders = [each for each in case.claim.quantities if each.start <= start < each.end]
        if any(case.is_measured(each) for each in holders):
            continue  # "2 weeks" for "fourteen days"
        text = holders[0].text if holders else tokens[0].text
        yield Finding(_kind(holders[0], case) if holders else FindingKind.NUMBER, text)


def _kind(told: Quantity, case: Case) -> FindingKind:
    is_of_drug = is_dose(told, case.claim)
    return FindingKind.DOSE if is_of_drug else _KINDS.get(told.measure, FindingKind.NUMBER)
