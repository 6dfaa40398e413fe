"""What a person wrote stays when a machine writes the draft again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.draft import Claim, Draft, Owner, Support
from app.domain.ids import ClaimId, VisitId
from app.drafting.templates import load_template
from app.foundation import paths
from app.workflow.drafts import template_draft, typed_claim, with_added, with_claim, with_kept

SOAP = load_template(paths.resources() / "templates" / "soap.toml")


def made(*texts: str) -> Draft:
    """Return a draft whose plan a machine wrote, with the same ids each time."""
    draft = template_draft(VisitId("v"), datetime(2026, 11, 20, tzinfo=UTC), SOAP)
    for number, text in enumerate(texts):
        claim = Claim(ClaimId(f"c{number}"), text, (), Support.SUPPORTED, Owner.MODEL)
        draft = with_added(draft, "plan", claim)
    return draft


def mended(claim: Claim) -> Claim:
    return replace(claim, text="Mended.", owner=Owner.CLINICIAN, support=Support.CLINICIAN)


def test_a_line_mended_while_the_draft_is_written_stays_mended_in_its_place() -> None:
    touched = with_claim(made("Rest.", "Zinc."), ClaimId("c0"), mended)
    kept = with_kept(made("Rest.", "Zinc.", "Ice."), touched)
    assert [each.text for each in kept.claims] == ["Mended.", "Zinc.", "Ice."]
    assert [each.owner for each in kept.claims] == [Owner.CLINICIAN, Owner.MODEL, Owner.MODEL]


def test_an_added_line_goes_to_the_end_of_its_section_once() -> None:
    touched = with_added(made("Rest."), "plan", typed_claim("Mine."))
    kept = with_kept(with_kept(made("Rest.", "Zinc."), touched), touched)
    assert [each.text for each in kept.claims] == ["Rest.", "Zinc.", "Mine."]


def test_what_a_machine_wrote_before_goes_when_it_writes_anew() -> None:
    assert [each.text for each in with_kept(made("Ice."), made("Rest.", "Zinc.")).claims] == [
        "Ice."
    ]
