"""The one sentence about consent that a note may have: what the ledger says. Lane.

NOTES.md, "Consent sentence": a model's own is taken out of whatever it writes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.domain.draft import Claim, Draft, Owner, Support
from app.domain.errors import ConsentMissingError
from app.domain.ids import ClaimId, new_id
from app.domain.store_ports import VaultPort
from app.domain.visit import Consent, ConsentManner, Visit
from app.foundation.i18n import _
from app.workflow.drafts import with_added

_PLACES: Final = ("plan", "assessment_and_plan")
"""Where it stands, the first that is there; else at the end of the note."""


def with_consent_line(vault: VaultPort, visit: Visit, draft: Draft) -> Draft:
    """Return the draft with the line of its visit's consent, in the place of an earlier one.

    Raises:
        ConsentMissingError: nobody was asked, somebody declined, or it was withdrawn.
    """
    if visit.consent is None:
        raise ConsentMissingError
    text = consent_line(_as_named_now(vault.consent(visit.consent), visit))
    claim = Claim(ClaimId(new_id()), text, (), Support.CLINICIAN, Owner.LEDGER)
    sections = tuple(
        replace(each, claims=tuple(one for one in each.claims if one.owner is not Owner.LEDGER))
        for each in draft.sections
    )
    draft = replace(draft, sections=sections)
    keys = [each.key for each in draft.sections]
    place = next((each for each in _PLACES if each in keys), keys[-1])
    return with_added(draft, place, claim)


def _as_named_now(consent: Consent, visit: Visit) -> Consent:
    """Return a consent with the patient called what they are called now.

    The ledger itself keeps what was written when they were asked.
    """
    earlier = {each.before.display for each in visit.corrections}
    present = tuple(
        replace(each, who=visit.patient.display) if each.who in earlier else each
        for each in consent.present
    )
    return replace(consent, present=present)


def consent_line(consent: Consent) -> str:
    """Return what the ledger says, in one sentence.

    Raises:
        ConsentMissingError: it is not in force.
    """
    if not consent.is_granted:
        raise ConsentMissingError
    manner = {ConsentManner.VERBAL: _("Verbal"), ConsentManner.WRITTEN: _("Written")}
    scope = _("to record this visit")
    if consent.may_draft and consent.ai_disclosed:
        scope = _("to record this visit and to draft the note with AI assistance")
    return _("{manner} consent {scope} was given by {who}, asked by {asker} on {when}.").format(
        manner=manner[consent.manner],
        scope=scope,
        who=", ".join(each.who for each in consent.present),
        asker=consent.asked_by,
        when=f"{consent.at:%Y-%m-%d %H:%M}",
    )
