"""What is done about the note while the visit still goes on. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.domain.ids import VisitId
from app.workflow.draft_run import DraftOrder, DraftSetup
from app.workflow.live_draft import LiveDraft
from app.workflow.live_transcript import LiveTranscript
from app.workflow.read_ahead import ReadAhead
from app.workflow.room import Room


class Meanwhile:
    """Quotes on the screen, and reads the transcript into the notes engine, as people talk.

    Args:
        room: events, and who is unlocked.
        setup: what drafts are made with.
        heard: the visit whose words are coming, None when none are.
        is_dictated: whether these words are a dictation, of which no draft is made.
    """

    def __init__(
        self,
        room: Room,
        setup: DraftSetup,
        heard: Callable[[], VisitId | None],
        is_dictated: Callable[[], bool],
    ) -> None:
        self._heard = heard
        live = LiveTranscript(room, heard, is_dictated)
        self._draft = LiveDraft(room, setup, live)
        self._ahead = ReadAhead(room, setup, live)

    @property
    def is_hearing(self) -> bool:
        """Whether the words of a visit are coming: the engine is theirs."""
        return self._heard() is not None

    def known(self, order: DraftOrder) -> DraftOrder:
        """Return the order with what was found out about its visit while it went on."""
        return replace(
            order,
            earlier=self._draft.claims(order.visit),
            written=self._ahead.written(order.visit),
            held=self._ahead.held(order.visit),
        )

    def make_room(self) -> None:
        """A draft takes the engine."""
        self._ahead.hold()

    def go_on(self) -> None:
        """No draft needs the engine any more."""
        self._ahead.release()
