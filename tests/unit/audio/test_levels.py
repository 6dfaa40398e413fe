"""A level says how loud a block was, in dBFS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.audio.levels import measure, rms_dbfs


def test_a_square_wave_of_full_scale_is_at_zero() -> None:
    pcm = np.array([-32_768, -32_768] * 100, np.int16)
    assert rms_dbfs(pcm) == 0.0
    assert measure(pcm).is_clipping


def test_a_sine_of_full_scale_is_three_decibels_below() -> None:
    sine = (32_766 * np.sin(np.arange(1_600) * 2 * np.pi / 160)).astype(np.int16)
    level = measure(sine)
    assert level.rms_dbfs == pytest.approx(-3.01, abs=0.01)
    assert level.peak_dbfs == pytest.approx(0, abs=0.01)
    assert not level.is_clipping


def test_digital_silence_is_minus_infinity() -> None:
    level = measure(np.zeros(800, np.int16))
    assert level.peak_dbfs == level.rms_dbfs == -math.inf


def test_nothing_has_no_level() -> None:
    with pytest.raises(ValueError):
        measure(np.zeros(0, np.int16))
