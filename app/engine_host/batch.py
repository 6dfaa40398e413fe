"""Listen to sound that is already there: files, catching up, a second pass.

Speech is packed into windows of 30 s with the long pauses cut out. Whisper says where in a
window it stopped; the next window begins there, so no word is cut in two, and hears up to 10 s
before it once more (not of an utterance that is longer). Eight OSCE clips, word error of tiny.en
and base, then decodes: told the text before alone, 8.1 and 8.5 %, 24 and 28; so, 7.2 and 6.3 %,
24 and 30.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from typing_extensions import override

from app.audio.windows import WHOLE, Clips
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.careful import Careful
from app.engine_host.ledger import Account
from app.engine_host.listening import Audio, Ear, Intake, Listener, Manner, Spoken, Voice
from app.engine_host.past import Past, Piece
from app.engine_host.stock_phrases import is_guess
from app.engine_host.telling import tell
from app.engine_host.utterances import utterances
from app.engine_host.whisper_runtime import FINAL, FULL_SAMPLES, How, Take

_LEAST_USED: Final = 3 * SAMPLE_RATE
"""Of the sound behind what is told: where a decode stops before, base stops there again."""


class Batch(Listener):
    """Decode whole windows, as carefully as the model can.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told each utterance.
        at_sample: where the sound begins.
        manner: how to listen.
    """

    def __init__(
        self,
        take: Callable[[Audio, How], Take],
        voice: Voice,
        ear: Ear,
        at_sample: int,
        manner: Manner | None = None,
    ) -> None:
        self._names = (manner or Manner()).names
        self._careful = Careful(take)
        self._ear = ear
        self._intake = Intake(voice, WHOLE, at_sample)
        self._account = Account(self._intake.gate, at_sample)
        self._clips = Clips()
        self._past = Past()

    @property
    @override
    def heard_to(self) -> int:
        return self._intake.heard_to

    @property
    @override
    def settled(self) -> int:
        return self._clips.clock(0) if len(self._clips) else self._intake.gate.settled

    @override
    def hear(self, pcm: Audio, newest: int) -> None:
        gate = self._intake.gate
        for at_sample, frame, edge in self._intake.frames(pcm):
            if edge is None:
                if gate.is_open:
                    self._add(at_sample, frame)
            elif edge.is_open:
                self._add(*self._intake.since(edge.at_sample))
            else:
                self._clips.cut_after(edge.at_sample)
            while len(self._clips) >= FULL_SAMPLES + WHOLE.close_after:
                self._window()

    @override
    def finish(self) -> None:
        edge = self._intake.close()
        if edge is not None:
            self._clips.cut_after(edge.at_sample)
        while len(self._clips):
            self._window()
        self._settle((), self._intake.heard_to, is_quiet=True)

    def _add(self, at_sample: int, pcm: Audio) -> None:
        self._clips.add(at_sample, pcm)
        self._ear.opened(at_sample, pcm)

    def _window(self) -> None:
        gate, clips = self._intake.gate, self._clips
        start, head, length = clips.clock(0), clips.first(FULL_SAMPLES), len(clips)
        words = self._behind(self._past.before(start), start)
        if words is None:
            self._careful.before = ()
            self._careful.how = replace(FINAL, context=self._past.text(start))
            words = self._careful.window(clips, gate)
        groups = utterances(self._names.named(words), gate.pause)
        told = tell(self._ear, groups, ())
        self._remember(Clips.of(head).first(length - len(clips)), groups)
        upto = max([self.settled, *(word.end for word in told[-1:])])
        self._settle(told, upto, is_quiet=not len(clips) and not gate.is_open)
        self._ear.settled(self.settled)

    def _behind(self, past: Sequence[Piece], start: int) -> list[Spoken] | None:
        """Decode a window that begins with sound whose words are told; None where it is of no use.

        What begins a window is guessed otherwise: "It's" for "Appetite's", behind the question for
        it. And a window leaves out what the text that it was told had left out: base heard "Okay,
        and" of no question behind one that it had written without.
        """
        clips, told = self._clips, sum(len(pcm) for _, pcm in past)
        if not told:
            return None
        is_last = told + len(clips) <= FULL_SAMPLES
        best: tuple[int, list[Spoken]] = (0, [])
        for context in (self._past.text(past[0][0]), ""):
            both = Clips.of([*past, *clips.first(len(clips))])
            self._careful.before = ()
            self._careful.how = replace(FINAL, context=context)
            words = self._careful.once(both, self._intake.gate)
            if words is not None:
                best = max(best, (len(clips) - len(both), words), key=lambda each: each[0])
            if best[0] == len(clips) or not is_last:
                break  # else it was told text, and stopped in the middle of what was said
        used, words = best
        if used < min(_LEAST_USED, len(clips)):
            return None
        pieces = clips.first(used)
        clips.drop(used)
        fresh = self._past.fresh(words, start)
        heard = self._intake.gate.has_speech
        spoken = sum(heard(Span(at, at + len(pcm))) for at, pcm in pieces)
        return [] if spoken < SAMPLE_RATE and is_guess(fresh) else fresh

    def _remember(self, pieces: Iterable[Piece], groups: Sequence[Sequence[Spoken]]) -> None:
        """Keep what was used of a window for the next one, each utterance by itself."""
        quiet = [self._quiet(group[-1], following[0]) for group, following in pairwise(groups)]
        cuts = [(each.start + each.end) // 2 for each in quiet]
        parts = [part for piece in _joined(pieces) for part in _parted(*piece, cuts)]
        if parts:
            end = parts[-1][0] + len(parts[-1][1])
            self._past.remember(parts, [word for group in groups for word in group], end)

    def _quiet(self, word: Spoken, following: Spoken) -> Span:
        """Return the pause between two words."""
        start = _middle(word)
        return self._intake.gate.pause(Span(start, max(start, _middle(following))))

    def _settle(self, words: Sequence[Spoken], upto: int, *, is_quiet: bool) -> None:
        unheard = self._account.settle(words, upto, is_quiet=is_quiet)
        if unheard:
            self._ear.unheard(unheard)
        self._intake.gate.forget(min(self._account.start, self.settled))


def _middle(word: Spoken) -> int:
    return (word.start + word.end) // 2


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return sound in as few pieces as there are pauses that were left out."""
    runs: list[list[Piece]] = []
    for start, pcm in pieces:
        if runs and runs[-1][-1][0] + len(runs[-1][-1][1]) == start:
            runs[-1].append((start, pcm))
        else:
            runs.append([(start, pcm)])
    return [(run[0][0], np.concatenate([pcm for _, pcm in run])) for run in runs]


def _parted(at_sample: int, pcm: Audio, cuts: Iterable[int]) -> list[Piece]:
    """Return a piece cut at those of some samples that lie in it."""
    parts: list[Piece] = []
    end = at_sample + len(pcm)
    for cut in [each for each in cuts if at_sample < each < end]:
        parts.append((at_sample, pcm[: cut - at_sample]))
        at_sample, pcm = cut, pcm[cut - at_sample :]
    return [*parts, (at_sample, pcm)]
