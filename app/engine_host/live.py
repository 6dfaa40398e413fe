"""Listen to speech while it is spoken: words that may change, words that are sure, the final.

An open utterance is decoded again and again, cheaply; what two decodes agree on is committed.
When it ends it is decoded once more with care. The slower the model, the fewer the decodes in
between; sound is never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from typing_extensions import override

from app.audio.windows import Clips
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.agreement import Agreement, renamed, restored
from app.engine_host.careful import Careful
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
from app.engine_host.past import Past
from app.engine_host.stock_phrases import is_guess
from app.engine_host.telling import tell
from app.engine_host.utterances import ends_sentence, utterances, with_pauses
from app.engine_host.whisper_runtime import FINAL, INTERIM, How, Take

STEP: Final = SAMPLE_RATE // 2
"""Samples between two decodes of an open utterance, at least."""
LONG: Final = 15 * SAMPLE_RATE
"""An utterance that is longer is cut at a pause."""
_BUSY: Final = 0.85
"""Share of the time that decodes may take: finals first, interims have what they leave."""
_LEAST_SHARE: Final = 0.3
_SMOOTH: Final = 0.3  # what the newest final counts for
_LEAST_SPOKEN: Final = 2 * SAMPLE_RATE // 5
"""Samples of speech before a first decode: a clap that opened the gate had .3 s, and base heard
"I'm" in it twice. The answers that are as short come with the final."""
_SLOW: Final = 3 * SAMPLE_RATE // 2
"""This far behind: half as many decodes, and cheaper finals (SPEECH.md section 3)."""
_TOO_SLOW: Final = 4 * SAMPLE_RATE
"""This far behind: finals only."""
_HEAVY_S: Final = 1.0
"""A model that takes longer for one full window tries finals in less silence first."""
QUICK: Final = replace(FINAL, pad=1_000)
"""10 s of silence instead of all 30 s. Eight OSCE clips, base: half the work in 4 of 5 finals,
live word error 9.4 % instead of 9.0 %; with 6 s and beam 1 it was 11.6 %, with 3 s 10.7 %."""
_SHORT: Final = 3 * SAMPLE_RATE
"""A heavy model hears again what was said before an utterance it doubts, where that is shorter:
a word alone is guessed, and the text before it, written again, holds up the next words."""
_CALM: Final = SAMPLE_RATE // 2
"""After so much quiet behind a sentence the final is decoded ahead: most turns are over then, and
what a final hears ends .2 s behind the speech. Simulated, tiny.en: ahead after .3 s, behind any
word, finals came .5 s earlier, but decodes in vain made words that go on .4 s later."""
_CONTEXT_WORDS: Final = 15  # SPEECH.md section 1
_RECENT: Final = 2 * SAMPLE_RATE  # a turn is not cut this close to its end
_LEAST_TURN: Final = 4 * SAMPLE_RATE
_OVERLAP: Final = SAMPLE_RATE
"""Both parts of a turn that is cut hear this much of the other: no word is cut in two."""
_ROUGH: Final = SAMPLE_RATE // 10  # the times of a word differ that much between decodes
_CLEAR_PAUSE: Final = SAMPLE_RATE // 10
_UNLIKE: Final = 6  # tokens that may not come twice, once a decode has looped
_FAIR_WORD: Final = 0.5  # committed words that are likelier stay when a final hears nothing


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
        self._take = take
        self._careful = Careful(self._timed)
        self._careful.is_hasty = True
        self._ear = ear
        self._intake = Intake(voice, self._manner.live, at_sample)
        self._account = Account(self._intake.gate, at_sample)
        self._frames: list[Audio] = []  # the open utterance
        self._late: list[tuple[int, Audio]] = []  # utterances that share a final
        self._start = at_sample
        self._floor = at_sample  # words whose middle lies before this are final
        self._agreement = Agreement(held=self._manner.held)
        self._ahead: _Ahead | None = None
        self._past = Past()
        self._context: list[str] = []
        self._cost = 0  # of the last interim decode, in samples of time
        self._share = 0.0  # of the time that finals take
        self._spent_s = 0.0  # on the final that comes next
        self._is_heavy = False
        self._final_to = at_sample
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
        budget = max(_LEAST_SHARE, _BUSY - self._share)
        step = max(STEP, round(self._cost / budget)) * (2 if self._lag > _SLOW else 1)
        if self._lag > _TOO_SLOW or self.heard_to - self._decoded_at < step:
            return False
        spoken = self._intake.gate.has_speech(Span(self._start, self.heard_to))
        return spoken >= _LEAST_SPOKEN

    def _is_calm(self) -> bool:
        """Return whether the utterance seems to be over, which no decode knows yet."""
        gate = self._intake.gate
        if gate.quiet < _CALM or self._lag > _SLOW or self._late:
            return False
        known = self._agreement.preview or self._agreement.committed
        if not known or not ends_sentence(known[-1].text):
            return False
        span = Span(self._start, gate.closing)
        is_known = self._ahead is not None and self._ahead.span == span
        return not is_known and gate.has_speech(span) >= _LEAST_SPOKEN

    def _foresee(self) -> None:
        """Decode an utterance that seems to be over; if it goes on, that was one more decode."""
        self._forget_ahead()
        before = self._careful.before
        span = Span(self._start, self._intake.gate.closing)
        pcm = np.concatenate(self._frames)
        words = self._decoded([(span.start, pcm[: span.end - span.start])])
        self._ahead = _Ahead(span, before, words)
        floor = max(self._floor, span.start)
        self._offer([word for word in words if _middle(word) > floor], span.end)
        self._decoded_at = self._start + len(pcm)

    def _forget_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self._careful.before = ahead.before

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
        """Decode the open utterance; None when the text loops or is a guess, however tried."""
        context = " ".join(self._context[-_CONTEXT_WORDS:])
        take = self._take(pcm, replace(INTERIM, context=context))
        if take.is_fair:
            return self._placed(take, self._start)
        committed = self._agreement.committed  # again: less sound, no context, no loops
        start = max([self._start, *(word.start for word in committed[-1:])])
        take = self._take(pcm[start - self._start :], replace(INTERIM, unlike=_UNLIKE))
        return self._placed(take, start) if take.is_fair else None

    def _placed(self, take: Take, start: int) -> list[Spoken]:
        words = (
            Spoken(each.text, start + each.start, start + each.end, each.probability)
            for each in take.words
        )
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
        self._late.append((self._start, pcm[: max(0, at_sample - self._start)]))
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
        heard = [word for word in self._carefully(pieces) if _middle(word) > floor]
        committed: list[Spoken] = self._agreement.committed
        later: list[Spoken] = []
        if cut is not None:
            heard = [word for word in heard if _middle(word) <= cut]
            committed, later = _parted(committed, heard, cut)
        if heard:
            heard = restored(committed, heard, self._intake.gate.has_speech)
        words, changed = _agreed(committed, heard)
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
        self._past.remember(pieces, told, upto)
        self._floor = max([self._floor, *(min(word.end, upto + _ROUGH) for word in words[-1:])])
        self._settle(told, upto, is_quiet=cut is None)
        self._weigh(upto)

    def _carefully(self, pieces: Sequence[tuple[int, Audio]]) -> list[Spoken]:
        """Return the words of some sound; decoded ahead, or now."""
        start, pcm = pieces[0]
        ahead = self._ahead
        if len(pieces) == 1 and ahead is not None and ahead.span == Span(start, start + len(pcm)):
            self._ahead = None
            return ahead.words
        self._forget_ahead()
        return self._decoded(pieces)

    def _decoded(self, pieces: Sequence[tuple[int, Audio]]) -> list[Spoken]:
        begun_s = self._manner.clock_s()
        careful, is_behind = self._careful, self._lag > _SLOW
        careful.how = replace(FINAL, beam=1) if is_behind else FINAL
        words = self._quickly(pieces) if self._is_heavy else None
        is_short = sum(len(pcm) for _, pcm in pieces) < _SHORT
        if words is None and not is_behind and (is_short or not self._is_heavy):
            words = self._behind(self._past.before(pieces[0][0]), pieces)
        if words is None:
            words, clips = [], _clips(pieces)
            while len(clips):
                words += careful.window(clips, self._intake.gate)
        self._spent_s += self._manner.clock_s() - begun_s
        return words

    def _quickly(self, pieces: Sequence[tuple[int, Audio]]) -> list[Spoken] | None:
        """Decode in little silence; None where that leaves a doubt."""
        how = replace(QUICK, beam=self._careful.how.beam)
        return self._careful.clear(_clips(pieces), self._intake.gate, how)

    def _behind(
        self, past: Sequence[tuple[int, Audio]], pieces: Sequence[tuple[int, Audio]]
    ) -> list[Spoken] | None:
        """Decode utterances behind what was said before; a full window costs the same.

        Returns:
            None when nothing was said, and when the text loops: what was said before invites it
            to. Tried again with it, base wrote a question and its answer a second time.
        """
        if not past:
            return None
        careful, clips, before = self._careful, _clips([*past, *pieces]), self._careful.before
        plain = careful.how
        careful.how = replace(plain, context=self._past.text(past[0][0]))
        careful.before = ()
        words: list[Spoken] = []
        while len(clips):
            found = careful.once(clips, self._intake.gate)
            if found is None:
                careful.how, careful.before = plain, before
                return None
            words += found
        return self._fresh(words, pieces)

    def _weigh(self, upto: int) -> None:
        """Learn what share of the time finals take."""
        share = self._spent_s * SAMPLE_RATE / max(STEP, upto - self._final_to)
        self._share += _SMOOTH * (share - self._share)
        self._final_to = upto
        self._spent_s = 0.0

    def _fresh(self, words: Sequence[Spoken], pieces: Sequence[tuple[int, Audio]]) -> list[Spoken]:
        """Return the words of what was not heard before; none that a bang is guessed to say.

        The guard of `Careful` sees the whole window, in which a clap is nothing.
        """
        fresh = self._past.fresh(words, pieces[0][0])
        heard = self._intake.gate.has_speech
        spoken = sum(heard(Span(start, start + len(pcm))) for start, pcm in pieces)
        return [] if spoken < SAMPLE_RATE and is_guess(fresh) else fresh

    def _timed(self, pcm: Audio, how: How) -> Take:
        """Decode for a final, and learn whether the model is too heavy for this machine."""
        begun_s = self._manner.clock_s()
        take = self._take(pcm, how)
        if how.pad == FINAL.pad and len(how.heats) == 1:
            self._is_heavy = self._manner.clock_s() - begun_s > _HEAVY_S
        return take

    def _settle(self, words: Sequence[Spoken], upto: int, *, is_quiet: bool) -> None:
        unheard = self._account.settle(words, upto, is_quiet=is_quiet)
        if unheard:
            self._ear.unheard(unheard)
        self._intake.gate.forget(min(self._account.start, upto - SAMPLE_RATE))


def _clips(pieces: Sequence[tuple[int, Audio]]) -> Clips:
    clips = Clips()
    for start, pcm in pieces:
        clips.add(start, pcm)
    return clips


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
