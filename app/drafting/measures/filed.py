"""Where a note files what belongs to one of MTS-Dialog's twenty sections. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.clinical.wording import word_count
from app.drafting.measures.cases import NoteText

TEMPLATE: Final = "h-and-p"
"""The template whose sections tell most headers apart."""
_HISTORY: Final = frozenset({"chief_complaint", "hpi", "ros"})
HOMES: Final[Mapping[str, frozenset[str]]] = {
    "GENHX": _HISTORY, "CC": _HISTORY, "ROS": _HISTORY,
    "PASTMEDICALHX": frozenset({"past_history"}), "PASTSURGICAL": frozenset({"past_history"}),
    "GYNHX": frozenset({"past_history"}), "IMMUNIZATIONS": frozenset({"past_history"}),
    "OTHER_HISTORY": frozenset({"past_history"}), "MEDICATIONS": frozenset({"medications"}),
    "ALLERGY": frozenset({"allergies"}),
    "FAM/SOCHX": frozenset({"family_history", "social_history"}),
    "EXAM": frozenset({"exam", "vital_signs"}), "LABS": frozenset({"results"}),
    "IMAGING": frozenset({"results"}), "PROCEDURES": frozenset({"exam", "plan", "past_history"}),
    "EDCOURSE": frozenset({"hpi", "plan", "results"}), "ASSESSMENT": frozenset({"assessment"}),
    "DIAGNOSIS": frozenset({"assessment"}), "PLAN": frozenset({"plan"}),
    "DISPOSITION": frozenset({"plan"}),
}  # fmt: skip
"""Sections of the template in which what a header names is at home."""
COMMONEST: Final = "hpi"
"""Where a copied dialogue is filed: the baseline of filing everything as history."""


def filed_words(note: NoteText, header: str) -> tuple[int, int]:
    """Return (words filed at home, words written). Zero words written: nothing was filed."""
    homes = HOMES.get(header.upper(), frozenset())
    at_home = written = 0
    for key, _, claims in note.sections:
        words = sum(word_count(each.text) for each in claims)
        written += words
        at_home += words if key in homes else 0
    return at_home, written
