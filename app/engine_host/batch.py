"""Listen to sound that is already there: files, catching up, a second pass.

Speech is packed into windows of 30 s with the long pauses cut out. Whisper says where in a
window it stopped; the next window begins there, so no word is cut in two. Speech that it
passed over in silence is decoded again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from app.audio.windows import WHOLE, Clips
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Audio, Ear, Intake, Spoken, Voice, plain
from app.engine_host.utterances import utterances
from app.engine_host.whisper_runtime import (
    FINAL,
    FULL_SAMPLES,
    HEATED,
    UNLIKE,
    Heard,
    How,
    Take,
)

_LEAST_STEP: Final = SAMPLE_RATE
"""A window that consumes less than this would be decoded again and again."""
_UNHEARD: Final = 3 * SAMPLE_RATE // 2
"""Samples of speech without a word that are worth another try."""
_LEAST_SPEECH: Final = 2 * SAMPLE_RATE // 10  # a tail with less holds no word
_LONGEST_WORD: Final = 6 * SAMPLE_RATE // 10  # what lies beyond is no part of a word
_SHARES: Final = (1.0, 0.65, 0.4)
"""Parts of a window that are tried in turn while its text is not fair."""
_LEAST_FOUND: Final = 4
_DOUBT: Final = 0.15  # word probability that faster-whisper calls an anomaly
_CONTEXT: Final = 600  # characters of the text before


class Batch:
    """Decode whole windows, as carefully as the model can.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told each utterance.
        at_sample: where the sound begins.
    """

    def __init__(
        self, take: Callable[[Audio, How], Take], voice: Voice, ear: Ear, at_sample: int
    ) -> None:
        self._take = take
        self._ear = ear
        self._intake = Intake(voice, WHOLE, at_sample)
        self._clips = Clips()
        self._context = ""

    @property
    def settled(self) -> int:
        """All sound before this sample is decoded or was silence."""
        return self._clips.clock(0) if len(self._clips) else self._intake.gate.settled

    def hear(self, pcm: Audio, newest: int) -> None:
        """Take the sound that follows; decode when a window is full."""
        del newest
        gate = self._intake.gate
        for at_sample, frame, edge in self._intake.frames(pcm):
            if edge is None:
                if gate.is_open:
                    self._clips.add(at_sample, frame)
            elif edge.is_open:
                self._clips.add(*self._intake.since(edge.at_sample))
            else:
                self._clips.cut_after(edge.at_sample)
            while len(self._clips) >= FULL_SAMPLES + WHOLE.close_after:
                self._window()

    def finish(self) -> None:
        """Decode what is left."""
        edge = self._intake.close()
        if edge is not None:
            self._clips.cut_after(edge.at_sample)
        while len(self._clips):
            self._window()

    def _window(self) -> None:
        pcm = self._clips.head(FULL_SAMPLES)
        gate = self._intake.gate
        if self._speech(0, len(pcm)) < _LEAST_SPEECH:
            self._clips.drop(len(pcm))
            return
        pcm, take = self._best(pcm)
        consumed = self._consumed(take, len(pcm))
        heard = self._filled(pcm, [word for word in take.words if word.end <= consumed])
        words = [self._placed(word) for word in heard]
        for group in utterances([each for each in words if self._is_likely(each)], gate.pause):
            self._ear.final(group)
        self._context = " ".join(word.text for word in words)[-_CONTEXT:] if take.is_fair else ""
        self._clips.drop(consumed)
        gate.forget(self.settled)

    def _best(self, pcm: Audio) -> tuple[Audio, Take]:
        """Decode a window; when the text loops or is a guess, otherwise, shorter, by chance."""
        for share in _SHARES:
            part = pcm if share == 1 else pcm[: self._pause_near(round(len(pcm) * share))]
            for how in (replace(FINAL, context=self._context), UNLIKE):
                take = self._take(part, how)
                if take.is_fair:
                    return part, take
        return pcm, self._take(pcm, HEATED)

    def _pause_near(self, offset: int) -> int:
        """Return the offset in the middle of the longest pause within 3 s of an offset."""
        clock, best = self._clips.clock, (0, offset)
        for low in range(max(0, offset - 3 * SAMPLE_RATE), offset + 3 * SAMPLE_RATE, SAMPLE_RATE):
            start = clock(low)
            quiet = self._intake.gate.pause(Span(start, clock(low + SAMPLE_RATE)))
            length = quiet.end - quiet.start
            best = max(best, (length, low + quiet.start - start + length // 2))
        return max(_LEAST_STEP, best[1])

    def _consumed(self, take: Take, length: int) -> int:
        """Return how much of the window is done; the rest begins the next one."""
        consumed = take.consumed
        if take.words:
            last = take.words[-1].end
            if last > consumed or self._speech(last, consumed) >= _UNHEARD:
                consumed = last
        return consumed if consumed >= _LEAST_STEP else length

    def _filled(self, pcm: Audio, words: list[Heard]) -> list[Heard]:
        """Decode again what Whisper jumped over: speech between two words of a window."""
        filled: list[Heard] = words[:1]
        for i, (before, word) in enumerate(pairwise(words), 1):
            start = min(before.end, before.start + _LONGEST_WORD)
            end = max(word.start, word.end - _LONGEST_WORD)
            if end - start >= _UNHEARD and self._speech(start, end) >= _UNHEARD:
                found = self._missed(pcm[start:end], filled)
                if is_new(found, [*words[max(0, i - 6) : i + 6]]):
                    filled += [each.moved(start) for each in found]
            filled.append(word)
        return filled

    def _missed(self, pcm: Audio, before: Sequence[Heard]) -> tuple[Heard, ...]:
        context = " ".join(word.text for word in before)[-_CONTEXT:]
        take = self._take(pcm, replace(FINAL, context=context))
        return take.words if take.is_fair else ()

    def _speech(self, start: int, end: int) -> int:
        clock = self._clips.clock
        return self._intake.gate.has_speech(Span(clock(start), clock(max(start, end - 1))))

    def _placed(self, word: Heard) -> Spoken:
        start = self._clips.clock(word.start)
        end = self._clips.clock(max(word.start, word.end - 1)) + 1
        return Spoken(word.text, start, max(start, end), word.probability)

    def _is_likely(self, word: Spoken) -> bool:
        """Doubtful words where nobody spoke are inventions."""
        margin = SAMPLE_RATE // 5
        around = Span(word.start - margin, word.end + margin)
        return word.probability >= _DOUBT or self._intake.gate.has_speech(around) > 0


def is_new(found: Sequence[Heard], around: Sequence[Heard]) -> bool:
    """Return whether words found in a hole are more than an echo of the words around it.

    The times of words are rough, so most holes are none: on two recordings of 10 minutes,
    whatever had fewer than four words was already there (by ear).
    """
    known = {plain(word.text) for word in around}
    fresh = sum(plain(word.text) not in known for word in found)
    return len(found) >= _LEAST_FOUND and fresh > len(found) / 2
