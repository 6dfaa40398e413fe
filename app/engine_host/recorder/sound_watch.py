"""Warn during the visit, not after it: muted, nothing heard, too loud, too quiet, too far away.

Pure: levels in, codes out. Time is the audio clock, so a file read fast is judged the same.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.audio import SAMPLE_RATE, Level

SILENT_DBFS: Final = -60.0
"""Measured on the two OSCE recordings in shared/data: no pause stays below this for longer than
3.3 s (20 Hz peaks). A muted microphone does."""
SILENCE_S: Final = 60
"""ARCHITECTURE.md, "When something breaks"."""
CLIPPING_LEVELS: Final = 5
"""So many clipped levels within `CLIPPING_S`: once may be a door."""
CLIPPING_S: Final = 10
MUTED_S: Final = 1
"""SPEECH.md 1: 1 s of exact zeros. A microphone that is on has noise."""

VOICE_S: Final = 10
"""So long a voice is looked at."""
SPEECH_DB: Final = 3.0
FAR_DB: Final = 12.0
NEAR_DB: Final = 15.0
"""How far the loud moments of a voice stand above the floor: 95th against 10th percentile of
`edge_dbfs` over 10 s. Measured on the first five minutes of CAR0001 and MSK0001 in shared/data:
at least 35 dB as they are; scaled down into pink noise 16.2 to 20.8 and 13.7 to 18.3 when loud
moments are 20 dB above it, 8.8 to 13.1 and 6.7 to 10.7 at 12 dB, 4.2 to 7.6 and 2.9 to 5.7 at
6 dB. White and pink noise alone have at most .8: that is no voice."""
QUIET_DBFS: Final = -45.0
AUDIBLE_DBFS: Final = -42.0
"""Loud moments (95th percentile of RMS) are at -18 to -15 dBFS in the same recordings; scaled
down by 30 dB they are under -45."""
_VOICE_LEVELS: Final = VOICE_S * 20
_FLOOR_DBFS: Final = -90.0  # quieter than the last bit of 16

MUTED: Final = "muted"
SILENCE: Final = "silence"
CLIPPING: Final = "clipping"
FAR_VOICE: Final = "far_voice"
TOO_QUIET: Final = "too_quiet"


@dataclass(frozen=True, slots=True)
class Loudness:
    """One block: the levels of each channel, and `edge_dbfs` of their mix."""

    levels: tuple[Level, ...]
    edge_dbfs: float

    @property
    def loudest(self) -> Level:
        """The level of the channel that hears most."""
        return max(self.levels, key=lambda each: each.rms_dbfs)


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning begins or, with `is_over`, ends. `channel` where only one of two is meant."""

    code: str
    is_over: bool
    channel: int = 0


class SoundWatch:
    """Judges one recording. One thread. What it remembers does not grow."""

    def __init__(self, channels: int = 1) -> None:
        self._channels = channels
        self._heard_at = 0
        self._sound_at = [0] * channels
        self._clipped_at: deque[int] = deque(maxlen=CLIPPING_LEVELS)
        self._edges: deque[float] = deque(maxlen=_VOICE_LEVELS)
        self._loud: deque[float] = deque(maxlen=_VOICE_LEVELS)
        self._voice_at = 0
        self._open: set[tuple[str, int]] = set()

    def judge(self, loudness: Loudness, at_sample: int) -> tuple[Warned, ...]:
        """Return what begins or ends with this block, which ends at `at_sample`."""
        news: list[Warned] = []
        self._judge_mute(loudness, at_sample, news)
        if loudness.loudest.peak_dbfs > SILENT_DBFS:
            self._heard_at = at_sample
        is_silent = at_sample - self._heard_at >= SILENCE_S * SAMPLE_RATE
        self._turn(SILENCE, is_silent, news)
        self._judge_clipping(loudness, at_sample, news)
        self._edges.append(max(_FLOOR_DBFS, loudness.edge_dbfs))
        self._loud.append(max(_FLOOR_DBFS, loudness.loudest.rms_dbfs))
        if len(self._edges) == _VOICE_LEVELS and at_sample - self._voice_at >= SAMPLE_RATE:
            self._voice_at = at_sample
            self._judge_voice(news)
        return tuple(news)

    def restart(self, at_sample: int) -> None:
        """A pause is no silence."""
        self._heard_at = at_sample
        self._sound_at = [at_sample] * self._channels
        self._edges.clear()
        self._loud.clear()

    def _judge_mute(self, loudness: Loudness, at_sample: int, news: list[Warned]) -> None:
        for level in loudness.levels:
            if level.peak_dbfs > -math.inf:
                self._sound_at[level.channel] = at_sample
            zeros = at_sample - self._sound_at[level.channel]
            self._turn(MUTED, zeros >= MUTED_S * SAMPLE_RATE, news, level.channel)

    def _judge_clipping(self, loudness: Loudness, at_sample: int, news: list[Warned]) -> None:
        oldest = at_sample - CLIPPING_S * SAMPLE_RATE
        while self._clipped_at and self._clipped_at[0] <= oldest:
            self._clipped_at.popleft()
        if any(level.is_clipping for level in loudness.levels):
            self._clipped_at.append(at_sample)
        enough = 1 if (CLIPPING, 0) in self._open else CLIPPING_LEVELS
        self._turn(CLIPPING, len(self._clipped_at) >= enough, news)

    def _judge_voice(self, news: list[Warned]) -> None:
        floor, loud = np.percentile(self._edges, (10, 95))
        above_db = float(loud - floor)
        if above_db < SPEECH_DB:  # nobody speaks: what was said of the voice stays
            return
        is_far = above_db < (NEAR_DB if (FAR_VOICE, 0) in self._open else FAR_DB)
        self._turn(FAR_VOICE, is_far, news)
        limit_dbfs = AUDIBLE_DBFS if (TOO_QUIET, 0) in self._open else QUIET_DBFS
        is_quiet = float(np.percentile(self._loud, 95)) < limit_dbfs
        self._turn(TOO_QUIET, is_quiet and not is_far, news)

    def _turn(self, code: str, is_now: bool, news: list[Warned], channel: int = 0) -> None:
        if is_now != ((code, channel) in self._open):
            news.append(Warned(code, not is_now, channel))
            self._open.symmetric_difference_update({(code, channel)})
