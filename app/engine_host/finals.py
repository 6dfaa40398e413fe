"""Decode utterances of live speech that have ended, as carefully as there is time for.

On the model's thread of the speech child. Knows no model: decoding is a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from app.audio.windows import Clips, Gate
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.careful import Careful
from app.engine_host.listening import NO_LENGTH, Audio, Spoken, plain
from app.engine_host.past import Past, Piece
from app.engine_host.stock_phrases import is_guess
from app.engine_host.whisper_runtime import FINAL, How, Take

_HEAVY_S: Final = 1.0
"""A model that takes longer for one full window tries finals in less silence first."""
QUICK: Final = replace(FINAL, pad=1_000)
"""10 s of silence instead of all 30 s. Eight OSCE clips, base: half the work in 4 of 5 finals,
live word error 9.4 % instead of 9.0 %; with 6 s and beam 1 it was 11.6 %, with 3 s 10.7 %."""
_SHORT: Final = 3 * SAMPLE_RATE
"""A heavy model hears again what was said before an utterance it doubts, where that is shorter:
a word alone is guessed, and the text before it, written again, holds up the next words."""
_MOST_BARE: Final = 2
"""More words without sound at the end are an echo: tiny.en wrote "Nope. I was just day surgery." a
second time there, and neither was a guess."""
_DOUBTED: Final = 0.5
"""A first word that is less likely, and was told just before, may be a guess at how such a sentence
begins: "And..." and then "And... have you" (base, an OSCE recording). Behind what was said before
it is heard."""
_SMOOTH: Final = 0.3  # what the newest final counts for
_LEAST: Final = SAMPLE_RATE // 2  # an utterance that is shorter says little about the time it takes


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A final that was decoded before it was known whether the utterance is over.

    Attributes:
        span: the sound.
        before: what the decode was told of the text before.
    """

    span: Span
    before: tuple[int, ...]
    words: list[Spoken]


