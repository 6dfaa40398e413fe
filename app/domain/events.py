"""What happened. Past tense, frozen, carried from any thread to the main one by `Post.publish`."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.audio import Gap, Level, Span
from app.domain.draft import Claim, Draft, Omission, Section
from app.domain.ids import ClaimId, RecordingId, SegmentId, VisitId
from app.domain.transcript import Difference, Revision, RoleFound, Segment, Word
from app.domain.visit import VisitState


@dataclass(frozen=True, slots=True)
class VisitAdvanced:
    """A visit changed its state."""

    visit: VisitId
    state: VisitState


@dataclass(frozen=True, slots=True)
class PatientCorrected:
    """The patient of a visit was typed wrong and reads otherwise now. Says nothing of them."""

    visit: VisitId


# -- recorder


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The first block of sound is on disk."""

    recording: RecordingId


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """The recorder keeps no sound until it is resumed."""

    recording: RecordingId
    at_sample: int
    is_off_record: bool = False


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    """The recorder keeps sound again."""

    recording: RecordingId
    at_sample: int


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    """The journal is closed in order. `samples` is its length on the audio clock."""

    recording: RecordingId
    samples: int


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """The recorder cannot go on; what was heard is on disk. `code` is an error code."""

    recording: RecordingId
    code: str
    facts: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class AudioStored:
    """A block of 16 kHz mono s16le sound is in the journal."""

    recording: RecordingId
    at_sample: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class LevelMeasured:
    """How loud it is now; about 20 times a second."""

    recording: RecordingId
    level: Level
    at_sample: int


@dataclass(frozen=True, slots=True)
class RoomLevelMeasured:
    """How loud it is during a room check; about 20 times a second. No recording runs."""

    level: Level
    seconds: float


@dataclass(frozen=True, slots=True)
class GapNoted:
    """Samples are missing and the journal says so."""

    recording: RecordingId
    gap: Gap


# -- speech


@dataclass(frozen=True, slots=True)
class PartialHeard:
    """What the current utterance sounds like so far; may change. Replaces the one before."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class WordsCommitted:
    """These words never change again, except by a tracked revision."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class SegmentFinished:
    """An utterance is final: the segment as it goes into the transcript."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class WordsRevised:
    """Committed words read otherwise now: a visible change, with the old text kept."""

    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class SpeechUnheard:
    """Somebody spoke here and no words could be made of it: shown as [inaudible]."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class RolesFound:
    """Who spoke in segments that are finished already; replaces what they said before."""

    roles: tuple[RoleFound, ...]


@dataclass(frozen=True, slots=True)
class VoiceEnrolled:
    """A voice was learned. `voiceprint`: float32 little-endian; empty when it could not be."""

    voiceprint: bytes = field(repr=False)
    speech_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """A passage was decoded once more with names in mind; `words` count from its first sample.

    None when nobody could: a recording is heard, or the child is gone.
    """

    words: tuple[Word, ...] | None


