"""Decode speech that has ended, as carefully as the model can: retries, holes, inventions.

On the model's thread of the speech child. Knows no model: decoding is a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from app.audio.windows import FRAME, Clips, Gate
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Audio, Spoken, plain
from app.engine_host.stock_phrases import is_guess
from app.engine_host.utterances import ends_sentence
from app.engine_host.whisper_runtime import (
    FINAL,
    FULL_SAMPLES,
    HEATED,
    Heard,
    How,
    Take,
)

_LEAST_STEP: Final = SAMPLE_RATE
"""A window that consumes less than this would be decoded again and again."""
_SHORT_STEP: Final = SAMPLE_RATE // 4
"""The same where a short answer was heard and speech follows."""
_UNHEARD: Final = 3 * SAMPLE_RATE // 2
"""Samples of speech without a word that are worth another try."""
_CUT_OFF: Final = SAMPLE_RATE // 2
"""The same behind the last word of a window, where the next window hears it without another try."""
_CALM: Final = 3 * SAMPLE_RATE // 10  # behind a word: where the next one cannot have ended
_LEAST_SPEECH: Final = 3 * FRAME  # a tail with less holds no word
_LONGEST_WORD: Final = 6 * SAMPLE_RATE // 10  # what lies beyond is no part of a word
_LEAST_FOUND: Final = 4  # words in a hole
_RUN: Final = 4  # words in a row that stand twice by no accident
_SHARES: Final = (1.0, 0.65, 0.4)
"""Parts of a window that are tried in turn while its text is not fair."""
_UNLIKE: Final = 6
"""Tokens that may not come twice in a row of text, once it has looped."""
_DOUBT: Final = 0.15  # word probability that faster-whisper calls an anomaly
_SHORTEST: Final = 133 * SAMPLE_RATE // 1000  # faster-whisper: word_anomaly_score
_TOO_LONG: Final = 2 * SAMPLE_RATE
_FASTEST: Final = SAMPLE_RATE // 10
"""Nobody says a sentence with less for each word; the fastest talkers need .13 s."""
_HASTE: Final = 3  # words; "No, no." may have no length of its own
_AT_ONCE: Final = SAMPLE_RATE // 20
"""More than that between two words is a pause; their times have steps of .02 s."""
_DOUBTED: Final = 0.5  # mean probability
_CONTEXT: Final = 200  # characters of the text before a hole
_MEL_FRAME: Final = SAMPLE_RATE // 100  # what `How.pad` counts
_SWALLOWED: Final = 2 * SAMPLE_RATE // 5
"""Samples of speech in a doubted first word, beyond what a word has: another word."""
_CLEAR: Final = 0.6
"""Mean probability of the words of a quick decode that is believed."""
_CLEAR_LOGPROB: Final = -0.6
_CLEAR_COMPRESSION: Final = 2.0
_MOST_TOKENS: Final = 224  # more than a prompt holds


class Careful:
    """Decodes the head of some clips, window by window.

    Args:
        take: decode one window.
        how: the care of the first try.
    """

    def __init__(self, take: Callable[[Audio, How], Take], how: How = FINAL) -> None:
        self._take = take
        self.how = how
        self.is_hasty = False
        """Text that is not fair is tried again as often as a listener can wait for who is live:
        at temperatures .2 and .4 (SPEECH.md section 1)."""
        self.lacks_start = False
        """Whether the last quick decode left out what was said first: "And (1.8 s, .14) is it the
        same", said: "Okay. And is it the same". Behind what was said before it is heard."""
        self.before: tuple[int, ...] = ()
        """Tokens of the text before, which the next window is told."""

    def window(self, clips: Clips, gate: Gate) -> list[Spoken]:
        """Decode the first window of `clips` and drop what it accounts for. Clips: not empty."""
        ear = _Window(clips, gate)
        pcm = clips.head(FULL_SAMPLES)
        if ear.speech(0, len(pcm)) < _LEAST_SPEECH:
            clips.drop(len(pcm))
            return []
        told = self._told(clips, ear, *self._best(pcm, ear))
        if told is None:  # the text before misled it
            self.before = ()
            take = self._take(pcm, replace(self.how, context=""))
            told = self._told(clips, ear, pcm, take, is_last_try=True)
        return told or []

    def once(self, clips: Clips, gate: Gate) -> list[Spoken] | None:
        """Do as `window` does, but try once.

        Returns:
            None where the text loops, is a guess or is not where it was said: nothing is dropped.
        """
        ear = _Window(clips, gate)
        pcm = clips.head(FULL_SAMPLES)
        if ear.speech(0, len(pcm)) < _LEAST_SPEECH:
            clips.drop(len(pcm))
            return []
        take = self._take(pcm, replace(self.how, before=self.before))
        return self._told(clips, ear, pcm, take) if take.is_fair else None

    def clear(self, clips: Clips, gate: Gate, how: How) -> list[Spoken] | None:
        """Decode all of `clips` at once, in a cheaper way.

        Returns:
            None where that leaves a doubt: nothing is dropped, and `window` comes next.
        """
        self.lacks_start = False
        ear = _Window(clips, gate)
        pcm = clips.head(FULL_SAMPLES)
        if len(pcm) + how.pad * _MEL_FRAME >= FULL_SAMPLES:
            return None
        if ear.speech(0, len(pcm)) < _LEAST_SPEECH:
            return None
        take = self._take(pcm, replace(how, before=self.before))
        self.lacks_start = _lacks_start(take, ear)
        is_clear = not self.lacks_start and _is_clear(take, len(pcm), ear)
        return self._told(clips, ear, pcm, take) if is_clear else None

    def _told(
        self, clips: Clips, ear: _Window, pcm: Audio, take: Take, *, is_last_try: bool = False
    ) -> list[Spoken] | None:
        """Return the words of a take that count, and drop what it accounts for.

        Returns:
            None where words are not where they were said, unless it is the last try.
        """
        consumed = _consumed(take, len(pcm), ear, is_last=len(clips) == len(pcm))
        done = [word for word in take.words if word.end <= consumed]
        heard = self._filled(pcm, done, ear)
        if heard is None:
            if not is_last_try:
                return None
            heard = done
        words = sayable([each for each in map(ear.placed, heard) if ear.is_likely(each)])
        if not take.is_fair and ear.speech(0, len(pcm)) < SAMPLE_RATE and is_guess(words):
            words = []
        self.before = (*self.before, *take.tokens)[-_MOST_TOKENS:] if take.is_fair else ()
        clips.drop(consumed)
        return words

    def _best(self, pcm: Audio, ear: _Window) -> tuple[Audio, Take]:
        """Decode a window; when the text loops or is a guess, otherwise, shorter, by chance."""
        for share in _SHARES[:1] if self.is_hasty else _SHARES:
            part = pcm if share == 1 else pcm[: ear.pause_near(round(len(pcm) * share))]
            for how in (
                replace(self.how, before=self.before),
                replace(self.how, unlike=_UNLIKE),
            ):
                take = self._take(part, how)
                if take.is_fair:
                    return part, take
        heats = HEATED[:2] if self.is_hasty else HEATED
        return pcm, self._take(pcm, replace(self.how, heats=heats))

    def _filled(self, pcm: Audio, words: list[Heard], ear: _Window) -> list[Heard] | None:
        """Decode again what Whisper jumped over: speech between two words of a window.

        Returns:
            None where it did not jump: what was said there stands behind it.
        """
        filled: list[Heard] = words[:1]
        for i, (before, word) in enumerate(pairwise(words), 1):
            start = min(before.end, before.start + _LONGEST_WORD)
            end = max(word.start, word.end - _LONGEST_WORD)
            if end - start >= _UNHEARD and ear.speech(start, end) >= _UNHEARD:
                found = self._missed(pcm[start:end], filled)
                if _holds(found, words[i : i + 2 * _RUN]):
                    return None
                if is_new(found, words[max(0, i - 6) : i + 6]):
                    filled += [each.moved(start) for each in found]
            filled.append(word)
        return filled

    def _missed(self, pcm: Audio, before: Sequence[Heard]) -> tuple[Heard, ...]:
        context = " ".join(word.text for word in before)[-_CONTEXT:]
        take = self._take(pcm, replace(self.how, context=context))
        return take.words if take.is_fair else ()


