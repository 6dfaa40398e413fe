"""What the app knows of one recording while speech works on it: sound not settled, words told.

Plain bookkeeping, no child and no thread: `speech.py` calls it under its lock and publishes the
events it returns. Samples of the audio clock throughout.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.clinical.speaker_cues import SpeakerCues
from app.clinical.written import write
from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, Span
from app.domain.events import (
    PartialHeard,
    RolesFound,
    SegmentFinished,
    SpeechProgressed,
    SpeechUnheard,
    WordsCommitted,
    WordsRevised,
)
from app.domain.ids import SegmentId, WordId
from app.domain.ports import SpeechPlan
from app.domain.transcript import (
    Revision,
    RevisionCause,
    RoleFound,
    Segment,
    Word,
    WrittenForm,
)

LIVE_SAMPLES: Final = 10 * SAMPLE_RATE
"""Sound that may be on its way to a child that listens live (ARCHITECTURE.md, Threads)."""
WHOLE_SAMPLES: Final = 60 * SAMPLE_RATE
"""The same for whole files: two windows, so the child never waits for the next one."""
MOST_SURE: Final = 0.99
"""Of a role that a machine found; 1.0 says that a person set it."""
Row = Sequence[Any]
"""A word as the child tells it: [number, text, start, end, probability]."""


@dataclass(slots=True)
class _Said:
    """A segment as it was told last, and what its voice tells of the speaker.

    `child` gave the voice its letter: the next child names voices anew.
    """

    found: Segment
    speaker: str
    role: str
    confidence: float
    child: int


@dataclass(slots=True)
class Session:
    """One recording, or the part of it after a restart of the app.

    A word keeps its number, and so its id, when the child dies: the next child is told the words
    that no segment holds yet, and goes on counting.
    """

    plan: SpeechPlan
    number: int = 0
    is_asked: bool = False  # a `listen` is not answered yet
    is_ending: bool = False
    settled: int = field(init=False)
    heard_to: int = field(init=False)
    fed_to: int = field(init=False)
    newest: int = field(init=False)  # what speech ought to have heard by now
    kept: deque[tuple[int, bytes]] = field(default_factory=deque)  # not settled yet
    _cues: dict[int, SpeakerCues] = field(default_factory=dict)  # by child
    _segments: int = field(init=False)
    _said: list[_Said] = field(default_factory=list)
    _turns: int = 0
    _last_word: int = 0
    _told: dict[int, Word] = field(default_factory=dict)  # committed, in no segment yet

    def __post_init__(self) -> None:
        at_sample = self.plan.at_sample
        self.settled = self.heard_to = self.fed_to = self.newest = at_sample
        self._segments = self.plan.first_segment - 1

    # -- sound

    def takes(self, samples: int) -> bool:
        """Return whether the child may be sent so much more sound."""
        limit = LIVE_SAMPLES if self.plan.is_live else WHOLE_SAMPLES
        waiting = self._waiting()
        return not waiting or waiting + samples <= limit

    def keep(self, at_sample: int, pcm: bytes) -> None:
        """Keep sound that was sent, until it is settled."""
        self.kept.append((at_sample, pcm))
        self.fed_to = at_sample + len(pcm) // BYTES_PER_SAMPLE

    def _waiting(self) -> int:
        """Return how much of the kept sound the child has not heard."""
        total = 0
        for block in reversed(self.kept):
            if _end_of(block) <= self.heard_to:
                break
            total += _end_of(block) - max(block[0], self.heard_to)
        return total

    def _settle(self, at_sample: int) -> None:
        """Forget sound that is words now."""
        self.settled = max(self.settled, at_sample)
        while self.kept and _end_of(self.kept[0]) <= self.settled:
            self.kept.popleft()

    # -- to the child

    def opening(self, number: int) -> dict[str, Any]:
        """Begin, or begin again behind what is settled; return the fields of `open`."""
        self.number = number
        self.heard_to = self.settled
        self.is_asked = False
        plan = self.plan
        told = sorted(self._told.items()) if plan.is_live else ()
        return {
            "session": number,
            "language": plan.language,
            "is_live": plan.is_live,
            "is_dictation": plan.is_dictation,
            "hotwords": list(plan.hotwords),
            "at_sample": self.settled,
            "voiceprint": plan.voiceprint.hex(),
            "speakers": plan.speakers,
            "last_word": self._last_word,
            "told": [[i, each.text, each.start, each.end, each.probability] for i, each in told],
        }

    # -- from the child: each returns the events to publish

    def partial(self, fields: dict[str, Any]) -> Iterator[object]:
        """Words that may change."""
        yield PartialHeard(tuple(self._words(fields["words"])))

    def committed(self, fields: dict[str, Any]) -> Iterator[object]:
        """Words that are named now."""
        rows = [row for row in fields["words"] if row[0] not in self._told]
        words = self._words(rows)
        self._told |= {row[0]: word for row, word in zip(rows, words, strict=True)}
        if words:
            yield WordsCommitted(tuple(words))

    def final(self, fields: dict[str, Any]) -> Iterator[object]:
        """An utterance, and what it changed."""
        rows = fields["words"]
        segment = self._segment(fields) if rows else None
        changed = [
            Revision(
                tuple(self._id(number) for number in numbers),
                before,
                after,
                RevisionCause.FINAL,
                segment.id if segment is not None else None,
            )
            for numbers, before, after in fields["revised"]
        ]
        for number in [row[0] for row in rows] + [
            number for numbers, _, _ in fields["revised"] for number in numbers
        ]:
            self._told.pop(number, None)
        if changed:
            yield WordsRevised(tuple(changed))
        if segment is not None:
            self._settle(segment.end)
            yield SegmentFinished(segment)
            turns = sum(cues.turns for cues in self._cues.values())
            if turns > self._turns:  # the voices changed their names
                self._turns = turns
                yield from self._restated()

    def unheard(self, fields: dict[str, Any]) -> Iterator[object]:
        """Speech without words."""
        yield SpeechUnheard(tuple(Span(start, end) for start, end in fields["spans"]))

    def roles(self, fields: dict[str, Any]) -> Iterator[object]:
        """Who spoke in segments that are told: [start, end, speaker, role, confidence]."""
        rows = {(start, end): tuple(row) for start, end, *row in fields["rows"]}
        for each in self._of(self.number):
            if (row := rows.get((each.found.start, each.found.end))) is not None:
                each.speaker, each.role, each.confidence = row
        yield from self._restated()

    def _of(self, child: int) -> list[_Said]:
        """Return what was said to one child."""
        return [each for each in self._said if each.child == child]

    def _restated(self) -> Iterator[RolesFound]:
        """Tell who spoke in segments of which it was told otherwise."""
        found: list[RoleFound] = []
        for child, cues in self._cues.items():
            said = self._of(child)
            rows = [(each.found.spoken, each.speaker, each.role, each.confidence) for each in said]
            for each, (role, confidence) in zip(said, cues.settle(rows), strict=True):
                sure = min(confidence, MOST_SURE)
                now = replace(each.found, role=role, role_confidence=sure, speaker=each.speaker)
                if now != each.found:
                    each.found = now
                    found.append(RoleFound(now.id, role, sure, each.speaker))
        if found:
            yield RolesFound(tuple(found))

    def progress(self, fields: dict[str, Any]) -> Iterator[object]:
        """How far the child has got."""
        self._settle(fields["decoded_to"])
        self.heard_to = max(self.heard_to, fields.get("heard_to", 0))
        behind = self._waiting() + max(0, self.newest - self.fed_to)
        yield SpeechProgressed(self.settled, behind / SAMPLE_RATE)

    def _words(self, rows: Sequence[Row]) -> list[Word]:
        self._last_word = max([self._last_word, *(row[0] for row in rows)])
        return [
            Word(self._id(number), text, start, end, probability)
            for number, text, start, end, probability in rows
        ]

    def _id(self, number: int) -> WordId:
        """Return the id of a word: unique in the recording, also after a restart of the app."""
        first = self.plan.first_segment
        return WordId(f"w{number}" if first == 1 else f"w{first}.{number}")

    def _segment(self, fields: dict[str, Any]) -> Segment:
        words = tuple(self._words(fields["words"]))
        self._segments += 1
        name = SegmentId(f"s{self._segments:04d}")
        start, end = words[0].start, words[-1].end
        text, forms = self._written(words)
        said = _Said(
            Segment(name, text, start=start, end=end, words=words, forms=forms),
            fields.get("speaker", ""),
            fields.get("role", ""),
            float(fields.get("confidence", 0.0)),
            self.number,
        )
        if not self.plan.is_dictation:
            spoken = said.found.spoken
            cues = self._cues.setdefault(self.number, SpeakerCues())
            role, confidence = cues.hear(spoken, said.speaker, said.role, said.confidence)
            sure = min(confidence, MOST_SURE)
            said.found = replace(said.found, role=role, role_confidence=sure, speaker=said.speaker)
            self._said.append(said)
        return said.found

    def _written(self, words: tuple[Word, ...]) -> tuple[str, tuple[WrittenForm, ...]]:
        """Return how words are written. The rules for numbers are those of English.

        A rule that fails costs the written form of one utterance, never its words.
        """
        if self.plan.language == "en":
            with contextlib.suppress(ValueError):
                return write(words, self.plan.replacements)
        return " ".join(word.text for word in words), ()


def _end_of(block: tuple[int, bytes]) -> int:
    return block[0] + len(block[1]) // BYTES_PER_SAMPLE
