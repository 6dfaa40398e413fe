"""Brings a checked draft up to a transcript whose words are others now. Pure; any thread.

What a person wrote stays, and so does their verdict: a line they let stand on other words waits
for them. What a machine wrote is checked anew, and a quotation nobody decided on is quoted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

from app.domain.draft import Claim, Draft, Omission, Owner, Section, Support
from app.domain.ids import ClaimId, SegmentId
from app.domain.review import is_blocking
from app.domain.transcript import Segment, Transcript
from app.drafting.claims import sameness
from app.drafting.extractive import ENGINE
from app.drafting.staleness import printed, stale_claims

LEAST_ALIKE: Final = 0.5
"""Share of words two quotations of one segment have in common when they are the same statement:
`SequenceMatcher.ratio` over words. A segment may hold several statements. Set by hand."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What is other than when a draft was made.

    Attributes:
        transcript: as it reads now.
        segments: those whose words changed, as far as somebody told.
        decided: claims a person decided on.
        accepted: those of them that they let stand.
        quoted: by section, what quoting makes of the transcript now; empty where nobody quoted.
    """

    transcript: Transcript
    segments: frozenset[SegmentId] = frozenset()
    decided: frozenset[ClaimId] = frozenset()
    accepted: frozenset[ClaimId] = frozenset()
    quoted: Mapping[str, Sequence[Claim]] = field(default_factory=dict)


def needs_quotes(draft: Draft, changed: Changed) -> bool:
    """Return whether a quotation that may be quoted anew rests on changed words."""
    stale = stale_claims(draft, changed.transcript.segments)
    return any(_quotations(each, stale, changed) for each in draft.sections)


def followed(
    draft: Draft, changed: Changed, check: Callable[[Claim, Transcript], Claim]
) -> dict[ClaimId, Claim]:
    """Return the claims that are others now, by id.

    Args:
        draft: checked, with prints of its evidence.
        changed: what it has to follow.
        check: holds a claim against a transcript, as `Checker.check` does.
    """
    stale = stale_claims(draft, changed.transcript.segments)
    found: dict[ClaimId, Claim] = {}
    for section in draft.sections:
        fresh = _requoted(section, stale, changed)
        for claim in section.claims:
            now = _now(fresh.get(claim.id, claim), claim in stale, changed, check)
            if now != claim:
                found[claim.id] = now
    return found


def checked_again(
    claim: Claim, changed: Changed, check: Callable[[Claim, Transcript], Claim]
) -> Claim:
    """Return a model's claim whose evidence changed, checked against how it reads now.

    A claim that a person let stand when it rested on other words, and that would block without
    their verdict, stays stale: the verdict was not about these words.
    """
    fresh = printed(check(claim, changed.transcript), _by_id(changed.transcript))
    fresh = replace(fresh, is_changed=True)
    if claim.id in changed.accepted and is_blocking(fresh):
        return replace(fresh, evidence=claim.evidence, heard=claim.heard)
    return fresh


def omitted(
    draft: Draft, fresh: Sequence[Omission], segments: Collection[SegmentId]
) -> tuple[Omission, ...]:
    """Return what is left out now: of changed segments what was found anew, else what was known.

    Args:
        draft: with its omissions, worst first.
        fresh: found in the transcript as it reads now, placed in sections.
        segments: those whose words changed.
    """
    kept = [each for each in draft.omissions if each.segment not in segments]
    kept += [each for each in fresh if each.segment in segments]
    return tuple(sorted(kept, key=lambda each: -each.harm))


def _now(
    claim: Claim, is_stale: bool, changed: Changed, check: Callable[[Claim, Transcript], Claim]
) -> Claim:
    if claim.owner is not Owner.MODEL:
        is_touched = not changed.segments.isdisjoint(claim.evidence)
        return replace(claim, is_changed=True) if is_touched else claim
    if is_stale:
        return checked_again(claim, changed, check)
    is_doubted = claim.support is not Support.SUPPORTED and claim.id not in changed.accepted
    return _borne_out(claim, changed, check) if is_doubted and changed.segments else claim


def _borne_out(
    claim: Claim, changed: Changed, check: Callable[[Claim, Transcript], Claim]
) -> Claim:
    """Return a doubted claim that changed words bear out: a corrected name was the right one.

    No other verdict is touched where the claim's own evidence reads as before: a claim whose
    evidence the checker mended once may come out otherwise when it is checked from there.
    """
    fresh = check(claim, changed.transcript)
    is_borne_out = fresh.support is Support.SUPPORTED
    if not is_borne_out or changed.segments.isdisjoint(fresh.evidence):
        return claim
    return replace(printed(fresh, _by_id(changed.transcript)), is_changed=True)


# -- quoting anew


def _quotations(section: Section, stale: Sequence[Claim], changed: Changed) -> list[Claim]:
    """Return the quotations of a section that rest on changed words and nobody decided on."""
    if section.engine != ENGINE:
        return []
    return [
        each
        for each in section.claims
        if each in stale and each.owner is Owner.MODEL and each.id not in changed.decided
    ]


def _requoted(section: Section, stale: Sequence[Claim], changed: Changed) -> dict[ClaimId, Claim]:
    """Return quotations as they read now: each the most alike of its own segments."""
    old = _quotations(section, stale, changed)
    standing = {sameness(each.text) for each in section.claims if each not in old}
    new = [
        each for each in changed.quoted.get(section.key, ()) if sameness(each.text) not in standing
    ]
    found: dict[ClaimId, Claim] = {}
    taken: set[ClaimId] = set()
    for _, was, now in sorted(_pairs(old, new), key=lambda row: -row[0]):
        if was.id not in found and now.id not in taken:
            found[was.id] = _quoted_anew(was, now)
            taken.add(now.id)
    return found


def _quoted_anew(was: Claim, now: Claim) -> Claim:
    """Return a quotation in other words that tells how it read when a person last decided on it."""
    before = was.before or was.text
    if sameness(before) == sameness(now.text):
        before = ""
    return replace(was, text=now.text, evidence=now.evidence, before=before)


def _pairs(old: Sequence[Claim], new: Sequence[Claim]) -> Iterator[tuple[float, Claim, Claim]]:
    for was in old:
        for now in new:
            if set(was.evidence).isdisjoint(now.evidence):
                continue
            texts = (sameness(was.text).split(), sameness(now.text).split())
            alike = SequenceMatcher(None, *texts, autojunk=False).ratio()
            if alike >= LEAST_ALIKE:
                yield alike, was, now


def _by_id(transcript: Transcript) -> dict[SegmentId, Segment]:
    return {each.id: each for each in transcript.segments}
