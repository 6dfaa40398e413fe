"""A dictated visit: the clinician's own words become the note, as they are spoken.

Nothing is drafted by a model. The note is told again from the transcript each time, so a crash
or a word corrected later changes nothing but what it should.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from app.clinical.dictated import Dictation, Field
from app.clinical.dictation import Names, Utterance, read
from app.domain.audio import SAMPLE_RATE
from app.domain.draft import Claim, Draft, Owner
from app.domain.events import DictationChanged, SegmentFinished, TranscriptEdited
from app.domain.ids import TemplateId, VisitId
from app.domain.store_ports import VaultPort
from app.domain.transcript import Segment
from app.domain.vocabulary import Vocabulary
from app.drafting.autotexts import Wording, sentences_of
from app.workflow.drafts import typed_claim
from app.workflow.room import Room
from app.workflow.transcribing import Transcribing

Headings = Sequence[tuple[str, str]]
"""Key and heading of each section of the template, in order."""

UNTITLED: Final[Headings] = (("note", "Note"),)
"""Until the template is read."""


def dictated(segments: Sequence[Segment], headings: Headings, taught: Vocabulary) -> Dictation:
    """Return the note that these segments dictate."""
    growing = Growing(headings, taught)
    for each in segments:
        growing.add(each)
    return growing.note


class Growing:
    """A dictated note that takes one segment after the other.

    How the last one reads depends on the silence behind it, so it is read again when another
    follows.
    """

    def __init__(self, headings: Headings, taught: Vocabulary) -> None:
        self._names = _names(headings, taught)
        fields = tuple(Field(key) for key, _ in headings)
        self._settled = Dictation(fields, macros=taught.macros)
        self._last: Segment | None = None
        self._before = SAMPLE_RATE  # silence before the last one

    def add(self, segment: Segment) -> None:
        """Take the segment that follows."""
        if self._last is not None:
            silence = max(0, segment.start - self._last.end)
            self._settled = self._with(self._last, silence)
            self._before = silence
        self._last = segment

    @property
    def note(self) -> Dictation:
        """The note so far, as if a second of silence followed."""
        return self._settled if self._last is None else self._with(self._last, SAMPLE_RATE)

    def _with(self, segment: Segment, after: int) -> Dictation:
        said = Utterance(segment.words, self._before, after)
        return self._settled.apply(read(said, self._names))


def _names(headings: Headings, taught: Vocabulary) -> Names:
    """Return what commands may name."""
    spoken = {heading.lower(): key for key, heading in headings} | {
        key.replace("_", " "): key for key, _ in headings
    }
    return Names(spoken, tuple(each.name for each in taught.macros), taught.replacements)


def dictated_draft(blank: Draft, segments: Sequence[Segment], taught: Vocabulary) -> Draft:
    """Return a draft whose lines are what the clinician said and owns."""
    note = dictated(segments, [(each.key, each.heading) for each in blank.sections], taught)
    known = Wording(taught.macros)
    texts = {each.key: each.text for each in note.fields}
    return replace(
        blank,
        sections=tuple(
            replace(
                section,
                claims=tuple(
                    _claim(sentence, known)
                    for line in texts.get(section.key, "").splitlines()
                    for sentence in sentences_of(line)
                ),
                is_finished=True,
            )
            for section in blank.sections
        ),
    )


def _claim(sentence: str, known: Wording) -> Claim:
    """Return a line of the clinician's, labelled where an auto-text put it in."""
    claim = typed_claim(sentence)
    return replace(claim, owner=Owner.MACRO) if known.is_known(sentence) else claim


class Dictating:
    """Shows a dictated note while it is spoken. Main thread.

    Args:
        headings: reads those of a template, of the usual one for None. Blocks for small files.
    """

    def __init__(
        self,
        room: Room,
        transcribing: Transcribing,
        headings: Callable[[TemplateId | None], Headings],
    ) -> None:
        self._post = room.post
        self._sessions = room.sessions
        self._transcribing = transcribing
        self._read_headings = headings
        self._headings: Headings = UNTITLED
        self._visit: VisitId | None = None
        self._segments: list[Segment] = []
        self._taught = Vocabulary()
        self._growing = Growing(self._headings, self._taught)
        room.sessions.on_leave(self._forget)
        room.bus.subscribe(SegmentFinished, self._on_segment)
        room.bus.subscribe(TranscriptEdited, self._on_edited)

    def _on_segment(self, event: SegmentFinished) -> None:
        visit = self._transcribing.dictated
        if visit is None:
            return
        if visit != self._visit:
            self._forget()
            self._visit = visit
            self._learn(visit)
        places = [at for at, each in enumerate(self._segments) if each.id == event.segment.id]
        if places:  # the same words, heard once more: they and their commands count once
            self._segments[places[0]] = event.segment
            self._replay()
            return
        self._segments.append(event.segment)
        self._growing.add(event.segment)
        self._tell()

    def _on_edited(self, event: TranscriptEdited) -> None:
        if event.visit != self._visit:
            return
        changed = {each.id: each for each in event.segments}
        self._segments = [
            changed.get(each.id, each) for each in self._segments if each.id not in event.gone
        ]
        self._replay()

    def _forget(self) -> None:
        """Nobody is here any more, or another visit begins."""
        self._visit, self._segments, self._taught = None, [], Vocabulary()
        self._headings = UNTITLED
        self._growing = Growing(self._headings, self._taught)

    def _learn(self, visit: VisitId) -> None:
        """Ask for sections, macros and replacements. Until they come, nothing is shown."""
        if self._sessions.is_open:

            def job(vault: VaultPort) -> tuple[Vocabulary, Headings]:
                return vault.vocabulary(), self._read_headings(vault.visit(visit).template)

            future = self._sessions.current().ask(job)
            self._post.deliver(future, self, partial(self._on_taught, visit), lambda _: None)

    def _on_taught(self, visit: VisitId, learned: tuple[Vocabulary, Headings]) -> None:
        if visit == self._visit:
            self._taught, self._headings = learned
            self._replay()

    def _replay(self) -> None:
        """Tell the note anew from its beginning."""
        self._growing = Growing(self._headings, self._taught)
        for each in self._segments:
            self._growing.add(each)
        self._tell()

    def _tell(self) -> None:
        if self._visit is None or self._headings is UNTITLED:
            return
        note = self._growing.note
        sections = tuple((each.key, each.text) for each in note.fields)
        headings = tuple(heading for _, heading in self._headings)
        at = note.fields[note.at].key
        self._post.publish(DictationChanged(self._visit, sections, at, headings))
