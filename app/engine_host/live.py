"""Listen to speech while it is spoken: words that may change, words that are sure, the final.

An open utterance is decoded again and again, cheaply; what two decodes agree on is committed.
When it ends it is decoded once more with care. The slower the model, the fewer the decodes in
between; sound is never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.agreement import Agreement, renamed, restored
from app.engine_host.finals import Finals
from app.engine_host.interim import Interim
from app.engine_host.ledger import Account
from app.engine_host.listening import (
    Audio,
    Changed,
    Ear,
    Intake,
    Listener,
    Manner,
    Spoken,
    Voice,
)
from app.engine_host.telling import tell
from app.engine_host.utterances import ends_sentence, utterances, with_pauses
from app.engine_host.whisper_runtime import How, Take

STEP: Final = SAMPLE_RATE // 2
"""Samples between two decodes of an open utterance, at least."""
LONG: Final = 15 * SAMPLE_RATE
"""An utterance that is longer is cut at a pause."""
_BUSY: Final = 0.85
"""Share of the time that decodes may take: finals first, interims have what they leave."""
_LEAST_SHARE: Final = 0.3
_LEAST_SPOKEN: Final = 2 * SAMPLE_RATE // 5
"""Samples of speech before a first decode: a clap that opened the gate had .3 s, and base heard
"I'm" in it twice. The answers that are as short come with the final."""
_SLOW: Final = 3 * SAMPLE_RATE // 2
"""This far behind: half as many decodes, and cheaper finals (SPEECH.md section 3)."""
_TOO_SLOW: Final = 4 * SAMPLE_RATE
"""This far behind: finals only."""
_CALM: Final = SAMPLE_RATE // 2
"""After so much quiet behind a sentence the final is decoded ahead, and where it ends a sentence
too, the utterance is over, .3 s before the gate would close or the person goes on."""
_LONGER: Final = 6 * SAMPLE_RATE
"""In an utterance that is longer less quiet is enough: many words wait. Simulated, tiny.en: half of
all words are final after 3.3 s instead of 3.8, 95 % after 8.6 s instead of 10.3, and as many are
right. With less quiet everywhere it was 2.9 and 7.4 s, and six words more in 1,146 were wrong; cut
in pauses of .1 s, too, 7.4 s, and decodes in between held up words that were said meanwhile."""
_CALM_LONGER: Final = 3 * SAMPLE_RATE // 10
_CONTEXT_WORDS: Final = 15  # SPEECH.md section 1
_RECENT: Final = 2 * SAMPLE_RATE  # a turn is not cut this close to its end
_LEAST_TURN: Final = 4 * SAMPLE_RATE
_OVERLAP: Final = SAMPLE_RATE
"""Both parts of a turn that is cut hear this much of the other: no word is cut in two."""
_ROUGH: Final = SAMPLE_RATE // 10  # the times of a word differ that much between decodes
_CLEAR_PAUSE: Final = SAMPLE_RATE // 10
_FAIR_WORD: Final = 0.5  # committed words that are likelier stay when a final hears nothing


class Live(Listener):
    """Decode speech that goes on.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told what is heard.
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
        self._manner = manner or Manner()
        self._interims = Interim(take)
        self._ear = ear
        self._intake = Intake(voice, self._manner.live, at_sample)
        self._finals = Finals(take, self._intake.gate, at_sample, self._manner.clock_s)
        self._account = Account(self._intake.gate, at_sample)
        self._frames: list[Audio] = []  # the open utterance
        self._late: list[tuple[int, Audio]] = []  # utterances that share a final
        self._start = at_sample
        self._floor = at_sample  # words whose middle lies before this are final
        self._agreement = Agreement(held=self._manner.held)
        self._context: list[str] = []
        self._cost = 0  # of the last interim decode, in samples of time
        self._decoded_at = at_sample
        self._lag = 0

    @property
    @override
    def heard_to(self) -> int:
        return self._intake.heard_to

    @property
    @override
    def settled(self) -> int:
        if self._late:
            return max(self._late[0][0], self._floor)
        return max(self._start, self._floor) if self._frames else self._intake.gate.settled

    @override
    def hear(self, pcm: Audio, newest: int) -> None:
        for at_sample, frame, edge in self._intake.frames(pcm):
            self._lag = newest - at_sample
            if edge is None:
                if self._frames:
                    self._frames.append(frame)
                    self._ear.opened(at_sample, frame)
            elif edge.is_open:
                self._start, first = self._intake.since(edge.at_sample)
                self._frames = [first]
                self._decoded_at = self._start
                self._ear.opened(self._start, first)
            else:
                self._close(edge.at_sample)
            if self._frames and self._length() > LONG and not len(self._frames) % 16:
                self._cut()
        self._lag = newest - self.heard_to
        if self._late and self._lag <= _TOO_SLOW:
            self._catch_up()
        if self._frames:
            self._look_ahead()

    @override
    def finish(self) -> None:
        edge = self._intake.close()
        if edge is not None:
            self._close(self._intake.heard_to)
        self._catch_up()
        left = self._manner.names.claim(self.heard_to)
        if left:  # told before a crash, and not heard again: it was sure
            tell(self._ear, [left], ())

    def _length(self) -> int:
        return sum(map(len, self._frames))

    def _look_ahead(self) -> None:
        """Decode the open utterance if it is time."""
        if self._is_calm():
            self._foresee()
        elif self._is_due():
            self._interim()

    def _is_due(self) -> bool:
        budget = max(_LEAST_SHARE, _BUSY - self._finals.share)
        step = max(STEP, round(self._cost / budget)) * (2 if self._lag > _SLOW else 1)
        if self._lag > _TOO_SLOW or self.heard_to - self._decoded_at < step:
            return False
        spoken = self._intake.gate.has_speech(Span(self._start, self.heard_to))
        return spoken >= _LEAST_SPOKEN

    def _is_calm(self) -> bool:
        """Return whether the utterance seems to be over, which no decode knows yet."""
        gate = self._intake.gate
        calm = _CALM if self._length() < _LONGER else _CALM_LONGER
        if gate.quiet < calm or self._lag > _SLOW or self._late:
            return False
        known = self._agreement.preview or self._agreement.committed
        if not known or not ends_sentence(known[-1].text):
            return False
        span = Span(self._start, gate.closing)
        return not self._finals.is_foreseen(span) and gate.has_speech(span) >= _LEAST_SPOKEN

    def _foresee(self) -> None:
        """Decode an utterance that seems to be over; if it goes on, that was one more decode."""
        at_sample = self._intake.gate.closing
        pcm = np.concatenate(self._frames)
        self._finals.is_behind = self._lag > _SLOW
        words = self._finals.foresee(self._start, pcm[: at_sample - self._start])
        if words and _is_over(words[-1].text):
            self._split(at_sample, pcm)
            return
        floor = max(self._floor, self._start)
        self._offer([word for word in words if _middle(word) > floor], at_sample)
        self._decoded_at = self._start + len(pcm)

    def _split(self, at_sample: int, pcm: Audio) -> None:
        """End an utterance where it is quiet; if the person goes on, that is another one."""
        length = at_sample - self._start
        self._final([(self._start, pcm[:length])], None)
        self._frames = [pcm[length:]]
        self._start = self._decoded_at = at_sample
        self._ear.settled(self.settled)

    def _interim(self) -> None:
        begun_s = self._manner.clock_s()
        pcm = np.concatenate(self._frames)
        end = self._start + len(pcm)
        words = self._heard(pcm)
        self._cost = round((self._manner.clock_s() - begun_s) * SAMPLE_RATE)
        self._decoded_at = end
        self._offer(words, end)

    def _offer(self, words: list[Spoken] | None, end: int) -> None:
        """Tell what is sure now of an utterance up to `end`; None: a decode of no use."""
        self._adopt(self._start, end)
        agreement = self._agreement
        sure = agreement.pass_over(end) if words is None else agreement.offer(words, end)
        if sure:
            named = self._manner.names.named(sure)
            agreement.committed[-len(named) :] = named
            self._ear.committed(named)
        self._ear.partial(agreement.preview)

    def _heard(self, pcm: Audio) -> list[Spoken] | None:
        """Decode the open utterance; None when the text is a guess, however tried."""
        words = self._interims.words(
            pcm,
            self._start,
            self._agreement.committed,
            " ".join(self._context[-_CONTEXT_WORDS:]),
            self._intake.gate,
        )
        if words is None:
            return None
        return [word for word in words if _middle(word) > self._floor]

    def _adopt(self, start: int, end: int) -> None:
        """Take over words before `end` that were committed before a crash."""
        told = self._manner.names.claim(end)
        early = [word for word in told if word.end <= start]
        if early:
            tell(self._ear, [early], ())
        committed = [*told[len(early) :], *self._agreement.committed]
        self._agreement.committed = sorted(committed, key=lambda word: word.start)

    def _cut(self) -> None:
        """End a turn that is too long where it is calmest; both parts hear a second of overlap."""
        self._catch_up()
        pcm = np.concatenate(self._frames)
        end = self._start + len(pcm)
        latest = [word.start for word in self._agreement.committed[-1:]]
        low = max(self._start + _LEAST_TURN, self._floor + _OVERLAP)
        span = Span(low, max(low, min([end - _RECENT, *latest])))
        quiet = self._intake.gate.pause(span)
        at_sample = (quiet.start + quiet.end) // 2
        if quiet.end - quiet.start < _CLEAR_PAUSE:
            if len(pcm) < LONG + _LEAST_TURN:
                return  # a pause may come
            if span.end - span.start < _OVERLAP:  # nothing was committed for long
                span = Span(low, end - _RECENT)
            at_sample = self._intake.gate.calmest(span)
        self._final([(self._start, pcm[: at_sample + _OVERLAP - self._start])], at_sample)
        start = max(self._start, at_sample - _OVERLAP)
        self._frames = [pcm[start - self._start :]]
        self._start = start

    def _close(self, at_sample: int) -> None:
        """End an utterance; one that comes far too late shares its final with those after it."""
        pcm = np.concatenate(self._frames) if self._frames else np.zeros(0, np.float32)
        self._frames = []
        if at_sample <= self._start:
            return  # it was split in this pause
        self._late.append((self._start, pcm[: at_sample - self._start]))
        length = sum(len(piece) for _, piece in self._late)
        if self._lag <= _TOO_SLOW or length >= LONG:
            self._catch_up()

    def _catch_up(self) -> None:
        """Decode the utterances that have ended."""
        late, self._late = self._late, []
        if late:
            self._final(late, None)
            self._ear.settled(self.settled)

    def _final(self, pieces: Sequence[tuple[int, Audio]], cut: int | None) -> None:
        """Decode utterances, or a turn up to a cut, with care and tell what they were.

        Args:
            pieces: sound of each, and its first sample; what lies between is quiet.
            cut: words behind it belong to what follows.
        """
        start, last = pieces[-1]
        end = start + len(last)
        self._adopt(pieces[0][0], end if cut is None else cut)
        floor = max(self._floor, pieces[0][0])
        self._finals.is_behind = self._lag > _SLOW
        heard = [word for word in self._finals.words(pieces) if _middle(word) > floor]
        committed: list[Spoken] = self._agreement.committed
        later: list[Spoken] = []
        if cut is not None:
            heard = [word for word in heard if _middle(word) <= cut]
            committed, later = _parted(committed, heard, cut)
        if heard:
            heard = restored(committed, heard, self._intake.gate.has_speech)
        is_told = not heard and self._finals.is_told
        words, changed = renamed(committed, []) if is_told else _agreed(committed, heard)
        words = self._manner.names.named(words)
        if self._manner.tells_pauses:
            words = with_pauses(words, self._intake.gate.pause)
        told = tell(self._ear, utterances(words, self._intake.gate.pause), changed, committed)
        if not told:  # no segment takes the place of what was shown
            self._ear.partial([])
        self._agreement = Agreement(held=self._manner.held)
        self._agreement.committed = later
        self._context = [*self._context, *(word.text for word in told)][-_CONTEXT_WORDS:]
        upto = end if cut is None else cut
        self._finals.remember(pieces, told, upto)
        self._floor = max([self._floor, *(min(word.end, upto + _ROUGH) for word in words[-1:])])
        self._settle(told, upto, is_quiet=cut is None)

    def _settle(self, words: Sequence[Spoken], upto: int, *, is_quiet: bool) -> None:
        unheard = self._account.settle(words, upto, is_quiet=is_quiet)
        if unheard:
            self._ear.unheard(unheard)
        self._intake.gate.forget(min(self._account.start, upto - SAMPLE_RATE))


def _is_over(text: str) -> bool:
    """Return whether a word ends a sentence, and not one that trails off."""
    return ends_sentence(text) and not text.endswith("..")


def _middle(word: Spoken) -> int:
    return (word.start + word.end) // 2


def _parted(
    committed: Sequence[Spoken], heard: Sequence[Spoken], cut: int
) -> tuple[list[Spoken], list[Spoken]]:
    """Return the committed words of both sides of a cut.

    Times are rough: a word near the cut is on the side where the final heard it.
    """
    near = [word for word in committed if word.start < cut + SAMPLE_RATE // 2]
    found = {word.number for word in renamed(near, heard)[0]}
    later = [each for each in committed if _middle(each) > cut and each.number not in found]
    return [each for each in committed if each not in later], later


def _agreed(
    committed: Sequence[Spoken], heard: Sequence[Spoken]
) -> tuple[list[Spoken], list[Changed]]:
    """Return the final words; what was committed and likely stays where the final hears nothing."""
    if not heard and sum(word.probability - _FAIR_WORD for word in committed) > 0:
        return list(committed), []
    return renamed(committed, heard)
