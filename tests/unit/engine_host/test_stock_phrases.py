from __future__ import annotations

import pytest

from app.engine_host.stock_phrases import is_stock


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
        "",
    ],
)
def test_what_people_say_is_not(text: str) -> None:
    assert not is_stock(text)
