"""Every second of speech is words or is told; what is told is speech and holds no word."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.audio.windows import FRAME, LIVE, Gate
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.ledger import LEAST, Account, ledger
from app.engine_host.listening import Spoken

SECOND = SAMPLE_RATE
REACH = 3 * SECOND // 10


def spans(*pairs: tuple[float, float]) -> list[Span]:
    return [Span(round(a * SECOND), round(b * SECOND)) for a, b in pairs]


def test_speech_without_a_word_is_told() -> None:
    assert ledger(spans((1, 3)), []) == spans((1, 3))
    assert ledger(spans((1, 1.9)), []) == []


def test_words_answer_for_the_speech_around_them() -> None:
    assert ledger(spans((1, 3)), spans((1.2, 1.6), (2.1, 2.8))) == []
    assert ledger(spans((1, 9)), spans((1.2, 1.6))) == spans((1.9, 9))


def test_a_breath_does_not_part_speech_and_a_pause_does() -> None:
    assert ledger(spans((0, 0.6), (0.8, 1.4)), []) == spans((0, 1.4))
    assert ledger(spans((0, 0.6), (1.0, 1.6)), []) == []


def test_a_word_that_swallowed_seconds_answers_for_its_end_only() -> None:
    assert ledger(spans((0, 12)), spans((0, 11.3))) == spans((0, 9))


TIMES = st.integers(0, 40 * SECOND)
SPANS = st.lists(
    st.tuples(TIMES, st.integers(1, 5 * SECOND)).map(lambda each: Span(each[0], sum(each))),
    max_size=12,
)


@given(SPANS, SPANS)
def test_what_is_told_is_in_order_and_holds_no_word(speech: list[Span], words: list[Span]) -> None:
    told = ledger(speech, words)
    assert told == sorted(told)
    assert all(a.end < b.start for a, b in pairwise(told))
    for each in told:
        assert each.end - each.start >= LEAST
        assert any(each.start >= stretch.start for stretch in speech)
        for word in words:
            start = max(word.start, word.end - 2 * SECOND)
            assert word.end <= each.start or start >= each.end


@given(SPANS, SPANS)
def test_every_second_of_speech_is_near_a_word_or_told(
    speech: list[Span], words: list[Span]
) -> None:
    told = ledger(speech, words)
    for stretch in speech:
        for at in range(stretch.start, stretch.end - LEAST + 1, SECOND // 4):
            piece = Span(at, at + LEAST)
            is_told = any(each.start < piece.end and piece.start < each.end for each in told)
            is_word = any(
                each.start - REACH < piece.end and piece.start < each.end + REACH for each in words
            )
            assert is_told or is_word


def gate_of(chances: list[float]) -> Gate:
    gate = Gate(LIVE)
    for each in chances:
        gate.hear(each)
    return gate


def test_what_is_still_spoken_waits_for_what_follows() -> None:
    frames = 4 * SECOND // FRAME
    gate = gate_of([0.9] * frames + [0.0] * 40)
    account = Account(gate, 0)
    middle = 2 * SECOND
    assert account.settle([Spoken("a", 0, SECOND, 0.9)], middle, is_quiet=False) == []
    (found,) = account.settle([], frames * FRAME + 20 * FRAME, is_quiet=True)
    assert found.start == SECOND + REACH
    assert found.end == frames * FRAME


@given(st.lists(st.booleans(), min_size=20, max_size=400), st.lists(st.integers(1, 60), max_size=9))
def test_settling_in_parts_tells_the_same_as_at_once(spoken: list[bool], parts: list[int]) -> None:
    chances = [0.9 if each else 0.0 for each in spoken]
    gate = gate_of(chances)
    end = len(chances) * FRAME
    at_once = Account(gate, 0).settle([], end, is_quiet=True)
    account, told, at = Account(gate, 0), [], 0
    for part in parts:
        at = min(end, at + part * FRAME)
        told += account.settle([], at, is_quiet=False)
    told += account.settle([], end, is_quiet=True)
    assert told == at_once
