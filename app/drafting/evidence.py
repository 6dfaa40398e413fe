"""Finds the passages of a transcript that a claim may rest on. Pure; any thread.

A passage is a statement of the visit: a sentence, or a question with its short answer. Search is
lexical: ideas of the lexicon ("water pill" is a diuretic) and word stems, rare words first.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.clinical.figures import figures
from app.clinical.lexicon import Kind, Lexicon
from app.clinical.negation import Polarity
from app.clinical.quantities import agree
from app.clinical.wording import content_stems
from app.domain.ids import SegmentId
from app.domain.transcript import SpeakerRole, Transcript
from app.drafting.exchanges import ExchangeReader, Line
from app.drafting.reading import Element, Reading, read

MOST_PASSAGES: Final = 4
"""Passages one claim may rest on. Set by hand: more would let anything be pieced together."""
RELATED: Final = 10
LEAST_GAIN: Final = 0.08
_PREFIX: Final = 6
"""Letters two long words must share to count as forms of one word ("diagnosed", "diagnosis")."""
_SOFT_WEIGHT: Final = 0.25
_IDEA_WEIGHT: Final = 1.5
_ACCORD: Final = 0.03
_QUANTITY_WEIGHT: Final = 0.5
_IF: Final = r"\bif (?:you|it|that|this|they|there|the|your|he|she|any|things)\b"
_HELP: Final = (
    r"\b(?:call|ring|come|emergency|hospital|urgent\w*|contact|let (?:me|us) know|look out|watch)\b"
)
_WARNING: Final = re.compile(
    rf"{_IF}.*(?:{_HELP}|\b(?:go|see|a&e|999|911|111|worse\w*|tell)\b)|{_HELP}.*{_IF}"
    r"|\b(?:look|watch) out for\b|\bif you get\b",
    re.IGNORECASE,
)
"""What to come back for is no finding."""
_OFTEN: Final = r"(?:also |sometimes |often )?"
_MAY: Final = r"(?:can|could|may|might)"
_GENERAL: Final = re.compile(
    r"\b(?:(?:some|other|many|most) people|people (?:who|with|can|get)"
    rf"|you (?:{_MAY}|would) {_OFTEN}(?:get|have|feel|notice|see|develop)"
    rf"|(?:that|which|it|this|they|these) {_MAY} {_OFTEN}(?:be|cause|produce|give|lead|make|happen)"
    r"|things like|bear in mind|keep an eye|side effects?)\b",
    re.IGNORECASE,
)
"""What a clinician says happens to people is no finding of this patient."""
_NAMED: Final = (Kind.BODY, Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.PAIN)
_SOFT: Final = (Kind.WORD, Kind.QUALITY, Kind.BODY)


class EvidenceIndex:
    """The passages of one transcript."""

    def __init__(self, transcript: Transcript, lexicon: Lexicon) -> None:
        reader = ExchangeReader(lexicon)
        self._lexicon = lexicon
        self.segments: frozenset[SegmentId] = frozenset(each.id for each in transcript.segments)
        self.passages: tuple[Reading, ...] = tuple(_passages(reader, transcript, lexicon))
        self._places: dict[str, set[int]] = defaultdict(set)
        for place, passage in enumerate(self.passages):
            for name in _names(passage):
                self._places[name].add(place)
        self.figures: frozenset[float] = frozenset(
            figure for each in transcript.segments for figure in figures(each.text)
        )
        self.words: frozenset[str] = frozenset(
            token.text for passage in self.passages for token in passage.tokens if token.is_word
        )

    def holding(self, evidence: Iterable[SegmentId]) -> tuple[Reading, ...]:
        """Return the passages made of any of these segments."""
        wanted = set(evidence)
        return tuple(each for each in self.passages if wanted.intersection(each.evidence))

    def with_name(self, name: str) -> tuple[Reading, ...]:
        """Return the passages that speak of an idea or hold a stem."""
        return tuple(self.passages[place] for place in sorted(self._places.get(name, ())))

    def is_said(self, element: Element) -> bool:
        """Return whether an idea was said anywhere but in questions that nobody answered.

        What is affirmed or denied beside such a question, in one run of words, was said.
        """
        names = {element.name, *element.stems}
        places = {place for name in names for place in self._places.get(name, ())}
        return any(_tells(self.passages[place], element) for place in places)

    def near(self, passage: Reading, reach: int) -> tuple[Reading, ...]:
        """Return a passage and those up to `reach` before and after it."""
        return self.passages[max(0, passage.order - reach) : passage.order + reach + 1]

    def weights(self, claim: Reading) -> dict[str, float]:
        """Return how much each element of a claim counts: ideas more, common words less."""
        return {each.name: self._weight(each) for each in claim.elements}

    def covered(self, claim: Reading, passages: Sequence[Reading]) -> float:
        """Return the weighted share, 0 to 1, of a claim's elements that the passages speak of."""
        weights = self.weights(claim)
        total = sum(weights.values())
        if not total:
            return 1.0 if claim.quantities and passages else 0.0
        names, stems, prefixes = _gather(passages)
        held = sum(
            weights[name]
            for name, each in {each.name: each for each in claim.elements}.items()
            if _is_held(each, names, stems, prefixes)
        )
        return held / total

    def unspoken(self, claim: Reading) -> tuple[Element, ...]:
        """Return what a claim names that nobody spoke of: body parts, symptoms, illness."""
        names, stems, prefixes = _gather(self.passages)
        return tuple(
            each for each in claim.of(*_NAMED) if not _is_held(each, names, stems, prefixes)
        )

    def best(self, claim: Reading, near: Sequence[Reading] = ()) -> tuple[Reading, ...]:
        """Return up to four passages that together cover most of a claim, in order of time.

        Args:
            claim: what to find.
            near: passages a model named; ties go to them and their neighborhood.
        """
        pool = self.related(claim)
        return self.choose(claim, pool, near) if claim.elements else pool[:1]

    def choose(
        self, claim: Reading, pool: Sequence[Reading], near: Sequence[Reading] = ()
    ) -> tuple[Reading, ...]:
        """Return up to four passages of a pool that together cover most of a claim."""
        chosen: list[Reading] = []
        reached = 0.0
        while pool and len(chosen) < MOST_PASSAGES:
            anchors = [each.order for each in (*chosen, *near)]
            score, _, pick = max(
                (
                    (
                        self.covered(claim, [*chosen, each]) + _accord(claim, each),
                        -_distance(each.order, anchors),
                        each,
                    )
                    for each in pool
                ),
                key=lambda row: row[:2],
            )
            score -= _accord(claim, pick)
            if score - reached < LEAST_GAIN:
                break
            chosen.append(pick)
            reached = score
            pool = tuple(each for each in pool if each is not pick)
        return tuple(sorted(chosen, key=lambda each: each.order))

    def related(self, claim: Reading) -> tuple[Reading, ...]:
        """Return the passages that share most with a claim, best first."""
        weights, scores = self.weights(claim), Counter[int]()
        for each in claim.elements:
            for name in {each.name, *each.stems}:
                share = weights[each.name] if name == each.name else weights[each.name] / 2
                for place in self._places.get(name, ()):
                    scores[place] += share  # type: ignore[assignment] # Counter adds floats, too
        for place in self._with_quantities(claim):
            scores[place] += _QUANTITY_WEIGHT  # type: ignore[assignment] # as above
        return tuple(self.passages[place] for place, _ in scores.most_common(RELATED))

    def _with_quantities(self, claim: Reading) -> list[int]:
        return [
            place
            for place, passage in enumerate(self.passages)
            if any(agree(one, other) for one in claim.quantities for other in passage.quantities)
        ]

    def _weight(self, element: Element) -> float:
        places = len(self._places.get(element.name, ()))
        rarity = 1.0 / (1.0 + math.log1p(places) / 4)
        if element.kind in _SOFT:
            return 0.6 * rarity
        if element.kind is not None:
            return _IDEA_WEIGHT * rarity
        is_soft = self._lexicon.has_cue("soft", element.text)
        return _SOFT_WEIGHT if is_soft else rarity


