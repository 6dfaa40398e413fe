"""Merges what a second hearing, with likely names in mind, makes of doubtful words. Pure.

A small model writes "doxus a client" for doxycycline. Heard again with the names that sound like
that as hotwords, it writes the name, or something nearer to it: "doxysic line". Nothing is
swapped: both hearings give candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final

from app.clinical.suggestions import MOST_CANDIDATES, Doubt, Suggester
from app.domain.audio import SAMPLE_RATE, Span
from app.domain.ids import WordId
from app.domain.transcript import Segment, Suggestion, Word

CONTEXT: Final = 3 * SAMPLE_RATE
"""Heard again on both sides of a doubt, as far as the segment goes."""
_MARGIN: Final = SAMPLE_RATE // 5
_ROUGH: Final = SAMPLE_RATE // 5  # the times of a word differ that much between decodes


@dataclass(frozen=True, slots=True)
class Again:
    """A doubt, and the words of its second hearing on the audio clock."""

    doubt: Doubt
    heard: tuple[Word, ...]


def passage(segment: Segment, doubt: Doubt) -> Span:
    """Return the sound that is heard again, on the audio clock."""
    first, last = doubt.words[0].start, doubt.words[-1].end
    low = max(segment.start, first - CONTEXT) - _MARGIN
    return Span(max(0, low), min(segment.end, last + CONTEXT) + _MARGIN)


def merged(
    suggester: Suggester,
    segment: Segment,
    first: Sequence[Suggestion],
    again: Again,
    terms: Sequence[str] = (),
) -> tuple[Suggestion, ...]:
    """Return the suggestions of a segment after a second hearing.

    Args:
        suggester: finds names in what was heard again.
        segment: as it was heard first.
        first: its suggestions so far.
        again: what was heard again in it.
        terms: names that are likely in this visit.
    """
    doubt = again.doubt
    second = _second(suggester, segment, again, terms)
    if not second:
        return tuple(first)
    span, names = second
    old = [each for each in first if set(each.words) & {word.id for word in doubt.words}]
    words = tuple(chain.from_iterable(each.words for each in old)) or _under(doubt, span)
    if not words:
        return tuple(first)
    theirs = tuple(chain.from_iterable(each.candidates for each in old))
    candidates = _ranked(names, theirs)
    found = Suggestion(segment.id, words, _text(segment, words), candidates)
    kept = [each for each in first if each not in old]
    order = {word.id: index for index, word in enumerate(segment.words)}
    return tuple(sorted([*kept, found], key=lambda each: order[each.words[0]]))


def _second(
    suggester: Suggester,
    segment: Segment,
    again: Again,
    terms: Sequence[str],
) -> tuple[Span, tuple[str, ...]] | None:
    """Return where the second hearing has a drug in the place of the doubt, and which it may be."""
    doubt, heard = again.doubt, again.heard
    low, high = doubt.words[0].start - _ROUGH, doubt.words[-1].end + _ROUGH
    near = [each for each in heard if each.end > low and each.start < high]
    right = suggester.spelled(near, doubt.names)
    text = " ".join(each.text for each in heard)
    written = Segment(segment.id, text, words=heard)
    ids = {each.id for each in near}
    near_names = [each for each in suggester.suggest(written, terms) if ids & set(each.words)]
    names = (*(name for _, name in right), *chain.from_iterable(c.candidates for c in near_names))
    if not names:
        return None
    known = {each.id: each for each in heard}
    spoken = [near[index] for index, _ in right]
    spoken += [known[word] for each in near_names for word in each.words]
    return Span(min(w.start for w in spoken), max(w.end for w in spoken)), names


def _under(doubt: Doubt, span: Span) -> tuple[WordId, ...]:
    """Return the words of a doubt that lie in a span for the most part; the nearest if none."""
    inside = [
        each
        for each in doubt.words
        if 2 * (min(each.end, span.end) - max(each.start, span.start)) >= each.end - each.start
    ]
    if not inside:
        middle = (span.start + span.end) // 2
        inside = [min(doubt.words, key=lambda each: abs((each.start + each.end) // 2 - middle))]
    return tuple(each.id for each in inside)


def _ranked(second: Sequence[str], first: Sequence[str]) -> tuple[str, ...]:
    """Return what both hearings have before what one has; within each, the second's best first."""
    both = [name for name in second if name in first]
    turns = chain.from_iterable(zip_longest(second, first))
    ordered = dict.fromkeys([*second[:1], *both, *(name for name in turns if name)])
    return tuple(ordered)[:MOST_CANDIDATES]


def _text(segment: Segment, words: Sequence[WordId]) -> str:
    return " ".join(each.text for each in segment.words if each.id in words)
