"""How a recording is to be decoded, from what the vault knows of visit and clinician. Lane."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.clinical.hotwords import hotwords
from app.domain.ids import ModelId
from app.domain.ports import SpeechPlan
from app.domain.store_ports import VaultPort
from app.domain.transcript import Segment
from app.domain.visit import Visit


def speech_plan(
    vault: VaultPort, visit: Visit, wanted: SpeechPlan, voices: ModelId | None
) -> SpeechPlan:
    """Return the plan with language, words that may come up, the clinician's voice, next segment.

    Args:
        vault: of the clinician.
        visit: whose recording it is.
        wanted: how to listen, and from where on.
        voices: the model that tells speakers apart; it cannot read another model's voice.
    """
    enrolled = vault.voice()
    taught = vault.vocabulary()
    knows = enrolled is not None and enrolled.model == voices
    names = (*visit.patient.given.split(), visit.patient.family)
    return replace(
        wanted,
        language=visit.language,
        hotwords=hotwords(taught.terms, visit.terms, names),
        replacements=taught.replacements,
        first_segment=next_segment(vault.transcript(visit.id).segments),
        voiceprint=enrolled.voiceprint if enrolled is not None and knows else b"",
    )


def next_segment(segments: Sequence[Segment]) -> int:
    """Return a number above those of all segments."""
    numbers = [int(found[0]) for each in segments if (found := re.findall(r"\d+", each.id))]
    return max(numbers, default=0) + 1
