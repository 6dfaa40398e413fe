"""The word error rate forgives spelling and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.word_error import Score, differences, normalized, score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OK, I'm 39.", "okay I am thirty-nine"),
        ("Uh, one hundred and twenty over eighty", "120 over 80"),
        ("It's an X-ray, Dr. Smith.", "it is an xray doctor Smith"),
        ("I can\u2019t. [laughs]", "I can not"),
        ("1,500 mg, 40%", "1500 mg 40 percent"),
        ("Mm-hmm. Uh-huh.", ""),
    ],
)
def test_the_same_words_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)


def test_each_kind_of_error_is_counted() -> None:
    found = score("I have pain in my left knee", "I have a pain in my right")
    assert found == Score(substituted=1, deleted=1, inserted=1, words=7)
    assert found.rate == pytest.approx(3 / 7)
    assert ("left", "right") in differences("my left knee", "my right knee")


def test_numbers_that_differ_are_errors() -> None:
    assert score("fifteen milligrams", "fifty milligrams").rate == 0.5


def test_scores_add_up() -> None:
    assert score("a b", "a") + score("c d", "c d") == Score(0, 1, 0, 4)
    assert score("", "").rate == 0.0


WORDS = st.lists(st.sampled_from(["pain", "knee", "ten", "forty", "five", "hundred", "and"]))


@given(WORDS)
def test_a_text_has_no_errors_against_itself(words: list[str]) -> None:
    assert score(" ".join(words), " ".join(words)).rate == 0.0
