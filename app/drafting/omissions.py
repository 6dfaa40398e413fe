"""Lists facts that were said and that no claim covers, worst first. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.negation import Polarity
from app.clinical.quantities import Measure, Quantity, agree
from app.domain.draft import Claim, Omission
from app.domain.transcript import SpeakerRole, Transcript
from app.drafting.evidence import left_open, shares_ingredient
from app.drafting.exchanges import ExchangeReader, Statement
from app.drafting.reading import Element, Reading, read

MOST: Final = 20
"""Longest list. It is ranked by harm, so the tail is what matters least."""
HARM: Final = {
    "allergy": 100, "dose": 95, "drug": 90, "medicine": 85, "vital": 70, "order": 65, "symptom": 60,
    "condition": 58, "excluded": 57, "follow_up": 55, "history": 53, "duration": 50, "denied": 45,
    "family": 44, "social": 42, "detail": 40, "instruction": 35,
}  # fmt: skip
"""Rank of each kind of fact: what hurts most when it is missing. Set by hand after the gate of
NOTES.md; no clinician has ranked it yet. What a clinician asked for ranks above what came up:
`excluded` is denied on being asked, `history` another answer with clinical words."""
_SHOWN: Final = {
    "dose": "drug", "medicine": "drug", "denied": "symptom", "excluded": "symptom",
}  # fmt: skip
"""Kinds for the screen, which knows fewer."""
_SECTIONS: Final = {"vital": "objective"}
_OF_DRUGS: Final = frozenset({Measure.DOSE, Measure.FREQUENCY, Measure.DURATION})
_CLINICAL: Final = (
    Kind.DRUG, Kind.DRUG_CLASS, Kind.SYMPTOM, Kind.CONDITION, Kind.VITAL, Kind.TEST, Kind.SOCIAL,
    Kind.BODY, Kind.WORD, Kind.QUALITY,
)  # fmt: skip
"""An instruction without any of these ("let's take a look") instructs nothing."""
_SIGNS: Final = (Kind.PAIN, Kind.FINDING)
_ILLNESS: Final = (Kind.SYMPTOM, Kind.CONDITION)
_TREATED: Final = (Kind.TEST, Kind.DRUG_CLASS, Kind.VITAL)
_PLANNED: Final = frozenset({"order", "instruction", "follow_up"})
_COVERED: Final = 0.6
_COVERED_SAME_SEGMENT: Final = 0.4
"""Shares of a statement's elements one claim must hold; fewer when it names the same segment."""
_SECOND_HALF: Final = 0.45
_FOLLOW_UP: Final = re.compile(
    r"\b(?:follow[- ]?up|come back|see you|see me|review|return|appointment|check back)\b",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"\b(?:order|send you|send it|refer|prescrib\w*|start|get (?:an?|some)|book|arrange|"
    r"organi[sz]e|schedule|sample|check your|repeat)\b",
    re.IGNORECASE,
)
_TOLD_BY_PATIENT: Final = re.compile(r"\b(?:my|i've|i was|i had|i have been)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact in a statement.

    Attributes:
        element: the idea it is about; None for a fact told by the whole statement.
        dose: of a drug.
    """

    kind: str
    statement: Statement
    reading: Reading
    order: int
    element: Element | None = None
    dose: Quantity | None = None

    @property
    def harm(self) -> int:
        """How bad it is to miss it."""
        return HARM[self.kind]

    @property
    def key(self) -> tuple[str, str]:
        """What makes two facts the same."""
        if self.element:
            value = f"{self.dose.low:g}{self.dose.unit}" if self.dose else ""
            return self.element.name, value or self.element.polarity.value
        return self.kind, self.statement.text.lower()


class OmissionFinder:
    """Compares what was said with what was written."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._reader = ExchangeReader(lexicon)

    def find(
        self, transcript: Transcript, claims: Sequence[Claim], most: int = MOST
    ) -> tuple[Omission, ...]:
        """Return up to `most` facts that no claim covers, worst first, then in order of time."""
        written = [read(each.text, self._lexicon, each.evidence) for each in claims]
        open_facts: dict[tuple[str, str], _Fact] = {}
        used: set[int] = set()
        facts = [each for row in self._statements(transcript) for each in self._facts(*row)]
        for fact in sorted(facts, key=lambda each: (-each.harm, each.order)):
            if fact.order in used or fact.key in open_facts or self._is_covered(fact, written):
                continue
            open_facts[fact.key] = fact
            used.add(fact.order)
        return tuple(self._omission(each) for each in list(open_facts.values())[:most])

    def _statements(self, transcript: Transcript) -> Iterator[tuple[int, Statement]]:
        for order, statement in enumerate(self._reader.read(transcript)):
            is_consent = self._lexicon.has_cue("consent", statement.text)
            if not is_consent and not self._lexicon.has_cue("talk", statement.text):
                yield order, statement

    def _facts(self, order: int, statement: Statement) -> Iterator[_Fact]:
        reading = read(statement.text, self._lexicon, statement.evidence)
        reading = left_open(reading, statement.role)
        for element in reading.elements:
            kind = _kind_of(element, statement)
            if kind:
                dose = _dose_of(element, reading)
                name = "dose" if dose and kind == "drug" else kind
                yield _Fact(name, statement, reading, order, element, dose)
        for kind in self._whole(statement, reading):
            yield _Fact(kind, statement, reading, order)

    def _whole(self, statement: Statement, reading: Reading) -> Iterator[str]:
        """Yield the kinds of facts that the statement as a whole tells."""
        measures = {each.measure for each in reading.quantities}
        is_measured = bool(reading.of(Kind.VITAL)) and bool(measures - _OF_DRUGS)
        if Measure.PRESSURE in measures or is_measured:
            yield "vital"
        if self._is_planned(statement):
            text = statement.text
            is_order = bool(_ORDER.search(text)) and statement.has(
                Kind.TEST, Kind.DRUG, Kind.DRUG_CLASS
            )
            if is_order:
                yield "order"
            elif _FOLLOW_UP.search(text):
                yield "follow_up"
            elif statement.has(*_CLINICAL):
                yield "instruction"
        elif Measure.DURATION in measures and statement.has(Kind.SYMPTOM, Kind.PAIN):
            yield "duration"
        yield from self._answers(statement, measures)

    def _answers(self, statement: Statement, measures: set[Measure]) -> Iterator[str]:
        """Yield the kinds of facts that a person tells when asked, or of their own accord."""
        is_family = self._lexicon.has_cue("family", statement.text)
        if is_family and statement.has(*_ILLNESS, Kind.WORD):
            yield "family"
        elif statement.has(Kind.SOCIAL) and (statement.question or _is_patient(statement)):
            yield "social"
        elif statement.question and not statement.text.endswith("?"):
            if _ideas(statement) or measures:
                yield "history"
        elif _is_patient(statement) and _is_detail(statement):
            yield "detail"

    def _is_planned(self, statement: Statement) -> bool:
        if statement.role is SpeakerRole.PATIENT or statement.question:
            return False
        is_told = statement.role is not SpeakerRole.CLINICIAN and bool(
            _TOLD_BY_PATIENT.search(statement.text)
        )
        is_late = statement.position > _SECOND_HALF
        return is_late and not is_told and self._lexicon.has_cue("plan", statement.text)

    def _is_covered(self, fact: _Fact, written: Sequence[Reading]) -> bool:
        if fact.element is not None:
            return any(_holds(each, fact) for each in written)
        wanted = {each.name for each in fact.reading.elements}
        for claim in written:
            names = {each.name for each in claim.elements} | claim.stems
            share = len(wanted & names) / max(1, len(wanted))
            is_same = bool(set(claim.evidence) & set(fact.statement.evidence))
            least = _COVERED_SAME_SEGMENT if is_same else _COVERED
            if share >= least and _has_quantities(fact, claim):
                return True
        return False

    def _omission(self, fact: _Fact) -> Omission:
        section = _SECTIONS.get(fact.kind, "subjective")
        if fact.kind in _PLANNED or (
            fact.kind in {"drug", "dose"} and _is_late_clinician(fact.statement)
        ):
            section = "plan"
        if fact.kind == "vital" and fact.statement.role is SpeakerRole.PATIENT:
            section = "subjective"
        kind = _SHOWN.get(fact.kind, fact.kind)
        segment = fact.statement.evidence[-1]
        text = fact.statement.text.rstrip(" ,;:-")
        return Omission(kind, text, segment, section, fact.harm)


def _ideas(statement: Statement) -> set[str]:
    """Return the clinical ideas of a statement; what only says how it is makes none."""
    return {
        each.idea
        for each in statement.mentions
        if each.kind in {*_CLINICAL, *_SIGNS} and each.kind is not Kind.QUALITY
    }


def _is_detail(statement: Statement) -> bool:
    """Whether a remark tells a sign, a test or a medicine, or how, where or when something is."""
    if statement.has(*_ILLNESS, *_SIGNS, *_TREATED):
        return True
    has_more = statement.has(Kind.QUALITY) or bool(statement.quantities)
    return bool(_ideas(statement)) and has_more


def _is_patient(statement: Statement) -> bool:
    """Whether it may be a patient who speaks; many recognizers give no roles."""
    return statement.role is not SpeakerRole.CLINICIAN


def _is_late_clinician(statement: Statement) -> bool:
    is_clinician = statement.role is SpeakerRole.CLINICIAN
    return is_clinician and statement.position > _SECOND_HALF and not statement.question


def _kind_of(element: Element, statement: Statement) -> str:
    """Return the kind of fact an element makes, empty for none."""
    is_affirmed = element.polarity is Polarity.AFFIRMED
    denied = "excluded" if statement.question else "denied"
    kinds = {
        Kind.ALLERGY: "allergy",
        Kind.DRUG: "drug" if is_affirmed else "",
        Kind.DRUG_CLASS: "medicine" if is_affirmed and _is_patient(statement) else "",
        Kind.SYMPTOM: "symptom" if is_affirmed else denied,
        Kind.CONDITION: "condition" if is_affirmed else denied,
    }
    if element.polarity is Polarity.OPEN or element.kind is None:
        return ""
    return kinds.get(element.kind, "")


def _dose_of(element: Element, reading: Reading) -> Quantity | None:
    doses = [each for each in reading.quantities if each.measure is Measure.DOSE]
    return doses[0] if doses and element.kind is Kind.DRUG else None


def _holds(claim: Reading, fact: _Fact) -> bool:
    """Return whether a claim tells a fact about an element."""
    element = fact.element
    for each in claim.elements:
        is_same = element is not None and (
            each.name == element.name
            or (element.kind is Kind.DRUG and shares_ingredient(each.name, element.name))
        )
        if not is_same or element is None:
            continue
        has_dose = fact.dose is None or any(agree(fact.dose, one) for one in claim.quantities)
        if has_dose and (element.kind is Kind.DRUG or each.polarity is element.polarity):
            return True
    return False


def _has_quantities(fact: _Fact, claim: Reading) -> bool:
    wanted = [each for each in fact.reading.quantities if each.measure is not Measure.PLAIN]
    return all(any(agree(one, other) for other in claim.quantities) for one in wanted)
