"""The journal's pen: audio clock, half-second records, syncs, and only then the tee.

Journal thread only. What a person or the device did is a record, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.journal import JournalWriter
from app.domain.audio import SAMPLE_RATE, Gap, GapReason, MarkKind
from app.engine_host.recorder.tee import Tee
from app.engines.wire import Frame

RECORD_SAMPLES: Final = SAMPLE_RATE // 2
"""SECURITY.md 4.5: one record per 0.5 s …"""
RECORDS_PER_SYNC: Final = 2
"""… and every second one is synced."""
FIRST_RECORD_SAMPLES: Final = SAMPLE_RATE // 10
"""The first record is short: "Recording" is shown when it is on disk."""

_ENDS: Final = frozenset({MarkKind.PAUSE, MarkKind.OFF_RECORD_BEGIN, MarkKind.CONSENT_WITHDRAWN})
_BEGINS: Final = frozenset({MarkKind.RESUME, MarkKind.OFF_RECORD_END})


class Pen:
    """Writes one part and tells the app what is on disk.

    Args:
        at_sample: where the audio clock stands.
    """

    def __init__(
        self,
        writer: JournalWriter,
        tee: Tee,
        at_sample: int,
        *,
        records_per_sync: int = RECORDS_PER_SYNC,
    ) -> None:
        self._writer = writer
        self._records_per_sync = records_per_sync
        self._tee = tee
        self._waiting: list[NDArray[np.int16]] = []
        self._waiting_count = 0
        self._unsynced = 0
        self.clock = at_sample
        """The audio clock: samples heard, passed over in pauses, or lost."""
        self.is_paused = False
        self.has_started = False

    def hear(self, pcm: NDArray[np.int16]) -> None:
        """Keep sound, unless paused. Raises what `JournalWriter` raises."""
        self.clock += len(pcm)
        if self.is_paused:
            self._start()
            return
        self._waiting.append(pcm)
        self._waiting_count += len(pcm)
        if self._waiting_count >= (RECORD_SAMPLES if self.has_started else FIRST_RECORD_SAMPLES):
            self._write(whole=False)
            self._start()

    def lose(self, reason: GapReason, count: int) -> None:
        """Note that samples are missing; the clock moves on."""
        self._write()
        gap = Gap(self.clock, count, reason)
        self.clock += count
        if not self.is_paused:
            self._writer.gap(gap)
            self._sync()
            fields = {"at_sample": gap.at_sample, "count": count, "reason": int(reason)}
            self._tee.send(Frame("gap", fields))

    def skip(self, count: int) -> None:
        """Move the clock before the first record: time nobody was there to hear."""
        self.clock += count

    def mark(self, kind: MarkKind) -> None:
        """Note what a person did. A second pause changes nothing."""
        was_paused = self.is_paused
        if (kind in _ENDS and was_paused) or (kind in _BEGINS and not was_paused):
            return
        self._write()
        self._writer.mark(kind, self.clock)
        self._sync()
        self.is_paused = kind in _ENDS
        said = "paused" if self.is_paused else "resumed"
        self._tee.send(Frame(said, {"at_sample": self.clock, "mark": int(kind)}))

    def finish(self) -> None:
        """Write what waits and the end, and close."""
        try:
            self._write()
        finally:
            self._writer.close(self.clock)

    def give_up(self) -> None:
        """Close as well as the disk allows: with an end if it fits. Raises `AppError` if not."""
        heard = self.clock - self._waiting_count
        self._waiting, self._waiting_count = [], 0
        self._writer.close(heard)

    def abandon(self) -> None:
        """Close without an end: another part follows."""
        try:
            self._write()
            self._writer.sync()
        finally:
            self._writer.abandon()

    def _write(self, *, whole: bool = True) -> None:
        """Write what waits in records of half a second; without `whole` keep a rest."""
        size = RECORD_SAMPLES if self.has_started else FIRST_RECORD_SAMPLES
        at_sample = self.clock - self._waiting_count
        pcm = np.concatenate(self._waiting) if self._waiting else np.empty(0, np.int16)
        while len(pcm) >= size or (whole and len(pcm)):
            data = pcm[:RECORD_SAMPLES].astype("<i2").tobytes()
            self._writer.audio(at_sample, data)
            pcm = pcm[RECORD_SAMPLES:]
            self._unsynced += 1
            if self._unsynced >= self._records_per_sync or not self.has_started:
                self._sync()
            self._tee.audio(at_sample, data)
            at_sample = self.clock - len(pcm)
        self._waiting = [pcm] if len(pcm) else []
        self._waiting_count = len(pcm)

    def _sync(self) -> None:
        self._writer.sync()
        self._unsynced = 0

    def _start(self) -> None:
        if not self.has_started:
            self.has_started = True
            self._tee.send(Frame("started", {"at_sample": self.clock}))
