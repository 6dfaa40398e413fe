"""Live speech: nothing waits for long, nothing is told twice, and what changes is said."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from app.audio.windows import DICTATION, GateRules
from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.listening import Changed, Manner, Names, Spoken
from app.engine_host.live import Live
from app.engine_host.whisper_runtime import INTERIM, How, Take
from tests.fakes.voices import Audio, FakeEar, FakeVoice, FakeWhisper, plateaus, spoken

BLOCK = SAMPLE_RATE // 10
LOOPS = Take((), 0, compression=9.0)
LETTERS = str.maketrans("0123456789", "abcdefghij")  # numbers would wait for longer


@dataclass
class TimedEar(FakeEar):
    """Keeps how late each word was named, in samples."""

    at: int = 0
    ages: list[int] = field(default_factory=list)

    @override
    def committed(self, words: Sequence[Spoken]) -> None:
        super().committed(words)
        self.ages += [self.at - word.end for word in words]


def hear(live: Live, ear: TimedEar, sound: Audio, start: int = 0, lag: int = 0) -> None:
    for at in range(0, len(sound), BLOCK):
        ear.at = start + min(len(sound), at + BLOCK)
        live.hear(sound[at : at + BLOCK], ear.at + lag)


@dataclass
class Restless(FakeWhisper):
    """Hears each word otherwise every time, so that no two decodes agree."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        return replace(
            found,
            words=tuple(
                replace(w, text=f"{w.text}{len(self.takes)}".translate(LETTERS))
                for w in found.words
            ),
        )


@dataclass
class Looping(FakeWhisper):
    """Repeats itself in every window that is longer than some seconds."""

    longest: int = 4 * SAMPLE_RATE

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        loops = how.pad == INTERIM.pad and len(pcm) > self.longest
        return LOOPS if loops else found


TALK = spoken([(0.15, 0.3)] * 120)  # 54 s without a pause


def test_words_that_no_two_decodes_agree_on_are_committed_after_three_seconds() -> None:
    ear = TimedEar()
    live = Live(Restless().take, FakeVoice(), ear, 0)
    hear(live, ear, TALK)
    assert len(ear.named) >= 100
    assert max(ear.ages) <= 4 * SAMPLE_RATE  # the limit, and the step between two decodes


def test_decodes_that_loop_hold_up_no_word() -> None:
    ear = TimedEar()
    live = Live(Looping().take, FakeVoice(), ear, 0)
    hear(live, ear, TALK)
    assert len(ear.named) >= 100
    assert max(ear.ages) <= 4 * SAMPLE_RATE
    live.finish()
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 121)]


def test_a_final_that_heard_otherwise_says_so_and_keeps_the_numbers() -> None:
    ear = TimedEar()

    @dataclass
    class Careless(FakeWhisper):
        @override
        def take(self, pcm: Audio, how: How) -> Take:
            found = super().take(pcm, how)
            if how.pad > INTERIM.pad:
                return found
            return replace(
                found,
                words=tuple(
                    replace(w, text="statin" if w.text == "word3" else w.text) for w in found.words
                ),
            )

    live = Live(Careless().take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.3, 0.4)] * 6 + [(2.0, 0.4)]))
    live.finish()
    number = next(word.number for word in ear.named if word.text == "statin")
    assert ear.changed == [Changed((number,), "statin", "word3")]
    assert next(word for word in ear.words if word.number == number).text == "word3"


class Deaf(FakeWhisper):
    """Hears nothing in some words."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        kept = tuple(word for word in found.words if word.text not in {"word2", "word3"})
        return Take(kept, found.consumed)


class Retracting(Restless):
    """Hears other words each time in speech that goes on, and none once it has ended."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        return found if how.pad == INTERIM.pad else Take((), found.consumed)


