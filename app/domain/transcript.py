"""What was said: words, segments, transcript."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass

from app.domain.audio import SAMPLE_RATE, Gap
from app.domain.ids import SegmentId, WordId


class SpeakerRole(enum.StrEnum):
    """Who speaks."""

    CLINICIAN = "clinician"
    PATIENT = "patient"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word. Once committed, its id never changes meaning.

    Attributes:
        text: as written, with its punctuation, without blanks around it.
        start, end: samples of the audio clock.
        probability: 0 to 1; 1.0 when a person typed it.
    """

    id: WordId
    text: str
    start: int
    end: int
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A committed stretch of speech by one speaker: the unit that evidence points at.

    Attributes:
        text: what the words say; the authority when `words` is empty (imported text).
        start, end: samples of the audio clock; 0 and 0 when times are unknown.
        role_confidence: 0 to 1.
    """

    id: SegmentId
    text: str
    role: SpeakerRole = SpeakerRole.UNKNOWN
    role_confidence: float = 0.0
    start: int = 0
    end: int = 0
    words: tuple[Word, ...] = ()

    @property
    def start_s(self) -> float:
        """Start in seconds."""
        return self.start / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        """End in seconds."""
        return self.end / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Transcript:
    """All committed segments of a visit in order of time, and the gaps between them."""

    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    language: str = "en"

    def find(self, segment: SegmentId) -> Segment | None:
        """Return the segment with this id, None if there is none."""
        return next((each for each in self.segments if each.id == segment), None)

    @property
    def word_count(self) -> int:
        """Number of words by blanks."""
        return sum(len(segment.text.split()) for segment in self.segments)

    @property
    def sha256(self) -> str:
        """SHA-256 in hex over the canonical JSON of ids, roles and texts."""
        rows = [[each.id, each.role.value, each.text] for each in self.segments]
        data = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()
