"""Utterances end at sentences, pauses and questions; no word is lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Spoken
from app.engine_host.utterances import ends_sentence, utterances, with_pauses

SECOND = SAMPLE_RATE


def said(*parts: str | float) -> tuple[list[Spoken], list[Span]]:
    """Return words of 0.2 s without gaps, and the pauses (numbers, in seconds) between them."""
    words: list[Spoken] = []
    pauses: list[Span] = []
    at = 0
    for part in parts:
        if isinstance(part, float):
            pauses.append(Span(at, at + round(part * SECOND)))
            at += round(part * SECOND)
            continue
        for text in part.split():
            words.append(Spoken(text, at, at + SECOND // 5, 0.9))
            at += SECOND // 5
    return words, pauses


def cut(*parts: str | float) -> list[str]:
    words, pauses = said(*parts)

    def pause(span: Span) -> Span:
        inside = [Span(max(p.start, span.start), min(p.end, span.end)) for p in pauses]
        return max(inside, key=lambda each: each.end - each.start, default=Span(0, 0))

    return [" ".join(word.text for word in group) for group in utterances(words, pause)]


def test_a_question_ends_an_utterance_without_a_pause() -> None:
    assert cut("Any fever? No.") == ["Any fever?", "No."]


def test_a_short_word_joins_the_sentence_that_follows_at_once() -> None:
    assert cut("Okay. Any fever?") == ["Okay. Any fever?"]
    assert cut("Okay.", 0.5, "Any fever?") == ["Okay.", "Any fever?"]


def test_hesitating_does_not_cut_a_sentence_but_a_long_pause_does() -> None:
    assert cut("I have", 0.9, "pain") == ["I have pain"]
    assert cut("I have", 1.8, "pain") == ["I have", "pain"]


def test_a_title_does_not_end_a_sentence() -> None:
    assert cut("I saw Dr. Smith today.") == ["I saw Dr. Smith today."]
    assert ends_sentence('now."')
    assert not ends_sentence("Mrs.")


def test_endless_talk_is_cut_at_a_comma() -> None:
    talk = " ".join(["and"] * 24) + " then, " + " ".join(["so"] * 24)
    parts = cut(talk)
    assert len(parts) == 2
    assert parts[0].endswith("then,")


def test_a_pause_that_can_be_heard_shows_in_the_times_of_words() -> None:
    words = [Spoken("new", 0, 10_000, 0.9), Spoken("line", 10_000, 15_000, 0.9)]
    first, second = with_pauses(words, lambda _: Span(6_000, 11_000))
    assert (first.end, second.start) == (6_000, 11_000)
    assert with_pauses(words, lambda _: Span(6_000, 9_000)) == words


WORDS = st.lists(st.sampled_from(["yes.", "no?", "pain", "and,", "Dr."]), max_size=100)


@given(WORDS)
def test_every_word_is_in_one_utterance_and_none_is_too_long(words: list[str]) -> None:
    parts = cut(" ".join(words))
    assert " ".join(parts).split() == words
    assert all(1 <= len(part.split()) <= 40 for part in parts)
