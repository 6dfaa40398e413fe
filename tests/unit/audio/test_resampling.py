"""Blocks resampled one by one are the whole resampled at once: no seam, no lost sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audio.resampling import Resampler, float_to_pcm, pcm_to_float, to_mono


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_blocks_join_without_a_seam(rate: int) -> None:
    dice = np.random.default_rng(7)
    sound = (dice.standard_normal(rate) * 0.1).astype(np.float32)
    whole = Resampler(rate)
    expected = np.concatenate([whole.push(sound), whole.flush()])
    cuts = np.sort(dice.integers(0, rate, 60))
    blocks = Resampler(rate)
    pieces = [blocks.push(np.ascontiguousarray(each)) for each in np.split(sound, cuts)]
    joined = np.concatenate([*pieces, blocks.flush()])
    assert abs(len(joined) - 16_000) <= 1
    assert np.abs(joined.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("rate", [0, -1, 3_999, 10**9])
def test_an_absurd_rate_is_refused(rate: int) -> None:
    with pytest.raises(ValueError):
        Resampler(rate)


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=50))
def test_pcm_survives_the_trip_through_floats(values: list[int]) -> None:
    pcm = np.array(values, np.int16)
    assert float_to_pcm(pcm_to_float(pcm)).tolist() == values


def test_channels_are_averaged() -> None:
    assert to_mono(np.array([[0.5, 0.1], [1, -1]], np.float32)).tolist() == pytest.approx([0.3, 0])
