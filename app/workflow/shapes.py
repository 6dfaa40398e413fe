"""The JSON shapes other programs rely on: transcript in and out, note out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.audio import SAMPLE_RATE
from app.domain.draft import Draft
from app.domain.errors import FileAccessError, TranscriptFileError
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, SpeakerRole, Transcript, Word

MAX_FILE_BYTES: Final = 64 << 20
"""A 90-minute visit with all its words is about 3 MB of JSON."""

_ROLES: Final = {
    "d": SpeakerRole.CLINICIAN,
    "doctor": SpeakerRole.CLINICIAN,
    "clinician": SpeakerRole.CLINICIAN,
    "physician": SpeakerRole.CLINICIAN,
    "p": SpeakerRole.PATIENT,
    "patient": SpeakerRole.PATIENT,
    "": SpeakerRole.UNKNOWN,
    "unknown": SpeakerRole.UNKNOWN,
}

Seconds = Annotated[float, Field(ge=0, le=86_400 * 7, allow_inf_nan=False)]


class _Word(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str
    start_s: Seconds = 0.0
    end_s: Seconds = 0.0
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0


class _Segment(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str
    id: str | int | None = None
    role: str | None = None
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    words: list[_Word] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    segments: list[_Segment]
    language: str = "en"


def read_transcript(path: Path) -> Transcript:
    """Read a transcript file of the shape that `transcribe --json` prints.

    Ids, times, roles and words may be missing.

    Raises:
        FileAccessError: the file cannot be read.
        TranscriptFileError: it is not of that shape, or ids repeat.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TranscriptFileError
        data = path.read_bytes()
    except OSError:
        raise FileAccessError from None
    try:
        parsed = _File.model_validate_json(data)
    except ValidationError:
        parsed = None  # not raised from here: the error quotes what was said
    if parsed is None:
        raise TranscriptFileError
    segments = tuple(_segment(number, each) for number, each in enumerate(parsed.segments, 1))
    if len({each.id for each in segments}) != len(segments):
        raise TranscriptFileError
    return Transcript(segments, language=parsed.language)


def transcript_shape(transcript: Transcript) -> dict[str, Any]:
    """Return `{"segments": [...], "stretches": [...], "revisions": [...]}`."""
    return {
        "language": transcript.language,
        "segments": [segment_shape(each) for each in transcript.segments],
        "stretches": [
            {
                "kind": each.kind.value,
                "start_s": round(each.start / SAMPLE_RATE, 3),
                "end_s": round(each.end / SAMPLE_RATE, 3),
                "reason": each.reason.name.lower() if each.reason is not None else None,
            }
            for each in transcript.stretches
        ],
        "revisions": [
            {
                "segment": each.segment,
                "before": each.before,
                "after": each.after,
                "cause": each.cause.value,
            }
            for each in transcript.revisions
        ],
    }


def segment_shape(segment: Segment) -> dict[str, Any]:
    """Return one segment with times in seconds."""
    return {
        "id": segment.id,
        "role": segment.role.value,
        "start_s": round(segment.start_s, 3),
        "end_s": round(segment.end_s, 3),
        "text": segment.text,
        "speaker": segment.speaker,
        "role_confidence": round(segment.role_confidence, 3),
        "spoken": segment.spoken,
        "words": [
            {
                "text": word.text,
                "start_s": round(word.start / SAMPLE_RATE, 3),
                "end_s": round(word.end / SAMPLE_RATE, 3),
                "probability": round(word.probability, 3),
            }
            for word in segment.words
        ],
    }


def note_shape(draft: Draft) -> dict[str, Any]:
    """Return `{"sections": [...], "omissions": [...]}`."""
    return {
        "sections": [
            {
                "key": section.key,
                "heading": section.heading,
                "engine": section.engine,
                "claims": [
                    {
                        "text": claim.text,
                        "evidence": list(claim.evidence),
                        "support": claim.support.value,
                        "findings": [each.kind.value for each in claim.findings],
                    }
                    for claim in section.claims
                ],
            }
            for section in draft.sections
        ],
        "omissions": [
            {
                "kind": each.kind,
                "text": each.text,
                "evidence": [each.segment],
                "section": each.section,
                "harm": each.harm,
            }
            for each in draft.omissions
        ],
    }


def _segment(number: int, given: _Segment) -> Segment:
    words = tuple(
        Word(
            WordId(f"w{number}.{index}"),
            each.text.strip(),
            round(each.start_s * SAMPLE_RATE),
            round(each.end_s * SAMPLE_RATE),
            each.probability,
        )
        for index, each in enumerate(given.words or (), 1)
    )
    role = _ROLES.get((given.role or "").strip().lower(), SpeakerRole.OTHER)
    return Segment(
        SegmentId(str(given.id) if given.id is not None else f"s{number:04d}"),
        given.text.strip(),
        role,
        0.0 if role is SpeakerRole.UNKNOWN else 1.0,
        round((given.start_s or 0.0) * SAMPLE_RATE),
        round((given.end_s or 0.0) * SAMPLE_RATE),
        words,
    )
