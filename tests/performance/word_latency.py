"""From what was published, and when, to the latency of each word of the reference. Pure.

Latency = the moment a text was published - the moment the word's last sample left the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from app.domain.audio import SAMPLE_RATE
from app.domain.events import PartialHeard, SegmentFinished, WordsCommitted
from app.domain.transcript import Segment, Word
from tests.performance.clips import Placed
from tests.performance.matching import pairs
from tests.performance.reference_words import SpokenWord
from tests.performance.word_error import normalized

_NEAR: Final = round(1.0 * SAMPLE_RATE)
"""A word on the screen is the word of the reference when it reads the same and lies so near."""
PAUSE_S: Final = 1.0
"""Longer than the quiet that closes the gate, .8 s."""
Timed = tuple[float, Word]
E = TypeVar("E")


class Heard(Protocol):
    """What was published of a recording, and when: `chain.Heard` is one."""

    def all(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""

    def times(self, kind: type[E]) -> list[tuple[float, E]]:
        """Return the events of a kind with their moments."""


@dataclass(slots=True)
class Latencies:
    """Seconds, one per word of the reference that was seen, committed, or final.

    Attributes:
        committed: at the latest when the segment is final.
        settled: `final` of the last word of each segment; most segments end within a turn.
        paused: `final` of the words behind which the reference is silent for `PAUSE_S`: the turn
            is over, and the gate closes.
    """

    seen: list[float] = field(default_factory=list)
    committed: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def add(self, other: Latencies) -> None:
        """Take over another clip's."""
        self.seen += other.seen
        self.committed += other.committed
        self.final += other.final
        self.settled += other.settled
        self.paused += other.paused


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip lies: its first sample in the journal, and when that left the device."""

    clip: Placed
    first: int
    left_s: Callable[[int], float]

    def holds(self, word: Word | Segment) -> bool:
        """Return whether most of a word or segment lies in this clip or the pause behind it."""
        middle = (word.start + word.end) // 2
        pause = 2 * SAMPLE_RATE
        return self.first - SAMPLE_RATE // 2 <= middle < self.first + self.clip.samples + pause


def committed_words(heard: Heard) -> list[Timed]:
    """Return all committed words with the moments they were committed."""
    return [(at_s, word) for at_s, each in heard.times(WordsCommitted) for word in each.words]


def final_words(heard: Heard) -> list[Timed]:
    """Return all words of segments with the moments these were finished."""
    return [
        (at_s, word) for at_s, each in heard.times(SegmentFinished) for word in each.segment.words
    ]


def shown_words(heard: Heard) -> list[Timed]:
    """Return all words that were shown at all, each time they were."""
    partial = [(at_s, word) for at_s, each in heard.times(PartialHeard) for word in each.words]
    return sorted(
        [*partial, *committed_words(heard), *final_words(heard)], key=lambda each: each[0]
    )


def latencies(heard: Heard, place: Place, words: Sequence[SpokenWord]) -> Latencies:
    """Return the latencies of a clip's words."""
    committed = [each for each in committed_words(heard) if place.holds(each[1])]
    final = [each for each in final_words(heard) if place.holds(each[1])]
    lasts = {
        each.words[-1].id
        for each in (event.segment for event in heard.all(SegmentFinished))
        if each.words
    }
    finals = matched(words, final, place)
    # a word that no commit told is settled by its final
    commits = finals | matched(words, committed, place)
    over = [place.left_s(place.clip.at + word.end) for word in words]
    return Latencies(
        seen=_seen(words, [each for each in shown_words(heard) if place.holds(each[1])], place),
        committed=[at - over[i] for i, (at, _) in commits.items()],
        final=[at - over[i] for i, (at, _) in finals.items()],
        settled=[at - over[i] for i, (at, word) in finals.items() if word.id in lasts],
        paused=[at - over[i] for i, (at, _) in finals.items() if _is_last(words, i)],
    )


def _is_last(words: Sequence[SpokenWord], i: int) -> bool:
    """Return whether silence follows a word of the reference."""
    return i + 1 == len(words) or words[i + 1].start - words[i].end >= PAUSE_S * SAMPLE_RATE


def matched(words: Sequence[SpokenWord], heard: Sequence[Timed], place: Place) -> dict[int, Timed]:
    """Return reference index -> the heard word in its place; what was lost is not there.

    The order of words pairs them, and their times decide: behind a word that was lost, the next
    one stands in its place, whenever that was said.
    """
    found = pairs([each.text for each in words], [word.text for _, word in heard])
    return {i: heard[j] for i, j in found.items() if _is_near(words[i], heard[j][1], place)}


def _is_near(spoken: SpokenWord, word: Word, place: Place) -> bool:
    start, end = word.start - place.first, word.end - place.first
    return start <= spoken.end + _NEAR and end >= spoken.start - _NEAR


def _seen(words: Sequence[SpokenWord], shown: Sequence[Timed], place: Place) -> list[float]:
    """Return the first-seen latencies: the same text at about the same time, the first time."""
    times: dict[str, list[tuple[float, int]]] = {}
    for at_s, word in shown:
        for token in normalized(word.text)[-1:]:
            times.setdefault(token, []).append((at_s, word.end - place.first))
    found: list[float] = []
    for spoken in words:
        for token in normalized(spoken.text)[-1:]:
            over_s = place.left_s(place.clip.at + spoken.end)
            began_s = place.left_s(place.clip.at + spoken.start)
            for at_s, end in times.get(token, ()):
                if abs(end - spoken.end) <= _NEAR and at_s >= began_s:
                    found.append(at_s - over_s)
                    break
    return found
