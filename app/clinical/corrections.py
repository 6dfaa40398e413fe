"""Change words of a segment the way a person or a second decode wants them. Pure; any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.clinical.written import write
from app.domain.errors import NotFoundError
from app.domain.ids import WordId
from app.domain.transcript import Revision, RevisionCause, Segment, Word, WrittenForm
from app.domain.vocabulary import Replacement


def corrected(  # noqa: PLR0913, PLR0917 - one correction; the last two have defaults
    segment: Segment,
    words: Sequence[WordId],
    text: str,
    cause: RevisionCause,
    replacements: Sequence[Replacement] = (),
    language: str = "en",
) -> tuple[Segment, Revision]:
    """Return the segment with other words in the place of some, and what changed.

    The first words keep the ids of those they replace, so evidence that points at them stays.

    Args:
        segment: it keeps its id, times and speaker.
        words: ids of neighbors in the segment, in order.
        text: what they say now; empty = they were not said.
        cause: who wants it.
        replacements: the clinician's, for the written forms.
        language: what was spoken; forms are written in English only.

    Raises:
        NotFoundError: the words are not in the segment, or not next to each other.
    """
    ids = [word.id for word in segment.words]
    first = ids.index(words[0]) if words and words[0] in ids else -1
    if first < 0 or ids[first : first + len(words)] != list(words):
        raise NotFoundError("word")
    old = segment.words[first : first + len(words)]
    fresh = _spread(old, text.split(), segment)
    changed = (*segment.words[:first], *fresh, *segment.words[first + len(words) :])
    written, forms = " ".join(word.text for word in changed), tuple[WrittenForm, ...]()
    if language == "en":
        written, forms = write(changed, replacements)
    before = " ".join(word.text for word in old)
    return (
        replace(segment, words=changed, text=written, forms=forms),
        Revision(tuple(words), before, " ".join(text.split()), cause, segment.id),
    )


def _spread(old: Sequence[Word], texts: Sequence[str], segment: Segment) -> list[Word]:
    """Return new words over the time of the old ones."""
    if len(texts) == len(old):
        return [
            replace(word, text=text, probability=1.0) for word, text in zip(old, texts, strict=True)
        ]
    start, length = old[0].start, old[-1].end - old[0].start
    taken = {word.id for word in segment.words}
    return [
        Word(
            old[i].id if i < len(old) else _free(taken, segment),
            text,
            start + length * i // len(texts),
            start + length * (i + 1) // len(texts),
        )
        for i, text in enumerate(texts)
    ]


def _free(taken: set[WordId], segment: Segment) -> WordId:
    """Return an id that no word of the segment has, and take it."""
    number = 1
    while (found := WordId(f"{segment.id}+{number}")) in taken:
        number += 1
    taken.add(found)
    return found
