"""What a claim says about allergies must agree with all that was said about them."""

from __future__ import annotations

import re
from typing import Final

from app.clinical.lexicon import Kind
from app.clinical.negation import Polarity
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.reading import Element, Reading

REACH: Final = 2
"""Passages around the word "allergy" in which the substance may be named."""
_NONE_KNOWN: Final = ("nkda", "nka")
_TREATMENT: Final = re.compile(
    r"\b(?:tak(?:e|es|ing)|us(?:e|es|ing)|continu\w+|start\w*|try|stay|prescri\w+|you're on|"
    r"i'm on|other than)\b",
    re.IGNORECASE,
)
"""A drug that is taken beside talk of allergies is not what the allergy is to."""
_SUBSTANCES: Final = (Kind.DRUG, Kind.DRUG_CLASS)


def check(case: Case) -> list[Finding]:
    """Return a finding where allergies are denied against the visit, or not spoken of in it."""
    told = case.claim.of(Kind.ALLERGY)
    if not told:
        return []
    passages = [each for each in case.index.passages if each.of(Kind.ALLERGY)]
    if not passages:
        return [Finding(FindingKind.ALLERGY, told[0].text)]
    if is_denial(told[0]):
        return (
            [Finding(FindingKind.ALLERGY, told[0].text)] if _is_any_affirmed(case, passages) else []
        )
    if not case.claim.of(*_SUBSTANCES):
        return [] if _is_any_open(passages) else [Finding(FindingKind.ALLERGY, told[0].text)]
    told_of = [each for passage in passages if _is_open(passage) for each in _near(case, passage)]
    return [
        Finding(FindingKind.ALLERGY, each.text)
        for each in case.claim.of(*_SUBSTANCES)
        if each.polarity is Polarity.AFFIRMED and not _is_named(each, told_of)
    ]


def is_denial(allergy: Element) -> bool:
    """Return whether a text says that there is no allergy."""
    return allergy.text.lower() in _NONE_KNOWN or allergy.polarity is Polarity.NEGATED


def _is_any_open(passages: list[Reading]) -> bool:
    """Whether allergies were spoken of without being denied."""
    return any(_is_open(passage) for passage in passages)


def _is_open(passage: Reading) -> bool:
    return any(not is_denial(each) for each in passage.of(Kind.ALLERGY))


def _near(case: Case, passage: Reading) -> list[Reading]:
    """Return an allergy's passage and those around it that speak of no treatment."""
    return [
        each
        for each in case.index.near(passage, REACH)
        if each is passage or not _TREATMENT.search(each.text)
    ]


def _is_any_affirmed(case: Case, passages: list[Reading]) -> bool:
    """Whether an allergy to a substance was affirmed and none was denied."""
    denied = affirmed = False
    for passage in passages:
        for each in passage.of(Kind.ALLERGY):
            denied |= is_denial(each)
            near = case.index.near(passage, REACH)
            has_substance = any(part.of(*_SUBSTANCES) for part in near)
            affirmed |= each.polarity is Polarity.AFFIRMED and has_substance
    return affirmed and not denied


def _is_named(substance: Element, near: list[Reading]) -> bool:
    wanted = set(substance.name.split("+"))
    return any(
        (wanted & set(each.name.split("+")) or set(substance.stems) <= passage.stems)
        and not _is_remedy(each, passage)
        for passage in near
        for each in passage.of(*_SUBSTANCES)
    )


def _is_remedy(substance: Element, passage: Reading) -> bool:
    """Whether it is taken for the allergy: "an antihistamine for my allergies"."""
    last = substance.place + len(substance.text.split())
    return any(token.text == "for" for token in passage.tokens[last : last + 1])
