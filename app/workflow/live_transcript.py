"""The words of the visit that is being transcribed, as they become final. Main thread.

The vault has the truth; this follows it by events, so that nobody reads a long visit from disk
for each sentence of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.domain.events import RolesFound, SegmentFinished, TranscriptEdited, VisitAdvanced
from app.domain.ids import SegmentId, VisitId
from app.domain.store_ports import VaultPort
from app.domain.transcript import Segment, Transcript
from app.domain.visit import Visit, VisitState
from app.workflow.room import Room

Told = Callable[[Visit, Transcript], object]


class LiveTranscript:
    """Tells each change of what was said so far at the visit that is being heard.

    Args:
        room: events, and who is unlocked.
        heard: the visit whose words are coming, None when none are.
        is_dictated: whether these words are a dictation, of which no draft is made.
    """

    def __init__(
        self,
        room: Room,
        heard: Callable[[], VisitId | None],
        is_dictated: Callable[[], bool],
    ) -> None:
        self._post = room.post
        self._sessions = room.sessions
        self._heard = heard
        self._is_dictated = is_dictated
        self._told: list[Told] = []
        self._id: VisitId | None = None
        self._visit: Visit | None = None
        self._segments: dict[SegmentId, Segment] = {}
        room.sessions.on_leave(self.forget)
        room.bus.subscribe(SegmentFinished, self._on_segment)
        room.bus.subscribe(RolesFound, self._on_roles)
        room.bus.subscribe(TranscriptEdited, self._on_edited)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)

    def on_change(self, told: Told) -> None:
        """Have something called with the visit and all that was said, after each change."""
        self._told.append(told)

    def forget(self) -> None:
        """Hold no words any more."""
        self._id = self._visit = None
        self._segments.clear()

    def _on_segment(self, event: SegmentFinished) -> None:
        visit = self._heard()
        if visit is None or self._is_dictated() or not self._sessions.is_open:
            return
        if visit != self._id:
            self._follow(visit)
        self._segments[event.segment.id] = event.segment
        self._tell()

    def _on_roles(self, event: RolesFound) -> None:
        known = [each for each in event.roles if each.segment in self._segments]
        for found in known:
            self._segments[found.segment] = replace(
                self._segments[found.segment],
                role=found.role,
                role_confidence=found.role_confidence,
                speaker=found.speaker,
            )
        if known:
            self._tell()

    def _on_edited(self, event: TranscriptEdited) -> None:
        if event.visit != self._id:
            return
        self._segments |= {each.id: each for each in event.segments}
        for gone in event.gone:
            self._segments.pop(gone, None)
        self._tell()

    def _on_advanced(self, event: VisitAdvanced) -> None:
        gone = {VisitState.PLANNED, VisitState.DISCARDED}
        if event.visit == self._id and event.state in gone:
            self.forget()

    def _follow(self, visit: VisitId) -> None:
        """Turn to another visit; what was said at it before is read once."""
        self._id, self._visit = visit, None
        self._segments = {}

        def job(vault: VaultPort) -> tuple[Visit, Transcript]:
            return vault.visit(visit), vault.transcript(visit)

        def take(found: tuple[Visit, Transcript]) -> None:
            if self._id != visit:
                return
            self._visit = found[0]
            self._segments = {each.id: each for each in found[1].segments} | self._segments
            self._tell()

        future = self._sessions.current().ask(job)
        self._post.deliver(future, self, take, lambda _error: self.forget())

    def _tell(self) -> None:
        if self._visit is None:
            return
        ordered = sorted(self._segments.values(), key=lambda each: each.start)
        transcript = Transcript(tuple(ordered))
        for told in self._told:
            told(self._visit, transcript)