def _passages(
    reader: ExchangeReader, transcript: Transcript, lexicon: Lexicon
) -> Iterable[Reading]:
    lines = reader.lines(transcript)
    order = {id_: place for place, id_ in enumerate(each.id for each in transcript.segments)}
    found = [(each.evidence, each.text, each.role, False) for each in reader.statements(lines)]
    told: dict[SegmentId, set[str]] = defaultdict(set)
    for evidence, text, *_ in found:
        for each in evidence:
            told[each].update(content_stems(text))
    found += [
        (line.segments, line.text, line.role, reader.is_unanswered(lines, place))
        for place, line in enumerate(lines)
        if _is_untold(line, told)
    ]
    found.sort(key=lambda row: order[row[0][0]])
    for place, (evidence, text, role, is_unanswered) in enumerate(found):
        reading = read(text, lexicon, evidence, place)
        yield replace(left_open(reading, role), is_unanswered=is_unanswered)


def left_open(reading: Reading, role: SpeakerRole) -> Reading:
    """Return a reading that leaves open what no patient has: warnings, what happens to people.

    "Chest pain, if you get that, is an emergency" and "some people feel sick" tell no symptom.
    """
    if role is SpeakerRole.PATIENT:
        return reading
    general = _GENERAL.search(reading.text)
    first = 0 if _WARNING.search(reading.text) else general.start() if general else None
    if first is None:
        return reading
    elements = tuple(
        replace(each, polarity=Polarity.OPEN) if reading.tokens[each.place].start >= first else each
        for each in reading.elements
    )
    return replace(reading, elements=elements)


