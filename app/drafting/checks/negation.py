"""What a claim affirms must not have been denied, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.clinical.lexicon import Kind
from app.clinical.negation import Polarity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.reading import Element, Reading

_IDEAS: Final = (
    Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.SOCIAL, Kind.DRUG, Kind.DRUG_CLASS, Kind.TEST,
    Kind.PAIN,
)  # fmt: skip
LEAST_SHARE: Final = 0.67
"""Share of a claim's other words that must stand the other way round before they count."""
_LEAST_WORDS: Final = 2
_OPPOSITE: Final = {Polarity.AFFIRMED: Polarity.NEGATED, Polarity.NEGATED: Polarity.AFFIRMED}


def check(case: Case) -> list[Finding]:
    """Return a finding for each idea that stands the other way round, else for the whole claim."""
    passages = case.passages
    if case.lexicon.has_cue("family", case.claim.text):
        passages = tuple(each for each in passages if case.lexicon.has_cue("family", each.text))
    ideas = [
        Finding(FindingKind.NEGATION, each.text)
        for each in case.claim.of(*_IDEAS)
        if _is_turned(each, passages)
    ]
    return ideas or _whole(case)


def _is_turned(element: Element, passages: Sequence[Reading]) -> bool:
    opposite = _OPPOSITE.get(element.polarity)
    said = {
        each.polarity
        for passage in passages
        for each in passage.elements
        if each.name == element.name or (element.kind is None and element.name in each.stems)
    }
    return opposite in said and element.polarity not in said


def _whole(case: Case) -> list[Finding]:
    """Compare the words that are no ideas; a few of them may differ by chance."""
    words = [each for each in case.claim.elements if each.kind in {None, Kind.WORD, Kind.QUALITY}]
    met = [
        each
        for each in words
        if any(each.name == other.name for passage in case.window for other in passage.elements)
    ]
    turned = [each for each in met if _is_turned(each, case.window)]
    is_exchange = "?" in case.claim.text
    least = 1 if is_exchange else min(_LEAST_WORDS, max(1, len(case.claim.elements)))
    if len(turned) >= least and len(turned) >= LEAST_SHARE * len(met):
        return [Finding(FindingKind.NEGATION, " ".join(each.text for each in turned))]
    return []
