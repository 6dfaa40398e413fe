"""Sound that nobody speaks in."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE
from tests.performance.noises import MAKERS, made
from tests.performance.nonspeech import HOTWORDS, programme


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_sound_as_long_as_asked(name: str) -> None:
    sound = made(name, 4.0, seed=3)
    assert len(sound) == 4 * SAMPLE_RATE
    assert np.array_equal(sound, made(name, 4.0, seed=3))
    assert sound.any()


@pytest.mark.parametrize("name", [each for each in MAKERS if each != "silence"])
def test_noise_gets_louder_and_is_neither_faint_nor_only_clipped(name: str) -> None:
    sound = made(name, 40.0, seed=3).astype(np.float64)
    first, last = (np.sqrt(np.mean(each**2)) for each in np.array_split(sound, 2))
    assert last > 3 * first
    assert np.mean(np.abs(sound) >= 32_767) < 0.01


def test_a_programme_knows_what_lies_where() -> None:
    found = programme(0.2)
    assert [found.kind_at(i * found.each) for i in range(len(MAKERS))] == list(MAKERS)
    assert found.is_noise(found.each * len(MAKERS) - 1)
    assert not found.is_noise(found.each * len(MAKERS))
    assert len(HOTWORDS) == len(set(HOTWORDS)) == 20
