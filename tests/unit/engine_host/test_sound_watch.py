"""What is wrong with the sound is said during the visit, and what is right is left alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.audio.files import decode
from app.audio.levels import edge_dbfs, measure
from app.domain.audio import SAMPLE_RATE, Level
from app.engine_host.recorder.sound_watch import Loudness, SoundWatch, Warned

CLIPS = Path(__file__).parents[4] / "shared" / "data" / "osce_clips"
BLOCK = SAMPLE_RATE // 20


def loudness(rms_dbfs: float, peak_dbfs: float | None = None, *, clips: bool = False) -> Loudness:
    peak = rms_dbfs + 10 if peak_dbfs is None else peak_dbfs
    return Loudness((Level(peak, rms_dbfs, clips),), rms_dbfs)


def judged(pcm: NDArray[np.int16], watch: SoundWatch | None = None) -> list[tuple[str, bool]]:
    """Return what is said of a recording."""
    watch = watch or SoundWatch()
    said: list[tuple[str, bool]] = []
    for start in range(0, len(pcm) - BLOCK + 1, BLOCK):
        block = pcm[start : start + BLOCK]
        news = watch.judge(Loudness((measure(block),), edge_dbfs(block)), start + BLOCK)
        said += [(each.code, each.is_over) for each in news]
    return said


def pink(count: int, rms: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(count))
    noise = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), count)
    found: NDArray[np.float64] = noise * rms / noise.std()
    return found


def test_a_minute_of_silence_is_told_and_its_end_too() -> None:
    watch = SoundWatch()
    said = []
    for second in range(100):
        heard = loudness(-30) if second in {0, 90} else loudness(-90)
        said += [(second, each.code, each.is_over) for each in _judge(watch, heard, second)]
    assert said == [(60, "silence", False), (90, "silence", True)]


def test_a_pause_is_no_silence_and_one_door_is_no_clipping() -> None:
    watch = SoundWatch()
    _judge(watch, loudness(-90), 0)
    watch.restart(70 * SAMPLE_RATE)
    assert _judge(watch, loudness(-90), 71) == []
    watch.restart(100 * SAMPLE_RATE)
    said = [_judge(watch, loudness(-3, clips=True), 100 + n / 20) for n in range(6)]
    assert [[each.code for each in news] for news in said] == [[], [], [], [], ["clipping"], []]
    (over,) = _judge(watch, loudness(-20), 120)
    assert (over.code, over.is_over) == ("clipping", True)


def _judge(watch: SoundWatch, heard: Loudness, second: float) -> list[Warned]:
    return list(watch.judge(heard, round(second * SAMPLE_RATE)))


def test_a_second_of_exact_zeros_is_muted_and_the_first_sample_ends_it() -> None:
    noise = np.ones(BLOCK * 4, np.int16)
    zeros = np.zeros(SAMPLE_RATE - BLOCK, np.int16)
    assert judged(np.concatenate([noise, zeros, noise])) == []
    longer = np.concatenate([noise, zeros, zeros, noise])
    assert judged(longer) == [("muted", False), ("muted", True)]


def test_each_of_two_microphones_is_watched_for_mute() -> None:
    watch = SoundWatch(2)
    said: list[Warned] = []
    for number in range(1, 41):
        levels = (Level(-20, -30), Level(-math.inf, -math.inf, channel=1))
        said += watch.judge(Loudness(levels, -30), number * BLOCK)
    assert [(each.code, each.channel) for each in said] == [("muted", 1)]


def test_noise_alone_is_no_far_voice() -> None:
    for noise in (pink(40 * SAMPLE_RATE, 300.0), np.random.default_rng(2).normal(0, 300, 640_000)):
        assert judged(np.rint(noise).astype(np.int16)) == []


@pytest.mark.skipif(not CLIPS.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("scale_db", "noise_dbfs", "expected"),
    [
        (0, -90, set()),  # as it is
        (0, -50, set()),  # a fan
        (-20, -46, {"far_voice"}),  # across the room: a fan 10 dB under the loud moments
        (-35, -95, {"too_quiet"}),
    ],
)
def test_real_visits_scaled_down_are_told_and_as_they_are_not(
    scale_db: float, noise_dbfs: float, expected: set[str]
) -> None:
    for name in ("CAR0001_0127_0200", "MSK0001_0127_0197"):
        speech = np.concatenate(list(decode(CLIPS / f"{name}.flac"))) * 10 ** (scale_db / 20)
        noise = pink(len(speech), 32_768 * 10 ** (noise_dbfs / 20))
        said = judged(np.clip(np.rint(speech + noise), -32_768, 32_767).astype(np.int16))
        assert {code for code, is_over in said if not is_over} == expected
        assert all(not is_over for _, is_over in said)  # it lasts as long as the recording
