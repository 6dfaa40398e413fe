"""What the next final hears once more: the sound before it, and the text before that sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.audio.windows import LIVE
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import NO_LENGTH, Audio, Spoken, plain

AGAIN: Final = 10 * SAMPLE_RATE
"""A final hears so much of what was said before once more. A word alone between two pauses is
guessed, behind the question it answers it is heard. Simulated, six OSCE clips, tiny.en: word error
9.7 % instead of 10.5 %, lost 2.5 instead of 3.1 %, invented 1.5 instead of 2.3 % (batch 9.8 %)."""
_PROMPT_WORDS: Final = 60  # said before that sound
_MOST_TOLD: Final = 150  # words that are kept for it
_ECHO: Final = 2  # words that may be heard on both sides of a pause
_OPENED: Final = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will"}

_ROUGH: Final = SAMPLE_RATE // 10  # the times of a word differ that much between decodes

Piece = tuple[int, Audio]
"""Sound of an utterance: its first sample on the audio clock, and f32 at 16 kHz."""


class Past:
    """The newest utterances that were final, with their sound. One thread."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._told: list[Spoken] = []
        self.is_told = False
        """Whether all words that `fresh` found behind a pause last were told before it."""

    def remember(self, pieces: Sequence[Piece], told: Sequence[Spoken], upto: int) -> None:
        """Take utterances that are final up to a sample, and the words that were told of them."""
        if not told:
            return  # noise; it would be heard with every clap that follows
        self._told = [*self._told, *told][-_MOST_TOLD:]
        self._pieces += [(at, pcm[: upto - at]) for at, pcm in pieces]
        while self._pieces and self._pieces[0][0] < upto - 2 * AGAIN:
            del self._pieces[0]

    def before(self, start: int) -> list[Piece]:
        """Return the sound before a sample that is heard once more, at most `AGAIN` of it."""
        past = [(at, pcm[: start - at]) for at, pcm in self._pieces if at < start]
        while past and sum(len(pcm) for _, pcm in past) > AGAIN:
            del past[0]
        return past

    def text(self, before: int) -> str:
        """Return the text told of what lies before a sample."""
        words = [word.text for word in self._told if word.end <= before]
        return " ".join(words[-_PROMPT_WORDS:])

    def repeats(self, words: Sequence[Spoken], doubted: float) -> bool:
        """Return whether words begin with the one that was told last, and that is doubted."""
        head = list(words[:1])
        is_same = bool(head) and _plain(head) == _plain(self._told[-1:])
        return is_same and head[0].probability < doubted

    def fresh(self, words: Sequence[Spoken], start: int) -> list[Spoken]:
        """Return the words of a decode, of this sound and what follows, that were not told yet.

        What a decode wrote once stands once: "back. Okay. [pause] And" was told up to "Okay", and
        is decoded anew with an "Okay" behind the pause and none before it. Simulated, tiny.en,
        three cuts of 1,146 words: invented .94 % instead of 1.29, and as many true words lost.
        An answer that stands alone goes only where the one told before had no sound of its own.

        Args:
            words: of the sound before `start` and behind it.
            start: first sample of what was not heard before.
        """
        ended = max((at + len(pcm) for at, pcm in self._pieces if at < start), default=start)
        pause = Span(min(ended, start), start)
        old = [word for word in words if not self._is_behind(word, pause)]
        fresh = list(words[len(old) :])
        self.is_told = False
        for count in range(min(_ECHO, len(fresh)), 0, -1):
            if self._is_echo(fresh[:count], old, is_all=count == len(fresh)):
                fresh = fresh[count:]
                self.is_told = not fresh
                break
        return [replace(word, start=max(word.start, start)) for word in fresh]

    def _is_echo(self, head: list[Spoken], old: list[Spoken], *, is_all: bool) -> bool:
        """Return whether what begins behind a pause was told before it, and is not heard there."""
        words = _plain(head)
        told = self._told[-len(words) :]
        if not words == _plain(told)[-len(words) :] != _plain(old)[-len(words) :]:
            return False
        return not is_all or all(word.end - word.start < NO_LENGTH for word in told)

    def _is_behind(self, word: Spoken, pause: Span) -> bool:
        """Return whether a word lies behind a pause that the decode did not hear.

        The first word behind it is often let begin before it. On the audio clock the middle of
        such a word lies in the pause; what counts is how much of its sound lies on either side,
        and whether it can be a word that was told.
        """
        if word.end - pause.end > max(0, pause.start - word.start):
            return True
        if word.end <= pause.end or _plain([word]) == _plain(self._told[-1:]):
            return False
        is_later = all(word.start >= told.end - _ROUGH for told in self._told[-1:])
        return is_later or word.end > pause.end + LIVE.before


def _plain(words: Sequence[Spoken]) -> list[str]:
    """Return words as they sound when they are said in full: "I'm" is what "I am" was."""
    found: list[str] = []
    for word in words:
        text = plain(word.text)
        stem, mark, ending = text.rpartition("'")
        opened = _OPENED.get(mark + ending)
        found += [stem, opened] if stem and opened else [text]
    return found