def _is_untold(line: Line, told: Mapping[SegmentId, set[str]]) -> bool:
    if not line.text or line.is_backchannel:
        return False
    return not set(content_stems(line.text)) <= told.get(line.segments[0], set())


def _tells(passage: Reading, element: Element) -> bool:
    if passage.is_unanswered:
        return any(
            each.name == element.name and each.polarity is not Polarity.OPEN
            for each in passage.elements
        )
    return element.name in _names(passage) or passage.stems.issuperset(element.stems)


def _names(passage: Reading) -> set[str]:
    return {each.name for each in passage.elements} | set(passage.stems)


def _gather(passages: Sequence[Reading]) -> tuple[set[str], set[str], set[str]]:
    names = {each.name for passage in passages for each in passage.elements}
    stems = {stem for passage in passages for stem in passage.stems}
    prefixes = {stem[:_PREFIX] for stem in stems if len(stem) >= _PREFIX}
    return names, stems, prefixes


def _is_held(each: Element, names: set[str], stems: set[str], prefixes: set[str]) -> bool:
    if each.name in names or each.name in stems:
        return True
    if each.stems and all(
        stem in stems or (len(stem) >= _PREFIX and stem[:_PREFIX] in prefixes)
        for stem in each.stems
    ):
        return True
    if each.kind is Kind.DRUG:
        return any(shares_ingredient(each.name, name) for name in names)
    return False


def _accord(claim: Reading, passage: Reading) -> float:
    """Return a small bonus for a passage that says yes, no and left as the claim does."""
    said = {(each.name, each.polarity) for each in passage.elements}
    met = sum((each.name, each.polarity) in said for each in claim.elements)
    sides = {each.side for each in claim.sides} & {each.side for each in passage.sides}
    numbers = any(agree(one, other) for one in claim.quantities for other in passage.quantities)
    return _ACCORD * (met + len(sides) + numbers) / max(1, len(claim.elements))


def shares_ingredient(first: str, second: str) -> bool:
    """Return whether two drug ideas have an ingredient in common."""
    return bool(set(first.split("+")) & set(second.split("+")))


def _distance(order: int, anchors: Sequence[int]) -> int:
    return min((abs(order - each) for each in anchors), default=0)
