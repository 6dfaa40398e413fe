"""Listens for two seconds without a visit, for the doctor: does sound come, and how loud is it?

Where there is a loudspeaker, a soft tone is played meanwhile and looked for in what was heard: a
round trip through the whole chain. Two seconds in memory, nothing on disk (SECURITY.md 8).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.levels import rms_dbfs
from app.domain.audio import SAMPLE_RATE, RoomHeard
from app.domain.errors import AppError
from app.engine_host.recorder.player import Output
from app.engine_host.recorder.sources import Lost, Sound, Source

LISTEN_S: Final = 2.0
PATIENCE_S: Final = 8.0
"""Some devices give their first block late: see `sound_card.FIRST_S`."""
TONE_HZ: Final = 1_000
TONE_S: Final = 1.0
TONE_PEAK: Final = 3_000
"""About -21 dBFS: heard in a room, nobody jumps."""
TONE_OVER_DB: Final = 10.0
"""The tone must stand out of its neighborhood by so much; noise alone differs by some dB."""
_SILENCE_DBFS: Final = -120.0


def check_room(source: Source, speaker: Callable[[], Output]) -> RoomHeard:
    """Open the device, listen, close it. Blocks some seconds.

    Raises:
        DeviceMissingError: there is no microphone, or it cannot be opened.
    """
    begun_s = time.monotonic()
    source.open(1)
    played = threading.Event()
    voice = threading.Thread(target=_play, args=(speaker, played), name="tone", daemon=True)
    heard: list[NDArray[np.int16]] = []
    lost, count, first_ms = 0, 0, 0
    while count < LISTEN_S * SAMPLE_RATE and time.monotonic() - begun_s < PATIENCE_S:
        match source.take(0.2):
            case Sound(pcm):
                if not heard:
                    first_ms = round(1000 * (time.monotonic() - begun_s))
                    voice.start()
                heard.append(pcm)
                count += len(pcm)
            case Lost(_, missing):
                lost += missing
            case _:
                pass
    source.settle()
    if voice.ident is not None:
        voice.join(PATIENCE_S)
    sound = np.concatenate(heard) if heard else np.zeros(0, np.int16)
    level = max(_SILENCE_DBFS, rms_dbfs(sound)) if len(sound) else _SILENCE_DBFS
    tone = "no_speaker" if not played.is_set() else "heard" if has_tone(sound) else "not_heard"
    return RoomHeard(first_ms, count, lost, round(level, 1), tone)


def has_tone(pcm: NDArray[np.int16]) -> bool:
    """Whether our tone stands out in any half second of some sound."""
    size = SAMPLE_RATE // 2
    window = np.hanning(size)
    for begin in range(0, len(pcm) - size + 1, size // 2):
        power = np.abs(np.fft.rfft(pcm[begin : begin + size] * window)) ** 2
        at = TONE_HZ * size // SAMPLE_RATE
        tone = float(power[at - 2 : at + 3].max())
        around = np.concatenate([power[at - 60 : at - 10], power[at + 11 : at + 61]])
        if tone > 0 and 10 * math.log10(tone / max(float(around.mean()), 1e-9)) > TONE_OVER_DB:
            return True
    return False


def _play(open_output: Callable[[], Output], played: threading.Event) -> None:
    try:
        output = open_output()
        count = round(TONE_S * output.rate)
        at = np.arange(count) / output.rate
        swell = np.minimum(1.0, np.minimum(at, TONE_S - at) / 0.05)
        tone = TONE_PEAK * swell * np.sin(2 * np.pi * TONE_HZ * at)
        output.write(tone.astype("<i2").tobytes())
        output.close(at_once=False)
    except AppError:
        return
    played.set()
