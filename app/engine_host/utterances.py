"""Cut a row of words into utterances: what one speaker said in one go.

Whisper's sentence marks and the pauses that the voice activity model heard decide. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Spoken

PAUSE: Final = 6 * SAMPLE_RATE // 10
"""Samples of quiet after which a sentence that follows is another utterance."""
LONG_PAUSE: Final = 15 * SAMPLE_RATE // 10
"""Samples of quiet that end an utterance even in the middle of a sentence."""
SHORT_PAUSE: Final = 3 * SAMPLE_RATE // 10
TOLD_PAUSE: Final = SAMPLE_RATE // 4
"""SPEECH.md section 5: a command stands between pauses of 250 ms."""
_MOST_WORDS: Final = 40
_ENDS: Final = (".", "!", "?")
_NOT_ENDS: Final = frozenset({"dr.", "mr.", "mrs.", "ms.", "vs.", "st."})


def utterances(words: Sequence[Spoken], pause: Callable[[Span], Span]) -> list[list[Spoken]]:
    """Return the words in groups.

    Args:
        words: in order of time.
        pause: returns the longest quiet stretch inside a span of the audio clock.
    """
    groups: list[list[Spoken]] = []
    for word in words:
        if groups and not _parts(groups[-1], word, pause):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [part for group in groups for part in _bounded(group)]


def with_pauses(words: Sequence[Spoken], pause: Callable[[Span], Span]) -> list[Spoken]:
    """Return words whose times leave room for the pauses between them that can be heard.

    Whisper lets a word reach to the next one; in dictation a pause of 250 ms has a meaning.
    """
    placed = list(words)
    for i, (a, b) in enumerate(pairwise(words)):
        quiet = pause(Span((a.start + a.end) // 2, (b.start + b.end) // 2))
        if quiet.end - quiet.start >= TOLD_PAUSE:
            placed[i] = replace(placed[i], end=max(placed[i].start, quiet.start))
            placed[i + 1] = replace(b, start=min(b.end, quiet.end))
    return placed


def _parts(group: Sequence[Spoken], word: Spoken, pause: Callable[[Span], Span]) -> bool:
    last = group[-1]
    quiet = pause(Span((last.start + last.end) // 2, (word.start + word.end) // 2))
    length = quiet.end - quiet.start
    if not ends_sentence(last.text):
        return length >= LONG_PAUSE
    is_short = len(group) <= 2 and not last.text.endswith("?")  # noqa: PLR2004 - "OK." "All right."
    return not (is_short and length < SHORT_PAUSE)


def ends_sentence(text: str) -> bool:
    """Return whether a written word closes a sentence."""
    bare = text.rstrip("\"'”)]}")
    return bare.endswith(_ENDS) and bare.lower() not in _NOT_ENDS


def _bounded(group: list[Spoken]) -> list[list[Spoken]]:
    """Split a group that is too long at the comma, or the word, nearest to its middle."""
    if len(group) <= _MOST_WORDS:
        return [group]
    middle = len(group) / 2
    commas = [i for i, word in enumerate(group[:-1], 1) if word.text.endswith((",", ";"))]
    inner = [i for i in commas if len(group) / 4 <= i <= 3 * len(group) / 4]
    cut = min(inner or [int(middle)], key=lambda i: abs(i - middle))
    return _bounded(group[:cut]) + _bounded(group[cut:])
