"""The account of speech from outside: what is words, what was told, what is left."""

from __future__ import annotations

from app.domain.audio import SAMPLE_RATE, Span
from tests.performance.coverage import account

FRAME = SAMPLE_RATE // 10


def seconds(start: float, end: float) -> Span:
    return Span(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))


def test_each_second_of_speech_is_counted_once() -> None:
    speech = [True] * 100 + [False] * 50
    found = account(speech, [seconds(1, 3)], [seconds(3, 5)], FRAME)
    assert found.speech_s == 10
    assert round(found.words_s, 3) == 3.0, "half a second of reach on either side"
    assert round(found.told_s, 3) == 1.5
    assert round(found.left_s, 3) == 5.5
    assert round(found.worst_s, 3) == 5.0
    assert round(found.words_s + found.told_s + found.left_s, 3) == found.speech_s


def test_silence_needs_no_account() -> None:
    found = account([False] * 30, [], [], FRAME)
    assert (found.speech_s, found.left_s, found.worst_s) == (0, 0, 0)
