"""Listens to a voice before clinic: half a minute without a visit, judged by the rules of a visit.

Levels go to the app while somebody reads aloud; what is said in the end is what the window would
say during a visit. Nothing is kept: each block is measured and dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from app.audio.levels import edge_dbfs, measure
from app.domain.audio import SAMPLE_RATE, Level, RoomVoice, VoiceFinding
from app.engine_host.recorder.sound_watch import (
    CLIPPING,
    FAR_VOICE,
    MUTED,
    SPEECH_DB,
    TOO_QUIET,
    Loudness,
    SoundWatch,
)
from app.engine_host.recorder.sources import End, Sound, Source

BLOCK: Final = SAMPLE_RATE // 20
PATIENCE_S: Final = 10.0
"""Some devices give their first block late, and some give less than they promise."""
_FLOOR_DBFS: Final = -90.0  # quieter than the last bit of 16
_IN_ORDER: Final = (
    (MUTED, VoiceFinding.MUTED),
    (CLIPPING, VoiceFinding.CLIPPING),
    (FAR_VOICE, VoiceFinding.FAR),
    (TOO_QUIET, VoiceFinding.QUIET),
)
"""The first of these that holds is told: who mends it finds the next one in the next check."""


class VoiceCheck:
    """Judges blocks of 50 ms. Pure."""

    def __init__(self) -> None:
        self._watch = SoundWatch()
        self._open: set[str] = set()
        self._edges: list[float] = []
        self._loud: list[float] = []
        self._heard = 0

    def hear(self, level: Level, edge: float, count: int) -> None:
        """Take one block: its level, its `edge_dbfs`, and how many samples it has."""
        self._heard += count
        self._edges.append(max(_FLOOR_DBFS, edge))
        self._loud.append(max(_FLOOR_DBFS, level.rms_dbfs))
        for warned in self._watch.judge(Loudness((level,), edge), self._heard):
            if not warned.is_over:
                self._open.add(warned.code)
            elif warned.code != CLIPPING:  # once too loud is too loud for that place
                self._open.discard(warned.code)

    def result(self) -> RoomVoice:
        """Return what was found."""
        if not self._edges:
            return RoomVoice(0, _FLOOR_DBFS, 0.0, VoiceFinding.MUTED)
        floor, loud = np.percentile(self._edges, (10, 95))
        above_db = float(loud - floor)
        loud_dbfs = float(np.percentile(self._loud, 95))
        return RoomVoice(
            self._heard, round(loud_dbfs, 1), round(above_db, 1), self._finding(above_db)
        )

    def _finding(self, above_db: float) -> VoiceFinding:
        found = [finding for code, finding in _IN_ORDER if code in self._open]
        if above_db < SPEECH_DB and VoiceFinding.MUTED not in found:
            return VoiceFinding.NO_VOICE
        return found[0] if found else VoiceFinding.GOOD


def hear_voice(
    source: Source,
    seconds: float,
    tell: Callable[[Level], object],
    is_left: Callable[[], bool],
) -> RoomVoice:
    """Open the device, listen, close it. Blocks.

    Args:
        source: the microphone.
        seconds: of sound to listen to.
        tell: gets each level, 20 a second.
        is_left: whether nobody waits for the result any more.

    Raises:
        DeviceMissingError: there is no microphone, not this one, or it cannot be opened.
    """
    begun_s = time.monotonic()
    source.open(1)
    check, waiting, count = VoiceCheck(), np.zeros(0, np.int16), 0
    while (
        count < seconds * SAMPLE_RATE
        and time.monotonic() - begun_s < seconds + PATIENCE_S
        and not is_left()
    ):
        news = source.take(0.2)
        if isinstance(news, End):
            break
        if not isinstance(news, Sound):
            continue
        waiting = np.concatenate([waiting, news.pcm])
        while len(waiting) >= BLOCK:
            block, waiting = waiting[:BLOCK], waiting[BLOCK:]
            level = measure(block)
            check.hear(level, edge_dbfs(block), len(block))
            tell(level)
            count += len(block)
    source.settle()
    return check.result()
