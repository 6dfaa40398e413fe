"""Sound as numbers: the audio clock, levels, gaps and marks."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

SAMPLE_RATE: Final = 16_000
"""Samples per second of the audio clock. Whisper and Silero VAD both take 16 kHz mono."""

BYTES_PER_SAMPLE: Final = 2
"""Signed 16-bit little-endian PCM."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the audio clock: samples from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def start_s(self) -> float:
        """Start in seconds since the recording began."""
        return self.start / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        """End in seconds since the recording began."""
        return self.end / SAMPLE_RATE


Sides = Literal["one", "left", "right"]
"""One microphone for all, or two in one device: on which side (channel) the clinician's is."""
ONE: Final = "one"


@dataclass(frozen=True, slots=True)
class Level:
    """How loud one block was, in dBFS (0 = full scale, -inf = digital silence)."""

    peak_dbfs: float
    rms_dbfs: float
    is_clipping: bool = False
    channel: int = 0


class GapReason(enum.IntEnum):
    """Why samples are missing. The numbers stand in the journal: SECURITY.md 4.5."""

    OVERFLOW = 1
    DEVICE = 2
    SUSPEND = 3
    RESTART = 4
    DAMAGED = 255
    """Never written: what a reader calls sound whose record does not verify."""


class MarkKind(enum.IntEnum):
    """What a person did during a recording. The numbers stand in the journal."""

    PAUSE = 1
    RESUME = 2
    OFF_RECORD_BEGIN = 3
    OFF_RECORD_END = 4
    CONSENT_WITHDRAWN = 5
    BOOKMARK = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples nobody has: `count` of them from `at_sample` on; 0 when the length is unknown."""

    at_sample: int
    count: int
    reason: GapReason


class StretchKind(enum.StrEnum):
    """What a stretch of a recording is when it is not words."""

    GAP = "gap"
    INAUDIBLE = "inaudible"
    OFF_RECORD = "off_record"
    PAUSE = "pause"
    BOOKMARK = "bookmark"


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A stretch of the audio clock that a reader of the transcript must know of.

    Attributes:
        end: `start` for a bookmark, and while nobody knows where it ends.
        reason: why samples are missing; only for a gap.
    """

    start: int
    end: int
    kind: StretchKind
    reason: GapReason | None = None


UNKEPT: Final = frozenset({StretchKind.PAUSE, StretchKind.OFF_RECORD})
"""Stretches in which the audio clock runs and no sound is kept, because somebody wished it so."""


@dataclass(frozen=True, slots=True)
class RecordedTime:
    """The recorded time: the audio clock without `UNKEPT`. People are shown this one alone.

    Attributes:
        spans: what is not kept, in order of time, none of them touching another.
    """

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> RecordedTime:
        """Return the recorded time of a visit with these stretches; they may overlap."""
        joined: list[Span] = []
        for each in sorted(each for each in stretches if each.kind in UNKEPT):
            if joined and each.start <= joined[-1].end:
                joined[-1] = Span(joined[-1].start, max(joined[-1].end, each.end))
            else:
                joined.append(Span(each.start, each.end))
        return cls(tuple(joined))

    @property
    def all_unkept(self) -> int:
        """How many samples of the audio clock are not kept."""
        return sum(each.end - each.start for each in self.spans)

    def unkept(self, at_sample: int) -> int:
        """Return the samples of the audio clock up to here that are not kept."""
        begun = self.spans[: bisect_right(self.spans, at_sample, key=lambda each: each.start)]
        return sum(min(each.end, at_sample) - each.start for each in begun)

    def seconds(self, at_sample: int) -> float:
        """Return how much is recorded up to a place on the audio clock."""
        return (at_sample - self.unkept(at_sample)) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class RoomHeard:
    """What two seconds without a visit told about the microphone.

    Attributes:
        first_ms: from the wish to open the device to its first sound.
        samples: that came, at 16 kHz; 32,000 are all.
        lost: samples the driver dropped.
        level_dbfs: of all that was heard; -120 for digital silence.
        tone: whether the tone from the loudspeaker came back: `heard`, `not_heard`, `no_speaker`.
    """

    first_ms: int
    samples: int
    lost: int
    level_dbfs: float
    tone: str


class VoiceFinding(enum.StrEnum):
    """What is to be said of a microphone after somebody spoke into it."""

    GOOD = "good"
    NO_VOICE = "no_voice"
    MUTED = "muted"
    CLIPPING = "clipping"
    FAR = "far_voice"
    QUIET = "too_quiet"


@dataclass(frozen=True, slots=True)
class RoomVoice:
    """What half a minute of reading aloud told about the microphone and its place.

    Attributes:
        samples: that came, at 16 kHz.
        loud_dbfs: RMS of the loud moments (95th percentile of blocks of 50 ms).
        above_db: how far the loud moments stand above the floor of the room: 95th against 10th
            percentile of `edge_dbfs`.
    """

    samples: int
    loud_dbfs: float
    above_db: float
    finding: VoiceFinding


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A microphone as the sound system names it.

    Attributes:
        name: stable name, what settings keep and `RecordingPlan.device` takes.
        label: name for people.
        rate: native sample rate in Hz.
    """

    name: str
    label: str
    channels: int
    rate: int
    is_default: bool = False