@dataclass(frozen=True, slots=True)
class NamesHeard:
    """Doubtful words of a visit were heard again: its suggestions may be others now."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class SpeechSpeedMeasured:
    """What the loaded model takes on this machine: seconds of work per second of sound.

    Attributes:
        interim, final: 1.0 is as fast as talk; a final decode is that of a turn of 5 s.
        device, compute: where it runs.
        whole: for whole recordings; 0.0 when unknown.
    """

    model: str
    interim: float
    final: float
    device: str
    compute: str
    whole: float = 0.0


@dataclass(frozen=True, slots=True)
class TranscriptEdited:
    """Segments of a visit are other ones now: a person corrected, named, struck or accepted.

    Attributes:
        segments: as they are now.
        gone: erased ones.
        revisions: what changed, to be shown as changed.
    """

    visit: VisitId
    segments: tuple[Segment, ...] = ()
    gone: tuple[SegmentId, ...] = ()
    revisions: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class DictationChanged:
    """A dictated note reads otherwise now.

    Attributes:
        sections: key and text of each section.
        section: key of the one with the caret.
        headings: of the sections, in the same order; empty when nobody knows.
    """

    visit: VisitId
    sections: tuple[tuple[str, str], ...]
    section: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondPassFinished:
    """The recording was decoded again with care. What differs clinically waits for a person."""

    visit: VisitId
    differences: tuple[Difference, ...]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Bookmarked:
    """A person marked this moment."""

    recording: RecordingId
    at_sample: int


@dataclass(frozen=True, slots=True)
class SpeechProgressed:
    """How far speech has got: all sound before `decoded_to` is decoded or was silence."""

    decoded_to: int
    lag_s: float


@dataclass(frozen=True, slots=True)
class SpeechFinished:
    """All sound that was fed is decoded."""

    decoded_to: int


# -- playback


@dataclass(frozen=True, slots=True)
class PlaybackMoved:
    """Where on the audio clock a visit's sound is being played."""

    visit: VisitId
    at_sample: int


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The sound was played, was stopped, or could not be played: then `code` says why."""

    visit: VisitId
    code: str = ""


# -- children


@dataclass(frozen=True, slots=True)
class ChildReady:
    """A child runs and, if it is an engine, its model is loaded."""

    child: str
    model: str = ""
    load_ms: int = 0


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """A child died, hung or babbled. It is restarted in `pause_s`, or never if that is None."""

    child: str
    status: int | None
    pause_s: float | None


@dataclass(frozen=True, slots=True)
class ChildFailed:
    """A child answered a request with an error code. `facts` are those of the error."""

    child: str
    code: str
    request: str = ""
    facts: tuple[tuple[str, str | int | float], ...] = ()


# -- notes engine


@dataclass(frozen=True, slots=True)
class TextGenerated:
    """Tokens of a running request, as text."""

    request: str
    text: str


@dataclass(frozen=True, slots=True)
class GenerationEnded:
    """A request is done. `reason`: stop, length, cancelled, timeout, loop."""

    request: str
    reason: str
    tokens: int
    ms: int


@dataclass(frozen=True, slots=True)
class PrefixEvaluated:
    """The text appended so far is in the KV cache: `tokens` of `context`."""

    tokens: int
    context: int


# -- draft


@dataclass(frozen=True, slots=True)
class DraftStarted:
    """Sections begin to be written. `engine` is a model id or `extractive`."""

    visit: VisitId
    engine: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class DraftRefreshed:
    """What the note of a visit that goes on would hold so far, by quoting. Nothing is kept of it.

    Claims that say the same as before have the ids they had.
    """

    visit: VisitId
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class ClaimGrown:
    """The open claim of a section so far; replaced as tokens arrive."""

    visit: VisitId
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ClaimWritten:
    """A claim is complete and checked."""

    visit: VisitId
    section: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class ClaimJudged:
    """A model was asked about a claim of a finished draft; the answer is in the vault."""

    visit: VisitId
    section: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class SectionFinished:
    """A section is complete."""

    visit: VisitId
    section: Section


@dataclass(frozen=True, slots=True)
class EngineChanged:
    """A section falls to another engine. `reason` is an error code."""

    visit: VisitId
    engine: str
    reason: str


@dataclass(frozen=True, slots=True)
class DraftFinished:
    """All sections are there and the draft is in the vault."""

    visit: VisitId
    draft: Draft
    omissions: tuple[Omission, ...]


@dataclass(frozen=True, slots=True)
class DraftEdited:
    """A person changed the draft."""

    visit: VisitId
    draft: Draft
    claim: ClaimId | None = None


@dataclass(frozen=True, slots=True)
class TroubleArose:
    """Something a person must know; `code` has words in `foundation/texts.py`."""

    code: str
    facts: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class TroublePassed:
    """What a `TroubleArose` of this code told is over."""

    code: str