def test_a_final_that_hears_nothing_clears_what_was_shown() -> None:
    ear = TimedEar()
    live = Live(Retracting().take, FakeVoice(), ear, 0)
    sound = spoken([(0.3, 1.5)])
    hear(live, ear, sound[: -4 * SAMPLE_RATE // 5])
    assert ear.previews[-1]
    hear(live, ear, sound[-4 * SAMPLE_RATE // 5 :], len(sound) - 4 * SAMPLE_RATE // 5)
    live.finish()
    assert (ear.words, ear.named, ear.previews[-1]) == ([], [], [])


def test_speech_that_holds_no_word_is_told() -> None:
    ear = TimedEar()
    live = Live(Deaf().take, FakeVoice(), ear, 0)
    sound = spoken([(1.0, 0.5), (0.2, 1.5), (0.1, 0.9), (0.5, 0.5)])
    hear(live, ear, sound)
    live.finish()
    (span,) = ear.inaudible
    _, second, third, _ = plateaus(sound)
    assert abs(span.start - second[1]) < SAMPLE_RATE // 4
    assert abs(span.end - third[2]) < SAMPLE_RATE // 4


def test_words_after_a_gap_have_numbers_of_their_own() -> None:
    ear, manner = TimedEar(), Manner()
    sound = spoken([(0.3, 0.4)] * 8)
    for start in (0, 60 * SAMPLE_RATE):
        live = Live(FakeWhisper().take, FakeVoice(), ear, start, manner)
        hear(live, ear, sound, start)
        live.finish()
    numbers = [word.number for word in ear.words]
    assert len(set(numbers)) == len(numbers) == 16


def test_dictation_is_final_sooner() -> None:
    def delay(rules: GateRules) -> int:
        ear = TimedEar()
        live = Live(FakeWhisper().take, FakeVoice(), ear, 0, Manner(live=rules))
        sound = spoken([(0.3, 0.4)] * 3 + [(2.0, 0.4)])
        for at in range(0, len(sound), BLOCK):
            live.hear(sound[at : at + BLOCK], at + BLOCK)
            if ear.finals:
                return at + BLOCK - ear.words[2].end
        raise AssertionError

    assert delay(DICTATION) <= 0.6 * SAMPLE_RATE < delay(Manner().live)


def test_what_was_told_before_a_crash_and_is_not_heard_again_stays() -> None:
    ear = TimedEar()
    told = [Spoken("yes", 100, 4_000, 0.9, 4)]
    live = Live(FakeWhisper().take, FakeVoice(), ear, 0, Manner(names=Names(7, told)))
    hear(live, ear, spoken([(3.0, 0.4)]))
    live.finish()
    assert [(word.text, word.number) for word in ear.words] == [("yes", 4), ("word1", 8)]


@dataclass
class Sentences(FakeWhisper):
    """Ends a sentence with every third word; notes the windows of finals and their clock."""

    finals: list[int] = field(default_factory=list)

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        if how.pad > INTERIM.pad:
            self.finals.append(len(pcm))
        words = (
            replace(w, text=f"{w.text}." if int(w.text[4:]) % 3 == 0 else w.text)
            for w in found.words
        )
        return replace(found, words=tuple(words))


def bare(words: Sequence[Spoken]) -> list[str]:
    return [word.text.rstrip(".") for word in words]


PAUSES = st.sampled_from([0.06, 0.1, 0.3, 0.7, 1.5, 2.5])
LENGTHS = st.sampled_from([0.1, 0.25, 0.4, 0.8])
VISITS = st.lists(st.tuples(PAUSES, LENGTHS), min_size=1, max_size=70)


LAGS = st.sampled_from([0, 0, 6 * SAMPLE_RATE])
MODELS = st.sampled_from([FakeWhisper, Sentences])


@given(VISITS, st.floats(0.05, 0.95), st.tuples(LAGS, LAGS), MODELS)
@settings(max_examples=60, deadline=None)
def test_a_crash_gives_no_word_a_second_number(
    visit: list[tuple[float, float]],
    share: float,
    lags: tuple[int, int],
    model: type[FakeWhisper],
) -> None:
    sound, first, second = spoken(visit), TimedEar(), TimedEar()
    live = Live(model().take, FakeVoice(), first, 0)
    killed = round(len(sound) * share)
    hear(live, first, sound[: killed // 2])
    hear(live, first, sound[killed // 2 : killed], killed // 2, lags[0])
    done = {word.number for word in first.words}
    told = [word for word in first.named if word.number not in done]
    last = max([0, *(word.number for word in [*first.named, *first.words])])
    settled = max([live.settled, *(group[-1].end for group in first.finals)])
    manner = Manner(names=Names(last, told))
    again = Live(model().take, FakeVoice(), second, settled, manner)
    hear(again, second, sound[settled:], settled, lags[1])
    again.finish()
    words = [*first.words, *second.words]
    assert bare(words) == [f"word{n}" for n, _, _ in plateaus(sound)]
    assert len({word.number for word in words}) == len(words)
    names = {word.number: word.text for word in [*first.named, *second.named]}
    assert len(names) == len(first.named) + len(second.named)
    assert names.items() <= {word.number: word.text for word in words}.items()
    assert first.changed == second.changed == []


@given(VISITS, st.lists(LAGS, min_size=1, max_size=9), MODELS)
@settings(max_examples=60, deadline=None)
def test_however_far_behind_each_word_is_heard_once(
    visit: list[tuple[float, float]], lags: list[int], model: type[FakeWhisper]
) -> None:
    sound, ear = spoken(visit), TimedEar()
    live = Live(model().take, FakeVoice(), ear, 0)
    size = len(sound) // len(lags) + 1
    for i, lag in enumerate(lags):
        hear(live, ear, sound[i * size : (i + 1) * size], i * size, lag)
    live.finish()
    assert bare(ear.words) == [f"word{n}" for n, _, _ in plateaus(sound)]
    assert len({word.number for word in ear.words}) == len(ear.words)
    assert ear.changed == []
    assert ear.inaudible == []


@dataclass
class Unsure(FakeWhisper):
    """Leaves words out, changes and doubts others, differently in each decode."""

    seed: int = 0

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        draw = random.Random(f"{self.seed} {len(self.takes)}")
        found = super().take(pcm, how)
        words = [
            replace(
                word,
                text=draw.choice([word.text, word.text, "no", "thanks"]),
                probability=draw.choice([0.05, 0.5, 0.95]),
            )
            for word in found.words
            if draw.random() > 0.2
        ]
        return replace(found, words=tuple(words), compression=draw.choice([0, 0, 0, 9]))


@given(VISITS, st.integers(0, 99), LAGS)
@settings(max_examples=60, deadline=None)
def test_whatever_the_model_says_a_committed_word_stays_or_is_told_to_have_changed(
    visit: list[tuple[float, float]], seed: int, lag: int
) -> None:
    sound, ear = spoken(visit), TimedEar()
    live = Live(Unsure(seed=seed).take, FakeVoice(), ear, 0)
    hear(live, ear, sound[: len(sound) // 2])
    hear(live, ear, sound[len(sound) // 2 :], len(sound) // 2, lag)
    live.finish()
    committed = {word.number: word.text for word in ear.named}
    final = {word.number: word.text for word in ear.words}
    changed = [number for each in ear.changed for number in each.numbers]
    assert len(committed) == len(ear.named)
    assert len(final) == len(ear.words)
    assert len(set(changed)) == len(changed)
    assert set(committed) <= {*final, *changed}
    for number, text in committed.items():
        assert number in changed or final[number] == text


@pytest.mark.parametrize("lag_s", [0, 6])
def test_a_turn_without_any_pause_is_cut_and_loses_nothing(lag_s: int) -> None:
    sound, ear = spoken([(0.03, 0.35)] * 130), TimedEar()  # pauses too short for the detector
    live = Live(FakeWhisper().take, FakeVoice(), ear, 0)
    for at in range(0, len(sound), BLOCK):
        live.hear(sound[at : at + BLOCK], at + BLOCK + lag_s * SAMPLE_RATE)
    live.finish()
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 131)]
    assert len(ear.finals) >= 3
    assert ear.changed == []
    assert sum(span.end - span.start for span in ear.sound) >= len(sound) - 2 * SAMPLE_RATE
    assert ear.inaudible == []
    assert Span(0, 0) not in ear.sound


SENTENCES = spoken([(0.3, 0.4)] * 6)
CALM = len(SENTENCES) - SAMPLE_RATE + 7 * SAMPLE_RATE // 10  # quiet, and the gate is open
SIX = ["word1", "word2", "word3.", "word4", "word5", "word6."]


def test_a_finished_sentence_is_final_before_the_gate_closes_and_once() -> None:
    ear, whisper = TimedEar(), Sentences()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    hear(live, ear, SENTENCES[:CALM])
    assert [word.text for word in ear.words] == SIX
    assert ear.settled_at[-1] > ear.words[-1].end
    hear(live, ear, SENTENCES[CALM:], CALM)
    live.finish()
    assert len(whisper.finals) == 1
    assert [word.text for word in ear.words] == SIX
    assert ear.settled_at == sorted(ear.settled_at)


def test_a_person_who_goes_on_behind_a_sentence_begins_another_utterance() -> None:
    ear, whisper = TimedEar(), Sentences()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    sound = spoken([(0.3, 0.4)] * 3 + [(0.7, 0.4)] * 3)  # the gate stays open in these pauses
    spoken_on = 3 * round(0.7 * SAMPLE_RATE) + round(1.1 * SAMPLE_RATE)
    hear(live, ear, sound[:spoken_on])
    assert [word.text for word in ear.words] == SIX[:3]
    hear(live, ear, sound[spoken_on:], spoken_on)
    live.finish()
    assert [word.text for word in ear.words] == SIX
    assert [[word.text for word in group][-1] for group in ear.finals] == ["word3.", "word6."]
    assert ear.inaudible == []


@pytest.mark.parametrize(("count", "is_final"), [(3, False), (9, True)])
def test_in_a_long_turn_a_shorter_pause_ends_a_sentence(count: int, is_final: bool) -> None:
    ear = TimedEar()
    live = Live(Sentences().take, FakeVoice(), ear, 0)
    sound = spoken([(0.2, 0.6)] * count)
    calm = len(sound) - SAMPLE_RATE + 45 * SAMPLE_RATE // 100
    hear(live, ear, sound[:calm])
    assert bool(ear.words) == is_final
    hear(live, ear, sound[calm:], calm)
    live.finish()
    assert bare(ear.words) == [f"word{i}" for i in range(1, count + 1)]


@dataclass
class Trailing(Sentences):
    """Trails off where a sentence might end."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        words = tuple(replace(w, text=w.text.replace(".", "...")) for w in found.words)
        return replace(found, words=words)


def test_a_sentence_that_trails_off_is_not_over() -> None:
    ear, whisper = TimedEar(), Trailing()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    hear(live, ear, SENTENCES[:CALM])
    assert len(whisper.finals) == 1  # decoded ahead
    assert not ear.words
    hear(live, ear, SENTENCES[CALM:], CALM)
    assert len(whisper.finals) == 1
    assert ear.words[-1].text == "word6..."
