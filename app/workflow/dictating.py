"""A dictated visit: the clinician's own words become the note, as they are spoken.

Nothing is drafted by a model. The note is told again from the transcript each time, so a crash
or a word corrected later changes nothing but what it should.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.clinical.dictated import Dictation, Field
from app.clinical.dictation import Names, Utterance, read
from app.domain.audio import SAMPLE_RATE
from app.domain.draft import Draft
from app.domain.events import DictationChanged, SegmentFinished, TranscriptEdited
from app.domain.ids import VisitId
from app.domain.transcript import Segment
from app.domain.vocabulary import Vocabulary
from app.workflow.drafts import typed_claim
from app.workflow.room import Room
from app.workflow.transcribing import Transcribing

_SENTENCE_END: Final = re.compile(r"(?<=[.?!])\s+")

Headings = Sequence[tuple[str, str]]
"""Key and heading of each section of the template, in order."""


def dictated(segments: Sequence[Segment], headings: Headings, taught: Vocabulary) -> Dictation:
    """Return the note that these segments dictate."""
    spoken = {heading.lower(): key for key, heading in headings} | {
        key.replace("_", " "): key for key, _ in headings
    }
    names = Names(spoken, tuple(each.name for each in taught.macros), taught.replacements)
    note = Dictation(tuple(Field(key) for key, _ in headings), macros=taught.macros)
    for index, segment in enumerate(segments):
        before = _silence(segments, index - 1)
        after = _silence(segments, index)
        note = note.apply(read(Utterance(segment.words, before, after), names))
    return note


def dictated_draft(blank: Draft, segments: Sequence[Segment], taught: Vocabulary) -> Draft:
    """Return a draft whose lines are what the clinician said and owns."""
    note = dictated(segments, [(each.key, each.heading) for each in blank.sections], taught)
    texts = {each.key: each.text for each in note.fields}
    return replace(
        blank,
        sections=tuple(
            replace(
                section,
                claims=tuple(
                    typed_claim(sentence)
                    for line in texts.get(section.key, "").splitlines()
                    for sentence in _SENTENCE_END.split(line)
                    if sentence.strip()
                ),
                is_finished=True,
            )
            for section in blank.sections
        ),
    )


class Dictating:
    """Shows a dictated note while it is spoken. Main thread.

    Args:
        headings: of the template that dictated notes are made with.
    """

    def __init__(self, room: Room, transcribing: Transcribing, headings: Headings) -> None:
        self._post = room.post
        self._sessions = room.sessions
        self._transcribing = transcribing
        self._headings = headings
        self._visit: VisitId | None = None
        self._segments: list[Segment] = []
        self._taught = Vocabulary()
        room.bus.subscribe(SegmentFinished, self._on_segment)
        room.bus.subscribe(TranscriptEdited, self._on_edited)

    def _on_segment(self, event: SegmentFinished) -> None:
        visit = self._transcribing.dictated
        if visit is None:
            return
        if visit != self._visit:
            self._visit, self._segments = visit, []
            self._learn()
        self._segments.append(event.segment)
        self._tell()

    def _on_edited(self, event: TranscriptEdited) -> None:
        if event.visit != self._visit:
            return
        changed = {each.id: each for each in event.segments}
        self._segments = [
            changed.get(each.id, each) for each in self._segments if each.id not in event.gone
        ]
        self._tell()

    def _learn(self) -> None:
        """Ask for macros and replacements; until they come, words are written as heard."""
        self._taught = Vocabulary()
        if self._sessions.is_open:
            future = self._sessions.current().ask(lambda vault: vault.vocabulary())
            self._post.deliver(future, self, self._on_taught, lambda _: None)

    def _on_taught(self, taught: Vocabulary) -> None:
        self._taught = taught
        self._tell()

    def _tell(self) -> None:
        if self._visit is None:
            return
        note = dictated(self._segments, self._headings, self._taught)
        sections = tuple((each.key, each.text) for each in note.fields)
        self._post.publish(DictationChanged(self._visit, sections, note.fields[note.at].key))


def _silence(segments: Sequence[Segment], index: int) -> int:
    """Return the samples without speech behind a segment; a second at either end."""
    if index < 0 or index + 1 >= len(segments):
        return SAMPLE_RATE
    return max(0, segments[index + 1].start - segments[index].end)
