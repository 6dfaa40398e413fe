"""The note as it grows beside the transcript while people talk. Main thread.

It is quoted, and nothing of it is kept. Quoting takes no language model and little time, so every
workstation can do it; the draft of the whole visit follows when it ends, and lines that say the
same keep their identity.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from app.domain.draft import Claim, Section
from app.domain.events import DraftRefreshed, TranscriptEdited, VisitAdvanced
from app.domain.ids import VisitId
from app.domain.transcript import Transcript
from app.domain.visit import Visit, VisitState
from app.drafting.template_filing import TemplateFiling
from app.workflow.draft_run import DraftSetup
from app.workflow.drafts import recognized
from app.workflow.live_transcript import LiveTranscript
from app.workflow.room import Room

NEW_WORDS: Final = 25
"""Two or three sentences: less says little that a note would hold."""
REST: Final = 10.0
"""It rests ten times as long as it worked: speech has the processor for at least 90 %."""


class LiveDraft:
    """Quotes what was said so far whenever enough of it is new.

    Args:
        now_s: a clock that only goes forward.
    """

    def __init__(
        self,
        room: Room,
        setup: DraftSetup,
        live: LiveTranscript,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._post = room.post
        self._pool = room.pool
        self._setup = setup
        self._now_s = now_s
        self._visit: VisitId | None = None
        self._sections: tuple[Section, ...] = ()
        self._words = 0
        self._is_busy = False
        self._is_outdated = False  # a person changed words while they were being quoted
        self._is_ending = False  # the draft comes in a moment and needs the processor
        self._rests_until_s = 0.0
        room.sessions.on_leave(self.forget)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)
        room.bus.subscribe(TranscriptEdited, self._on_edited)
        live.on_change(self._on_change)

    def claims(self, visit: VisitId) -> Mapping[str, tuple[Claim, ...]]:
        """Return what the note of a visit held so far, by section."""
        if visit != self._visit:
            return {}
        return {each.key: each.claims for each in self._sections}

    def forget(self) -> None:
        """Hold no claims any more."""
        self._visit, self._sections, self._words = None, (), 0
        self._is_ending = False

    def _on_advanced(self, event: VisitAdvanced) -> None:
        """Rest when a visit ends; show nothing more of one whose consent was withdrawn."""
        if event.visit != self._visit:
            return
        self._is_ending = event.state is VisitState.FINISHING
        if event.state in {VisitState.PLANNED, VisitState.DISCARDED}:
            self.forget()
            self._post.publish(DraftRefreshed(event.visit, ()))

    def _on_edited(self, _: TranscriptEdited) -> None:
        self._is_outdated, self._words, self._rests_until_s = True, 0, 0.0

    def _on_change(self, visit: Visit, transcript: Transcript) -> None:
        if visit.id != self._visit:
            self.forget()
            self._visit = visit.id
        self._drop_struck(visit.id, transcript)
        words = transcript.word_count
        is_due = abs(words - self._words) >= NEW_WORDS and self._now_s() >= self._rests_until_s
        if is_due and not self._is_busy and not self._is_ending:
            self._words, self._is_busy, self._is_outdated = words, True, False
            self._refresh(visit, transcript)

    def _drop_struck(self, visit: VisitId, transcript: Transcript) -> None:
        """Take off the screen at once what rests on words that are struck or corrected."""
        said = {each.id for each in transcript.segments}
        kept = tuple(
            replace(each, claims=tuple(one for one in each.claims if said.issuperset(one.evidence)))
            for each in self._sections
        )
        if kept != self._sections:
            self._sections, self._words, self._rests_until_s = kept, 0, 0.0
            self._post.publish(DraftRefreshed(visit, kept))

    def _refresh(self, visit: Visit, transcript: Transcript) -> None:
        begun_s = self._now_s()

        def job() -> tuple[Section, ...]:
            template = self._setup.templates(visit.template)
            headings = tuple((each.key, each.heading) for each in template.sections)
            return self._setup.extractive.draft(transcript, headings, TemplateFiling(template))

        def over() -> None:
            now_s = self._now_s()
            self._is_busy = False
            self._rests_until_s = now_s + REST * (now_s - begun_s)

        def take(sections: tuple[Section, ...]) -> None:
            over()
            if visit.id == self._visit and not self._is_outdated:
                self._sections = recognized(sections, self.claims(visit.id))
                self._post.publish(DraftRefreshed(visit.id, self._sections))

        self._post.deliver(self._pool.submit(job), self, take, lambda _error: over())
