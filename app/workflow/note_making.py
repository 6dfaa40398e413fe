"""From transcript to checked draft: language model, or quoting where there is none. Main thread.

Drafts wait in a queue, one runs at a time, and the next visit may be recorded meanwhile. What a
person wrote is never replaced.
"""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.draft import Draft
from app.domain.errors import AppError, ConsentMissingError, NoSpeechError, VisitStateError
from app.domain.events import (
    DraftFinished,
    SectionFinished,
    TranscriptEdited,
    TroubleArose,
    VisitAdvanced,
)
from app.domain.ids import TemplateId, VisitId
from app.domain.store_ports import VaultPort
from app.domain.transcript import Transcript
from app.domain.visit import Visit, VisitState
from app.domain.vocabulary import Vocabulary
from app.workflow.consent_line import with_consent_line
from app.workflow.dictating import dictated_draft
from app.workflow.draft_run import NO_VISIT, Drafting, DraftOrder, DraftRun, DraftSetup
from app.workflow.drafts import with_kept
from app.workflow.meanwhile import Meanwhile
from app.workflow.room import Room
from app.workflow.second_look import SecondLook
from app.workflow.session import Session
from app.workflow.transcribing import TranscriptFinished

FEWEST_WORDS: Final = 8
"""Less than a sentence: a cough, a greeting, "is it on?". Silence never makes a note."""


@dataclass(frozen=True, slots=True)
class _Begun:
    visit: Visit
    order: DraftOrder
    taught: Vocabulary


