"""What a claim affirms must not have been denied, and the other way round.

An idea is judged where the words that stand beside it in the claim were said nearest to it: "pain
with supination, no pain with pronation" affirms one pain and denies another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.lexicon import Kind
from app.clinical.negation import Polarity
from app.clinical.wording import BREAKS, word_set
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.reading import Element, Reading

_IDEAS: Final = (
    Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.SOCIAL, Kind.DRUG, Kind.DRUG_CLASS, Kind.TEST,
    Kind.PAIN,
)  # fmt: skip
_ILLNESS: Final = (Kind.SYMPTOM, Kind.CONDITION)
_PLAIN: Final = (None, Kind.WORD, Kind.QUALITY, Kind.BODY, Kind.VITAL)
LEAST_SHARE: Final = 0.67
"""Share of a clause's other words that must stand the other way round before they count."""
_LEAST_WORDS: Final = 2
_AS_GOOD: Final = 0.1
"""How much less of a claim another passage may hold and still be what the claim is about."""
_AS_NEAR: Final = 0.8
"""Of the nearest company of an idea: what a mention must have to be the one the claim means."""
_HALF: Final = 4
"""Tokens between an idea and a word beside it that halve what the word tells about it."""
_LEAST_MET: Final = 0.5
"""Share of what qualifies a denied sign that must have been said of it. "No extra heart sounds"
and "no pain on pronation" deny neither heart sounds nor pain."""
_QUALIFIED: Final = (Kind.SYMPTOM, Kind.FINDING, Kind.PAIN, Kind.CONDITION)
_QUALIFYING: Final = (None, Kind.QUALITY)
_APART: Final = BREAKS | word_set("and or nor that which as from")
"""Tokens behind which words qualify something else."""
_OTHERS: Final = (
    (word_set("lateral outside outer"), word_set("medial inside inner")),
    (word_set("supination supinate supinated"), word_set("pronation pronate pronated")),
    (word_set("flexion flex flexed flexing"), word_set("extension extend extended extending")),
    (word_set("upper"), word_set("lower")), (word_set("anterior"), word_set("posterior")),
    (word_set("active"), word_set("passive")),
)  # fmt: skip
"""Places and movements of which one says nothing about the other."""
_OPPOSITE: Final = {Polarity.AFFIRMED: Polarity.NEGATED, Polarity.NEGATED: Polarity.AFFIRMED}


@dataclass(frozen=True, slots=True)
class _Mention:
    """An idea of the claim where it was said.

    Attributes:
        company: how near the words beside it in the claim were said, 0 to 1.
    """

    passage: Reading
    element: Element
    company: float


