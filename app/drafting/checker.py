"""Holds claims against the transcript: tier one, without a model. Any thread.

Rules live in `checks/`; this module finds the evidence, runs them and sums up. A claim in the
middle band comes back `partly`, with LOW_OVERLAP: that is what a second tier may ask a model about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.clinical.lexicon import Lexicon
from app.domain.draft import Claim, Finding, FindingKind, Owner, Support
from app.domain.ids import SegmentId
from app.domain.transcript import Transcript
from app.drafting.checks import (
    allergies,
    dates,
    doses,
    drugs,
    laterality,
    negation,
    numbers,
    questions,
)
from app.drafting.checks.case import Case
from app.drafting.evidence import EvidenceIndex
from app.drafting.reading import Reading, read

RULES: Final[tuple[Callable[[Case], list[Finding]], ...]] = (
    drugs.check, doses.check, numbers.check, dates.check, allergies.check, laterality.check,
    negation.check, questions.check,
)  # fmt: skip
LEAST_SUPPORTED: Final = 0.5
LEAST_PARTLY: Final = 0.3
"""Shares of a claim's content, set by hand before the first measurement and not swept.
tests/performance/checking.py prints the precision and recall they give."""
FULL_SHARE: Final = 0.75
"""Cited passages that hold this much of a claim are what it is about: none else excuse it."""
CITED_SLACK: Final = 0.15
"""How much worse the model's own evidence may be than the best before it is replaced."""
MOST_SEGMENTS: Final = 8


class DeterministicChecker:
    """Checks claims. It remembers the index of the last transcript, which is frozen data."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._last: tuple[Transcript, EvidenceIndex] | None = None

    def check(self, claim: Claim, transcript: Transcript) -> Claim:
        """Return the claim with its support, findings and, if mended, its evidence.

        What a person wrote is not judged.
        """
        if claim.owner is not Owner.MODEL:
            return replace(claim, support=Support.CLINICIAN, findings=())
        return self.examine(claim, transcript)

    def examine(self, claim: Claim, transcript: Transcript) -> Claim:
        """Check a claim whoever owns it: on request for a clinician's text."""
        index = self._index(transcript)
        reading = read(claim.text, self._lexicon)
        verdicts = [self._verdict(case) for case in self._cases(reading, claim.evidence, index)]
        if not verdicts:
            return self._without_evidence(claim, reading, index)
        support, findings, window = min(verdicts, key=lambda each: len(each[1]))
        return replace(
            claim,
            support=support,
            findings=findings,
            evidence=_evidence(window, transcript),
        )

    @staticmethod
    def _verdict(case: Case) -> tuple[Support, tuple[Finding, ...], Sequence[Reading]]:
        findings = tuple(dict.fromkeys(each for rule in RULES for each in rule(case)))
        harmful = tuple(each for each in findings if each.kind is not FindingKind.LOW_OVERLAP)
        if harmful:
            return Support.UNSUPPORTED, harmful, case.window
        if findings:  # said, but of something else as far as words tell
            return Support.PARTLY, findings, case.window
        unspoken = case.index.unspoken(case.claim)
        if unspoken:  # "pain in the neck", where the whole visit was about a back
            vague = tuple(Finding(FindingKind.LOW_OVERLAP, each.text) for each in unspoken)
            return Support.PARTLY, vague, case.window
        if case.index.covered(case.claim, case.window) < LEAST_SUPPORTED:
            return Support.PARTLY, (Finding(FindingKind.LOW_OVERLAP),), case.window
        return Support.SUPPORTED, (), case.window

    def _index(self, transcript: Transcript) -> EvidenceIndex:
        last = self._last
        if last is None or last[0] is not transcript:
            last = (transcript, EvidenceIndex(transcript, self._lexicon))
            self._last = last
        return last[1]

    def _cases(
        self, reading: Reading, cited: Sequence[SegmentId], index: EvidenceIndex
    ) -> list[Case]:
        """Choose what to try: the model's own evidence where it serves, then the best there is."""
        named = index.holding(cited)
        best = index.best(reading, named)
        own = index.choose(reading, named) or named[:1]
        own_share, best_share = index.covered(reading, own), index.covered(reading, best)
        is_own_good = len(own) <= MOST_SEGMENTS and own_share >= best_share - CITED_SLACK
        if is_own_good and own_share >= FULL_SHARE:
            return [Case(reading, own, (), index, self._lexicon)]
        related = index.related(reading)
        return [
            Case(reading, window, related, index, self._lexicon)
            for window in ([own, best] if is_own_good else [best])
            if window and index.covered(reading, window) >= LEAST_PARTLY
        ]

    def _without_evidence(self, claim: Claim, reading: Reading, index: EvidenceIndex) -> Claim:
        case = Case(reading, (), (), index, self._lexicon)
        findings = [Finding(FindingKind.NO_EVIDENCE)]
        for rule in RULES:
            findings += [each for each in rule(case) if each.kind is not FindingKind.LOW_OVERLAP]
        return replace(
            claim, support=Support.UNSUPPORTED, findings=tuple(findings), evidence=()
        )  # fmt: skip


def _evidence(window: Sequence[Reading], transcript: Transcript) -> tuple[SegmentId, ...]:
    wanted = {each for passage in window for each in passage.evidence}
    return tuple(each.id for each in transcript.segments if each.id in wanted)[:MOST_SEGMENTS]
