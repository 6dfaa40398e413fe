"""Which claims rest on words that read otherwise now than when they were checked. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.draft import Claim, Draft, Owner
from app.domain.ids import SegmentId
from app.domain.transcript import Segment

_LETTERS: Final = 16
"""Hex letters of a print: 64 bits tell a changed text from an unchanged one; it is no proof."""


def evidence_print(evidence: Sequence[SegmentId], heard: Mapping[SegmentId, Segment]) -> str:
    """Return what tells whether evidence reads as before: roles and words, hashed.

    A segment that is gone counts as an empty one. Commas and capitals are no words: the second
    pass sets them while a person reviews, and that must not stop a signature.
    """
    parts = []
    for each in evidence:
        segment = heard.get(each)
        parts.append(
            f"{segment.role.value}\t{' '.join(_words(segment.text))}" if segment is not None else ""
        )
    data = "\n".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:_LETTERS]


def is_reworded(before: str, after: str) -> bool:
    """Return whether two texts differ in more than commas and capitals."""
    return _words(before) != _words(after)


def _words(text: str) -> list[str]:
    """Return the words without capitals and without what only parts sentences."""
    bare = (each.strip(".,;:?!").casefold() for each in text.split())
    return [each for each in bare if each]


def printed(claim: Claim, heard: Mapping[SegmentId, Segment]) -> Claim:
    """Return a claim that knows how its evidence reads now."""
    if claim.owner is not Owner.MODEL or not claim.evidence:
        return replace(claim, heard="") if claim.heard else claim
    return replace(claim, heard=evidence_print(claim.evidence, heard))


def draft_printed(draft: Draft, segments: Iterable[Segment]) -> Draft:
    """Return a draft whose claims know how their evidence read in the transcript it rests on."""
    heard = {each.id: each for each in segments}
    sections = tuple(
        replace(section, claims=tuple(printed(each, heard) for each in section.claims))
        for section in draft.sections
    )
    return replace(draft, sections=sections)


def watched(draft: Draft) -> frozenset[SegmentId]:
    """Return the segments whose words matter: the evidence of what a model wrote."""
    return frozenset(id_ for claim in draft.claims if claim.heard for id_ in claim.evidence)


def stale_claims(draft: Draft, segments: Iterable[Segment]) -> tuple[Claim, ...]:
    """Return the model's claims whose evidence changed since they were checked.

    Args:
        draft: its claims may or may not have prints; one without is never stale.
        segments: at least those of `watched(draft)`, as they are now.
    """
    heard = {each.id: each for each in segments}
    return tuple(
        each
        for each in draft.claims
        if each.heard and each.heard != evidence_print(each.evidence, heard)
    )
