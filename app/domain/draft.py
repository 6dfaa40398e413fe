"""A draft: sections made of claims, each with the evidence it rests on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import ClaimId, DraftId, ModelId, SegmentId, TemplateId, VisitId


class Support(enum.StrEnum):
    """What the checks say about a claim."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CLINICIAN = "clinician"


class Owner(enum.StrEnum):
    """Who wrote a claim. A model never changes what it does not own.

    LEDGER: the sentence that the consent ledger gives.
    """

    MODEL = "model"
    CLINICIAN = "clinician"
    MACRO = "macro"
    LEDGER = "ledger"


class FindingKind(enum.StrEnum):
    """What a check found. All but NO_EVIDENCE, LOW_OVERLAP and what a model said can do harm.

    UNANSWERED: it was asked and nobody answered.
    MODEL_AGREED: a model found a loosely worded claim in its evidence; the claim is supported.
    MODEL_DOUBTED: it did not; the claim stays doubted.
    """

    DRUG = "drug"
    DOSE = "dose"
    ALLERGY = "allergy"
    LATERALITY = "laterality"
    NEGATION = "negation"
    NUMBER = "number"
    DATE = "date"
    ATTRIBUTION = "attribution"
    UNANSWERED = "unanswered"
    NO_EVIDENCE = "no_evidence"
    LOW_OVERLAP = "low_overlap"
    MODEL_AGREED = "model_agreed"
    MODEL_DOUBTED = "model_doubted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One complaint of a check about a claim.

    Attributes:
        detail: the words of the claim that are meant, for the screen. PHI: never logged.
    """

    kind: FindingKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence or bullet of a draft: the unit that has evidence, support and an owner."""

    id: ClaimId
    text: str
    evidence: tuple[SegmentId, ...] = ()
    support: Support = Support.UNSUPPORTED
    owner: Owner = Owner.MODEL
    findings: tuple[Finding, ...] = ()
    heard: str = ""
    """Print of the evidence as it read when the claim was checked; empty when nobody knows."""
    is_changed: bool = False
    """The words it rests on changed after it was written, and no person let it stand since."""
    before: str = ""
    """A quotation that was quoted anew: how it read, for as long as `is_changed`. PHI."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its claims. Finished without claims, it reads "Not discussed"."""

    key: str
    heading: str
    claims: tuple[Claim, ...] = ()
    is_finished: bool = False
    engine: str = ""
    """Who wrote it: a model id, `extractive`, or empty when nobody did."""
    loinc: str = ""
    """Code of the template, frozen with the draft; empty: the one that goes with the key."""


@dataclass(frozen=True, slots=True)
class Omission:
    """A fact that was said and that no claim covers.

    Attributes:
        kind: `drug`, `allergy`, `vital`, `symptom`, `duration`, `order`, `follow_up`, …
        harm: rank, higher is worse.
        section: key of the section it would go into.
    """

    kind: str
    text: str
    segment: SegmentId
    section: str
    harm: int = 0


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that took part, frozen with the draft: an auditor asks years later.

    Attributes:
        kind: `asr` or `llm`.
        sha256: of the weights, hex.
    """

    kind: str
    name: str
    maker: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A note in the making. Only persons change what persons own.

    Attributes:
        title, note_type: of the template, kept because templates change; `note_type` is a LOINC
            code. Both are empty in drafts of earlier versions of the program.
    """

    id: DraftId
    visit: VisitId
    template: TemplateId
    sections: tuple[Section, ...]
    transcript_sha256: str
    made_at: datetime
    model: ModelId | None = None
    model_sha256: str = ""
    prompt_sha256: str = ""
    models: tuple[ModelUse, ...] = ()
    omissions: tuple[Omission, ...] = ()
    title: str = ""
    note_type: str = ""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims in reading order."""
        return tuple(claim for section in self.sections for claim in section.claims)
