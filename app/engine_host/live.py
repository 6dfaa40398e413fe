"""Listen to speech while it is spoken: words that may change, words that are sure, the final.

An open utterance is decoded again and again, cheaply; what two decodes agree on is committed.
When it ends it is decoded once more with care. The slower the model, the fewer the decodes in
between; sound is never passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from typing_extensions import override

from app.audio.windows import LIVE, Clips
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.agreement import Agreement, renamed
from app.engine_host.careful import Careful
from app.engine_host.listening import Audio, Ear, Intake, Listener, Spoken, Voice
from app.engine_host.utterances import utterances
from app.engine_host.whisper_runtime import FINAL, INTERIM, How, Take

STEP: Final = SAMPLE_RATE // 2
"""Samples between two decodes of an open utterance, at least."""
LONG: Final = 15 * SAMPLE_RATE
"""An utterance that is longer is cut at a pause."""
_SLACK: Final = 1.3  # a decode may take 1 / 1.3 of the time between two
_SLOW: Final = 3 * SAMPLE_RATE // 2
"""This far behind: half as many decodes, and cheaper finals (SPEECH.md section 3)."""
_TOO_SLOW: Final = 4 * SAMPLE_RATE
"""This far behind: finals only."""
_CONTEXT_WORDS: Final = 15  # SPEECH.md section 1
_RECENT: Final = 2 * SAMPLE_RATE  # a turn is not cut this close to its end
_LEAST_TURN: Final = 4 * SAMPLE_RATE


class Live(Listener):
    """Decode speech that goes on.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told what is heard.
        at_sample: where the sound begins.
        clock_s: a monotonic clock, to learn what a decode costs.
    """

    def __init__(
        self,
        take: Callable[[Audio, How], Take],
        voice: Voice,
        ear: Ear,
        at_sample: int,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._take = take
        self._careful = Careful(take)
        self._ear = ear
        self._clock_s = clock_s
        self._intake = Intake(voice, LIVE, at_sample)
        self._frames: list[Audio] = []  # the open utterance
        self._start = at_sample
        self._agreement = Agreement()
        self._context: list[str] = []
        self._count = 0
        self._cost = 0
        self._decoded_at = at_sample
        self._lag = 0

    @property
    @override
    def heard_to(self) -> int:
        return self._intake.heard_to

    @property
    @override
    def settled(self) -> int:
        return self._start if self._frames else self._intake.gate.settled

    @override
    def hear(self, pcm: Audio, newest: int) -> None:
        for at_sample, frame, edge in self._intake.frames(pcm):
            self._lag = newest - at_sample
            if edge is None:
                if self._frames:
                    self._frames.append(frame)
            elif edge.is_open:
                self._start, first = self._intake.since(edge.at_sample)
                self._frames = [first]
                self._decoded_at = self._start
            else:
                self._close(edge.at_sample)
            if self._frames and self._length() > LONG and not len(self._frames) % 16:
                self._cut()
        self._lag = newest - self.heard_to
        if self._frames and self._is_due():
            self._interim()

    @override
    def finish(self) -> None:
        edge = self._intake.close()
        if edge is not None:
            self._close(self._intake.heard_to)

    def _length(self) -> int:
        return sum(map(len, self._frames))

    def _is_due(self) -> bool:
        step = max(STEP, round(_SLACK * self._cost)) * (2 if self._lag > _SLOW else 1)
        return self._lag <= _TOO_SLOW and self.heard_to - self._decoded_at >= step

    def _interim(self) -> None:
        begun_s = self._clock_s()
        pcm = np.concatenate(self._frames)
        how = replace(INTERIM, context=" ".join(self._context[-_CONTEXT_WORDS:]))
        take = self._take(pcm, how)
        self._cost = round((self._clock_s() - begun_s) * SAMPLE_RATE)
        self._decoded_at = end = self._start + len(pcm)
        if not take.is_fair:
            return
        words = [
            Spoken(word.text, self._start + word.start, self._start + word.end, word.probability)
            for word in take.words
        ]
        fresh = self._numbered(self._agreement.offer(words, end))
        if fresh:
            self._ear.committed(fresh)
        self._ear.partial(self._agreement.preview)

    def _numbered(self, words: Sequence[Spoken]) -> list[Spoken]:
        """Give words their numbers, also where the agreement keeps them."""
        named: list[Spoken] = []
        for word in words:
            self._count += 1
            named.append(replace(word, number=self._count))
        if named:
            self._agreement.committed[-len(named) :] = named
        return named

    def _cut(self) -> None:
        """End a turn that is too long, at a pause, without ending the utterance's sound."""
        span = Span(self._start + _LEAST_TURN, self._start + self._length() - _RECENT)
        quiet = self._intake.gate.pause(span)
        committed = self._agreement.committed
        at_sample = (quiet.start + quiet.end) // 2
        if quiet.end - quiet.start < SAMPLE_RATE // 10:
            if self._length() < LONG + _LEAST_TURN:
                return  # a pause may come
            ends = [word.end for word in committed if span.start <= word.end <= span.end]
            at_sample = ends[-1] if ends else span.end
        pcm = np.concatenate(self._frames)
        cut = at_sample - self._start
        later = [word for word in committed if word.start >= at_sample]
        self._agreement.committed = [word for word in committed if word.start < at_sample]
        self._final(pcm[:cut])
        self._agreement.committed = later
        self._start, self._frames = at_sample, [pcm[cut:]]

    def _close(self, at_sample: int) -> None:
        pcm = np.concatenate(self._frames) if self._frames else np.zeros(0, np.float32)
        self._frames = []
        self._final(pcm[: max(0, at_sample - self._start)])
        self._ear.settled(self.settled)

    def _final(self, pcm: Audio) -> None:
        """Decode an utterance with care and tell what it was."""
        gate, committed = self._intake.gate, self._agreement.committed
        clips = Clips()
        clips.add(self._start, pcm)
        self._careful.how = replace(FINAL, beam=1) if self._lag > _SLOW else FINAL
        words: list[Spoken] = []
        while len(clips):
            words += self._careful.window(clips, gate)
        words = renamed(committed, words) if words else list(committed)
        for group in utterances(words, gate.pause):
            self._ear.final(group)
        self._context = [*self._context, *(word.text for word in words)][-_CONTEXT_WORDS:]
        self._agreement = Agreement()
        gate.forget(self._start + len(pcm) - SAMPLE_RATE)