class _Window:
    """Offsets into clips, and what the gate knows of the sound there."""

    def __init__(self, clips: Clips, gate: Gate) -> None:
        self._clock = clips.clock
        self._gate = gate

    def speech(self, start: int, end: int) -> int:
        """Return how many samples between two offsets are speech."""
        return self._gate.has_speech(Span(self._clock(start), self._clock(max(start, end - 1))))

    def pause_near(self, offset: int) -> int:
        """Return the offset in the middle of the longest pause within 3 s of an offset."""
        best = (0, offset)
        for low in range(max(0, offset - 3 * SAMPLE_RATE), offset + 3 * SAMPLE_RATE, SAMPLE_RATE):
            start = self._clock(low)
            quiet = self._gate.pause(Span(start, self._clock(low + SAMPLE_RATE)))
            length = quiet.end - quiet.start
            best = max(best, (length, low + quiet.start - start + length // 2))
        return max(_LEAST_STEP, best[1])

    def calmest(self, start: int, end: int) -> int:
        """Return the offset between two where speech is least likely."""
        span = Span(self._clock(start), self._clock(end))
        return min(end, start + self._gate.calmest(span) - span.start)

    def placed(self, word: Heard) -> Spoken:
        """Return a word on the audio clock."""
        start = self._clock(word.start)
        end = self._clock(max(word.start, word.end - 1)) + 1
        return Spoken(word.text, start, max(start, end), word.probability)

    def is_likely(self, word: Spoken) -> bool:
        """Doubtful words where nobody spoke are inventions; odd ones, where hardly anybody did.

        faster-whisper drops what is odd in length alone. On eight OSCE clips that would have been
        17 true "No." and "Okay.", to which Whisper gives no length.
        """
        margin = SAMPLE_RATE // 5
        around = Span(word.start - margin, word.end + margin)
        is_odd = not _SHORTEST <= word.end - word.start <= _TOO_LONG
        least = _SHORTEST if is_odd else 0
        return word.probability >= _DOUBT or self._gate.has_speech(around) > least


def _is_clear(take: Take, length: int, ear: _Window) -> bool:
    """Return whether a decode in little silence leaves no doubt."""
    mean = sum(word.probability for word in take.words) / max(1, len(take.words))
    is_whole = bool(take.words) and take.consumed == length
    is_sure = mean >= _CLEAR and take.logprob >= _CLEAR_LOGPROB
    is_once = take.compression <= _CLEAR_COMPRESSION
    if not (take.is_fair and is_whole and is_sure and is_once):
        return False
    return ear.speech(take.words[-1].end, length) < _UNHEARD


def _lacks_start(take: Take, ear: _Window) -> bool:
    """Return whether the first word lies where others were said."""
    for word in take.words[:1]:
        end = max(word.start, word.end - _LONGEST_WORD)
        return word.probability < _DOUBTED and ear.speech(0, end) >= _SWALLOWED
    return False


def _consumed(take: Take, length: int, ear: _Window, *, is_last: bool) -> int:
    """Return how much of the window is done; the rest begins the next one.

    Whisper rounds the time where it stops up to whole seconds at times, and drops what it has
    begun to write behind its last full stop: "fall down? [anything like that?]" (base, an OSCE
    recording) was neither in this window nor in the next one. A window of its own is not worth
    so little speech.
    """
    consumed = take.consumed
    if take.words:
        last = take.words[-1].end
        least = _UNHEARD if is_last and consumed == length else _CUT_OFF
        if last > consumed:
            consumed = last
        elif ear.speech(last, consumed) >= least:
            consumed = ear.calmest(last, min(consumed, last + _CALM))
    if consumed >= _LEAST_STEP:
        return consumed
    if not take.words or ear.speech(consumed, length) < _UNHEARD:
        return length
    # "Okay." and no more, though speech follows. The times of words are rough: a cut where it is
    # calmest lets neither half of a word be heard again.
    return ear.calmest(max(consumed, _SHORT_STEP), _LEAST_STEP)


def sayable(words: Sequence[Spoken]) -> list[Spoken]:
    """Return words without the sentences that nobody can have said.

    In a breath or a rustle between two answers Whisper writes a sentence of its own, in no time
    and without faith: "You haven't picked off?" in .22 s, "Have a cough?" in .28 s (an OSCE
    recording, base). Of the 18 sentences in 900 decodes that it gave as little time, the 16
    that were said had a mean probability of .67 and more, these two .43 and less. And behind a
    slow answer it writes it again, in no time at all: "No. No." in one "No" of .5 s. A whole
    question comes a second time so, too, and with more faith (.57): "Have you had a cough?" in
    .32 s (base, an OSCE recording).
    """
    sentences: list[list[Spoken]] = [[]]
    for word in words:
        sentences[-1].append(word)
        if ends_sentence(word.text):
            sentences.append([])
    said: list[list[Spoken]] = []
    for sentence in filter(None, sentences):
        if not _is_rushed(sentence, [word for before in said for word in before]):
            said.append(sentence)
    return [
        word
        for before, sentence in pairwise([[], *said])
        if not _is_written_twice(before, sentence)
        for word in sentence
    ]


def _is_written_twice(before: Sequence[Spoken], sentence: Sequence[Spoken]) -> bool:
    if not before or sentence[0].start - before[-1].end > _AT_ONCE:
        return False
    is_same = [plain(word.text) for word in before] == [plain(word.text) for word in sentence]
    return is_same and _is_bare(sentence) and not _is_bare(before)


def _is_bare(words: Sequence[Spoken]) -> bool:
    """Return whether words have no length: `placed` gives each a sample."""
    return words[-1].end - words[0].start <= 1


def _is_rushed(sentence: Sequence[Spoken], before: Sequence[Spoken]) -> bool:
    """Return whether a sentence is too quick to be said, and doubted or written before."""
    length = sentence[-1].end - sentence[0].start
    if len(sentence) < _HASTE or length >= _FASTEST * len(sentence):
        return False
    mean = sum(word.probability for word in sentence) / len(sentence)
    texts = tuple(plain(word.text) for word in sentence)
    return mean < _DOUBTED or texts in _runs(before, len(texts))


def _holds(found: Sequence[Heard], following: Sequence[Heard]) -> bool:
    """Return whether the words behind a hole were said in it.

    Told the text before, tiny.en wrote one sentence of 30 s of reading, and let "The" lie at their
    beginning and "narrative would be tedious to him" 20 s later: between them lay that sentence
    and three more.
    """
    return bool(_runs(found, _RUN) & _runs(following, _RUN))


def _runs(words: Sequence[Heard | Spoken], length: int) -> set[tuple[str, ...]]:
    """Return all so many words that stand in a row."""
    texts = [plain(word.text) for word in words]
    return {tuple(texts[i : i + length]) for i in range(len(texts) - length + 1)}


def is_new(found: Sequence[Heard], around: Sequence[Heard]) -> bool:
    """Return whether words found in a hole are more than an echo of the words around it.

    The times of words are rough, so most holes are none: on two recordings of 10 minutes,
    whatever had fewer than four words was already there (by ear).
    """
    known = {plain(word.text) for word in around}
    fresh = sum(plain(word.text) not in known for word in found)
    return len(found) >= _LEAST_FOUND and fresh > len(found) / 2
