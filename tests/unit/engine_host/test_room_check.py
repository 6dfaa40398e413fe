"""What two seconds of sound tell."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.audio import SAMPLE_RATE, GapReason
from app.domain.errors import NoSpeakerError
from app.engine_host.recorder.player import Output
from app.engine_host.recorder.room_check import TONE_HZ, check_room, has_tone
from app.engine_host.recorder.sources import End, Heard, Lost, Sound

RANDOM = np.random.default_rng(7)
ROOM = RANDOM.normal(0, 200, 2 * SAMPLE_RATE)
TIME = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE


class Microphone:
    """Gives what it was given, in blocks of 20 ms."""

    is_live = True

    def __init__(self, sound: np.ndarray, lost: int = 0) -> None:
        pcm = sound.astype(np.int16)
        self._news: list[Heard] = [Sound(pcm[at : at + 320]) for at in range(0, len(pcm), 320)]
        if lost:
            self._news.insert(3, Lost(GapReason.OVERFLOW, lost))
        self.is_open = False

    def has_channels(self, count: int) -> bool:
        return count == 1

    def open(self, channels: int) -> None:
        self.is_open = channels == 1

    def take(self, timeout_s: float) -> Heard | None:
        assert timeout_s > 0
        return self._news.pop(0) if self._news else End()

    def hold(self) -> None: ...

    def settle(self) -> tuple[Heard, ...]:
        self.is_open = False
        return ()

    def hurry(self) -> None: ...


class Loudspeaker:
    rate = 48_000

    def __init__(self) -> None:
        self.played = b""

    def write(self, pcm: bytes) -> None:
        self.played += pcm

    def close(self, *, at_once: bool) -> None: ...


def nobody() -> Output:
    raise NoSpeakerError


def test_level_loss_and_length_are_told() -> None:
    microphone = Microphone(ROOM, lost=480)
    heard = check_room(microphone, nobody)
    assert heard.samples == 2 * SAMPLE_RATE
    assert heard.lost == 480
    assert heard.level_dbfs == pytest.approx(20 * np.log10(200 / 32768), abs=0.5)
    assert heard.tone == "no_speaker"
    assert not microphone.is_open


def test_digital_silence_has_a_number() -> None:
    assert check_room(Microphone(np.zeros(2 * SAMPLE_RATE)), nobody).level_dbfs == -120


@pytest.mark.parametrize(("peak", "tone"), [(0, "not_heard"), (120, "heard"), (3_000, "heard")])
def test_the_tone_is_looked_for_where_one_was_played(peak: int, tone: str) -> None:
    speaker = Loudspeaker()
    sound = ROOM + peak * np.sin(2 * np.pi * TONE_HZ * TIME)
    assert check_room(Microphone(sound), lambda: speaker).tone == tone
    assert len(speaker.played) == 2 * speaker.rate


def test_speech_like_noise_is_no_tone() -> None:
    for _ in range(20):
        swell = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * TIME)
        assert not has_tone((RANDOM.normal(0, 2_000, len(TIME)) * swell).astype(np.int16))
    assert not has_tone(np.zeros(SAMPLE_RATE, np.int16))
    assert not has_tone(np.zeros(0, np.int16))
