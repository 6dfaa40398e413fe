"""What a second, careful decode of a recording changes in its transcript. Pure; any thread.

Formatting is taken over and told as a revision. Whatever could matter clinically becomes a
`Difference`: the transcript stays as it is until a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.corrections import corrected
from app.clinical.differences import Change, ChangeKind, changes
from app.clinical.written import write
from app.domain.audio import SAMPLE_RATE
from app.domain.errors import NotFoundError
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Difference, Revision, RevisionCause, Segment, Transcript, Word
from app.domain.vocabulary import Replacement

PAUSE: Final = SAMPLE_RATE // 2
"""Where both decodes are silent for half a second, words before and behind cannot be the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it. `segments` are those that read otherwise now, whole."""

    segments: tuple[Segment, ...] = ()
    revisions: tuple[Revision, ...] = ()
    differences: tuple[Difference, ...] = ()


def compared(
    segments: Sequence[Segment],
    heard: Sequence[Word],
    own: frozenset[SegmentId] = frozenset(),
    replacements: Sequence[Replacement] = (),
) -> Compared:
    """Hold a transcript against what a second decode heard.

    Args:
        segments: of one recording, with words, in order of time.
        heard: all words of the second decode, on the same audio clock, in order of time.
        own: segments that a person changed: they stay, and nothing is said about them.
        replacements: the clinician's, for the written forms.
    """
    now, revisions = _formatted(segments, heard, own, replacements)
    differences = [
        each
        for place in _places(now, heard, ChangeKind.CLINICAL)
        for each in place.differences(now)
        if not place.segments & own and each.segment not in own
    ]
    changed = tuple(new for new, old in zip(now, segments, strict=True) if new != old)
    return Compared(changed, tuple(revisions), tuple(differences))


def _formatted(
    segments: Sequence[Segment],
    heard: Sequence[Word],
    own: frozenset[SegmentId],
    replacements: Sequence[Replacement],
) -> tuple[list[Segment], list[Revision]]:
    """Return the segments as the second decode writes the same words, and what changed."""
    now = {each.id: each for each in segments}
    revisions: list[Revision] = []
    for place in _places(segments, heard, ChangeKind.FORMATTING):
        if not place.ids or len(place.segments) > 1 or place.segments & own:
            continue
        segment = now[next(iter(place.segments))]
        text, cause = _text(place.change.after), RevisionCause.SECOND_PASS
        new, revision = corrected(segment, place.ids, text, cause, replacements)
        if new.text != segment.text:  # not where a written form says it already
            now[segment.id] = new
            revisions.append(revision)
    return list(now.values()), revisions


def _places(
    segments: Sequence[Segment], heard: Sequence[Word], kind: ChangeKind
) -> Iterator[_Place]:
    """Yield the changes of one kind."""
    home = {word: each.id for each in segments for word in each.words}
    for before, after in _stretches(list(home), heard):
        for change in changes(before, after):
            if change.kind is kind:
                yield _Place(before, change, home)


def accepted(
    transcript: Transcript, difference: Difference, replacements: Sequence[Replacement] = ()
) -> tuple[Segment, Revision]:
    """Return the segment as the second decode heard it: a person said that it is right.

    Raises:
        NotFoundError: the words are others meanwhile.
    """
    if not difference.before:
        return _added(transcript, difference, replacements)
    segment = transcript.find(difference.segment)
    if segment is None:
        raise NotFoundError("segment")
    words = meant(segment.words, difference)
    if not words:
        raise NotFoundError("segment")
    ids = [word.id for word in words]
    return corrected(
        segment, ids, difference.after, RevisionCause.PERSON, replacements, transcript.language
    )


def meant(words: Sequence[Word], difference: Difference) -> Sequence[Word]:
    """Return the words that a difference is about; none when they are others meanwhile."""
    count = len(difference.before.split())
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + count) + 1):
            found = words[first:last]
            times = (found[0].start, found[-1].end)
            if times == (difference.start, difference.end) and _text(found) == difference.before:
                return found
    return ()


def _added(
    transcript: Transcript, difference: Difference, replacements: Sequence[Replacement]
) -> tuple[Segment, Revision]:
    """Return a new segment for speech that the first decode had no word for."""
    number = max([0, *(_number(each.id) for each in transcript.segments)]) + 1
    segment = SegmentId(f"s{number:04d}")
    texts = difference.after.split()
    length = difference.end - difference.start
    words = tuple(
        Word(
            WordId(f"{segment}.{i + 1}"),
            text,
            difference.start + length * i // len(texts),
            difference.start + length * (i + 1) // len(texts),
        )
        for i, text in enumerate(texts)
    )
    written, forms = write(words, replacements)
    ids = tuple(word.id for word in words)
    return (
        Segment(
            segment, written, start=difference.start, end=difference.end, words=words, forms=forms
        ),
        Revision(ids, "", difference.after, RevisionCause.PERSON, segment),
    )


class _Place:
    """Where in the transcript a change lies."""

    def __init__(self, before: Sequence[Word], change: Change, home: dict[Word, SegmentId]) -> None:
        self._before = before
        self._home = home
        self.change = change
        self.words = before[change.first : change.first + change.count]
        self.ids = [word.id for word in self.words]
        self.segments = {home[each] for each in self.words}

    def differences(self, now: Sequence[Segment]) -> Iterator[Difference]:
        """Yield one difference per segment that the change touches."""
        if not self._before:
            yield self._alone(now)
            return
        words, after = self.words, list(self.change.after)
        if not words:  # next to a word that stays, so that a person sees where
            index = max(0, self.change.first - 1)
            words = [self._before[index]]
            after = [*words, *after] if index < self.change.first else [*after, *words]
        for segment in dict.fromkeys(self._home[word] for word in words):
            part = [word for word in words if self._home[word] == segment]
            is_last = part[-1] is words[-1]
            said = [each for each in after if is_last or _middle(each) < part[-1].end]
            after = after[len(said) :]
            if _text(part) != _text(said):
                yield Difference(segment, part[0].start, part[-1].end, _text(part), _text(said))

    def _alone(self, now: Sequence[Segment]) -> Difference:
        """Return speech where the transcript has no word; shown at the segment nearest in time."""
        start, end = self.change.after[0].start, self.change.after[-1].end
        nearest = min(now, key=lambda each: abs(each.start - start), default=None)
        near = nearest.id if nearest is not None else SegmentId("")
        return Difference(near, start, end, "", _text(self.change.after))


def _stretches(
    before: Sequence[Word], after: Sequence[Word]
) -> Iterator[tuple[list[Word], list[Word]]]:
    """Yield words that belong together: between two pauses that both decodes have."""
    both = [(word, True) for word in before] + [(word, False) for word in after]
    first: list[Word] = []
    second: list[Word] = []
    end = 0
    for word, is_first in sorted(both, key=lambda each: (each[0].start, each[0].end)):
        if word.start - end >= PAUSE and (first or second):
            yield first, second
            first, second = [], []
        (first if is_first else second).append(word)
        end = max(end, word.end)
    if first or second:
        yield first, second


def _middle(word: Word) -> int:
    return (word.start + word.end) // 2


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _number(segment: SegmentId) -> int:
    digits = "".join(c for c in segment if c.isdigit())
    return int(digits) if digits else 0
