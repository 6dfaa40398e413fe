"""A made-up visit to look at: its talk, and a draft in which every state of a claim occurs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from app.domain.audio import SAMPLE_RATE
from app.domain.draft import (
    Claim,
    Draft,
    Finding,
    FindingKind,
    Omission,
    Owner,
    Section,
    Support,
)
from app.domain.ids import (
    ClaimId,
    DraftId,
    ModelId,
    PatientId,
    SegmentId,
    TemplateId,
    VisitId,
    WordId,
)
from app.domain.transcript import Segment, SpeakerRole, Word
from app.domain.visit import Identifier, Patient, Sex

SOAP = (
    ("subjective", "Subjective"),
    ("objective", "Objective"),
    ("assessment", "Assessment"),
    ("plan", "Plan"),
)
NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)

PATIENT = Patient(
    PatientId("p1"),
    "Okafor",
    "Grace",
    date(1961, 3, 9),
    Sex.FEMALE,
    (Identifier("MRN 0048213"),),
)

TALK = (
    (SpeakerRole.CLINICIAN, "Good morning, Mrs. Okafor. What brings you in today?"),
    (SpeakerRole.PATIENT, "I have had this tightness in my chest when I climb the stairs."),
    (SpeakerRole.PATIENT, "It started about three weeks ago."),
    (SpeakerRole.CLINICIAN, "Does it go away when you rest?"),
    (SpeakerRole.PATIENT, "Yes, after five minutes or so. It goes into my left arm sometimes."),
    (SpeakerRole.CLINICIAN, "Any shortness of breath, or swelling in your legs?"),
    (SpeakerRole.PATIENT, "A little short of breath, no swelling."),
    (SpeakerRole.CLINICIAN, "What medicines do you take at the moment?"),
    (SpeakerRole.PATIENT, "Metoprolol, twenty five milligrams, twice a day, and the hydroxyzine."),
    (SpeakerRole.OTHER, "She also takes a baby aspirin in the morning."),
    (SpeakerRole.CLINICIAN, "Are you allergic to anything?"),
    (SpeakerRole.PATIENT, "Penicillin. I came out in a rash all over when I was twenty."),
    (SpeakerRole.CLINICIAN, "Your blood pressure is one forty eight over ninety two."),
    (SpeakerRole.CLINICIAN, "Heart sounds are normal, no murmur. The lungs are clear."),
    (SpeakerRole.CLINICIAN, "I would like an exercise test and a lipid panel this week."),
    (SpeakerRole.CLINICIAN, "If the pain comes at rest, call an ambulance at once."),
    (SpeakerRole.PATIENT, "All right. Should I come back after the test?"),
    (SpeakerRole.CLINICIAN, "Yes, in two weeks."),
)


def sample_segments() -> list[Segment]:
    """Return the sample talk with times and words."""
    segments = []
    at_s = 4.0
    for number, (role, text) in enumerate(TALK, start=1):
        words = []
        for place, each in enumerate(text.split()):
            start = int((at_s + place * 0.36) * SAMPLE_RATE)
            sure = 0.31 if each.startswith(("hydroxyzine", "lipid")) else 0.93
            words.append(Word(WordId(f"{number}.{place}"), each, start, start + 5_000, sure))
        segment = Segment(
            SegmentId(str(number)),
            text,
            role,
            0.9,
            int(at_s * SAMPLE_RATE),
            words[-1].end,
            tuple(words),
        )
        segments.append(segment)
        at_s += len(words) * 0.36 + 1.2
    return segments


def sample_draft(visit: VisitId) -> Draft:
    """Return a draft in which every state of a claim occurs."""
    ok, partly, no, mine = (
        Support.SUPPORTED,
        Support.PARTLY,
        Support.UNSUPPORTED,
        Support.CLINICIAN,
    )

    def claim(number: int, text: str, support: Support, *evidence: int) -> Claim:
        owner = Owner.CLINICIAN if support is mine else Owner.MODEL
        ids = tuple(SegmentId(str(each)) for each in evidence)
        return Claim(ClaimId(f"c{number}"), text, ids, support, owner)

    dose = replace(
        claim(6, "Takes metoprolol 50 mg twice daily and hydroxyzine.", no, 9),
        findings=(Finding(FindingKind.DOSE, "50 mg"),),
    )
    loose = replace(
        claim(4, "No edema, orthopnea or palpitations.", partly, 7),
        findings=(Finding(FindingKind.LOW_OVERLAP, "orthopnea"),),
    )
    invented = replace(
        claim(10, "Likely stable angina pectoris, low risk.", no),
        findings=(Finding(FindingKind.NO_EVIDENCE),),
    )
    claims = (
        (
            claim(1, "65-year-old woman with exertional chest tightness for 3 weeks.", ok, 2, 3),
            claim(2, "Resolves with rest within 5 minutes; radiates to the left arm.", ok, 4, 5),
            claim(3, "Mild dyspnea on exertion.", ok, 7),
            loose,
            claim(5, "Allergic to penicillin (rash).", ok, 12),
            dose,
        ),
        (
            claim(7, "Blood pressure 148/92.", ok, 13),
            claim(8, "Heart sounds normal, no murmur. Lungs clear.", ok, 14),
        ),
        (claim(9, "Exertional chest pain, typical features.", mine), invented),
        (
            claim(11, "Exercise stress test and lipid panel this week.", ok, 15),
            claim(12, "Call an ambulance for pain at rest.", ok, 16),
            claim(13, "Follow up in 2 weeks.", ok, 17, 18),
        ),
    )
    sections = tuple(
        Section(key, heading, rows, True, "smollm2-135m")
        for (key, heading), rows in zip(SOAP, claims, strict=True)
    )
    omissions = (
        Omission("drug", "Aspirin 81 mg in the morning", SegmentId("10"), "subjective", 3),
        Omission("instruction", "Come back after the test", SegmentId("17"), "plan", 1),
    )
    return Draft(
        DraftId("d1"),
        visit,
        TemplateId("soap"),
        sections,
        "",
        NOW,
        ModelId("smollm2-135m"),
        omissions=omissions,
    )
