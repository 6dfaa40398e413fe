"""What a person changes in a transcript: words, who spoke, what must not stay. Main thread."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Final

from app.audio.erasing import JournalEraser
from app.audio.journal import JournalReader, part_numbers
from app.clinical.corrections import corrected
from app.domain.audio import Span
from app.domain.errors import NotFoundError, VisitStateError
from app.domain.events import TranscriptEdited
from app.domain.ids import RecordingId, SegmentId, VisitId, WordId
from app.domain.store_ports import RecordingSecret, VaultPort
from app.domain.transcript import (
    Difference,
    RevisionCause,
    RoleFound,
    Segment,
    SpeakerRole,
    Suggestion,
    Transcript,
)
from app.domain.visit import VisitState
from app.workflow.name_hearing import Place
from app.workflow.room import Room
from app.workflow.session import Session

Improve = Callable[[Place, tuple[Suggestion, ...]], tuple[Suggestion, ...]]
Suggest = Callable[[Segment, tuple[str, ...]], tuple[Suggestion, ...]]
_COMING: Final = frozenset(
    {VisitState.RECORDING, VisitState.PAUSED, VisitState.FINISHING, VisitState.DRAFTING}
)
_REMEMBERED: Final = 4_096
"""Segments whose suggestions are kept while somebody is unlocked: a visit of 90 minutes has some
1,400, and finding them costs 23 ms where a word is in doubt."""
_OTHER = {SpeakerRole.CLINICIAN: SpeakerRole.PATIENT, SpeakerRole.PATIENT: SpeakerRole.CLINICIAN}


class Correcting:
    """Corrects transcripts. Every change is a revision or an erased span; none is silent.

    Args:
        suggest: finds doubtful words that may be drugs, and candidates.
        improve: makes the suggestions of a segment better by what was heard again.
    """

    def __init__(self, room: Room, suggest: Suggest, improve: Improve | None = None) -> None:
        self._improve = improve
        self._post = room.post
        self._sessions = room.sessions
        self._pool = room.pool
        self._suggest = functools.lru_cache(_REMEMBERED)(suggest)
        room.sessions.on_leave(self._suggest.cache_clear)

    def correct(
        self, visit: VisitId, segment: SegmentId, words: tuple[WordId, ...], text: str
    ) -> Future[Segment]:
        """Write other words in the place of some. `TranscriptEdited` follows.

        The future raises NotFoundError, VisitStateError (the note is signed).
        """

        def job(vault: VaultPort) -> Segment:
            _check_unsigned(vault, visit)
            transcript = vault.transcript(visit)
            found = transcript.find(segment)
            if found is None:
                raise NotFoundError("segment")
            replacements = vault.vocabulary().replacements
            new, revision = corrected(
                found, words, text, RevisionCause.PERSON, replacements, transcript.language
            )
            vault.put_segments(visit, [new])
            vault.add_revisions(visit, [revision])
            self._post.publish(TranscriptEdited(visit, (new,), revisions=(revision,)))
            return new

        return self._sessions.current().ask(job)

    def swap(self, visit: VisitId) -> Future[None]:
        """Exchange clinician and patient everywhere."""

        def named(segment: Segment) -> SpeakerRole:
            return _OTHER.get(segment.role, segment.role)

        return self._name(visit, lambda _: True, named)

    def name_speaker(self, visit: VisitId, speaker: str, role: SpeakerRole) -> Future[None]:
        """Say who "A" or "B" is, everywhere."""
        return self._name(visit, lambda each: each.speaker == speaker, lambda _: role)

    def name_segment(self, visit: VisitId, segment: SegmentId, role: SpeakerRole) -> Future[None]:
        """Say who speaks in one segment."""
        return self._name(visit, lambda each: each.id == segment, lambda _: role)

    def suggestions(self, visit: VisitId) -> Future[tuple[Suggestion, ...]]:
        """Return doubtful words of a visit that may be drugs. Nothing is changed."""

        def job(vault: VaultPort) -> tuple[Transcript, tuple[str, ...]]:
            terms = (*vault.visit(visit).terms, *vault.vocabulary().terms)
            return vault.transcript(visit), terms

        session = self._sessions.current()

        def find() -> tuple[Suggestion, ...]:
            transcript, terms = session.ask(job).result()
            found: list[Suggestion] = []
            for segment in transcript.segments:
                first = self._suggest(segment, terms)
                place = Place(visit, segment, terms, transcript.language)
                found += self._improve(place, first) if self._improve is not None else first
            return tuple(found)

        return self._pool.submit(find)

    def differences(self, visit: VisitId) -> Future[tuple[Difference, ...]]:
        """Return what the second pass heard otherwise and nobody has decided."""
        return self._sessions.current().ask(lambda vault: vault.differences(visit))

    def strike(self, visit: VisitId, span: Span) -> Future[tuple[SegmentId, ...]]:
        """Erase what was said in a span, from transcript, drafts and sound. It cannot be undone.

        The draft is gone too, because it may tell what was said: it is made anew. Lines of
        persons stay, but for those that rest on the span. A recording that still runs must be
        finished first.

        The future raises VisitStateError: the note is signed, or the visit is being recorded.
        """
        session = self._sessions.current()

        def job() -> tuple[SegmentId, ...]:
            session.ask(_check_finished, visit).result()
            _erase_sound(session, visit, span)
            gone = session.ask(lambda vault: vault.strike(visit, span)).result()
            self._post.publish(TranscriptEdited(visit, gone=gone))
            return gone

        return self._pool.submit(job)

    def _name(
        self,
        visit: VisitId,
        is_meant: Callable[[Segment], bool],
        role: Callable[[Segment], SpeakerRole],
    ) -> Future[None]:
        def job(vault: VaultPort) -> None:
            _check_unsigned(vault, visit)
            meant = [each for each in vault.transcript(visit).segments if is_meant(each)]
            found = [RoleFound(each.id, role(each), 1.0, each.speaker) for each in meant]
            vault.set_roles(visit, found)
            named = tuple(
                replace(each, role=one.role, role_confidence=1.0)
                for each, one in zip(meant, found, strict=True)
            )
            self._post.publish(TranscriptEdited(visit, named))

        return self._sessions.current().ask(job)


def _secret(vault: VaultPort, recording: RecordingId) -> RecordingSecret:
    return vault.recording_secret(recording)


def _check_unsigned(vault: VaultPort, visit: VisitId) -> None:
    if vault.versions(visit):
        raise VisitStateError(VisitState.SIGNED.value, VisitState.IN_REVIEW.value)


def _check_finished(vault: VaultPort, visit: VisitId) -> None:
    """Refuse while words or a draft may still come: they would bring back what was struck."""
    _check_unsigned(vault, visit)
    state = vault.visit(visit).state
    if state in _COMING or any(row.samples is None for row in vault.recordings(visit)):
        raise VisitStateError(state.value, VisitState.IN_REVIEW.value)


def _erase_sound(session: Session, visit: VisitId, span: Span) -> None:
    """Take the span, and all segments that touch it, out of the journals. Pool."""
    transcript = session.ask(lambda vault: vault.transcript(visit)).result()
    touched = [
        each for each in transcript.segments if each.start < span.end and span.start < each.end
    ]
    whole = Span(
        min([span.start, *(each.start for each in touched)]),
        max([span.end, *(each.end for each in touched)]),
    )
    eraser = JournalEraser(session.audio_folder)
    reader = JournalReader(session.audio_folder)
    for row in session.ask(lambda vault: vault.recordings(visit)).result():
        if not row.samples or not part_numbers(session.audio_folder, row.id):
            continue  # a microphone that was opened ahead, or that never gave sound
        secret = session.ask(_secret, row.id).result()
        if reader.inspect(row.id, secret.private_key).samples > whole.start:
            eraser.erase(row.id, (secret.public_key, secret.private_key), (whole,))
