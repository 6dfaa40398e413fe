"""A side in a claim must be the side that was said of the same part of the body."""

from __future__ import annotations

from app.clinical.laterality import Side, SidedWord
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case


def check(case: Case) -> list[Finding]:
    """Return a finding for each side that was not said."""
    near = [each for passage in case.window for each in passage.sides]
    said = [each for passage in case.index.passages for each in passage.sides]
    return [
        Finding(FindingKind.LATERALITY, each.text)
        for each in case.claim.sides
        if not _is_said(each, _of_part(each, near) or _of_part(each, said) or near)
    ]


def _of_part(told: SidedWord, said: list[SidedWord]) -> list[SidedWord]:
    return [each for each in said if not told.stem or each.stem == told.stem]


def _is_said(told: SidedWord, said: list[SidedWord]) -> bool:
    sides = {each.side for each in said}
    if told.side is Side.BOTH:
        if not sides:  # "lungs clear bilaterally" for "your lungs are clear" is no harm
            return True
        return Side.BOTH in sides or {Side.LEFT, Side.RIGHT} <= sides
    return told.side in sides or sides == {Side.BOTH}
