"""Whole files and live speech: each word once, in order, at its place, however the sound comes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.audio import SAMPLE_RATE
from app.engine_host.batch import Batch
from app.engine_host.listening import Listener
from app.engine_host.live import Live
from app.engine_host.whisper_runtime import FULL_SAMPLES, How, Take
from tests.fakes.voices import Audio, FakeEar, FakeVoice, FakeWhisper, plateaus, spoken

PAUSES = st.sampled_from([0.06, 0.1, 0.3, 0.7, 1.5, 2.5, 4.0])
LENGTHS = st.sampled_from([0.1, 0.25, 0.4, 0.8])
VISITS = st.lists(st.tuples(PAUSES, LENGTHS), min_size=1, max_size=90)
BLOCKS = st.lists(st.integers(100, 40_000), min_size=1, max_size=5)
KINDS = [Batch, Live]
EDGE = 600  # samples: VAD frames are 512 long


def hear(listener: Listener, sound: Audio, blocks: list[int]) -> None:
    at = 0
    for size in itertools.cycle(blocks):
        if at >= len(sound):
            break
        listener.hear(sound[at : at + size], min(len(sound), at + size))
        at += size
        assert listener.heard_to == min(len(sound), at)
    listener.finish()


@pytest.mark.parametrize("kind", KINDS)
@given(VISITS, BLOCKS)
@settings(max_examples=40)
def test_each_word_is_heard_once_and_at_its_place(
    kind: type[Batch | Live], visit: list[tuple[float, float]], blocks: list[int]
) -> None:
    sound, ear = spoken(visit), FakeEar()
    hear(kind(FakeWhisper().take, FakeVoice(), ear, 0), sound, blocks)
    truth = plateaus(sound)
    assert [word.text for word in ear.words] == [f"word{number}" for number, _, _ in truth]
    for word, (_, start, end) in zip(ear.words, truth, strict=True):
        assert abs(word.start - start) <= EDGE
        assert abs(word.end - end) <= EDGE


@given(VISITS, BLOCKS)
@settings(max_examples=40)
def test_a_committed_word_is_named_once_and_keeps_its_number(
    visit: list[tuple[float, float]], blocks: list[int]
) -> None:
    ear = FakeEar()
    hear(Live(FakeWhisper().take, FakeVoice(), ear, 0), spoken(visit), blocks)
    names = {word.number: word.text for word in ear.named}
    assert len(names) == len(ear.named)
    assert names.items() <= {word.number: word.text for word in ear.words}.items()
    assert len({word.number for word in ear.words}) == len(ear.words)
    assert ear.changed == []


@pytest.mark.parametrize("kind", KINDS)
@given(VISITS, BLOCKS, st.floats(0.1, 0.9))
@settings(max_examples=40)
def test_listening_again_from_what_is_settled_loses_nothing(
    kind: type[Batch | Live], visit: list[tuple[float, float]], blocks: list[int], share: float
) -> None:
    sound, first, second = spoken(visit), FakeEar(), FakeEar()
    listener = kind(FakeWhisper().take, FakeVoice(), first, 0)
    killed = round(len(sound) * share)
    for at in range(0, killed, blocks[0]):
        listener.hear(sound[at : at + blocks[0]], killed)
    settled = max([listener.settled, *(group[-1].end for group in first.finals)])
    assert settled <= listener.heard_to
    again = kind(FakeWhisper().take, FakeVoice(), second, settled)
    hear_rest(again, sound[settled:], settled)
    told = [word.text for word in [*first.words, *second.words]]
    assert told == [f"word{number}" for number, _, _ in plateaus(sound)]


def hear_rest(listener: Listener, sound: Audio, at_sample: int) -> None:
    listener.hear(sound, at_sample + len(sound))
    listener.finish()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_settled_only_grows(kind: type[Batch | Live]) -> None:
    sound, ear = spoken([(0.3, 0.4)] * 80), FakeEar()
    listener = kind(FakeWhisper().take, FakeVoice(), ear, 0)
    seen = []
    for at in range(0, len(sound), 1_600):
        listener.hear(sound[at : at + 1_600], at + 1_600)
        seen.append(listener.settled)
    assert all(a <= b for a, b in pairwise([*seen, *ear.settled_at[-1:]][:-1]))


@pytest.mark.parametrize("kind", KINDS)
def test_silence_is_never_decoded(kind: type[Batch | Live]) -> None:
    whisper, ear = FakeWhisper(), FakeEar()
    hear(kind(whisper.take, FakeVoice(), ear, 0), np.zeros(40 * SAMPLE_RATE, np.float32), [8_000])
    assert whisper.takes == []
    assert ear.finals == []


def test_a_slow_model_gets_finals_only_and_loses_no_word() -> None:
    sound, ear, whisper = spoken([(0.3, 0.4), (1.0, 0.3)] * 10), FakeEar(), FakeWhisper()
    listener = Live(whisper.take, FakeVoice(), ear, 0)
    for at in range(0, len(sound), 8_000):
        listener.hear(sound[at : at + 8_000], at + 6 * SAMPLE_RATE)  # always 6 s behind
    listener.finish()
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 21)]
    assert ear.named == []
    assert all(how.pad == 3_000 for how in whisper.takes)
    assert len(whisper.takes) <= 3  # for ten utterances


def test_a_long_turn_is_cut_at_a_pause_and_told_before_it_ends() -> None:
    sound, ear = spoken([(0.2, 0.3)] * 100), FakeEar()  # 50 s without a pause of half a second
    listener = Live(FakeWhisper().take, FakeVoice(), ear, 0)
    told = []
    for at in range(0, len(sound) - SAMPLE_RATE, 8_000):
        listener.hear(sound[at : at + 8_000], at + 8_000)
        told.append(len(ear.words))
    assert told[-1] >= 60
    listener.finish()
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 101)]


SENTENCES = [(0.15 if i % 12 else 1.6, 0.25) for i in range(200)]
"""A pause that ends an utterance before every twelfth word."""


class Guessing(FakeWhisper):
    """Guesses the first word of any window; told text, it stops before the sound ends."""

    def guessed(self, pcm: Audio, how: How) -> Take:
        found = self.take(pcm, how)
        if not found.words:
            return found
        words = [replace(found.words[0], text="guess"), *found.words[1:]]
        if how.context and len(pcm) < FULL_SAMPLES:
            words = words[: -(-2 * len(words) // 3)]
            return Take(tuple(words), words[-1].end)
        return Take(tuple(words), found.consumed)


@pytest.mark.parametrize("count", [120, 150, 200])
def test_a_window_is_guessed_nowhere_but_at_the_beginning(count: int) -> None:
    sound, ear, whisper = spoken(SENTENCES[:count]), FakeEar(), Guessing()
    hear(Batch(whisper.guessed, FakeVoice(), ear, 0), sound, [16_000])
    assert [word.text for word in ear.words] == [
        "guess",
        *(f"word{i}" for i in range(2, count + 1)),
    ]
    assert len(whisper.takes) <= 2 + count * 0.5 / 15


def test_a_window_begins_with_no_more_of_what_is_told_than_ten_seconds() -> None:
    heard: list[int] = []

    def take(pcm: Audio, how: How) -> Take:
        found = whisper.take(pcm, how)
        heard.append(sum(int(word.text[4:]) in told for word in found.words))
        told.update(int(word.text[4:]) for word in found.words)
        return found

    whisper, told = FakeWhisper(), set[int]()
    sound, ear = spoken([(0.7 if i % 6 else 1.6, 0.3) for i in range(120)]), FakeEar()
    hear(Batch(take, FakeVoice(), ear, 0), sound, [16_000])
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 121)]
    assert heard[0] == 0
    assert all(0 < each <= 12 for each in heard[1:])
