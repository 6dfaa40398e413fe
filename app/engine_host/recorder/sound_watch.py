"""Warn during the visit, not after it: nothing is heard, or the sound is too loud.

Pure: levels in, codes out. Time is the audio clock, so a file read fast is judged the same.
"""

from __future__ import annotations

from typing import Final

from app.domain.audio import SAMPLE_RATE, Level

SILENT_DBFS: Final = -60.0
"""Measured on the two OSCE recordings in shared/data: no pause stays below this for longer than
3.3 s (20 Hz peaks). A muted microphone does."""
SILENCE_S: Final = 60
"""ARCHITECTURE.md, "When something breaks"."""
CLIPPING_LEVELS: Final = 5
"""So many clipped levels within `CLIPPING_S`: once may be a door."""
CLIPPING_S: Final = 10

SILENCE: Final = "silence"
CLIPPING: Final = "clipping"


class SoundWatch:
    """Judges one recording. One thread."""

    def __init__(self) -> None:
        self._heard_at = 0
        self._clipped_at: list[int] = []
        self._open: set[str] = set()

    def judge(self, level: Level, at_sample: int) -> tuple[tuple[str, bool], ...]:
        """Return (code, is over) of what begins or ends with this level."""
        news: list[tuple[str, bool]] = []
        if level.peak_dbfs > SILENT_DBFS:
            self._heard_at = at_sample
        is_silent = at_sample - self._heard_at >= SILENCE_S * SAMPLE_RATE
        self._turn(SILENCE, is_silent, news)
        oldest = at_sample - CLIPPING_S * SAMPLE_RATE
        self._clipped_at = [at for at in self._clipped_at if at > oldest]
        if level.is_clipping:
            self._clipped_at.append(at_sample)
        clips = len(self._clipped_at)
        self._turn(CLIPPING, clips >= (1 if CLIPPING in self._open else CLIPPING_LEVELS), news)
        return tuple(news)

    def restart(self, at_sample: int) -> None:
        """A pause is no silence."""
        self._heard_at = at_sample

    def _turn(self, code: str, is_now: bool, news: list[tuple[str, bool]]) -> None:
        if is_now != (code in self._open):
            news.append((code, not is_now))
            self._open.symmetric_difference_update({code})
