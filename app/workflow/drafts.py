"""Arithmetic on drafts: find, replace, add, remove claims. Pure; any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.draft import Claim, Draft, Owner, Section, Support
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, DraftId, SegmentId, TemplateId, VisitId, new_id
from app.drafting.claims import sameness
from app.drafting.template_filing import home_of
from app.drafting.templates import Template


def empty_draft(
    visit: VisitId, at: datetime, template: TemplateId, sections: Sequence[tuple[str, str]]
) -> Draft:
    """Return a draft whose sections (key, heading) hold nothing yet."""
    made = tuple(Section(key, heading, is_finished=True) for key, heading in sections)
    return Draft(DraftId(new_id()), visit, template, made, "", at)


def template_draft(visit: VisitId, at: datetime, template: Template) -> Draft:
    """Return a draft of a template whose sections hold nothing yet."""
    sections = tuple(replace(each, is_finished=True) for each in blank_sections(template))
    return Draft(
        DraftId(new_id()),
        visit,
        template.id,
        sections,
        "",
        at,
        title=template.title,
        note_type=template.note_type,
    )


def blank_sections(template: Template) -> tuple[Section, ...]:
    """Return the sections of a template before anything is written."""
    return tuple(Section(each.key, each.heading, loinc=each.loinc) for each in template.sections)


def typed_claim(text: str, evidence: tuple[SegmentId, ...] = ()) -> Claim:
    """Return a claim that a person wrote."""
    return Claim(ClaimId(new_id()), text.strip(), evidence, Support.CLINICIAN, Owner.CLINICIAN)


def lines_in(text: str) -> tuple[str, ...]:
    """Return the lines of a typed text without bullets and blank lines."""
    bare = (each.strip().lstrip("-\u2022*").strip() for each in text.splitlines())
    return tuple(each for each in bare if each)


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


def with_claims(draft: Draft, fresh: Mapping[ClaimId, Claim]) -> Draft:
    """Return the draft with others in the place of some claims."""
    sections = tuple(
        replace(section, claims=tuple(fresh.get(each.id, each) for each in section.claims))
        for section in draft.sections
    )
    return replace(draft, sections=sections)


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

    A machine never overwrites a person: a claim they mended stands where the machine has its own
    wording of it, the others go to the end of their sections. Where the new draft is of another
    template, they go to the section that holds such things, and keep their own section if there
    is none.
    """
    if earlier is None:
        return draft
    theirs = {each.id: each for each in earlier.claims if each.owner is not Owner.MODEL}
    sections = [
        replace(each, claims=tuple(theirs.get(claim.id, claim) for claim in each.claims))
        for each in draft.sections
    ]
    draft = replace(draft, sections=tuple(sections))
    present = {claim.id for claim in draft.claims}
    for section in earlier.sections:
        kept = [
            each
            for each in section.claims
            if each.owner is not Owner.MODEL and each.id not in present
        ]
        if kept:
            draft = with_home(draft, section)
            home = home_of(section, draft.sections)
            for claim in kept:
                draft = with_added(draft, home, claim)
    return draft


def with_home(draft: Draft, section: Section) -> Draft:
    """Return the draft with a place for what a section of another draft holds."""
    if home_of(section, draft.sections):
        return draft
    return replace(draft, sections=(*draft.sections, replace(section, claims=())))


def recognized(
    sections: Iterable[Section], earlier: Mapping[str, Iterable[Claim]]
) -> tuple[Section, ...]:
    """Return the sections; a claim that says what one said before has the id of that one."""
    return tuple(
        replace(each, claims=with_known_ids(each.claims, earlier.get(each.key, ())))
        for each in sections
    )


def with_known_ids(claims: Iterable[Claim], earlier: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims, each with the id of the earlier one that says the same, if one does."""
    known = {sameness(each.text): each.id for each in earlier}
    found = []
    for claim in claims:
        same = known.pop(sameness(claim.text), None)
        found.append(claim if same is None else replace(claim, id=same))
    return tuple(found)
