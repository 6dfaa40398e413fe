"""After a draft is shown, its model is asked about what the checks left open. Main thread.

Claim by claim, within a budget. Each answer goes into the vault, if the claim still stands there
as it was asked about, and then on the screen. Whoever needs the engine ends it at once; what was
not asked by then stays doubted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.domain.draft import Claim, Draft
from app.domain.errors import AppError
from app.domain.events import (
    ChildFailed,
    ClaimJudged,
    GenerationEnded,
    TextGenerated,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import VisitId, new_id
from app.domain.ports import InstalledModel
from app.domain.store_ports import VaultPort
from app.domain.transcript import Transcript
from app.domain.visit import VisitState
from app.drafting.judging import OPENING, SYSTEM, Pace, Question, judged, questions
from app.workflow.draft_run import NOTES, DraftSetup
from app.workflow.drafts import with_claim
from app.workflow.room import Room
from app.workflow.session import Session

_WHOLE = frozenset({"stop", "length"})
"""How an answer ends that the model gave by itself: its one token is there."""


@dataclass(slots=True)
class _Look:
    """One draft that is being looked at again."""

    visit: VisitId
    session: Session
    model: InstalledModel
    left: deque[Question] = field(default_factory=deque)
    pace: Pace = field(default_factory=Pace)
    begun_s: float = 0.0
    request: str = ""
    answer: str = ""


class SecondLook:
    """Asks about one draft at a time, for models whose catalogue entry says they may judge.

    Args:
        over: is called when a look has ended and left the engine, but for `close`.
        now_s: a clock that only goes forward.
    """

    def __init__(
        self,
        room: Room,
        setup: DraftSetup,
        over: Callable[[], object],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._room = room
        self._setup = setup
        self._over = over
        self._now_s = now_s
        self._look: _Look | None = None
        room.bus.subscribe(TextGenerated, self._on_text)
        room.bus.subscribe(GenerationEnded, self._on_ended)
        room.bus.subscribe(ChildFailed, self._on_failed)
        room.bus.subscribe(TranscriptEdited, self._on_edited)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)

    @property
    def visit(self) -> VisitId | None:
        """The visit whose draft is looked at, None if none is."""
        return self._look.visit if self._look is not None else None

    def begin(self, draft: Draft) -> bool:
        """Look at a draft that is in the vault and on the screen.

        Returns:
            Whether the engine is needed: not at once, and until `over` is called.
        """
        self._leave()
        model = self._judge(draft)
        if model is None or not self._room.sessions.is_open:
            return False
        session = self._room.sessions.current()
        look = self._look = _Look(draft.visit, session, model)

        def read(vault: VaultPort) -> tuple[Draft | None, Transcript]:
            return vault.draft(look.visit), vault.transcript(look.visit)

        def take(found: tuple[Draft | None, Transcript]) -> None:
            if self._look is look:
                self._ask_all(look, *found)

        future = session.ask(read)
        self._room.post.deliver(future, self, take, lambda _error: self._end(look))
        return True

    def stop(self) -> None:
        """Ask nothing more, and leave the engine at once."""
        if self._look is not None:
            self._end(self._look)

    def close(self) -> None:
        """Ask nothing more; for the end of the program."""
        self._leave()

    def _judge(self, draft: Draft) -> InstalledModel | None:
        """Return the model that wrote the draft, if it may judge."""
        if all(each.engine != draft.model for each in draft.sections):
            return None  # it could not even write
        try:
            model = self._setup.model(draft.model or "")
        except AppError:
            return None
        return model if model.card.can_judge and model.card.id == draft.model else None

    # -- asking

    def _ask_all(self, look: _Look, draft: Draft | None, transcript: Transcript) -> None:
        if draft is not None:
            look.left.extend(questions(draft, transcript, look.model.card.context))
        if look.left:
            self._setup.notes.load(look.model)
            self._setup.notes.begin(OPENING, SYSTEM)
            look.begun_s = self._now_s()
        self._ask_next(look)

    def _ask_next(self, look: _Look) -> None:
        spent_s = self._now_s() - look.begun_s
        if not look.left or (left_s := look.pace.left_s(look.left[0], spent_s)) <= 0:
            self._end(look)
            return
        look.request, look.answer = new_id(), ""
        self._setup.notes.generate(look.left[0].plan(look.request, left_s))

    def _on_text(self, event: TextGenerated) -> None:
        if (look := self._look) is not None and event.request == look.request:
            look.answer += event.text

    def _on_ended(self, event: GenerationEnded) -> None:
        look = self._look
        if look is None or event.request != look.request:
            return
        if event.reason not in _WHOLE:  # out of time, or somebody took the engine
            self._end(look)
            return
        asked, look.request = look.left.popleft(), ""
        look.pace = look.pace.after(asked)
        fresh = judged(asked.claim, look.answer)
        if fresh != asked.claim:
            self._keep(look, asked.claim, fresh)
        self._ask_next(look)

    def _on_failed(self, event: ChildFailed) -> None:
        look = self._look
        if look is not None and event.child == NOTES and event.request in {look.request, ""}:
            self._end(look)

    def _keep(self, look: _Look, asked: Claim, fresh: Claim) -> None:
        def job(vault: VaultPort) -> None:
            section = _kept(vault, look.visit, asked, fresh)
            if section:
                self._room.post.publish(ClaimJudged(look.visit, section, fresh))

        look.session.ask(job)

    # -- the end

    def _on_edited(self, event: TranscriptEdited) -> None:
        """Words were corrected or struck: what was to be compared with them is another matter."""
        if self.visit == event.visit:
            self.stop()

    def _on_advanced(self, event: VisitAdvanced) -> None:
        """Give way to any recording, and to what ends the review of this visit."""
        is_heard = event.state in {VisitState.RECORDING, VisitState.PAUSED, VisitState.FINISHING}
        is_left = event.visit == self.visit and event.state is not VisitState.IN_REVIEW
        if is_heard or is_left:
            self.stop()

    def _end(self, look: _Look) -> None:
        if self._look is look:
            self._leave()
            self._over()

    def _leave(self) -> None:
        look, self._look = self._look, None
        if look is not None and look.request:
            self._setup.notes.cancel()


def _kept(vault: VaultPort, visit: VisitId, asked: Claim, fresh: Claim) -> str:
    """Put a verdict into the newest draft; return the section, empty if it comes too late. Lane.

    The draft keeps its id: it reads the same, and what a person is about to take into it still
    fits.
    """
    draft = vault.draft(visit)
    is_decided = any(each.claim == asked.id for each in vault.decisions(visit))
    if draft is None or is_decided or vault.visit(visit).state is not VisitState.IN_REVIEW:
        return ""
    for section in draft.sections:
        if asked in section.claims:
            vault.save_draft(with_claim(draft, asked.id, lambda _: fresh))
            return section.key
    return ""
