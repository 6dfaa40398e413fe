"""Small synthetic transcripts and the shipped tables, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.clinical.lexicon import Lexicon
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.routing import Router

LEXICONS: Final = Path(__file__).parents[3] / "resources" / "lexicons"
LEXICON: Final = Lexicon.load(LEXICONS)
ROUTER: Final = Router.load(LEXICONS / "sections.json")
SOAP: Final = (
    ("subjective", "Subjective"), ("objective", "Objective"), ("assessment", "Assessment"),
    ("plan", "Plan"),
)  # fmt: skip
VISIT: Final = (
    "clinician: Hello, nice to meet you. What brings you in today?",
    "patient: Hi. Um, I've had this this cough for two weeks and, uh, my chest hurts.",
    "clinician: Okay. Any fever or chills?",
    "patient: No.",
    "clinician: Do you take any medications?",
    "patient: I take lisinopril twenty milligrams once a day for my blood pressure.",
    "clinician: Any allergies to medications?",
    "patient: Yes, I'm allergic to penicillin.",
    "clinician: Do you smoke?",
    "patient: I smoke about a pack a day.",
    "clinician: Any heart problems in the family?",
    "patient: My father had a heart attack when he was 45.",
    "clinician: Let me listen. On exam your lungs are clear, and there is a systolic murmur.",
    "clinician: Your blood pressure is one thirty two over eighty four.",
    "clinician: I think this is most likely bronchitis.",
    "clinician: I'm going to order a chest x-ray and I'd like you to come back in two weeks.",
    "patient: Okay, thank you. Have a good day.",
)


def transcript(said: Sequence[str], *, has_roles: bool = True) -> Transcript:
    """Make a transcript of lines like "patient: Hello."; ids are "1", "2", ..."""
    rows = [line.partition(": ") for line in said]
    return Transcript(
        tuple(
            Segment(
                SegmentId(str(number)),
                text,
                SpeakerRole(role) if has_roles else SpeakerRole.UNKNOWN,
            )
            for number, (role, _, text) in enumerate(rows, start=1)
        )
    )
