"""A side in a claim must be the side that was said of the same part of the body."""

from __future__ import annotations

from app.clinical.laterality import Side, SidedWord
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case


def check(case: Case) -> list[Finding]:
    """Return a finding for each side that was not said."""
    said = [each for passage in case.window for each in passage.sides]
    if not said:
        said = [each for passage in case.passages for each in passage.sides]
    return [
        Finding(FindingKind.LATERALITY, each.text)
        for each in case.claim.sides
        if not _is_said(each, said)
    ]


def _is_said(told: SidedWord, said: list[SidedWord]) -> bool:
    same_part = [each for each in said if not told.stem or each.stem == told.stem]
    sides = {each.side for each in (same_part or said)}
    if told.side is Side.BOTH:
        return Side.BOTH in sides or {Side.LEFT, Side.RIGHT} <= sides
    return told.side in sides or sides == {Side.BOTH}
