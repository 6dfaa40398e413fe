"""The voice model must not be deaf after a noise, or after a silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.audio.windows import LIVE
from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio, Intake
from app.engine_host.voice_runtime import FRAME, VoiceActivity

JFK = Path(__file__).resolve().parents[2] / "data/audio/jfk.flac"
FIRST_WORD_S = 0.35
BLOCK = SAMPLE_RATE // 2


def pink(seconds: int, dbfs: float) -> Audio:
    """Return pink noise of that level."""
    white = np.random.default_rng(3).normal(size=seconds * SAMPLE_RATE)
    bins = np.fft.rfft(white)
    noise = np.fft.irfft(bins / np.sqrt(np.maximum(1, np.arange(len(bins)))), len(white))
    level = 10 ** (dbfs / 20) / np.sqrt(np.mean(noise**2))
    sound: Audio = (noise * level).astype(np.float32)
    return sound


@pytest.mark.parametrize("dbfs", [-15.0, -30.0, -90.0])
def test_the_first_word_after_half_a_minute_without_speech_is_heard(dbfs: float) -> None:
    speech, _ = soundfile.read(JFK, dtype="float32")
    before = pink(30, dbfs)
    intake = Intake(VoiceActivity(), LIVE, 0)
    opened: list[int] = []
    sound = np.concatenate([before, speech])
    for start in range(0, len(sound), BLOCK):
        for _, _, edge in intake.frames(sound[start : start + BLOCK]):
            if edge is not None and edge.is_open:
                opened.append(edge.at_sample)
    assert opened, "nothing was heard at all"
    assert opened[0] >= len(before) - SAMPLE_RATE // 2, "the noise is no speech"
    late_s = (opened[0] - len(before)) / SAMPLE_RATE - FIRST_WORD_S
    assert late_s <= 2 * FRAME / SAMPLE_RATE
