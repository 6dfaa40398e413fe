"""Which words came late, and why."""

from __future__ import annotations

import pytest

from app.domain.events import PartialHeard, WordsCommitted
from tests.performance.chain import Heard
from tests.performance.late import Late, late_words
from tests.performance.reference_words import SpokenWord
from tests.unit.performance.test_word_latency import (
    HURTS,
    KNEE,
    LEFT,
    PLACE,
    RIGHT,
    WORDS,
    final,
    heard,
    spoken,
    word,
)

LIMIT_S = 2.5


def late(found: Heard, words: list[SpokenWord]) -> list[Late]:
    return late_words(found, PLACE, words, LIMIT_S)


def test_words_in_time_are_not_listed() -> None:
    found = heard((1.0, WordsCommitted((LEFT, KNEE))), (4.0, final(LEFT, KNEE, HURTS)))
    assert late(found, WORDS) == []


def test_a_word_that_was_shown_all_the_time_was_not_sure() -> None:
    found = heard((1.5, PartialHeard((KNEE,))), (2.0, PartialHeard((KNEE,))), (4.0, final(KNEE)))
    (each,) = late(found, WORDS[1:2])
    assert (each.word, each.cause) == ("knee", "unsure")
    assert each.seen_s == pytest.approx(0.5)
    assert each.settled_s == pytest.approx(3.0)


def test_a_word_that_a_decode_left_out_vanished() -> None:
    found = heard((1.5, PartialHeard((KNEE,))), (2.0, PartialHeard(())), (4.0, final(KNEE)))
    assert [each.cause for each in late(found, WORDS[1:2])] == ["vanished"]


def test_a_word_that_nothing_showed_before_was_unseen() -> None:
    (each,) = late(heard((1.5, PartialHeard((RIGHT,))), (4.0, final(LEFT))), WORDS[:1])
    assert (each.cause, each.seen_s) == ("unseen", None)


def test_a_word_in_whose_place_another_one_was_committed_was_corrected() -> None:
    other = word(9, "it.", 0.4, 1.1)
    found = heard((2.0, WordsCommitted((other,))), (5.0, final(LEFT, KNEE, HURTS)))
    causes = [(each.word, each.cause) for each in late(found, WORDS)]
    assert causes == [("knee", "corrected"), ("hurts", "unseen")]


def test_a_number_waits_for_longer() -> None:
    ten = word(5, "10", 0.5, 1.0)
    found = heard((1.5, PartialHeard((ten,))), (4.0, WordsCommitted((ten,))))
    assert [each.cause for each in late(found, [spoken("ten", 0.5, 1.0)])] == ["number"]


def test_the_latest_word_comes_first() -> None:
    found = late(heard((9.0, final(LEFT, KNEE, HURTS))), WORDS)
    assert [each.word for each in found] == ["left", "knee", "hurts"]
    assert [each.at_s for each in found] == pytest.approx([1_001.5, 1_002.0, 1_003.0])