class NoteMaking:
    """Queues drafts and keeps what comes out.

    Attributes:
        has_consent_line: every new draft gets the sentence of the consent ledger.
    """

    def __init__(self, room: Room, drafting: Drafting, meanwhile: Meanwhile) -> None:
        self._bus = room.bus
        self._post = room.post
        self._sessions = room.sessions
        self._drafting = drafting
        self._meanwhile = meanwhile
        self.has_consent_line = False
        self._waiting: deque[DraftRun] = deque()
        self._active: DraftRun | None = None
        self._second_look = SecondLook(room, drafting.setup, self._on_looked)
        room.sessions.on_leave(self.lock)
        room.bus.subscribe(TranscriptFinished, self._on_transcript)
        room.bus.subscribe(VisitAdvanced, self._on_advanced)
        room.bus.subscribe(TranscriptEdited, self._on_edited)

    @property
    def visit(self) -> VisitId | None:
        """The visit that is being drafted, None if none is."""
        return self._active.visit if self._active is not None else None

    def draft(
        self, visit: VisitId, engine: str = "", template: TemplateId | None = None
    ) -> Future[None]:
        """Draft a visit, or draft it again.

        Args:
            visit: in the state for it.
            engine: a model id, `extractive`, or empty for the best.
            template: another template than the visit has; the visit keeps it.

        The future ends when the draft is queued; it raises NotFoundError, VisitStateError.
        """
        session = self._sessions.current()
        future = session.ask(self._begin, visit, engine, template)
        done: Future[None] = Future()

        def queue_up(begun: _Begun) -> None:
            self._post.publish(VisitAdvanced(visit, begun.visit.state))
            if begun.visit.is_dictated and not engine:
                self._keep(session, self._dictated(begun))
            else:
                self._add(session, begun.order)
            done.set_result(None)

        self._post.deliver(future, self, queue_up, done.set_exception)
        return done

    def draft_transcript(
        self, transcript: Transcript, engine: str = "", template: TemplateId | None = None
    ) -> Future[Draft]:
        """Draft a transcript that belongs to no visit; nothing is kept.

        The future raises NoSpeechError, ModelMissingError.
        """
        found = self._drafting.setup.templates(template)
        return self.draft_order(DraftOrder(NO_VISIT, transcript, found, engine))

    def draft_order(self, order: DraftOrder) -> Future[Draft]:
        """Draft whatever is asked for, in turn with the other drafts; nothing is kept.

        The future raises NoSpeechError, ModelMissingError.
        """
        run = self._drafting.run(order)
        if order.transcript.word_count < FEWEST_WORDS:
            run.result.set_exception(NoSpeechError())
            return run.result
        self._enqueue(run)
        return run.result

    def cancel(self) -> None:
        """Stop the running draft, or the second look at one; what is finished stays."""
        self._second_look.stop()
        if self._active is not None:
            self._active.cancel()

    def lock(self) -> None:
        """Nobody is unlocked: what is drafted stops; recovery drafts it again."""
        self._waiting.clear()
        self.cancel()

    def close(self) -> None:
        """End the notes child."""
        self._waiting.clear()
        self._second_look.close()
        self._drafting.close()

    def _on_transcript(self, event: TranscriptFinished) -> None:
        if self._sessions.is_open:
            future = self.draft(event.visit)
            future.add_done_callback(_ignore_outcome)

    def _on_edited(self, event: TranscriptEdited) -> None:
        """What was struck from the record took the draft with it: write another one."""
        if event.gone and self._sessions.is_open:
            future = self.draft(event.visit)
            future.add_done_callback(_ignore_outcome)

    def _on_advanced(self, event: VisitAdvanced) -> None:
        """Stop drafting a visit whose consent was withdrawn, or that was given up."""
        if event.state not in {VisitState.PLANNED, VisitState.DISCARDED}:
            return
        self._waiting = deque(each for each in self._waiting if each.visit != event.visit)
        if self.visit == event.visit:
            self.cancel()

    def _dictated(self, begun: _Begun) -> Draft:
        blank = self._drafting.blank(begun.order)
        return dictated_draft(blank, begun.order.transcript.segments, begun.taught)

    def _add(self, session: Session, order: DraftOrder) -> None:
        if order.transcript.word_count < FEWEST_WORDS:
            self._post.publish(TroubleArose(NoSpeechError.code))
            self._keep(session, self._drafting.blank(order))
            return
        run = self._drafting.run(self._meanwhile.known(order))
        self._post.deliver(
            run.result,
            self,
            lambda draft: self._keep(session, draft),
            lambda error: self._on_failed(session, order, error),
        )
        self._bus_watch(session, run)
        self._enqueue(run)

    def _enqueue(self, run: DraftRun) -> None:
        """Put a draft in front: whoever asked last waits for it, and an older one goes on later."""
        self._waiting.appendleft(run)
        self._post.deliver(
            run.result, self, lambda _: self._on_over(run), lambda _: self._on_over(run)
        )
        active = self._active
        if active is not None and active.suspend():
            self._waiting.insert(1, active)
            self._active = None
        self._start_next()

    def _start_next(self) -> None:
        if self._active is None and self._waiting:
            self._meanwhile.make_room()
            self._active = self._waiting.popleft()
            self._second_look.stop()  # its request is cancelled before the draft makes one
            self._active.start()

    def _on_over(self, run: DraftRun) -> None:
        if self._active is run:
            self._active = None
        self._start_next()
        if self._active is None:
            self._meanwhile.go_on()

    def _look_again(self, draft: Draft) -> None:
        """Have the model judge what the checks left open, if nobody else needs the engine."""
        is_free = self._active is None and not self._meanwhile.is_hearing
        if is_free and self._second_look.begin(draft):
            self._meanwhile.make_room()

    def _on_looked(self) -> None:
        if self._active is None:
            self._meanwhile.go_on()

    def _bus_watch(self, session: Session, run: DraftRun) -> None:
        """Keep each finished section at once: a crash costs the open section at most."""

        def on_section(event: SectionFinished) -> None:
            if event.visit == run.visit and not run.result.done():
                session.ask(_keep_part, run.so_far())

        stop = self._bus.subscribe(SectionFinished, on_section)
        run.result.add_done_callback(lambda _: stop())

    def _on_failed(self, session: Session, order: DraftOrder, error: BaseException) -> None:
        code = error.code if isinstance(error, AppError) else "bug"
        self._post.publish(TroubleArose(code))
        self._keep(session, self._drafting.blank(order))

    def _begin(
        self, vault: VaultPort, visit: VisitId, engine: str, template: TemplateId | None
    ) -> _Begun:
        """Move the visit on and read what the draft is made of. Lane."""
        found = vault.visit(visit)
        made = self._drafting.setup.templates(template or found.template)
        if template is not None:
            found = found.with_template(made.id)
        if found.state is not VisitState.DRAFTING:
            found = found.moved_to(VisitState.DRAFTING)
        vault.save_visit(found)
        order = DraftOrder(visit, vault.transcript(visit), made, engine)
        return _Begun(found, order, vault.vocabulary())

    def _keep(self, session: Session, draft: Draft) -> None:
        future = session.ask(_keep_whole, draft, self.has_consent_line)

        def told(kept: tuple[Draft, VisitState]) -> None:
            self._post.publish(VisitAdvanced(kept[0].visit, kept[1]))
            self._post.publish(DraftFinished(kept[0].visit, kept[0], kept[0].omissions))
            self._look_again(kept[0])

        self._post.deliver(future, self, told, lambda _: self._post.publish(TroubleArose("store")))


def _keep_part(vault: VaultPort, draft: Draft) -> None:
    if vault.visit(draft.visit).state is not VisitState.DRAFTING:
        return
    vault.save_draft(with_kept(draft, vault.draft(draft.visit)))


def _keep_whole(vault: VaultPort, draft: Draft, has_consent_line: bool) -> tuple[Draft, VisitState]:
    visit = vault.visit(draft.visit)
    if visit.state not in {VisitState.DRAFTING, VisitState.IN_REVIEW}:
        raise VisitStateError(visit.state.value, VisitState.IN_REVIEW.value)
    whole = replace(with_kept(draft, vault.draft(draft.visit)), made_at=_now())
    if has_consent_line:
        with contextlib.suppress(ConsentMissingError):
            whole = with_consent_line(vault, visit, whole)
    vault.save_draft(whole)
    if visit.state is VisitState.DRAFTING:
        visit = visit.moved_to(VisitState.IN_REVIEW)
        vault.save_visit(visit)
    return whole, visit.state


def _ignore_outcome(future: Future[None]) -> None:
    future.exception()


def _now() -> datetime:
    return datetime.now().astimezone()


__all__ = ["DraftSetup", "NoteMaking"]