class Finals:
    """Decodes what has ended, in order.

    Args:
        take: decode one window.
        gate: knows where somebody spoke.
        at_sample: where the sound begins.
        clock_s: a monotonic clock, to learn what a decode costs.
    """

    def __init__(
        self,
        take: Callable[[Audio, How], Take],
        gate: Gate,
        at_sample: int,
        clock_s: Callable[[], float],
    ) -> None:
        self._take = take
        self._gate = gate
        self._clock_s = clock_s
        self._careful = Careful(self._timed)
        self._careful.is_hasty = True
        self._past = Past()
        self._ahead: _Ahead | None = None
        self._is_heavy = False
        self._lacks_start = False  # the newest quick decode
        self._spent_s = 0.0  # on the final that comes next
        self._upto = at_sample
        self.is_behind = False
        """Whether so much sound waits that finals must be cheap."""
        self.share = 0.0
        """What part of the time they take."""
        self.is_told = False
        """Whether all words of the newest final were told with the one before it."""

    def words(self, pieces: Sequence[Piece]) -> list[Spoken]:
        """Return the words of some sound; decoded ahead, or now.

        Args:
            pieces: sound of utterances that have ended; what lies between is quiet.
        """
        start, pcm = pieces[0]
        if len(pieces) == 1 and self.is_foreseen(Span(start, start + len(pcm))):
            ahead, self._ahead = self._ahead, None
            return ahead.words if ahead is not None else []
        self._forget_ahead()
        return self._decoded(pieces)

    def is_foreseen(self, span: Span) -> bool:
        """Return whether a sound was decoded ahead."""
        return self._ahead is not None and self._ahead.span == span

    def foresee(self, start: int, pcm: Audio) -> list[Spoken]:
        """Decode an utterance that seems to be over, and keep its words."""
        self._forget_ahead()
        before = self._careful.before
        words = self._decoded([(start, pcm)])
        self._ahead = _Ahead(Span(start, start + len(pcm)), before, words)
        return words

    def _forget_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self._careful.before = ahead.before

    def remember(self, pieces: Sequence[Piece], told: Sequence[Spoken], upto: int) -> None:
        """Take what was told of the sound before a sample, and learn what time finals take."""
        self._past.remember(pieces, told, upto)
        share = self._spent_s * SAMPLE_RATE / max(_LEAST, upto - self._upto)
        self.share += _SMOOTH * (share - self.share)
        self._upto = upto
        self._spent_s = 0.0

    def _decoded(self, pieces: Sequence[Piece]) -> list[Spoken]:
        begun_s = self._clock_s()
        self.is_told = False
        careful = self._careful
        careful.how = replace(FINAL, beam=1) if self.is_behind else FINAL
        self._lacks_start = False
        words = self._quickly(pieces) if self._is_heavy else None
        is_short = sum(len(pcm) for _, pcm in pieces) < _SHORT
        is_unclear = is_short or self._lacks_start
        if words is None and not self.is_behind and (is_unclear or not self._is_heavy):
            words = self._behind(self._past.before(pieces[0][0]), pieces)
        if words is None:
            words, clips = [], Clips.of(pieces)
            while len(clips):
                words += careful.window(clips, self._gate)
        self._spent_s += self._clock_s() - begun_s
        return words

    def _quickly(self, pieces: Sequence[Piece]) -> list[Spoken] | None:
        """Decode in little silence; None where that leaves a doubt."""
        how, before = replace(QUICK, beam=self._careful.how.beam), self._careful.before
        words = self._careful.clear(Clips.of(pieces), self._gate, how)
        is_guessed = self._past.repeats(words or (), _DOUBTED)
        self._lacks_start = self._careful.lacks_start or is_guessed
        bare = takewhile(lambda word: word.end - word.start < NO_LENGTH, reversed(words or ()))
        if is_guessed or len(list(bare)) > _MOST_BARE:
            words, self._careful.before = None, before
        return words

    def _behind(self, past: Sequence[Piece], pieces: Sequence[Piece]) -> list[Spoken] | None:
        """Decode utterances behind what was said before; a full window costs the same.

        Returns:
            None when nothing was said, and when the text loops: what was said before invites it
            to. Tried again with it, base wrote a question and its answer a second time.
        """
        if not past:
            return None
        careful, clips, before = self._careful, Clips.of([*past, *pieces]), self._careful.before
        alone = careful.how
        careful.how = replace(alone, context=self._past.text(past[0][0]))
        careful.before = ()
        words: list[Spoken] = []
        while len(clips):
            found = careful.once(clips, self._gate)
            if found is None:
                careful.how, careful.before = alone, before
                return None
            words += found
        fresh = self._past.fresh(words, pieces[0][0])
        self.is_told = self._past.is_told
        if not self._is_bang(fresh, pieces):
            return fresh
        careful.how, careful.before = alone, before
        return self._agreed_alone(fresh, pieces)

    def _agreed_alone(self, guessed: Sequence[Spoken], pieces: Sequence[Piece]) -> list[Spoken]:
        """Return what is heard of a short sound alone, where a word of it was guessed before.

        "Ask not" between two pauses was guessed at .2 behind what was said before, and heard at .6
        alone. In a bang no two decodes guess the same.
        """
        known = {plain(word.text) for word in guessed}
        clips, words = Clips.of(pieces), list[Spoken]()
        while known and len(clips):
            words += self._careful.window(clips, self._gate)
        is_agreed = any(plain(word.text) in known for word in words)
        return words if is_agreed and not is_guess(words) else []

    def _is_bang(self, words: Sequence[Spoken], pieces: Sequence[Piece]) -> bool:
        """Return whether words are what a bang is guessed to say.

        The guard of `Careful` sees the whole window, in which a clap is nothing.
        """
        spoken = sum(self._gate.has_speech(Span(at, at + len(pcm))) for at, pcm in pieces)
        return spoken < SAMPLE_RATE and is_guess(words)

    def _timed(self, pcm: Audio, how: How) -> Take:
        """Decode, and learn whether the model is too heavy for this machine."""
        begun_s = self._clock_s()
        take = self._take(pcm, how)
        if how.pad == FINAL.pad and len(how.heats) == 1:
            self._is_heavy = self._clock_s() - begun_s > _HEAVY_S
        return take
