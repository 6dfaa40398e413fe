"""A side in a claim must be the side that was said of the same part of the body."""

from __future__ import annotations

from collections.abc import Sequence

from app.clinical.laterality import Side, SidedWord, is_near
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case


def check(case: Case) -> list[Finding]:
    """Return a finding for each side that was not said."""
    window = [each for passage in case.window for each in passage.sides]
    said = [each for passage in case.index.passages for each in passage.sides]
    return [
        Finding(FindingKind.LATERALITY, each.text)
        for each in case.claim.sides
        if not _is_said(each, _held_against(each, window, said))
    ]


def _held_against(
    told: SidedWord, window: Sequence[SidedWord], said: Sequence[SidedWord]
) -> Sequence[SidedWord]:
    """Choose what was said of the same part; else of its neighbors; else in the window; else all.

    A visit about "my right foot" may call its toe "the big toe" from then on.
    """
    same = [each for each in said if told.stem and each.stem == told.stem]
    near = [each for each in said if told.stem and is_near(each.stem, told.stem)]
    return same or near or window or said


def _is_said(told: SidedWord, said: Sequence[SidedWord]) -> bool:
    sides = {each.side for each in said}
    if told.side is Side.BOTH:
        if not sides:  # "lungs clear bilaterally" for "your lungs are clear" is no harm
            return True
        return Side.BOTH in sides or {Side.LEFT, Side.RIGHT} <= sides
    return told.side in sides or sides == {Side.BOTH}
