"""What was said: words, segments, transcript."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass

from app.domain.audio import SAMPLE_RATE, Gap, Stretch
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
class WrittenForm:
    """How some words of a segment are written: "one thirty over eighty" is 130/80.

    Attributes:
        first: index of the first word in `Segment.words`.
        count: number of words it stands for, at least 1.
        text: the written form, with the punctuation around it.
    """

    first: int
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A committed stretch of speech by one speaker: the unit that evidence points at.

    Attributes:
        text: what the segment reads like, written forms in place; the authority when `words`
            is empty (imported text).
        start, end: samples of the audio clock; 0 and 0 when times are unknown.
        role_confidence: 0 to 1.
        words: as they were spoken.
        forms: in order, not overlapping; `text` is `words` with these in place.
        speaker: "A", "B", ... as told apart by voice or channel; empty when nobody could tell.
    """

    id: SegmentId
    text: str
    role: SpeakerRole = SpeakerRole.UNKNOWN
    role_confidence: float = 0.0
    start: int = 0
    end: int = 0
    words: tuple[Word, ...] = ()
    forms: tuple[WrittenForm, ...] = ()
    speaker: str = ""

    @property
    def spoken(self) -> str:
        """The words as they were spoken, without written forms."""
        return " ".join(word.text for word in self.words) if self.words else self.text

    @property
    def start_s(self) -> float:
        """Start in seconds."""
        return self.start / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        """End in seconds."""
        return self.end / SAMPLE_RATE


class RevisionCause(enum.StrEnum):
    """Who or what changed committed words."""

    FINAL = "final"
    SECOND_PASS = "second_pass"  # noqa: S105 - a pass over the sound, not a password
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Revision:
    """Committed words that read otherwise now. They keep their ids, so evidence stays valid.

    Attributes:
        words: ids of the words that changed; one that is gone stays named here.
        before, after: what they said and say; `after` is empty when they were not said.
    """

    words: tuple[WordId, ...]
    before: str
    after: str
    cause: RevisionCause
    segment: SegmentId | None = None


@dataclass(frozen=True, slots=True)
class RoleFound:
    """Who speaks in a segment, found out later or named by a person."""

    segment: SegmentId
    role: SpeakerRole
    role_confidence: float
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A doubtful word that may be a drug: candidates for a person to choose from, never swapped.

    Attributes:
        words: the words it would replace.
        heard: what they say now.
        candidates: best first, at most five.
    """

    segment: SegmentId
    words: tuple[WordId, ...]
    heard: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the second pass after the visit heard something else that matters clinically.

    Attributes:
        start, end: samples of the audio clock.
        before: what the transcript says, after: what the second pass heard.
    """

    segment: SegmentId
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """All committed segments of a visit in order of time, and what lies between them.

    Attributes:
        stretches: gaps, pauses, what could not be understood, bookmarks: in order of time.
        revisions: oldest first.
    """

    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    language: str = "en"
    stretches: tuple[Stretch, ...] = ()
    revisions: tuple[Revision, ...] = ()

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
