"""Every second of speech is words or is told to be inaudible: the account. Pure.

The voice activity model says where somebody spoke, the words say where they were understood;
what is left over and is no breath is told, so that a reader knows that words are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from app.audio.windows import Gate
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Spoken

LEAST: Final = SAMPLE_RATE
"""A shorter stretch without words is a breath, a laugh or a word's rough edge."""
_BRIDGE: Final = 3 * SAMPLE_RATE // 10  # quiet that does not part speech
_REACH: Final = 3 * SAMPLE_RATE // 10  # how far off the times of a word may be
_LONGEST: Final = 2 * SAMPLE_RATE  # a longer word swallowed something: only its end counts


def ledger(speech: Iterable[Span], words: Iterable[Span]) -> list[Span]:
    """Return the stretches of speech that hold no word, each at least `LEAST` long.

    Args:
        speech: where somebody spoke, in any order.
        words: where words are.
    """
    return [each for each in _rest(speech, words) if each.end - each.start >= LEAST]


def _rest(speech: Iterable[Span], words: Iterable[Span]) -> list[Span]:
    """Return what of speech is no word, of any length."""
    known = _joined(
        (Span(max(each.start, each.end - _LONGEST) - _REACH, each.end + _REACH) for each in words),
        0,
    )
    left: list[Span] = []
    for stretch in _joined(speech, _BRIDGE):
        start = stretch.start
        for word in known:
            if word.end <= start or word.start >= stretch.end:
                continue
            if word.start > start:
                left.append(Span(start, word.start))
            start = max(start, word.end)
        if start < stretch.end:
            left.append(Span(start, stretch.end))
    return left


def _joined(spans: Iterable[Span], bridge: int) -> list[Span]:
    """Return spans in order, those that are less than `bridge` apart as one."""
    joined: list[Span] = []
    for each in sorted(each for each in spans if each.end > each.start):
        if joined and each.start - joined[-1].end < max(1, bridge):
            last = joined.pop()
            joined.append(Span(last.start, max(last.end, each.end)))
        else:
            joined.append(each)
    return joined


class Account:
    """Keeps the account while a recording goes on.

    Args:
        gate: knows where somebody spoke.
        at_sample: where the sound begins.
    """

    def __init__(self, gate: Gate, at_sample: int) -> None:
        self._gate = gate
        self._words: list[Span] = []
        self.start = at_sample
        """What lies before is settled; the gate must remember what follows."""

    def settle(self, words: Sequence[Spoken], upto: int, *, is_quiet: bool) -> list[Span]:
        """Take the words of the sound before `upto`; return where there should be more.

        Args:
            words: all words since the last call.
            upto: sample of the audio clock.
            is_quiet: nobody speaks there; else what touches `upto` waits for what follows.
        """
        if upto <= self.start:
            return []
        self._words += [Span(word.start, word.end) for word in words]
        speech = self._gate.speech(Span(self.start, upto))
        rest = _rest(speech, self._words)
        self.start = upto
        if rest and not is_quiet and upto - rest[-1].end < _BRIDGE:
            self.start = rest.pop().start
        self._words = [each for each in self._words if each.end + SAMPLE_RATE > self.start]
        return [each for each in rest if each.end - each.start >= LEAST]
