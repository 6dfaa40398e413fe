"""Words are committed when decodes agree, never twice, and never too early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.agreement import Agreement, align, is_number, renamed, restored
from app.engine_host.listening import Changed, Spoken


def words(text: str, at_s: float = 0.0) -> list[Spoken]:
    """Return words of 0.3 s that follow each other every 0.4 s."""
    starts = (at_s + 0.4 * i for i in range(len(text.split())))
    return [
        Spoken(word, round(start * SAMPLE_RATE), round((start + 0.3) * SAMPLE_RATE), 0.9)
        for word, start in zip(text.split(), starts, strict=True)
    ]


def texts(found: list[Spoken]) -> list[str]:
    return [word.text for word in found]


def test_a_word_waits_for_a_second_decode() -> None:
    agreement = Agreement()
    assert agreement.offer(words("it hurts here"), 24_000) == []
    assert texts(agreement.offer(words("It hurts, there now"), 32_000)) == ["It", "hurts,"]
    assert texts(agreement.preview) == ["there", "now"]


def test_a_word_at_the_edge_of_the_sound_waits() -> None:
    agreement = Agreement()
    heard_to = words("it hurts")[-1].end + SAMPLE_RATE // 10
    agreement.offer(words("it hurts"), heard_to)
    assert texts(agreement.offer(words("it hurts"), heard_to)) == ["it"]


def test_a_number_waits_for_a_third_decode() -> None:
    agreement = Agreement()
    take = words("for ten days")
    agreement.offer(take, 64_000 // 2)
    assert texts(agreement.offer(take, 64_000 // 2)) == ["for"]
    assert texts(agreement.offer(take, 64_000 // 2)) == ["ten", "days"]


def test_an_old_word_waits_no_longer() -> None:
    agreement = Agreement()
    take = words("so it began")
    assert texts(agreement.offer(take, take[-1].end + 3 * SAMPLE_RATE)) == ["so", "it", "began"]


def test_the_same_word_said_again_is_another_word() -> None:
    agreement = Agreement()
    agreement.offer(words("no"), 16_000)
    agreement.offer(words("no"), 16_000)
    later = [*words("no"), *words("no", 1.5)]
    agreement.offer(later, 64_000 // 2)
    assert texts(agreement.offer(later, 64_000 // 2)) == ["no"]
    assert texts(agreement.committed) == ["no", "no"]


def said(*told: tuple[str, float, float]) -> list[Spoken]:
    return [
        Spoken(text, round(a * SAMPLE_RATE), round(b * SAMPLE_RATE), 0.9) for text, a, b in told
    ]


def test_a_word_more_or_less_before_it_holds_up_no_word() -> None:
    rest = [("and", 0.9, 1.0), ("then", 1.0, 1.3)]
    one = said(("Alright,", 0.2, 0.8), *rest)
    two = said(("All", 0.2, 0.5), ("right,", 0.5, 0.8), *rest)
    agreement = Agreement()
    assert agreement.offer(one, 2 * SAMPLE_RATE) == []
    assert agreement.offer(two, 5 * SAMPLE_RATE // 2) == []
    old = round(3.8 * SAMPLE_RATE)  # "Alright," is too old to wait; what follows was agreed on
    assert texts(agreement.offer(one, old)) == ["Alright,", "and", "then"]


def test_a_word_that_was_heard_once_is_not_agreed_on_twice() -> None:
    agreement = Agreement()
    agreement.offer(said(("no", 0.1, 0.4)), SAMPLE_RATE)
    twice = said(("no", 0.1, 0.3), ("no", 0.3, 0.5))
    assert texts(agreement.offer(twice, SAMPLE_RATE)) == ["no"]


def test_a_number_waits_while_decodes_differ_about_what_is_before_it() -> None:
    agreement = Agreement()
    take, point, five, mg = ("take", 0.1, 0.3), ("point", 0.4, 0.6), ("5", 0.7, 0.9), ("mg", 1, 1.2)
    heard_to = 2 * SAMPLE_RATE
    agreement.offer(said(take, point, five, mg), heard_to)
    agreement.offer(said(take, point, five, mg), heard_to)
    assert texts(agreement.committed) == ["take"]
    assert agreement.offer(said(take, five, mg), heard_to) == []
    assert agreement.offer(said(take, five, mg), heard_to) == []
    assert texts(agreement.offer(said(take, five, mg), heard_to)) == ["5", "mg"]


def test_numbers_are_digits_and_number_words() -> None:
    assert [is_number(word) for word in words("120 Forty, point pain")] == [True, True, True, False]


def test_a_final_word_keeps_the_number_of_what_it_replaces() -> None:
    committed = [
        Spoken(word.text, word.start, word.end, 0.9, i + 1)
        for i, word in enumerate(words("I take a tour of a statin"))
    ]
    final, changed = renamed(committed, words("I take atorvastatin daily"))
    assert [word.number for word in final][:2] == [1, 2]
    numbers = [word.number for word in final if word.number]
    assert len(set(numbers)) == len(numbers)
    assert texts(final) == ["I", "take", "atorvastatin", "daily"]
    assert [(each.before, each.numbers) for each in changed] == [
        ("a tour of a statin", (3, 4, 5, 6, 7))
    ]
    assert changed[0].after.startswith("atorvastatin")


def named(text: str, at_s: float = 0.0) -> list[Spoken]:
    found = words(text, at_s)
    return [replace(word, number=i) for i, word in enumerate(found, 1)]


def test_marks_case_and_the_way_of_writing_numbers_are_no_change() -> None:
    assert renamed(named("For ten days okay"), words("for 10 days. Okay,"))[1] == []


def test_a_committed_word_that_was_not_said_is_told() -> None:
    final, changed = renamed(named("no no pain"), [words("no no pain")[0], words("no no pain")[2]])
    assert texts(final) == ["no", "pain"]
    assert changed == [Changed((2,), "no", "")]


def test_a_word_that_nobody_had_committed_is_new_and_no_change() -> None:
    final, changed = renamed(named("no pain"), words("no pain today at all"))
    assert [word.number for word in final] == [1, 2, 0, 0, 0]
    assert changed == []


def test_the_same_word_seconds_later_is_another_word() -> None:
    final, changed = renamed(named("no"), words("no", 5.0))
    assert final[0].number == 0
    assert changed == [Changed((1,), "no", "")]


def test_a_useless_decode_commits_what_is_too_old_to_wait() -> None:
    agreement = Agreement()
    take = words("so it began")
    agreement.offer(take, take[-1].end)
    assert agreement.pass_over(take[0].end + 3 * SAMPLE_RATE) == take[:1]
    assert texts(agreement.preview) == ["it", "began"]
    assert agreement.pass_over(take[-1].end + 3 * SAMPLE_RATE) == take[1:]


def test_a_drug_waits_for_a_third_decode_and_longer_than_other_words() -> None:
    agreement = Agreement(held={"metoprolol"})
    take = words("take Metoprolol. daily")
    age = take[-1].end + 3 * SAMPLE_RATE
    assert texts(agreement.offer(take, age)) == ["take"]
    assert texts(agreement.offer(take, age)) == []
    assert texts(agreement.offer(take, age)) == ["Metoprolol.", "daily"]


def test_a_drug_that_two_decodes_have_waits_for_the_age_limit_and_one_alone_for_longer() -> None:
    take, other = words("take Metoprolol daily"), words("take metal daily")
    end = take[1].end
    agreement = Agreement(held={"metoprolol"})
    agreement.offer(take, end)
    agreement.offer(other, end + 2 * SAMPLE_RATE)
    assert agreement.offer(take, end + 4 * SAMPLE_RATE) == []
    assert texts(agreement.offer(take, end + 5 * SAMPLE_RATE)) == ["Metoprolol", "daily"]
    agreement = Agreement(held={"metoprolol"})
    assert texts(agreement.offer(take, end + 5 * SAMPLE_RATE)) == ["take"]
    assert agreement.pass_over(end + 6 * SAMPLE_RATE) == []
    assert texts(agreement.pass_over(end + 8 * SAMPLE_RATE)) == ["Metoprolol", "daily"]


def test_one_decode_that_slips_does_not_begin_the_count_of_a_number_anew() -> None:
    take, other = words("ten being"), words("tend being")
    agreement = Agreement()
    for each in (take, take, other):
        assert agreement.offer(each, 2 * SAMPLE_RATE) == []
    assert texts(agreement.offer(take, 2 * SAMPLE_RATE)) == ["ten", "being"]


SOME = st.lists(st.sampled_from(["a", "b", "c", "no", "ten"]), max_size=12).map(" ".join)


def speech_in(*spans: tuple[float, float]) -> Callable[[Span], int]:
    def has_speech(span: Span) -> int:
        inside = [
            min(round(b * SAMPLE_RATE), span.end) - max(round(a * SAMPLE_RATE), span.start)
            for a, b in spans
        ]
        return sum(each for each in inside if each > 0)

    return has_speech


ASKED = [*words("any muscle weakness"), *words("how is your sleep", 4.0)]


def test_an_answer_that_the_final_jumped_over_stays() -> None:
    committed = [*words("any muscle weakness"), *words("no muscle weakness", 1.6), *ASKED[3:]]
    found = restored(committed, ASKED, speech_in((0, 6)))
    assert texts(found) == [
        "any",
        "muscle",
        "weakness",
        "no",
        "muscle",
        "weakness",
        "how",
        "is",
        "your",
        "sleep",
    ]
    assert restored(committed, ASKED, speech_in((0, 1.3), (4, 6))) == ASKED  # nobody spoke there


def test_what_the_final_has_at_another_place_is_an_echo() -> None:
    echo = [*ASKED, *words("how is your sleep any muscle weakness", 6.0)]
    assert restored(echo, ASKED, speech_in((0, 9))) == ASKED
    one = [*ASKED, *words("yes", 3.0)]
    assert restored(one, ASKED, speech_in((0, 9))) == ASKED


def test_words_that_the_final_heard_otherwise_do_not_come_back() -> None:
    assert texts(restored(words("a tour of"), words("tower off"), speech_in((0, 9)))) == [
        "tower",
        "off",
    ]


@given(st.lists(SOME, min_size=1, max_size=6))
def test_whatever_the_decodes_say_words_are_committed_in_order_and_once(takes: list[str]) -> None:
    agreement = Agreement()
    told: list[Spoken] = []
    for i, take in enumerate(takes):
        told += agreement.offer(words(take), 16_000 + i * 8_000)
    assert told == agreement.committed
    ends = [word.end for word in told]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends)


@given(SOME, SOME)
def test_an_alignment_uses_each_word_once_and_in_order(a: str, b: str) -> None:
    pairs, head = align(words(a), words(b), is_whole=True)
    assert head == len(words(b))
    assert [i for i, _ in pairs if i is not None] == list(range(len(words(a))))
    assert [j for _, j in pairs if j is not None] == list(range(len(words(b))))


@given(SOME, SOME)
def test_a_committed_word_is_kept_or_told_and_no_number_comes_twice(old: str, new: str) -> None:
    committed = named(old)
    final, changed = renamed(committed, words(new))
    kept = [word.number for word in final if word.number]
    assert len(kept) == len(set(kept))
    told = [number for each in changed for number in each.numbers]
    assert len(told) == len(set(told))
    texts_then = {word.number: word.text for word in committed}
    for word in final:
        assert not word.number or word.number in told or word.text == texts_then[word.number]
    assert set(kept) | set(told) == set(texts_then)
