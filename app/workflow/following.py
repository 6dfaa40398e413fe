"""The draft follows the transcript, whose words may change after it was made. Main thread.

The second pass, a corrected word, a speaker named otherwise: each line that rests on it is checked
anew at once, and the list of what is left out is brought up to it. What a person wrote or let
stand is never replaced. Writing a section anew is offered, and left to the person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from app.domain.draft import Claim, Draft
from app.domain.errors import AppError
from app.domain.events import DraftEdited, DraftFinished, TranscriptEdited
from app.domain.ids import SegmentId, VisitId
from app.domain.review import Decision, accepted_claims
from app.domain.store_ports import VaultPort
from app.domain.transcript import Transcript
from app.domain.visit import VisitState
from app.drafting.claims import is_about_consent
from app.drafting.following import Changed, followed, needs_quotes, omitted
from app.drafting.staleness import is_reworded, stale_claims, watched
from app.drafting.template_filing import TemplateFiling
from app.workflow.draft_run import DraftSetup
from app.workflow.drafts import with_claims
from app.workflow.note_editing import NoteEditing
from app.workflow.room import Room
from app.workflow.session import Session


class Following:
    """Follows one visit after the other, whatever came meanwhile in one go."""

    def __init__(self, room: Room, setup: DraftSetup, editing: NoteEditing) -> None:
        self._room = room
        self._setup = setup
        self._editing = editing
        self._due: dict[VisitId, set[SegmentId]] = defaultdict(set)
        self._is_busy = False
        room.bus.subscribe(TranscriptEdited, self._on_transcript)
        room.bus.subscribe(DraftFinished, self._on_draft)
        room.bus.subscribe(DraftEdited, self._on_draft)
        room.sessions.on_leave(self._due.clear)

    @property
    def is_busy(self) -> bool:
        """Whether something is still followed: a draft may be another in a moment."""
        return self._is_busy or bool(self._due)

    def _on_transcript(self, event: TranscriptEdited) -> None:
        """Follow what changed. Where something was struck, a draft is made anew anyway."""
        if not event.gone:
            self._due[event.visit] |= {
                each.segment
                for each in event.revisions
                if each.segment is not None and is_reworded(each.before, each.after)
            }
            self._begin()

    def _on_draft(self, event: DraftFinished | DraftEdited) -> None:
        """Look at a draft that may be older than the words: written meanwhile, or brought back."""
        self._due[event.visit] |= set()
        self._begin()

    def _begin(self) -> None:
        if self._is_busy or not self._due or not self._room.sessions.is_open:
            return
        visit = next(iter(self._due))
        segments = frozenset(self._due.pop(visit))
        session = self._room.sessions.current()
        self._is_busy = True
        self._room.post.deliver(
            self._room.pool.submit(self._follow, session, visit, segments),
            self,
            lambda _: self._over(),
            lambda _: self._over(),  # locked, signed or erased meanwhile: nothing is to follow
        )

    def _over(self) -> None:
        self._is_busy = False
        self._begin()

    # -- pool

    def _follow(self, session: Session, visit: VisitId, segments: frozenset[SegmentId]) -> None:
        read = session.ask(_read, visit, segments).result()
        if read is None:
            return
        draft, transcript, decisions = read
        changed = Changed(
            transcript,
            segments,
            frozenset(each.claim for each in decisions),
            accepted_claims(draft, decisions),
        )
        if needs_quotes(draft, changed):
            changed = replace(changed, quoted=self._quoted(draft, transcript))
        now = followed(draft, changed, self._setup.checker.check)
        fresh = with_claims(draft, now)
        if segments:
            found = self._setup.omissions(transcript, fresh.claims)
            filing = TemplateFiling(self._setup.templates(draft.template))
            placed = [filing.placed(each) for each in found]
            fresh = replace(fresh, omissions=omitted(draft, placed, segments))
        self._editing.follow(visit, draft, fresh).result()

    def _quoted(self, draft: Draft, transcript: Transcript) -> Mapping[str, tuple[Claim, ...]]:
        try:
            template = self._setup.templates(draft.template)
        except AppError:  # the clinician's own, gone since: the lines are checked as they are
            return {}
        headings = [(each.key, each.heading) for each in template.sections]
        sections = self._setup.extractive.draft(transcript, headings, TemplateFiling(template))
        return {
            each.key: tuple(one for one in each.claims if not is_about_consent(one.text))
            for each in sections
        }


def _read(
    vault: VaultPort, visit: VisitId, segments: frozenset[SegmentId]
) -> tuple[Draft, Transcript, tuple[Decision, ...]] | None:
    """Read what is to follow, None if there is nothing. Lane."""
    draft = vault.draft(visit)
    if draft is None or vault.visit(visit).state is not VisitState.IN_REVIEW:
        return None
    if not segments and not stale_claims(draft, vault.segments(visit, watched(draft))):
        return None
    return draft, vault.transcript(visit), tuple(vault.decisions(visit))
