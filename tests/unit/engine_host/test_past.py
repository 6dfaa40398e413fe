"""What a final hears once more is told once."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Spoken
from app.engine_host.past import Past

START = 50 * SAMPLE_RATE
"""Where the sound begins that was not heard before."""


def said(text: str, at_s: float, length_s: float = 0.3) -> Spoken:
    """A word; seconds are counted from the pause."""
    start = START + round(at_s * SAMPLE_RATE)
    return Spoken(text, start, start + round(length_s * SAMPLE_RATE), 0.9)


def past(*told: Spoken, ended_s: float = -0.6) -> Past:
    """What was told before; its sound ends so many seconds before what is fresh begins."""
    made = Past()
    end = START + round(ended_s * SAMPLE_RATE)
    sound = np.zeros(4 * SAMPLE_RATE, np.float32)
    made.remember([(end - len(sound), sound)], told, START)
    return made


TOLD = (said("lower", -3.0), said("back.", -2.8), said("Okay.", -1.3))


def texts(words: list[Spoken]) -> list[str]:
    return [word.text for word in words]


def test_what_lies_behind_the_pause_is_fresh() -> None:
    decoded = [said("back.", -2.8), said("Okay.", -1.3), said("And", 1.3), said("on", 1.9)]
    assert texts(past(*TOLD).fresh(decoded, START)) == ["And", "on"]


@pytest.mark.parametrize("length_s", [0.0, 0.3])
def test_a_word_that_a_decode_wrote_once_stands_once(length_s: float) -> None:
    okay = said("Okay,", 0.4, length_s)
    decoded = [said("back.", -2.8, 1.5), okay, said("and", 1.3), said("on", 1.9)]
    assert texts(past(*TOLD).fresh(decoded, START)) == ["and", "on"]


def test_two_words_that_a_decode_wrote_once_stand_once() -> None:
    told = (said("sure", -2.0), said("I", -1.4), said("am", -1.2))
    decoded = [said("sure", -2.0), said("I", 0.2, 0.0), said("am", 0.2, 0.0), said("39", 1.0)]
    assert texts(past(*told).fresh(decoded, START)) == ["39"]


def test_two_words_that_a_decode_wrote_as_one_stand_once() -> None:
    told = (said("sure", -2.0), said("I", -1.4), said("am", -1.2))
    decoded = [said("sure", -2.0), said("I'm", 0.2, 0.0), said("39", 1.0)]
    assert texts(past(*told).fresh(decoded, START)) == ["39"]
    assert texts(past(*told).fresh([said("sure", -2.0), said("I'll", 0.2)], START)) == ["I'll"]


def test_an_answer_is_told_once_where_only_its_beginning_was_heard_before() -> None:
    told = (said("the", -2.2), said("counter?", -2.0), said("No.", -0.7, 0.0))
    decoded = [said("the", -2.2), said("counter?", -2.0), said("No.", 0.4, 0.1)]
    assert texts(past(*told).fresh(decoded, START)) == []


@pytest.mark.parametrize(
    ("decoded", "fresh"),
    [
        # heard on both sides
        ([said("Okay.", -1.3), said("Okay,", 0.4, 0.0), said("and", 1.3)], ["Okay,", "and"]),
        # an answer that stands alone, and one before it that has its own sound
        ([said("back.", -2.8), said("Okay.", 0.4, 0.0)], ["Okay."]),
        # another word
        ([said("back.", -2.8), said("No,", 0.4, 0.0), said("and", 1.3)], ["No,", "and"]),
    ],
)
def test_a_word_that_may_have_been_said_again_stays(
    decoded: list[Spoken], fresh: list[str]
) -> None:
    assert texts(past(*TOLD).fresh(decoded, START)) == fresh


def test_a_doubted_word_that_was_told_just_before_is_a_repetition() -> None:
    made = past(*TOLD)
    assert made.repeats([said("okay,", 0.2), said("and", 0.9)], doubted=0.95)
    assert not made.repeats([said("okay,", 0.2), said("and", 0.9)], doubted=0.5)
    assert not made.repeats([said("And", 0.2), said("okay", 0.9)], doubted=0.95)
    assert not made.repeats([], doubted=0.95)


def test_nothing_was_told_before() -> None:
    decoded = [said("Okay,", 0.4, 0.0), said("and", 1.3)]
    assert texts(past().fresh(decoded, START)) == ["Okay,", "and"]


@pytest.mark.parametrize(
    ("text", "start_s", "end_s"),
    [
        ("I've", -1.1, 0.5),  # most of its sound; its middle on the clock lies in the pause
        ("like,", -1.3, 0.45),  # another word than the one that was told last
        ("in", -1.0, 0.3),  # nothing was told of where it begins
    ],
)
def test_a_word_that_is_let_begin_before_the_pause_is_told_behind_it(
    text: str, start_s: float, end_s: float
) -> None:
    first = said(text, start_s, end_s - start_s)
    decoded = [said("back.", -2.8), said("Okay,", -1.6), first, said("done", 0.6)]
    fresh = past(*TOLD, ended_s=-0.6).fresh(decoded, START)
    assert texts(fresh) == [text, "done"]
    assert fresh[0].start == START
    assert fresh[0].end == first.end


@pytest.mark.parametrize(
    ("text", "end_s"),
    [
        ("Okay,", 0.45),  # told, and drawn out behind the pause
        ("Okay,", 0.9),  # even if most of it lies there
        ("um,", 0.3),  # no further than the quiet that is let in before speech
        ("um,", -0.7),
    ],
)
def test_a_word_that_lies_before_the_pause_is_not_told_again(text: str, end_s: float) -> None:
    decoded = [said("back.", -2.8), said(text, -1.3, end_s + 1.3), said("done", 0.6)]
    assert texts(past(*TOLD, ended_s=-0.6).fresh(decoded, START)) == ["done"]