def check(case: Case) -> list[Finding]:
    """Return a finding for each idea that stands the other way round, else for whole clauses."""
    passages, peers = case.passages, _peers(case)
    if case.lexicon.has_cue("family", case.claim.text):
        passages = tuple(each for each in passages if case.lexicon.has_cue("family", each.text))
        peers = tuple(each for each in peers if each in passages)
    ideas = [
        Finding(FindingKind.NEGATION, each.text)
        for place, each in enumerate(case.claim.of(*_IDEAS))
        if (not place or each.kind is not Kind.SOCIAL) and _is_against(each, case, passages, peers)
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


def _is_same(element: Element, other: Element) -> bool:
    return other.name == element.name or (element.kind is None and element.name in other.stems)


def _is_meant(element: Element, other: Element, claim: Reading) -> bool:
    """Whether an idea of a passage is that of the claim: a pain may have its place elsewhere.

    "Right knee: no pain on movement" speaks of a pain in the knee.
    """
    if element.kind is not Kind.PAIN:
        return _is_same(element, other)
    places = {f"pain in {each.name}" for each in claim.of(Kind.BODY)}
    return _is_same(element, other) or other.name in places


def _beside(element: Element, case: Case) -> dict[str, float]:
    """Return the other elements of an idea's clause with their weights."""
    weights = case.index.weights(case.claim)
    return {
        each.name: weights[each.name]
        for each in case.claim.elements
        if each.clause == element.clause
        and each.name != element.name
        and not element.name.endswith(f" in {each.name}")
    }


def _mentions(
    element: Element, case: Case, passages: Sequence[Reading], peers: Sequence[Reading]
) -> list[_Mention]:
    """Return where an idea was said, as near to the claim's own words as it ever was."""
    beside, sides = _beside(element, case), _sides(element, case.claim)
    found = [
        _mention(passage, each, beside, sides)
        for passage in passages
        if not _is_elsewhere(case.claim, passage)
        for each in _settled(element, passage, case.claim)
    ]
    found = [each for each in found if each.element.polarity is not Polarity.OPEN] or found
    best = max((each.company for each in found), default=0.0)
    near = [each for each in found if each.company >= best * _AS_NEAR]
    orders = {each.order for each in peers}
    return [each for each in near if each.passage.order in orders] or near


def _is_elsewhere(claim: Reading, passage: Reading) -> bool:
    """Whether a passage speaks of the other place or movement: medial, where a claim is lateral."""
    told = {each.text for each in claim.tokens}
    said = {each.text for each in passage.tokens}
    return any(
        told & one and said & other and not (told & other or said & one)
        for pair in _OTHERS
        for one, other in (pair, pair[::-1])
    )


def _settled(element: Element, passage: Reading, claim: Reading) -> list[Element]:
    """Return an idea's elements in a passage; what was asked only if the reply leaves it open."""
    found = [each for each in passage.elements if _is_meant(element, each, claim)]
    return [each for each in found if each.polarity is not Polarity.OPEN] or found


def _sides(element: Element, claim: Reading) -> set[str]:
    """Return "left" or "right" where it stands beside an idea."""
    near = claim.tokens[max(0, element.place - _HALF) : element.place + _HALF]
    return {each.text for each in near if each.text in {"left", "right"}}


def _mention(
    passage: Reading, element: Element, beside: dict[str, float], sides: set[str]
) -> _Mention:
    company = 0.0
    for side in sides:
        gaps = [
            abs(place - element.place)
            for place, each in enumerate(passage.tokens)
            if each.text == side
        ]
        company += 1 / (1 + min(gaps) / _HALF) if gaps else 0.0
    for name, weight in beside.items():
        places = [each.place for each in passage.elements if _is_named(each, name)]
        if places:
            gap = min(abs(place - element.place) for place in places)
            company += weight / (1 + gap / _HALF)
    return _Mention(passage, element, company)


def _is_named(element: Element, name: str) -> bool:
    return element.name == name or name in element.stems


def _is_of_it(element: Element, case: Case, mentions: Sequence[_Mention]) -> bool:
    """Whether what qualifies a denied sign was said of it where it was affirmed."""
    names = _qualifiers(element, case) if element.kind in _QUALIFIED else set()
    return any(
        sum(_is_told(name, one.passage) for name in names) >= _LEAST_MET * len(names)
        for one in mentions
        if one.element.polarity is Polarity.AFFIRMED
    )


def _is_told(name: str, passage: Reading) -> bool:
    """Whether a passage speaks of something, and not in a question alone."""
    return any(
        _is_named(each, name) and each.polarity is not Polarity.OPEN for each in passage.elements
    )


def _qualifiers(element: Element, case: Case) -> set[str]:
    """Return the words that narrow an idea: those beside it up to the next "and" or mark."""
    is_placed = element.kind in {Kind.PAIN, Kind.CONDITION}
    kinds = (*_QUALIFYING, Kind.BODY) if is_placed else _QUALIFYING
    return {
        each.name
        for each in case.claim.elements
        if each.kind in kinds
        and each.polarity is element.polarity
        and each.place != element.place
        and not case.lexicon.has_cue("soft", each.text)
        and not _is_apart(case.claim, element, each)
    }


def _is_apart(claim: Reading, first: Element, second: Element) -> bool:
    low, high = sorted((first.place, second.place))
    return any(token.text in _APART for token in claim.tokens[low:high])


def _is_against(
    element: Element, case: Case, passages: Sequence[Reading], peers: Sequence[Reading]
) -> bool:
    """Whether an idea was said the other way round; an illness also if only asked or supposed."""
    mentions = _mentions(element, case, passages, peers)
    said = {each.element.polarity for each in mentions}
    if not said or element.polarity in said or element.polarity is Polarity.OPEN:
        return False
    if element.polarity is Polarity.NEGATED:
        is_of_it = Polarity.AFFIRMED in said and _is_of_it(element, case, mentions)
        return is_of_it and not _is_denied_with(element, case, peers)
    if Polarity.NEGATED in said:
        return True
    return element.kind in _ILLNESS and not _is_left_open(element, peers, passages)


def _is_left_open(element: Element, peers: Sequence[Reading], passages: Sequence[Reading]) -> bool:
    """Whether an illness was asked about and the reply is no yes or no, or affirmed elsewhere."""
    is_answered = any(
        "?" in each.text.rstrip("? ") for each in peers if _polarities(element, [each])
    )
    return is_answered or Polarity.AFFIRMED in _polarities(element, passages)


def _is_denied_with(element: Element, case: Case, peers: Sequence[Reading]) -> bool:
    """Whether the denial is of a word before: "did not try the coupon for the tablets"."""
    return any(
        _polarities(each, peers) == {Polarity.NEGATED}
        for each in case.claim.elements
        if each.kind is None
        and each.clause == element.clause
        and each.place < element.place
        and each.polarity is Polarity.NEGATED
        and not case.lexicon.has_cue("soft", each.text)
    )


def _polarities(element: Element, passages: Sequence[Reading]) -> set[Polarity]:
    return {
        each.polarity
        for passage in passages
        for each in passage.elements
        if _is_same(element, each)
    }


def _is_turned(element: Element, passages: Sequence[Reading]) -> bool:
    opposite = _OPPOSITE.get(element.polarity)
    said = _polarities(element, passages)
    return opposite in said and element.polarity not in said


def _clauses(case: Case, peers: Sequence[Reading]) -> list[Finding]:
    """Compare the words of each clause that are no ideas; a few of them may differ by chance."""
    clauses: dict[tuple[int, Polarity], list[Element]] = defaultdict(list)
    for each in case.claim.elements:
        if each.kind in _PLAIN:
            clauses[each.clause, each.polarity].append(each)
    return [
        Finding(FindingKind.NEGATION, " ".join(each.text for each in turned))
        for words in clauses.values()
        if (turned := _turned(words, case, peers))
    ]


def _turned(words: Sequence[Element], case: Case, peers: Sequence[Reading]) -> list[Element]:
    met = [each for each in words if _polarities(each, case.window)]
    turned = [each for each in met if _is_turned(each, peers)]
    is_idle = all(
        each.kind is Kind.BODY or case.lexicon.is_only("soft", each.text) for each in turned
    )
    if is_idle or _is_met(words[0], case, peers):
        return []
    is_exchange = "?" in case.claim.text
    is_denial = bool(words) and words[0].polarity is Polarity.NEGATED
    is_short = len(case.claim.elements) <= _LEAST_WORDS or _is_lone(words, turned, case)
    least = 1 if is_exchange or is_denial or is_short else _LEAST_WORDS
    whole = len(words) if is_denial else len(met)
    return turned if len(turned) >= max(least, LEAST_SHARE * whole) else []


def _is_lone(words: Sequence[Element], turned: Sequence[Element], case: Case) -> bool:
    """Whether a clause is one rare word that the whole visit turns: "thyromegaly" for none."""
    beside = [each for each in case.claim.elements if each.clause == words[0].clause]
    word = words[0]
    is_rare = word.kind is None and not case.lexicon.has_cue("soft", word.text)
    return (
        len(beside) == len(turned) == 1
        and is_rare
        and _is_turned(word, case.index.with_name(word.name))
    )


def _is_met(word: Element, case: Case, peers: Sequence[Reading]) -> bool:
    """Whether a clause's idea was said as the claim has it: then its other words are beside it."""
    return any(
        each.polarity is word.polarity and each.polarity in _polarities(each, peers)
        for each in case.claim.of(*_ILLNESS)
        if each.clause == word.clause
    )
