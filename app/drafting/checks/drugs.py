"""Every drug of a claim must have been spoken of, under this or another of its names."""

from __future__ import annotations

from typing import Final

from rapidfuzz import fuzz, process

from app.clinical.lexicon import Kind, Lexicon
from app.domain.draft import Finding, FindingKind
from app.drafting.checks.case import Case
from app.drafting.evidence import shares_ingredient
from app.drafting.reading import Element

LEAST_ALIKE: Final = 80.0
"""Of 100 (Levenshtein ratio): "trimethoprine" for trimethoprim has 88, the pair hydroxyzine and
hydralazine 73. A word that is a drug of its own never passes for another."""
_LEAST_LETTERS: Final = 6


def check(case: Case) -> list[Finding]:
    """Return a finding for each drug nobody spoke of."""
    return [
        Finding(FindingKind.DRUG, each.text)
        for each in case.claim.of(Kind.DRUG)
        if not is_spoken_of(each, case)
    ]


def is_spoken_of(drug: Element, case: Case) -> bool:
    """Return whether a drug, one sharing an ingredient, or a misheard form stands in the visit."""
    for passage in case.index.passages:
        if any(shares_ingredient(drug.name, each.name) for each in passage.of(Kind.DRUG)):
            return True
    return _is_misheard(drug.text.lower(), case.index.words, case.lexicon)


def _is_misheard(name: str, words: frozenset[str], lexicon: Lexicon) -> bool:
    if len(name) < _LEAST_LETTERS:
        return False
    unknown = [word for word in words if len(word) >= _LEAST_LETTERS and word[0] == name[0]]
    unknown = [word for word in unknown if word not in lexicon.drug_names]
    match = process.extractOne(name, unknown, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE)
    return match is not None
