"""What speech and notes need together on this machine, and how long a note takes. Arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.domain.ports import InstalledModel

APP_MB: Final = 250
"""The app (148 MB) and the recorder (49 MB) in a visit of 10 minutes, with some air. Measured."""
GOOD_SHARE: Final = 0.6
"""Up to here the EHR, a browser and the system have room: what notes models are chosen by."""
MOST_SHARE: Final = 0.85
WINDOW: Final = 8_192
"""Tokens a notes model is loaded for: the catalogue's memory figures are for this window."""
SMALL_WINDOW: Final = 4_096
"""Where memory is tight: holds a part of `bootstrap.PART_ON_CPU` tokens with request and answer.
Of a model of 8 billion weights it spares 0.6 GB."""
NOTE_TOKENS: Final = 400
"""A note of 300 to 500 tokens: PRODUCT.md."""
REQUEST_TOKENS: Final = 320
"""Read after the visit although the transcript was read ahead: four section requests of about 60
tokens, and what was said in the last 20 s (3.5 tokens a second)."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Speech and notes at once.

    Attributes:
        speech, notes: names of the models; empty where none is used.
        speech_mb, notes_mb: what their processes need: `memory_mb` of the catalogue.
        have_mb: memory of this machine; 0 when unknown.
        state: `ok`, `tight`, `short`, or `unknown`.
    """

    speech: str
    speech_mb: int
    notes: str
    notes_mb: int
    have_mb: int
    state: str

    @property
    def need_mb(self) -> int:
        """Memory of both engines, the app and the recorder."""
        return self.speech_mb + self.notes_mb + APP_MB


@dataclass(frozen=True, slots=True)
class Kept:
    """How a notes model keeps what it has read.

    Attributes:
        window: tokens.
        cache: `f16`, or `q8_0`: half the memory for slower reading.
    """

    window: int
    cache: str


@dataclass(frozen=True, slots=True)
class NoteOutlook:
    """What drafting a note will be like.

    Attributes:
        model: name of the notes model; empty when notes are quoted.
        wait_s: from the last word to the whole note, the transcript having been read ahead.
    """

    model: str
    read_per_s: float
    written_per_s: float
    wait_s: float


def plan_memory(
    speech: InstalledModel | None, notes: InstalledModel | None, have_mb: int
) -> MemoryPlan:
    """Return what the models this machine should use need together."""
    speech_mb = speech.card.memory_mb if speech is not None else 0
    notes_mb = notes.card.memory_mb if notes is not None else 0
    share = (speech_mb + notes_mb + APP_MB) / have_mb if have_mb else 0.0
    state = "ok" if share <= GOOD_SHARE else "tight" if share <= MOST_SHARE else "short"
    return MemoryPlan(
        speech.card.name if speech is not None else "",
        speech_mb,
        notes.card.name if notes is not None else "",
        notes_mb,
        have_mb,
        state if have_mb else "unknown",
    )


def kept(plan: MemoryPlan) -> Kept:
    """Return how the notes model of a plan keeps what it has read: slow is better than swapping."""
    if plan.state == "short":
        return Kept(SMALL_WINDOW, "q8_0")
    return Kept(SMALL_WINDOW if plan.state == "tight" else WINDOW, "f16")


def note_outlook(model: str, read_per_s: float, written_per_s: float) -> NoteOutlook:
    """Return the wait for a note; a quoted one (no model) takes less than a second."""
    if not model:
        return NoteOutlook("", 0.0, 0.0, 0.0)
    wait_s = REQUEST_TOKENS / read_per_s + NOTE_TOKENS / written_per_s
    return NoteOutlook(model, read_per_s, written_per_s, wait_s)
