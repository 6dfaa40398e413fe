"""What of a played sound is in a recording."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE
from tests.performance.clips import Pcm
from tests.performance.sound_losses import Losses, compare, signed


def played(seconds: float = 8.0) -> Pcm:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tone = 4_000 * np.sin(2 * np.pi * 220 * time) * (np.sin(time) > 0)
    return signed(tone.astype(np.int16), seed=5)


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)


def test_nothing_is_missing_when_all_is_there_a_little_later() -> None:
    sound = played()
    found = compare(sound, np.concatenate([silence(1.3), sound, silence(0.5)]))
    assert found == Losses((), 0.0, 1.3)


def test_a_gap_of_true_length_is_missing_and_shifts_nothing() -> None:
    sound = played()
    recorded = sound.copy()
    recorded[3 * SAMPLE_RATE : 4 * SAMPLE_RATE] = 0
    found = compare(sound, np.concatenate([silence(0.7), recorded]))
    assert found.missing == ((3.0, 4.0),)
    assert found.shift_s == 0.0
    assert found.outside() == pytest.approx(1.0)
    assert found.outside([(2.5, 3.75)]) == pytest.approx(0.25)


def test_a_gap_that_nobody_marked_shows_as_a_shift() -> None:
    sound = played()
    recorded = np.concatenate([sound[: 3 * SAMPLE_RATE], sound[5 * SAMPLE_RATE :]])
    found = compare(sound, recorded)
    assert found.missing == ((3.0, 5.0),)
    assert found.shift_s == pytest.approx(-2.0)


def test_the_end_that_was_not_recorded_is_missing() -> None:
    sound = played()
    found = compare(sound, sound[: round(6.5 * SAMPLE_RATE)])
    assert found.missing == ((6.5, 8.0),)


def test_a_play_that_breaks_off_in_a_loud_sound_is_found_from_its_first_moment() -> None:
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    hiss = np.random.default_rng(3).normal(0, 1_000, len(time))
    loud = (hiss + 20_000 * np.cos(2 * np.pi * 100 * time)).astype(np.int16)
    sound = signed(np.concatenate([silence(1.0), loud]), 7, [(SAMPLE_RATE, 3 * SAMPLE_RATE)])
    torn = sound[: round(2.5 * SAMPLE_RATE) + 1]
    found = compare(torn, np.concatenate([silence(0.2), sound, silence(1.0)]))
    assert found.lag_s == pytest.approx(0.2, abs=1e-3)
    assert found.outside() == 0.0


def test_a_sentence_that_is_played_twice_is_found_in_both_places() -> None:
    once = np.random.default_rng(2).normal(0, 3_000, 3 * SAMPLE_RATE).astype(np.int16)
    twice = np.concatenate([silence(1.0), once, silence(1.0), once, silence(1.0)])
    spans = [(SAMPLE_RATE, 4 * SAMPLE_RATE), (5 * SAMPLE_RATE, 8 * SAMPLE_RATE)]
    sound = signed(twice, 4, spans)
    assert compare(sound, sound) == Losses((), 0.0, 0.0)
    torn = sound.copy()
    torn[5 * SAMPLE_RATE : 7 * SAMPLE_RATE] = 0
    found = compare(sound, torn)
    assert found.shift_s == 0.0
    assert found.outside([(4.9, 7.1)]) == 0.0
    assert found.outside() == pytest.approx(2.0, abs=0.11)


def test_another_sound_is_not_mistaken_for_it() -> None:
    found = compare(played(3.0), signed(silence(9.0), seed=6))
    assert found.outside() == pytest.approx(3.0)


def test_what_two_excuses_cover_is_excused_once() -> None:
    found = Losses(((1.0, 4.0), (6.0, 6.5)), 0.0)
    assert found.outside([(0.0, 2.0), (1.5, 3.0)]) == pytest.approx(1.5)
