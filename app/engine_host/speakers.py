"""Who speaks: each finished segment gets a speaker by voice, the clinician by an enrolled one.

On the model's thread of the speech child. A segment is one point (see `voiceprints`); voices are
centers that points gather around. During the visit centers move with what is heard; `settle` groups
all points again. Sound is kept for a minute of speech, points for the visit.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.domain.transcript import SpeakerRole
from app.engine_host.listening import Audio
from app.engine_host.voice_changes import Changes
from app.engine_host.voice_groups import unit, voices
from app.engine_host.voiceprints import PIECE, POINT, Voiceprints

_KEPT: Final = 60 * SAMPLE_RATE
"""Samples of opened speech: a whole window of 30 s is asked for after it was heard."""
_MARGIN: Final = SAMPLE_RATE // 10
"""Sound on either side that belongs to a segment: Whisper's word times are tight. With it clinician
and patient overlap no more in segments of 0.5 to 0.8 s (OSCE)."""
_LEAST_SOUND: Final = SAMPLE_RATE // 2  # around a word that Whisper gave no length
_TURN: Final = 7 * SAMPLE_RATE // 10
_CLEAR: Final = 6 * SAMPLE_RATE // 5
_PIECES: Final = 4
_LONGEST: Final = 3 * SAMPLE_RATE  # of a piece
_HEAVIEST: Final = 4.0  # seconds that a long segment counts for
_ENROLLED: Final = 10.0  # seconds that a voiceprint counts for
_RARELY: Final = 20
"""Voices are grouped anew when a twentieth more was said: each time at first."""
_JOINS: Final = {_CLEAR: 0.50, _TURN: 0.42, 0: 0.35}
"""Nearness to the only voice known from which on a segment of so many samples is of that voice."""
_SPREAD: Final = {_CLEAR: 0.06, _TURN: 0.08, 0: 0.12}
"""Nearer to one voice than to the next by so much is 73 % sure."""
_IS_CLINICIAN: Final = 0.50
_PATIENCE: Final = 20.0  # seconds of speech until the clinician must have spoken
_TOLD: Final = 0.5  # confidence; less is possible only beside a single voice


@dataclass(frozen=True, slots=True)
class _Segment:
    """One that was asked for, and the points of its pieces; None when its sound is gone."""

    start: int
    end: int
    pieces: Audio | None
    group: int = -1
    confidence: float = 0.0

    @property
    def weight(self) -> float:
        """Seconds that it counts for; short turns say too little of a voice."""
        length = self.end - self.start
        return min(_HEAVIEST, length / SAMPLE_RATE) if length >= _TURN else 0.0

    @property
    def told(self) -> float:
        """The confidence as it is told; 0 where nobody could tell."""
        return round(self.confidence, 2) if self.confidence >= _TOLD else 0.0


class Speakers:
    """Tells the voices of one recording apart.

    Args:
        voiceprints: the model.
        clinician: voiceprint of the enrolled clinician; empty, or of another model: nobody is.
        most: how many people speak, at most.
    """

    def __init__(self, voiceprints: Voiceprints, clinician: bytes, most: int) -> None:
        self._voiceprints = voiceprints
        self._most = max(1, most)
        self._sound = _Sound()
        self._said: list[_Segment] = []
        is_enrolled = len(clinician) == 4 * POINT
        self._enrolled = unit(np.frombuffer(clinician, "<f4")) if is_enrolled else None
        self._centers = np.zeros((0, POINT), np.float32)
        if self._enrolled is not None:
            self._centers = self._enrolled[None]
        self._letters: dict[int, str] = {}
        self._grouped_at = 0

    def hear(self, at_sample: int, pcm: Audio) -> None:
        """Take sound of opened speech, in order: float32 mono at 16 kHz."""
        self._sound.add(at_sample, pcm)

    def split(self, words: Sequence[tuple[int, int]]) -> list[int]:
        """Say where the speaker changes inside a segment that is not asked for yet.

        Args:
            words: (start, end) of each word, in samples, in order.

        Returns:
            Indices of the words with which another speaker begins; mostly none.
        """
        return Changes(self._sound.between, self._voiceprints.embed, self._centers).find(words)

    def who(self, start: int, end: int) -> tuple[str, str, float]:
        """Say who speaks in a finished segment.

        Returns:
            Speaker ("A", "B", ... in order of speech; "" when nobody could tell), role (a value of
            `SpeakerRole`; unknown while no voice is known by name), confidence 0 to 1.
        """
        self._said.append(_Segment(start, end, self._pieces(start, end)))
        if len(self._said) - self._grouped_at >= len(self._said) // _RARELY:
            self._group()
        else:
            self._said[-1] = _placed(self._said[-1], self._centers)
        return self._rows()[-1][2:]

    def settle(self) -> list[tuple[int, int, str, str, float]]:
        """Say it again of all segments, now that all was heard: `who` with start and end before."""
        self._group()
        self._letters.clear()
        return self._rows()

    def forget(self, start: int, end: int) -> None:
        """Drop what was heard and said in a span: it is off the record."""
        self._sound.forget(start, end)
        self._said = [each for each in self._said if each.end <= start or each.start >= end]

    def _pieces(self, start: int, end: int) -> Audio | None:
        """Return the points of a segment, shape (1 to 4, 192): a long one is not heard whole."""
        start, end = start - _MARGIN, end + _MARGIN
        lacking = max(0, _LEAST_SOUND - (end - start)) // 2
        pcm = self._sound.between(start - lacking, end + lacking)
        if len(pcm) < _LEAST_SOUND // 2:
            return None
        count = min(_PIECES, max(1, len(pcm) // PIECE))
        length = min(_LONGEST, len(pcm) // count)
        starts = np.linspace(0, len(pcm) - length, count).astype(int)
        return np.stack([self._voiceprints.embed(pcm[each : each + length]) for each in starts])

    def _group(self) -> None:
        """Sort all that was heard into voices anew; each voice keeps its number."""
        self._grouped_at = len(self._said)
        rows = [each.pieces for each in self._said if each.pieces is not None and each.weight]
        weights = [
            each.weight / len(each.pieces)
            for each in self._said
            if each.pieces is not None and each.weight
            for _ in each.pieces
        ]
        if self._enrolled is not None and _is_here(self._enrolled, rows, sum(weights)):
            rows.append(self._enrolled[None])
            weights.append(_ENROLLED)
        if rows:
            centers = voices(np.concatenate(rows), np.array(weights, np.float32), self._most)[1]
            self._centers = _in_order(centers, self._centers)
        self._said = [_placed(each, self._centers) for each in self._said]

    def _rows(self) -> list[tuple[int, int, str, str, float]]:
        roles = self._roles()
        return [
            (each.start, each.end, self._letter(each.group), roles[each.group], each.told)
            if each.told
            else (each.start, each.end, "", SpeakerRole.UNKNOWN.value, 0.0)
            for each in self._said
        ]

    def _letter(self, group: int) -> str:
        """Return the name of a voice, which it got when it was first told of."""
        return self._letters.setdefault(group, chr(ord("A") + len(self._letters)))

    def _roles(self) -> dict[int, str]:
        """Return the role of each voice: who is not the clinician and says most is the patient."""
        roles = dict.fromkeys(range(-1, len(self._centers)), SpeakerRole.UNKNOWN.value)
        if self._enrolled is None or not len(self._centers):
            return roles
        near = self._centers @ self._enrolled
        clinician = int(np.argmax(near))
        spoken = [0.0] * len(self._centers)
        for each in self._said:
            spoken[each.group] += each.weight if each.group >= 0 else 0.0
        if near[clinician] < _IS_CLINICIAN:
            return roles
        spoken[clinician] = -1.0
        for group in range(len(self._centers)):
            is_most = spoken[group] == max(spoken)
            roles[group] = (SpeakerRole.PATIENT if is_most else SpeakerRole.OTHER).value
        roles[clinician] = SpeakerRole.CLINICIAN.value
        return roles


def _placed(segment: _Segment, centers: Audio) -> _Segment:
    """Return a segment with the nearest voice, and how sure that is."""
    if segment.pieces is None or not len(centers):
        return segment
    near = centers @ unit(segment.pieces.sum(axis=0))
    group = int(np.argmax(near))
    others = np.delete(near, group)
    against = float(others.max()) if len(others) else _by_length(_JOINS, segment)
    margin = float(near[group]) - against
    sure = 1 / (1 + math.exp(-margin / _by_length(_SPREAD, segment)))
    return replace(segment, group=group, confidence=sure)


def _is_here(enrolled: Audio, rows: Sequence[Audio], heard_s: float) -> bool:
    """Whether the enrolled clinician is one of the voices; taken for granted at first."""
    if heard_s < _PATIENCE:
        return True
    return bool((np.concatenate(rows) @ enrolled).max() >= _IS_CLINICIAN)


def _in_order(centers: Audio, before: Audio) -> Audio:
    """Return centers so that each voice stands where it stood before."""
    order: list[int] = []
    for old in before[: len(centers)]:
        near = centers @ old
        near[order] = -2
        order.append(int(np.argmax(near)))
    rest = [i for i in range(len(centers)) if i not in order]
    return centers[[*order, *rest]]


def _by_length(table: dict[int, float], segment: _Segment) -> float:
    length = segment.end - segment.start
    return next(value for least, value in table.items() if length >= least)


class _Sound:
    """The last minute of speech that was let in, on the audio clock."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, Audio]] = deque()
        self._kept = 0

    def add(self, at_sample: int, pcm: Audio) -> None:
        """Keep a block and drop the oldest."""
        self._blocks.append((at_sample, np.array(pcm, np.float32)))
        self._kept += len(pcm)
        while self._kept > _KEPT and len(self._blocks) > 1:
            self._kept -= len(self._blocks.popleft()[1])

    def between(self, start: int, end: int) -> Audio:
        """Return the sound of a span; what was not let in is left out."""
        parts = [
            pcm[max(0, start - at_sample) : end - at_sample]
            for at_sample, pcm in self._blocks
            if at_sample < end and at_sample + len(pcm) > start
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def forget(self, start: int, end: int) -> None:
        """Drop the blocks that touch a span."""
        kept = [each for each in self._blocks if each[0] >= end or each[0] + len(each[1]) <= start]
        self._blocks = deque(kept)
        self._kept = sum(len(pcm) for _, pcm in kept)
