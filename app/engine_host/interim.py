"""Decode speech that goes on: cheaply, and of a text that loops the head that was said.

On the model's thread of the speech child. Knows no model: decoding is a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from app.audio.windows import Gate
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import NO_LENGTH, Audio, Spoken, plain
from app.engine_host.whisper_runtime import INTERIM, Heard, How, Take

_UNLIKE: Final = 6  # tokens that may not come twice, once a decode has looped
_UNHEARD: Final = SAMPLE_RATE
"""Samples of speech behind the last word after which a decode stopped too early. tiny.en did in 5
of 923 decodes, three times in a row behind a pause: seven words stood still for 5 s."""
_AT_END: Final = SAMPLE_RATE // 10
_MOST_AT_END: Final = 2
"""Words of no length at the end of the sound: what is being said now, and a guess at the next."""


class Interim:
    """Decodes an open utterance.

    Args:
        take: decode one window.
    """

    def __init__(self, take: Callable[[Audio, How], Take]) -> None:
        self._take = take

    def words(
        self, pcm: Audio, start: int, committed: Sequence[Spoken], context: str, gate: Gate
    ) -> list[Spoken] | None:
        """Decode an utterance as far as it goes; None when the text is a guess, however tried.

        Args:
            pcm: its sound.
            start: its first sample.
            committed: its words that are sure.
            context: the text before.
            gate: knows where somebody spoke.
        """
        end = start + len(pcm)
        first = self._heard(pcm, start, replace(INTERIM, context=context))
        last = max([start, *(word.end for word in [*(first or ()), *committed])])
        if first is not None and gate.has_speech(Span(last, end)) < _UNHEARD:
            return first
        latest = max([start, *(word.start for word in committed[-1:])])
        again = self._heard(pcm[latest - start :], latest, replace(INTERIM, unlike=_UNLIKE))
        return first if again is None else again

    def _heard(self, pcm: Audio, start: int, how: How) -> list[Spoken] | None:
        take = self._take(pcm, how)
        words = said(take, len(pcm))
        if not (take.is_fair or words) or not replace(take, compression=0.0).is_fair:
            return None
        return [
            Spoken(each.text, start + each.start, start + each.end, each.probability)
            for each in words
        ]


def said(take: Take, length: int) -> Sequence[Heard]:
    """Return the words of a decode that are no loop.

    Whisper that has written what it heard goes on writing: the same row again, and again. Of 923
    interim decodes of tiny.en 128 looped, most of them behind a head that was right.

    Args:
        take: of one window.
        length: of the window, in samples.
    """
    bare = list(takewhile(lambda word: _is_bare(word, length), reversed(take.words)))
    words = take.words[: -len(bare)] if len(bare) > _MOST_AT_END else take.words
    return words if take.is_fair else words[: _first_repeat([plain(word.text) for word in words])]


def _is_bare(word: Heard, length: int) -> bool:
    return word.end - word.start < NO_LENGTH and word.end >= length - _AT_END


def _first_repeat(words: list[str]) -> int:
    """Return where a row of words comes again at once, if only in part, or a word twice again."""
    for i in range(1, len(words)):
        if words[i - 1 : i + 2] == 3 * words[i : i + 1]:  # "No. No." is said
            return i
        for row in range(2, i + 1):
            again = words[i : i + row]
            if len(again) > 1 and again == words[i - row : i - row + len(again)]:
                return i
    return len(words)
