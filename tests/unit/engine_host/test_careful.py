"""What Whisper leaves out of a window is heard in the next one, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.audio.windows import LIVE, Clips, Gate
from app.domain.audio import SAMPLE_RATE
from app.engine_host.careful import Careful, sayable
from app.engine_host.listening import Spoken
from app.engine_host.whisper_runtime import FULL_SAMPLES, How, Take
from tests.fakes.voices import Audio, FakeVoice, FakeWhisper, spoken

FAST = How(pad=1_000)


def clips_of(sound: Audio) -> tuple[Clips, Gate]:
    """Whole frames of a sound as clips, and the gate that heard them."""
    sound = sound[: len(sound) // 512 * 512]
    gate = Gate(LIVE, 0)
    for chance in FakeVoice().probabilities(sound):
        gate.hear(chance)
    clips = Clips()
    clips.add(0, sound)
    return clips, gate


class Hasty(FakeWhisper):
    """Stops after the first word of any window that begins with word 1."""

    def stopped(self, pcm: Audio, how: How) -> Take:
        found = self.take(pcm, how)
        if found.words and found.words[0].text == "word1":
            return replace(found, words=found.words[:1])
        return found


@pytest.mark.parametrize("pause_s", [0.04, 0.2, 0.5])
def test_a_short_answer_does_not_swallow_the_speech_that_follows(pause_s: float) -> None:
    sound = spoken([(0.2, 0.4), (pause_s, 0.4)] + [(0.15, 0.35)] * 46)
    clips, gate = clips_of(sound)
    careful = Careful(Hasty().stopped)
    words = []
    while len(clips):
        before = len(clips)
        words += careful.window(clips, gate)
        assert len(clips) < before
    assert [word.text for word in words] == [f"word{i}" for i in range(1, 49)]
    assert words[1].start < SAMPLE_RATE * 6 // 5


class Rounding(FakeWhisper):
    """Stops behind word 50 of a full window, and says so a second too late."""

    def stopped(self, pcm: Audio, how: How) -> Take:
        found = self.take(pcm, how)
        last = [i for i, word in enumerate(found.words) if word.text == "word50"]
        if len(pcm) < FULL_SAMPLES or not last:
            return found
        words = found.words[: last[0] + 1]
        return Take(words, words[-1].end + SAMPLE_RATE)


@pytest.mark.parametrize("pauses", [(0.04, 0.4), (0.15, 0.35)])
def test_what_is_cut_off_at_the_end_of_a_window_begins_the_next(
    pauses: tuple[float, float],
) -> None:
    sound = spoken([pauses] * 90)
    clips, gate = clips_of(sound)
    careful = Careful(Rounding().stopped)
    words = []
    while len(clips):
        words += careful.window(clips, gate)
    assert [word.text for word in words] == [f"word{i}" for i in range(1, 91)]


class Misled(FakeWhisper):
    """Told the text before, writes the first sentence alone and lets it lie all over the window."""

    def stretched(self, pcm: Audio, how: How) -> Take:
        found = self.take(pcm, how)
        if not how.context or len(found.words) < 20:
            return found
        first, *rest = found.words[:9]
        return Take((first, *(word.moved(6 * SAMPLE_RATE) for word in rest)), len(pcm))


def test_words_that_are_not_where_they_were_said_are_heard_anew() -> None:
    sound = spoken([(0.1, 0.4)] * 30)
    clips, gate = clips_of(sound)
    careful = Careful(Misled().stretched, How(context="the text before"))
    assert careful.once(clips, gate) is None
    assert len(clips) == len(sound) // 512 * 512
    words = careful.window(clips, gate)
    assert not len(clips)
    assert [word.text for word in words] == [f"word{i}" for i in range(1, 31)]


@pytest.mark.parametrize(("chance", "lacks"), [(0.2, True), (0.9, False)])
def test_a_doubted_first_word_that_swallowed_others_is_not_clear(
    chance: float, lacks: bool
) -> None:
    sound = spoken([(0.0, 0.4), (0.1, 0.4), (0.1, 0.4), (0.1, 0.4)])

    def take(pcm: Audio, how: How) -> Take:
        first, _, third, fourth = FakeWhisper().take(pcm, how).words
        swallowed = replace(third, start=first.start, probability=chance)
        return Take((swallowed, fourth), len(pcm))

    clips, gate = clips_of(sound)
    careful = Careful(take)
    words = careful.clear(clips, gate, FAST)
    assert (words is None) == careful.lacks_start == lacks
    assert bool(len(clips)) == lacks


def row(texts: str, each_s: float, probability: float) -> list[Spoken]:
    """Words one behind the other, all of one length."""
    length = round(each_s * SAMPLE_RATE)
    return [
        Spoken(text, i * length, (i + 1) * length, probability)
        for i, text in enumerate(texts.split())
    ]


def test_a_doubted_sentence_that_nobody_can_have_said_is_dropped() -> None:
    words = [
        *row("any blood? No.", 0.3, 0.9),
        *row("You haven't picked off?", 0.05, 0.4),
        *row("Okay.", 0.4, 0.9),
    ]
    assert [word.text for word in sayable(words)] == ["any", "blood?", "No.", "Okay."]


@pytest.mark.parametrize(
    ("again", "each_s", "stays"),
    [
        ("Have you had a cough?", 0.06, False),
        ("Have you had a cough?", 0.15, True),
        ("Have you had a fever?", 0.06, True),
    ],
)
def test_a_question_stands_a_second_time_only_if_there_was_time_to_say_it(
    again: str, each_s: float, stays: bool
) -> None:
    asked = row("Um, have you had a cough? No.", 0.3, 0.9)
    words = [*asked, *row(again, each_s, 0.57)]
    assert sayable(words) == (words if stays else asked)


def answers(*times_s: tuple[float, float]) -> list[Spoken]:
    return [
        Spoken("No.", round(start * SAMPLE_RATE), round(end * SAMPLE_RATE) + 1, 0.8)
        for start, end in times_s
    ]


def test_an_answer_that_is_written_a_second_time_in_no_time_stands_once() -> None:
    twice = answers((1.0, 1.46), (1.46, 1.46))
    twice[1] = replace(twice[1], start=twice[0].end, end=twice[0].end + 1)
    assert sayable(twice) == twice[:1]


@pytest.mark.parametrize(
    "times_s", [((1.0, 1.46), (1.6, 1.6)), ((1.0, 1.46), (1.46, 1.7)), ((1.0, 1.0), (1.0, 1.0))]
)
def test_an_answer_may_be_given_twice(times_s: tuple[tuple[float, float], ...]) -> None:
    given = answers(*times_s)
    assert sayable(given) == given


@pytest.mark.parametrize(
    ("texts", "each_s", "probability"),
    [
        ("You haven't picked off?", 0.05, 0.9),  # placed badly, but heard
        ("You haven't picked off?", 0.15, 0.4),  # doubted, but there is sound for it
        ("No. No, no.", 0.0, 0.4),  # short answers often have no length
        ("so we went", 0.15, 0.4),  # no mark at its end
    ],
)
def test_a_sentence_that_may_have_been_said_stays(
    texts: str, each_s: float, probability: float
) -> None:
    words = row(texts, each_s, probability)
    assert sayable(words) == words
