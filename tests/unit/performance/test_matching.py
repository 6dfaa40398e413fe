"""Which word stands for which, and what is lost, invented, revised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import WordId
from app.domain.transcript import Word
from tests.performance.matching import (
    Losses,
    Revised,
    differing,
    losses,
    pairs,
    revised,
    trailing_lost,
)

WORDS = st.lists(st.sampled_from(["pain", "left", "knee", "no", "fever"]), max_size=12)


def word(number: int, text: str) -> Word:
    return Word(WordId(f"w{number}"), text, number * 100, number * 100 + 90)


def test_equal_words_and_words_in_each_others_place_are_paired() -> None:
    reference = ["I'm", "sure", "the", "left", "knee", "hurts"]
    heard = ["I", "am", "sure", "the", "right", "knee"]
    assert pairs(reference, heard) == {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}


def test_fillers_have_no_pair() -> None:
    assert pairs(["um", "yes"], ["yeah"]) == {1: 0}


@given(WORDS)
def test_the_same_words_are_paired_in_order(words: list[str]) -> None:
    assert pairs(words, words) == {i: i for i in range(len(words))}
    assert losses(" ".join(words), " ".join(words)) == Losses(0, 0, 0, len(words))


def test_what_a_person_heard_too_is_told_from_what_nobody_said() -> None:
    batch, live, person = "the left knee hurts", "no the left left knee hurts", "no the left knee"
    found = differing(batch, live, person)
    assert [(each.kind, each.word, each.is_said) for each in found] == [
        ("invented", "no", True),
        ("invented", "left", False),
    ]
    assert found[0].around == "[no] the left left knee"
    counted = losses(batch, live, person)
    assert (counted.invented, counted.invented_said) == (2, 1)


def test_a_word_that_nobody_said_is_no_loss_to_a_person() -> None:
    found = losses("no can you lie to me numbness", "numbness", "no numbness")
    assert (found.lost, found.lost_unsaid) == (6, 5)


@given(WORDS, WORDS)
def test_what_one_side_lost_the_other_invented(one: list[str], other: list[str]) -> None:
    there, back = (losses(*map(" ".join, each)) for each in ((one, other), (other, one)))
    assert there.lost - there.invented == back.invented - back.lost
    assert len(other) == len(one) - there.lost + there.invented


def test_losses_are_counted_by_kind_and_add_up() -> None:
    found = losses("no pain in the left knee", "pain in the right knee today")
    assert found == Losses(lost=1, invented=1, changed=1, words=6)
    assert found + found == Losses(2, 2, 2, 12)


def test_words_that_changed_or_went_after_their_commit_are_counted() -> None:
    committed = [word(1, "The"), word(2, "left"), word(3, "knee."), word(4, "uh")]
    final = [word(1, "the"), word(2, "right"), word(3, "knee."), word(9, "hurts")]
    assert revised(committed, final) == Revised(committed=4, changed=1, gone=1, only_formatting=1)


@pytest.mark.parametrize(
    ("heard", "lost"),
    [
        ("ask what you can do for your country", 0),
        ("ask what you can do for", 2),
        ("ask what you can do for your county", 1),
        ("", 8),
    ],
)
def test_the_tail_that_was_lost_is_counted_from_the_end(heard: str, lost: int) -> None:
    assert trailing_lost("ask what you can do for your country", heard) == lost
