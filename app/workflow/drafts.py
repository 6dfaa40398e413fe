"""Arithmetic on drafts: find, replace, add, remove claims. Pure; any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.draft import Claim, Draft, Owner, Section, Support
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, DraftId, SegmentId, TemplateId, VisitId, new_id


def empty_draft(
    visit: VisitId, at: datetime, template: TemplateId, sections: Sequence[tuple[str, str]]
) -> Draft:
    """Return a draft whose sections (key, heading) hold nothing yet."""
    made = tuple(Section(key, heading, is_finished=True) for key, heading in sections)
    return Draft(DraftId(new_id()), visit, template, made, "", at)


def typed_claim(text: str, evidence: tuple[SegmentId, ...] = ()) -> Claim:
    """Return a claim that a person wrote."""
    return Claim(ClaimId(new_id()), text.strip(), evidence, Support.CLINICIAN, Owner.CLINICIAN)


def find_claim(draft: Draft, claim: ClaimId) -> Claim:
    """Return a claim of the draft.

    Raises:
        NotFoundError: there is none of that id.
    """
    for each in draft.claims:
        if each.id == claim:
            return each
    raise NotFoundError("claim")


def with_claim(draft: Draft, claim: ClaimId, change: Callable[[Claim], Claim | None]) -> Draft:
    """Return the draft with one claim changed, or removed when `change` gives None.

    Raises:
        NotFoundError: there is none of that id.
    """
    find_claim(draft, claim)
    sections = []
    for section in draft.sections:
        claims = []
        for each in section.claims:
            kept = change(each) if each.id == claim else each
            if kept is not None:
                claims.append(kept)
        sections.append(replace(section, claims=tuple(claims)))
    return replace(draft, sections=tuple(sections))


def with_added(draft: Draft, section: str, claim: Claim, after: ClaimId | None = None) -> Draft:
    """Return the draft with a claim added at the end of a section, or after another claim.

    Raises:
        NotFoundError: there is no such section.
    """
    if all(each.key != section for each in draft.sections):
        raise NotFoundError("section")
    made = []
    for each in draft.sections:
        if each.key == section:
            ids = [present.id for present in each.claims]
            at = ids.index(after) + 1 if after in ids else len(ids)
            claims = (*each.claims[:at], claim, *each.claims[at:])
            made.append(replace(each, claims=claims))
        else:
            made.append(each)
    return replace(draft, sections=tuple(made))


def with_kept(draft: Draft, earlier: Draft | None) -> Draft:
    """Return a new draft that also holds what persons own in the earlier one.

    A machine never overwrites a person: their claims go to the end of their sections.
    """
    if earlier is None:
        return draft
    present = {claim.id for claim in draft.claims}
    for section in earlier.sections:
        for claim in section.claims:
            if claim.owner is not Owner.MODEL and claim.id not in present:
                draft = with_added(draft, section.key, claim)
    return draft
