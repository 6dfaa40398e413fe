"""Services around words in memory: corrections, second pass, vocabulary, voice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from app.domain.audio import Span, Stretch, StretchKind
from app.domain.errors import NoSpeechError, NotFoundError, VisitStateError
from app.domain.events import SecondPassFinished, TranscriptEdited
from app.domain.ids import ModelId, SegmentId, VisitId, WordId
from app.domain.transcript import (
    Difference,
    Revision,
    RevisionCause,
    Segment,
    SpeakerRole,
    Suggestion,
    Word,
)
from app.domain.visit import VisitState
from app.domain.vocabulary import Vocabulary, VoiceEnrolment
from tests.fakes.world import Shelf, World, given

_OTHER = {SpeakerRole.CLINICIAN: SpeakerRole.PATIENT, SpeakerRole.PATIENT: SpeakerRole.CLINICIAN}


class FakeCorrecting:
    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[str] = []

    def correct(
        self, visit: VisitId, segment: SegmentId, words: tuple[WordId, ...], text: str
    ) -> Future[Segment]:
        def work() -> Segment:
            shelf = self._unsigned(visit)
            return _rewrite(self.world, shelf, segment, words, (text, RevisionCause.PERSON))

        return given(work)

    def swap(self, visit: VisitId) -> Future[None]:
        self.asked.append("swap")
        return self._name(visit, lambda _: True, lambda each: _OTHER.get(each.role, each.role))

    def name_speaker(self, visit: VisitId, speaker: str, role: SpeakerRole) -> Future[None]:
        self.asked.append(f"{speaker} is {role.value}")
        return self._name(visit, lambda each: each.speaker == speaker, lambda _: role)

    def name_segment(self, visit: VisitId, segment: SegmentId, role: SpeakerRole) -> Future[None]:
        self.asked.append(f"{segment} is by {role.value}")
        return self._name(visit, lambda each: each.id == segment, lambda _: role)

    def suggestions(self, visit: VisitId) -> Future[tuple[Suggestion, ...]]:
        return given(lambda: tuple(self.world.shelf(visit).suggestions))

    def differences(self, visit: VisitId) -> Future[tuple[Difference, ...]]:
        return given(lambda: tuple(self.world.shelf(visit).differences))

    def strike(self, visit: VisitId, span: Span) -> Future[tuple[SegmentId, ...]]:
        def work() -> tuple[SegmentId, ...]:
            shelf = self._unsigned(visit)
            gone = [each for each in shelf.segments if each.start < span.end > span.start]
            gone = [each for each in gone if each.end > span.start]
            shelf.segments = [each for each in shelf.segments if each not in gone]
            shelf.stretches.append(Stretch(span.start, span.end, StretchKind.OFF_RECORD))
            shelf.draft = None
            ids = tuple(each.id for each in gone)
            self.world.post.publish(TranscriptEdited(visit, gone=ids))
            return ids

        return given(work)

    def _unsigned(self, visit: VisitId) -> Shelf:
        shelf = self.world.shelf(visit)
        if shelf.versions:
            raise VisitStateError(VisitState.SIGNED.value, VisitState.IN_REVIEW.value)
        return shelf

    def _name(
        self,
        visit: VisitId,
        is_meant: Callable[[Segment], bool],
        role: Callable[[Segment], SpeakerRole],
    ) -> Future[None]:
        def work() -> None:
            shelf = self._unsigned(visit)
            named = []
            for place, each in enumerate(shelf.segments):
                if is_meant(each):
                    made = replace(each, role=role(each), role_confidence=1.0)
                    shelf.segments[place] = made
                    named.append(made)
            self.world.post.publish(TranscriptEdited(visit, tuple(named)))

        return given(work)


class FakeSecondPass:
    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: list[Difference] = []

    def find(self, visit: VisitId, *differences: Difference) -> None:
        """The second pass is over."""
        self.world.shelf(visit).differences += differences
        self.world.post.publish(SecondPassFinished(visit, differences, "large-v3-turbo"))

    def accept(self, visit: VisitId, difference: Difference) -> Future[None]:
        def work() -> None:
            shelf = self.world.shelf(visit)
            shelf.differences.remove(difference)
            found = next(each for each in shelf.segments if each.id == difference.segment)
            words = tuple(
                each.id for each in found.words if difference.start <= each.start < difference.end
            )
            why = (difference.after, RevisionCause.SECOND_PASS)
            _rewrite(self.world, shelf, found.id, words, why)

        return given(work)

    def keep(self, visit: VisitId, difference: Difference) -> Future[None]:
        def work() -> None:
            self.world.shelf(visit).differences.remove(difference)
            self.kept.append(difference)

        return given(work)


class FakeTeaching:
    def __init__(self, world: World) -> None:
        self.world = world
        self.can_learn_voices = True
        self.kept = Vocabulary()
        self.enrolment: VoiceEnrolment | None = None
        self.learned_from: list[VisitId] = []

    def vocabulary(self) -> Future[Vocabulary]:
        return given(lambda: self.kept)

    def save_vocabulary(self, vocabulary: Vocabulary) -> Future[None]:
        self.kept = vocabulary
        return given(lambda: None)

    def voice(self) -> Future[VoiceEnrolment | None]:
        return given(lambda: self.enrolment)

    def forget_voice(self) -> Future[None]:
        self.enrolment = None
        return given(lambda: None)

    def learn_from_visit(self, visit: VisitId, consented_at: datetime) -> Future[VoiceEnrolment]:
        def work() -> VoiceEnrolment:
            shelf = self.world.shelf(visit)
            if not any(each.role is SpeakerRole.CLINICIAN for each in shelf.segments):
                raise NoSpeechError
            self.learned_from.append(visit)
            self.enrolment = VoiceEnrolment(b"voice", consented_at, 42.0, ModelId("campplus"))
            return self.enrolment

        return given(work)


def _rewrite(
    world: World,
    shelf: Shelf,
    segment: SegmentId,
    words: tuple[WordId, ...],
    why: tuple[str, RevisionCause],
) -> Segment:
    """Write other words in the place of some, the way `app.clinical.corrections` does."""
    text, cause = why
    found = next((each for each in shelf.segments if each.id == segment), None)
    if found is None or not words:
        raise NotFoundError("segment")
    first = [each.id for each in found.words].index(words[0])
    old = found.words[first : first + len(words)]
    texts = text.split()
    fresh = [
        Word(
            old[i].id if i < len(old) else WordId(f"{segment}+{i}"), each, old[0].start, old[0].end
        )
        for i, each in enumerate(texts)
    ]
    changed = (*found.words[:first], *fresh, *found.words[first + len(old) :])
    before = " ".join(each.text for each in old)
    new = replace(found, words=changed, text=" ".join(each.text for each in changed), forms=())
    shelf.segments[shelf.segments.index(found)] = new
    revision = Revision(words, before, " ".join(texts), cause, segment)
    shelf.revisions.append(revision)
    world.post.publish(TranscriptEdited(shelf.visit.id, (new,), revisions=(revision,)))
    return new
