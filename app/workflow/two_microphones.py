"""Who speaks where clinician and patient have a microphone each: theirs is the louder one.

The recorder tells the level of both channels 20 times a second; a segment belongs to the channel
that is louder while it is said. What a person set stays, and where both are equally loud the voice
decides. Main thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.domain.audio import SAMPLE_RATE, Span
from app.domain.events import LevelMeasured, RolesFound, SegmentFinished
from app.domain.ids import RecordingId, SegmentId, VisitId
from app.domain.transcript import RoleFound, Segment, SpeakerRole
from app.workflow.room import Room
from app.workflow.transcribing import TranscriptFinished

_KEPT: Final = 4_096
"""Levels of a channel: three minutes, more than any segment waits for its words."""
_MARGIN: Final = SAMPLE_RATE // 10  # a level stands for 50 ms, and the times of words are rough
_SPREAD_DB: Final = 6.0
"""Segments that differ by less are all of one person, or one microphone is all there is."""
_SURE_DB: Final = 1.5
"""Louder by so much is 73 % sure, by twice as much 88 %."""
_LEAST: Final = 0.7  # confidence; below, the voice tells more
_MOST: Final = 0.99  # 1.0 says that a person set it


@dataclass(slots=True)
class Loudness:
    """How loud two channels are, and by how much they differ in the segments so far."""

    _levels: dict[int, list[float]] = field(default_factory=dict)  # sample -> power by channel
    _differences: list[float] = field(default_factory=list)

    def hear(self, at_sample: int, channel: int, rms_dbfs: float) -> None:
        """Take the level of one channel at a sample."""
        if channel > 1:
            return
        powers = self._levels.setdefault(at_sample, [0.0, 0.0])
        powers[channel] = 10 ** (rms_dbfs / 10)
        while len(self._levels) > _KEPT:
            del self._levels[next(iter(self._levels))]

    def difference(self, span: Span) -> float | None:
        """Return by how many dB channel 0 is louder; None where nothing is known of a span."""
        first, last = span.start - _MARGIN, span.end + _MARGIN
        known = [powers for at, powers in self._levels.items() if first <= at < last]
        left, right = (sum(powers[n] for powers in known) for n in (0, 1))
        if left <= 0.0 or right <= 0.0:
            return None
        return 10 * math.log10(left / right)

    def channel(self, span: Span) -> tuple[int, float] | None:
        """Return the channel whose person speaks and the confidence; None: nobody can tell."""
        found = self.difference(span)
        if found is None:
            return None
        self._differences.append(found)
        apart = found - self._middle()
        sure = 1 / (1 + math.exp(-abs(apart) / _SURE_DB))
        if sure < _LEAST:
            return None
        return (0 if apart > 0 else 1), round(min(sure, _MOST), 2)

    def _middle(self) -> float:
        """Return the difference between the two people: 0 until both were heard.

        One microphone may be nearer, or turned up; then both people are louder in it.
        """
        ordered = sorted(self._differences)
        tenth = len(ordered) // 10
        low, high = ordered[tenth], ordered[-1 - tenth]
        return (low + high) / 2 if high - low >= _SPREAD_DB else 0.0


class TwoMicrophones:
    """Tells roles by channel for recordings of two microphones.

    Args:
        room: where events come from and go to.
        clinician: returns the clinician's channel of the recording that runs and its visit; None
            where it has one microphone.
        hearing: returns the visit whose words are coming.
    """

    def __init__(
        self,
        room: Room,
        clinician: Callable[[RecordingId], tuple[VisitId, int] | None],
        hearing: Callable[[], VisitId | None],
    ) -> None:
        self._post = room.post
        self._clinician = clinician
        self._hearing = hearing
        self._side: dict[VisitId, int] = {}
        self._loudness: dict[VisitId, Loudness] = {}
        self._told: dict[SegmentId, RoleFound] = {}
        room.sessions.on_leave(self._forget)
        room.bus.subscribe(LevelMeasured, self._on_level)
        room.bus.subscribe(SegmentFinished, self._on_segment)
        room.bus.subscribe(RolesFound, self._on_roles)
        room.bus.subscribe(TranscriptFinished, lambda _: self._told.clear())

    def _on_level(self, event: LevelMeasured) -> None:
        found = self._clinician(event.recording)
        if found is not None:
            visit, self._side[visit] = found
            loudness = self._loudness.setdefault(visit, Loudness())
            loudness.hear(event.at_sample, event.level.channel, event.level.rms_dbfs)

    def _on_segment(self, event: SegmentFinished) -> None:
        segment = event.segment
        visit = self._hearing()
        loudness = self._loudness.get(visit) if visit is not None else None
        if visit is None or loudness is None:
            return
        found = loudness.channel(Span(segment.start, segment.end))
        if found is None:
            return
        channel, sure = found
        is_clinician = channel == self._side[visit]
        role = SpeakerRole.CLINICIAN if is_clinician else SpeakerRole.PATIENT
        told = RoleFound(segment.id, role, sure, segment.speaker)
        self._told[segment.id] = told
        self._tell([told] if _differs(told, segment) else [])

    def _on_roles(self, event: RolesFound) -> None:
        """Voices were weighed once more; the louder microphone knows better."""
        self._tell(
            [
                mine
                for each in event.roles
                if (mine := self._told.get(each.segment)) is not None
                and each.role_confidence < 1.0
                and (each.role, each.role_confidence) != (mine.role, mine.role_confidence)
            ]
        )

    def _tell(self, roles: Sequence[RoleFound]) -> None:
        if roles:
            self._post.publish(RolesFound(tuple(roles)))

    def _forget(self) -> None:
        self._side.clear()
        self._loudness.clear()
        self._told.clear()


def _differs(told: RoleFound, segment: Segment) -> bool:
    return (told.role, told.role_confidence) != (segment.role, segment.role_confidence)
