from __future__ import annotations

import pytest

from app.engine_host.listening import Spoken
from app.engine_host.stock_phrases import is_guess, is_stock


@pytest.mark.parametrize(
    "text",
    [
        "Thank you very much for watching this video.",
        "Thanks for watching!",
        "Thank you for watching.",
        "Please subscribe.",
        "Don't forget to subscribe to my channel.",
        "I'll see you in the next video.",
        "Subtitles by the Amara.org community",
        "For more information, visit www.example.org.",
    ],
)
def test_what_nobody_says_to_a_patient_is_stock(text: str) -> None:
    assert is_stock(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you.",
        "Thanks for coming in.",
        "See you next time.",
        "I was watching TV when it started.",
        "Thank you for watching him overnight.",
        "I'd like to subscribe you to the newsletter.",
        "Are you watching your salt?",
        "Translated by my daughter, I take metformin 500.",
        "Translated by my daughter. I take metformin twice a day.",
        "Translated by my daughter 500",
        "",
    ],
)
def test_what_people_say_is_not(text: str) -> None:
    assert not is_stock(text)


def spoken(text: str, probability: float) -> list[Spoken]:
    return [Spoken(each, 0, 1, probability) for each in text.split()]


@pytest.mark.parametrize("text", ["and", "And", "I'm", "it's a", ""])
def test_words_that_mean_nothing_alone_are_a_guess(text: str) -> None:
    assert is_guess(spoken(text, 0.9))


@pytest.mark.parametrize("text", ["No.", "Yes", "Okay", "and no", "it hurts"])
def test_what_may_be_an_answer_is_none(text: str) -> None:
    assert not is_guess(spoken(text, 0.4))
    assert is_guess(spoken(text, 0.1))
