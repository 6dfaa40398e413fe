"""What a claim affirms must not have been denied, and the other way round."""

from __future__ import annotations

from collections import defaultdict
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
_ILLNESS: Final = (Kind.SYMPTOM, Kind.CONDITION)
LEAST_SHARE: Final = 0.67
"""Share of a clause's other words that must stand the other way round before they count."""
_LEAST_WORDS: Final = 2
_AS_GOOD: Final = 0.1
"""How much less of a claim another passage may hold and still be what the claim is about."""
_OPPOSITE: Final = {Polarity.AFFIRMED: Polarity.NEGATED, Polarity.NEGATED: Polarity.AFFIRMED}


def check(case: Case) -> list[Finding]:
    """Return a finding for each idea that stands the other way round, else for whole clauses."""
    passages, peers = case.passages, _peers(case)
    if case.lexicon.has_cue("family", case.claim.text):
        passages = tuple(each for each in passages if case.lexicon.has_cue("family", each.text))
        peers = tuple(each for each in peers if each in passages)
    ideas = [
        Finding(FindingKind.NEGATION, each.text)
        for place, each in enumerate(case.claim.of(*_IDEAS))
        if (not place or each.kind is not Kind.SOCIAL)
        and _is_against(each, _holding(each, peers) or passages)
    ]
    return ideas or _clauses(case, peers)


def _peers(case: Case) -> tuple[Reading, ...]:
    """Return the window and all passages that hold nearly as much of the claim as its best one."""
    shares = {each.order: case.index.covered(case.claim, [each]) for each in case.passages}
    best = max((shares[each.order] for each in case.window), default=0.0)
    chosen = {each.order for each in case.window}
    return tuple(
        each
        for each in case.passages
        if each.order in chosen or shares[each.order] >= best - _AS_GOOD
    )


def _holding(element: Element, passages: Sequence[Reading]) -> tuple[Reading, ...]:
    return tuple(
        each for each in passages if any(_is_same(element, other) for other in each.elements)
    )


def _is_same(element: Element, other: Element) -> bool:
    return other.name == element.name or (element.kind is None and element.name in other.stems)


def _is_turned(element: Element, passages: Sequence[Reading]) -> bool:
    opposite = _OPPOSITE.get(element.polarity)
    said = _polarities(element, passages)
    return opposite in said and element.polarity not in said


def _is_against(element: Element, passages: Sequence[Reading]) -> bool:
    """Whether an idea was said the other way round; an illness also if only asked or supposed."""
    if element.kind in _ILLNESS and element.polarity is Polarity.AFFIRMED:
        said = _polarities(element, passages)
        is_answered = any("?" in each.text.rstrip("? ") for each in passages)
        is_unsaid = Polarity.AFFIRMED not in said and not (is_answered and Polarity.OPEN in said)
        return bool(said) and is_unsaid
    return _is_turned(element, passages)


def _polarities(element: Element, passages: Sequence[Reading]) -> set[Polarity]:
    return {
        each.polarity
        for passage in passages
        for each in passage.elements
        if _is_same(element, each)
    }


def _clauses(case: Case, peers: Sequence[Reading]) -> list[Finding]:
    """Compare the words of each clause that are no ideas; a few of them may differ by chance."""
    clauses: dict[tuple[int, Polarity], list[Element]] = defaultdict(list)
    for each in case.claim.elements:
        if each.kind in {None, Kind.WORD, Kind.QUALITY, Kind.BODY, Kind.VITAL}:
            clauses[each.clause, each.polarity].append(each)
    return [
        Finding(FindingKind.NEGATION, " ".join(each.text for each in turned))
        for words in clauses.values()
        if (turned := _turned(words, case, peers))
    ]


def _turned(words: Sequence[Element], case: Case, peers: Sequence[Reading]) -> list[Element]:
    met = [each for each in words if _holding(each, case.window)]
    turned = [each for each in met if _is_turned(each, peers)]
    is_exchange = "?" in case.claim.text
    is_denial = bool(words) and words[0].polarity is Polarity.NEGATED
    is_short = len(case.claim.elements) <= _LEAST_WORDS
    least = 1 if is_exchange or is_denial or is_short else _LEAST_WORDS
    whole = len(words) if is_denial else len(met)
    return turned if len(turned) >= max(least, LEAST_SHARE * whole) else []
