"""What a final hears once more is told once."""

from __future__ import annotations

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


def past(*told: Spoken) -> Past:
    made = Past()
    made.remember([], told, START)
    return made


TOLD = (said("lower", -3.0), said("back.", -2.8), said("Okay.", -1.3))


def texts(words: list[Spoken]) -> list[str]:
    return [word.text for word in words]


def test_what_lies_behind_the_pause_is_fresh() -> None:
    decoded = [said("back.", -2.8), said("Okay.", -1.3), said("And", 1.3), said("on", 1.9)]
    assert texts(past(*TOLD).fresh(decoded, START)) == ["And", "on"]


def test_a_word_that_a_decode_wrote_once_stands_once() -> None:
    decoded = [said("back.", -2.8, 1.5), said("Okay,", 0.4, 0.0), said("and", 1.3), said("on", 1.9)]
    assert texts(past(*TOLD).fresh(decoded, START)) == ["and", "on"]


def test_two_words_that_a_decode_wrote_once_stand_once() -> None:
    told = (said("sure", -2.0), said("I", -1.4), said("am", -1.2))
    decoded = [said("sure", -2.0), said("I", 0.2, 0.0), said("am", 0.2, 0.0), said("39", 1.0)]
    assert texts(past(*told).fresh(decoded, START)) == ["39"]


@pytest.mark.parametrize(
    ("decoded", "fresh"),
    [
        # heard on both sides
        ([said("Okay.", -1.3), said("Okay,", 0.4, 0.0), said("and", 1.3)], ["Okay,", "and"]),
        # it has a sound of its own
        ([said("back.", -2.8), said("Okay,", 0.4, 0.3), said("and", 1.3)], ["Okay,", "and"]),
        # an answer that stands alone is never taken away
        ([said("back.", -2.8), said("Okay.", 0.4, 0.0)], ["Okay."]),
        # another word
        ([said("back.", -2.8), said("No,", 0.4, 0.0), said("and", 1.3)], ["No,", "and"]),
    ],
)
def test_a_word_that_may_have_been_said_again_stays(
    decoded: list[Spoken], fresh: list[str]
) -> None:
    assert texts(past(*TOLD).fresh(decoded, START)) == fresh


def test_nothing_was_told_before() -> None:
    decoded = [said("Okay,", 0.4, 0.0), said("and", 1.3)]
    assert texts(past().fresh(decoded, START)) == ["Okay,", "and"]
