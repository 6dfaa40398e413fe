"""Which words came late, and why, from what was published and when. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.audio import SAMPLE_RATE
from app.domain.events import PartialHeard
from app.domain.transcript import Word
from tests.performance.reference_words import SpokenWord
from tests.performance.word_error import normalized
from tests.performance.word_latency import (
    Heard,
    Place,
    Timed,
    committed_words,
    final_words,
    matched,
    shown_words,
)

_ROUGH: Final = SAMPLE_RATE // 10  # the times of a word differ that much between decodes
_NEAR: Final = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Late:
    """A word of the reference that stood open for long.

    Attributes:
        word: as a person wrote it.
        at_s: when it ends, in seconds since the first sound.
        seen_s: how long after it anything was first shown that reads the same; None: never.
        settled_s: how long after it was committed, or final.
        cause: `corrected`: another word stood in its place until the final; `unseen`: nothing that
            reads the same was shown before; `vanished`: shown, and then left out of what was
            shown; `number`: shown all the time, and numbers wait for longer; `unsure`: shown all
            the time, or without any decode between.
    """

    word: str
    at_s: float
    seen_s: float | None
    settled_s: float
    cause: str


def late_words(
    heard: Heard, place: Place, words: Sequence[SpokenWord], limit_s: float
) -> list[Late]:
    """Return the words of a clip that were settled later than a limit, the latest first."""
    clip = _Clip(heard, place)
    found: list[Late] = []
    for i, (at_s, _) in clip.settled(words).items():
        over_s = place.left_s(place.clip.at + words[i].end)
        if at_s - over_s >= limit_s:
            seen = clip.seen(words[i], at_s)
            first_s = min(seen) - over_s if seen else None
            cause = clip.cause(words[i], at_s)
            found.append(Late(words[i].text, over_s, first_s, at_s - over_s, cause))
    return sorted(found, key=lambda each: -each.settled_s)


class _Clip:
    """What was published of a clip."""

    def __init__(self, heard: Heard, place: Place) -> None:
        self._heard = heard
        self._place = place
        self._committed = self._here(committed_words(heard))
        self._final = self._here(final_words(heard))
        self._shown = self._here(shown_words(heard))

    def _here(self, words: Sequence[Timed]) -> list[Timed]:
        return [each for each in words if self._place.holds(each[1])]

    def settled(self, words: Sequence[SpokenWord]) -> dict[int, Timed]:
        """Return reference index -> the committed word, or the final one where none was."""
        final = matched(words, self._final, self._place)
        return final | matched(words, self._committed, self._place)

    def seen(self, spoken: SpokenWord, before_s: float) -> list[float]:
        """Return when what reads like a word was shown in its place."""
        found = [at_s for at_s, word in self._shown if self._is_like(word, spoken)]
        return [at_s for at_s in found if at_s < before_s]

    def cause(self, spoken: SpokenWord, at_s: float) -> str:
        """Return why a word was settled no sooner: see `Late`."""
        seen = self.seen(spoken, at_s)
        if self._is_replaced(spoken, at_s):
            return "corrected"
        if not seen:
            return "unseen"
        partials = self._heard.times(PartialHeard)
        later = [each.words for when_s, each in partials if seen[0] < when_s < at_s]
        if any(not any(self._is_like(word, spoken) for word in words) for words in later):
            return "vanished"
        return "number" if re.search(r"\d", "".join(normalized(spoken.text))) else "unsure"

    def _is_replaced(self, spoken: SpokenWord, at_s: float) -> bool:
        start, end = spoken.start + _ROUGH, spoken.end - _ROUGH
        spans = [
            (word.start - self._place.first, word.end - self._place.first)
            for when_s, word in self._committed
            if when_s < at_s
        ]
        return any(low < end and high > start for low, high in spans)

    def _is_like(self, word: Word, spoken: SpokenWord) -> bool:
        is_near = abs(word.end - self._place.first - spoken.end) <= _NEAR
        return is_near and normalized(word.text)[-1:] == normalized(spoken.text)[-1:]
