"""Spoken instructions are data: they escape no line, and no claim without evidence passes."""

from __future__ import annotations

import re
import unicodedata

import pytest

from app.domain.review import is_blocking
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.prompt import OPENING, build_prompt
from tests.injections import Injection, cases, plain
from tests.unit.drafting.speech import LEXICON, ROUTER, SOAP

CASES = [pytest.param(each, id=each.name) for each in cases()]
DRAFTER = ExtractiveDrafter(LEXICON, ROUTER)
CHECKER = DeterministicChecker(LEXICON)
LINE = re.compile(r"\[\d+\] (?:Clinician|Patient|Companion|Speaker): ")
CHAT = re.compile(r"<[|/a-zA-Z\[<]")


def test_there_are_at_least_thirty() -> None:
    assert len({each.name for each in cases()}) >= 30


@pytest.mark.parametrize("injection", CASES)
def test_an_attempt_stays_inside_its_line(injection: Injection) -> None:
    text = build_prompt(injection.transcript).text.removeprefix(OPENING)
    lines = text.split("\n")
    assert len(lines) == len(plain().segments) + 2  # the attempt's line, and what follows the end
    for line in lines[:-1]:
        assert len(LINE.findall(line)) == 1, line
        words = LINE.sub("", line, count=1)
        assert "[" not in words
        assert "]" not in words
        assert not CHAT.search(words)
        assert not any(unicodedata.category(each) in {"Cf", "Cc", "Zl", "Zp"} for each in words)


@pytest.mark.parametrize("injection", CASES)
def test_quoting_claims_nothing_without_evidence_and_keeps_what_was_said(
    injection: Injection,
) -> None:
    transcript = injection.transcript
    known = {each.id for each in transcript.segments}
    claims = [
        CHECKER.check(claim, transcript)
        for section in DRAFTER.draft(transcript, SOAP)
        for claim in section.claims
    ]
    for claim in claims:
        assert set(claim.evidence) <= known
        assert claim.evidence or is_blocking(claim)
    assert any("penicillin" in each.text and each.evidence for each in claims)
