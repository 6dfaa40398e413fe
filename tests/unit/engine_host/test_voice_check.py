"""What a room check says of real talk, near and far, loud and faint, and of a silent room."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]

from app.domain.audio import SAMPLE_RATE, Level, RoomVoice, VoiceFinding
from app.engine_host.recorder.voice_check import hear_voice
from app.foundation import paths
from tests.unit.engine_host.test_room_check import Microphone

SECONDS = 20
RANDOM = np.random.default_rng(11)


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    """20 s of the sample visit at 16 kHz, as floats in units of 16 bit."""
    sound, rate = soundfile.read(paths.resources() / "samples" / "back_pain_visit.flac")
    assert rate == SAMPLE_RATE
    return np.asarray(sound[: SECONDS * SAMPLE_RATE] * 32_767)


def heard(sound: np.ndarray) -> RoomVoice:
    return hear_voice(Microphone(np.clip(sound, -32_768, 32_767)), SECONDS, _no, lambda: False)


def _no(level: Level) -> None:
    assert level.channel == 0


def noise(rms: float) -> np.ndarray:
    return RANDOM.normal(0, rms, SECONDS * SAMPLE_RATE)


def test_a_near_voice_is_good(talk: np.ndarray) -> None:
    found = heard(talk)
    assert found.finding is VoiceFinding.GOOD
    assert found.samples == SECONDS * SAMPLE_RATE
    assert found.above_db > 15
    assert found.loud_dbfs > -35


def test_a_voice_turned_down_is_too_quiet(talk: np.ndarray) -> None:
    assert heard(talk / 60).finding is VoiceFinding.QUIET


def test_a_voice_that_hardly_stands_out_is_far(talk: np.ndarray) -> None:
    assert heard(talk / 30 + noise(20)).finding is VoiceFinding.FAR


def test_a_voice_turned_up_too_far_clips(talk: np.ndarray) -> None:
    assert heard(talk * 30).finding is VoiceFinding.CLIPPING


def test_a_room_in_which_nobody_speaks_holds_no_voice() -> None:
    assert heard(noise(40)).finding is VoiceFinding.NO_VOICE


def test_zeros_are_a_muted_microphone() -> None:
    found = heard(np.zeros(SECONDS * SAMPLE_RATE))
    assert found.finding is VoiceFinding.MUTED
    assert found.above_db == 0


def test_a_microphone_that_gives_nothing_counts_as_muted() -> None:
    assert heard(np.zeros(0)).finding is VoiceFinding.MUTED


def test_it_ends_when_nobody_waits_any_more(talk: np.ndarray) -> None:
    levels: list[Level] = []
    microphone = Microphone(talk)
    found = hear_voice(microphone, SECONDS, levels.append, lambda: len(levels) >= 40)
    assert found.samples <= 3 * SAMPLE_RATE
    assert not microphone.is_open
