"""What a clinician taught the program: terms, replacements, texts to insert, and their voice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.domain.ids import ModelId

MOST_HOTWORDS: Final = 20
"""SPEECH.md section 4: with 40 distractors more, recall fell from 9 of 11 terms to 6."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is written when something is heard: "and why heart" is NYHA. Shown, never silent."""

    spoken: str
    written: str


@dataclass(frozen=True, slots=True)
class Macro:
    """A text that "insert NAME" puts into a dictated note, and its shortcut into a typed one.

    Attributes:
        text: may have `[[fields]]` to fill.
        shortcut: typed; empty for a text that is only dictated.
    """

    name: str
    text: str
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of it, for one clinician.

    Attributes:
        terms: local names and words that come up; hotwords of every visit.
    """

    terms: tuple[str, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    macros: tuple[Macro, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceEnrolment:
    """A clinician's voice as numbers: biometric data, kept in their vault alone, revocable.

    Attributes:
        voiceprint: float32 little-endian, as the model gave it.
        consented_at: when they agreed to have it kept; aware.
        speech_s: seconds of speech it was learned from.
        model: only this model can read it.
    """

    voiceprint: bytes = field(repr=False)
    consented_at: datetime
    speech_s: float
    model: ModelId
