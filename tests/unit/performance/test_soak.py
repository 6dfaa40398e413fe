"""How growth and lag of a long visit are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from tests.performance.soak import Moment, summary, write_loop


def moments(grows_mb_h: float, lag_s_per_min: float) -> list[Moment]:
    return [
        Moment(at, lag_s_per_min * at / 60, 0, {"app": 100 + grows_mb_h * at / 3_600})
        for at in (float(each) for each in range(0, 5_400, 10))
    ]


def test_a_leak_and_a_growing_lag_show() -> None:
    found = summary(moments(60.0, 0.5), warm_up_s=600.0)
    assert found["memory"]["app"]["slope_mb_h"] == 60.0
    assert found["memory"]["app"]["growth_mb"] > 75
    assert found["lag_slope_s_per_min"] == 0.5


def test_growth_before_the_warm_up_is_over_does_not_count() -> None:
    early = [Moment(at, 9.0, 0, {"app": at}) for at in range(0, 600, 10)]
    steady = [Moment(float(at), 1.0, 0, {"app": 600.0}) for at in range(600, 1_200, 10)]
    found = summary([*early, *steady], warm_up_s=600.0)
    assert found["memory"]["app"]["growth_mb"] == 0
    assert (found["lag_slope_s_per_min"], found["lag_max_s"]) == (0.0, 1.0)


def test_a_loop_is_as_long_as_asked_at_the_rate_of_the_audio_clock(tmp_path: Path) -> None:
    tone = np.sin(np.arange(8_000) / 20).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", tone, 8_000)
    written = write_loop([tmp_path / "a.wav"], tmp_path / "loop.wav", minutes=0.05)
    info = soundfile.info(tmp_path / "loop.wav")
    assert (written, info.frames, info.samplerate) == (3 * SAMPLE_RATE, 3 * SAMPLE_RATE, 16_000)
