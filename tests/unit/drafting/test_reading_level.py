"""The reading level of a text is that of the published formula."""

from __future__ import annotations

import pytest

from app.drafting.reading_level import hard_words, reading_grade, syllables

PLAIN = "Take one pill each day. Drink a lot of water. Call us if you get a rash."
HARD = (
    "Administration of antihypertensive medication necessitates periodic evaluation of renal "
    "function, electrolyte concentrations, and orthostatic symptomatology."
)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("pill", 1), ("take", 1), ("water", 2), ("table", 2), ("medicine", 3), ("walked", 1),
        ("needed", 2), ("hypertension", 4), ("the", 1), ("apple", 2), ("rhythm", 1),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def test_plain_words_are_for_early_grades_and_hard_ones_beyond_college() -> None:
    plain, hard = reading_grade(PLAIN), reading_grade(HARD)
    assert plain is not None
    assert hard is not None
    assert plain < 3
    assert hard > 16


def test_the_grade_is_that_of_the_formula() -> None:
    assert reading_grade("The cat sat on the mat and the dog ran off.") == pytest.approx(
        max(0.0, round(0.39 * 11 + 11.8 * 1 - 15.59, 1))
    )


def test_a_few_words_have_no_grade() -> None:
    assert reading_grade("Rest at home.") is None
    assert reading_grade("") is None


def test_hard_words_are_told_once_in_order() -> None:
    assert hard_words("Hypertension: take medicine. Hypertension is common.") == (
        "hypertension", "medicine",
    )  # fmt: skip
