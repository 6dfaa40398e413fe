from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.sound import alikeness, distance, sounds

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=12)


@pytest.mark.parametrize(
    ("spelling", "row"),
    [
        ("phenytoin", "feniton"),
        ("chlorpheniramine", "klorfeniramin"),
        ("xanax", "zanaks"),
        ("cetirizine", "setirizin"),
        ("psyllium", "silium"),
        ("amoxycillin", "amoksisilin"),
        ("", ""),
        ("123", ""),
    ],
)
def test_a_spelling_becomes_its_sounds(spelling: str, row: str) -> None:
    assert sounds(spelling) == row


def test_what_sounds_alike_is_nearer_than_what_is_spelled_alike() -> None:
    heard = sounds("fennitoyne")
    assert alikeness(heard, sounds("phenytoin")) > alikeness(heard, sounds("fentanyl"))


@given(WORDS, WORDS)
def test_distance_is_the_same_both_ways_and_none_to_itself(first: str, second: str) -> None:
    one, two = sounds(first), sounds(second)
    assert distance(one, two) == pytest.approx(distance(two, one))
    assert distance(one, one) == 0.0
    assert 0.0 <= alikeness(one, two) <= 1.0
