"""Words that may come up, told to the model, and a guard against finding them everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio, plain
from app.engine_host.whisper_runtime import Heard, How, Take

_SHORT: Final = 8 * SAMPLE_RATE // 5
"""Less than 1 s of speech, with the margins that the gate adds."""
_SURE: Final = 0.6  # mean probability of a result that is mostly hotwords and is believed


class Hotwords:
    """At most 20 situational terms (SPEECH.md section 4).

    Args:
        terms: each a word or a few.
    """

    def __init__(self, terms: Sequence[str]) -> None:
        self.sentence = sentence(terms)
        self._words = {plain(word) for term in terms for word in term.split()}

    def used(self, take: Callable[[Audio, How], Take], pcm: Audio, how: How) -> Take:
        """Decode with the terms; again without them when they dominate what was found."""
        found = take(pcm, replace(how, hotwords=self.sentence))
        return take(pcm, how) if self.dominate(found.words, len(pcm)) else found

    def dominate(self, words: Sequence[Heard], samples: int) -> bool:
        """Return whether terms may have been written where nobody said them.

        Args:
            words: what was found.
            samples: how much sound it was found in.
        """
        mine = [word for word in words if plain(word.text) in self._words]
        if not mine:
            return False
        is_doubtful = sum(word.probability for word in words) < _SURE * len(words)
        return samples < _SHORT or (is_doubtful and len(mine) > len(words) / 2)


def sentence(terms: Sequence[str]) -> str:
    """Return terms as a sentence: after a prompt without punctuation Whisper writes none."""
    text = ", ".join(terms)
    return f"{text[0].upper()}{text[1:]}." if text else ""
