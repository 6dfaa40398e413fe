"""The journal's pen: audio clock, half-second records, syncs, and only then the tee.

Journal thread only. What a person or the device did is a record, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.audio.channels import mix
from app.audio.journal_writing import JournalWriter
from app.domain.audio import SAMPLE_RATE, Gap, GapReason, MarkKind
from app.engine_host.recorder.tee import Tee
from app.engines.wire import Frame
from app.foundation.paths import file_errors, sync_folder

RECORD_SAMPLES: Final = SAMPLE_RATE // 2
"""SECURITY.md 4.5: one record per 0.5 s …"""
RECORDS_PER_SYNC: Final = 2
"""… and every second one is synced."""
FIRST_RECORD_SAMPLES: Final = SAMPLE_RATE // 10
"""The first record is short: "Recording" is shown when it is on disk."""

_NOTHING: Final = np.empty(0, np.int16)
_SILENT: Final = {
    MarkKind.PAUSE: MarkKind.RESUME,
    MarkKind.OFF_RECORD_BEGIN: MarkKind.OFF_RECORD_END,
    MarkKind.CONSENT_WITHDRAWN: None,
}
"""Marks after which no sound is kept → what ends that."""


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
        self.silence: MarkKind | None = None
        """The mark since which no sound is kept."""
        self.has_started = False

    @property
    def is_paused(self) -> bool:
        """Whether sound is passed over."""
        return self.silence is not None

    def hear(self, pcm: NDArray[np.int16]) -> None:
        """Keep sound, shape (n,) or (n, channels), unless paused.

        Raises:
            DiskFullError, FileAccessError: as `JournalWriter` says.
        """
        self.clock += len(pcm)
        if self.is_paused:
            return
        self._waiting.append(pcm)
        self._waiting_count += len(pcm)
        if self._waiting_count >= (RECORD_SAMPLES if self.has_started else FIRST_RECORD_SAMPLES):
            self._write(whole=False)

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
        """Note what a person did. What changes nothing is not noted."""
        if kind is MarkKind.BOOKMARK:
            self._note(kind)
            self._tee.send(Frame("bookmark", {"at_sample": self.clock}))
        elif kind in _SILENT:
            if kind is not self.silence:
                self._fall_silent(kind)
        elif self.silence is not None and (end := _SILENT[self.silence]) is not None:
            self._note(end)
            self.silence = None
            self._tee.send(Frame("resumed", {"at_sample": self.clock, "mark": int(end)}))

    def _fall_silent(self, kind: MarkKind) -> None:
        if self.silence is not None and (end := _SILENT[self.silence]) is not None:
            self._note(end)  # off the record in a pause: one ends, the other begins
        self._note(kind)
        self.silence = kind
        self._tee.send(Frame("paused", {"at_sample": self.clock, "mark": int(kind)}))

    def _note(self, kind: MarkKind) -> None:
        self._write()
        self._writer.mark(kind, self.clock)
        self._sync()

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

    def discard(self) -> None:
        """Nothing was to be kept: take the file away."""
        self._writer.abandon()
        with file_errors():
            self._writer.path.unlink(missing_ok=True)
            sync_folder(self._writer.path.parent)

    def _write(self, *, whole: bool = True) -> None:
        """Write what waits in records of half a second; without `whole` keep a rest."""
        size = RECORD_SAMPLES if self.has_started else FIRST_RECORD_SAMPLES
        at_sample = self.clock - self._waiting_count
        pcm = np.concatenate(self._waiting) if self._waiting else _NOTHING
        while len(pcm) >= size or (whole and len(pcm)):
            block = pcm[:RECORD_SAMPLES]
            self._writer.audio(at_sample, block.astype("<i2").tobytes())
            pcm = pcm[RECORD_SAMPLES:]
            self._unsynced += 1
            if self._unsynced >= self._records_per_sync or not self.has_started:
                self._sync()
            self._start()
            self._tee.audio(at_sample, mix(block).astype("<i2").tobytes())
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
