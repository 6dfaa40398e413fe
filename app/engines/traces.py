"""What a recording leaves beside its journal while its recorder lives: lease, status, notes.

`<rid>.lease` is locked by the recorder, `<rid>.status` says state, time and level and no content,
words left in `<rid>.notes/` steer it. Both sides use this page; any thread.
"""

from __future__ import annotations

import contextlib
import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import AppError
from app.domain.ids import RecordingId
from app.foundation.letterbox import is_leased

STAY: Final = "stay"
PAUSE: Final = "pause"
RESUME: Final = "resume"
FINISH: Final = "finish"
WORDS: Final = frozenset({STAY, PAUSE, RESUME, FINISH})
"""What a recorder understands without a pipe. Anyone may pause or finish; whether the owner asks
to resume is for the app to know."""


class RecorderState(enum.StrEnum):
    """What a recorder does."""

    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    LOST = "lost"
    """The device is gone; it is tried again."""


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """What the status file says: nothing anyone said.

    Attributes:
        samples: the audio clock.
        part: of the journal.
        peak_dbfs: None for digital silence.
        is_alone: whether the app is gone.
        at_s: when it was written, in seconds since the epoch.
    """

    state: RecorderState
    samples: int
    part: int
    at_s: float
    peak_dbfs: float | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Traces:
    """The files of one recording."""

    folder: Path
    recording: RecordingId

    @property
    def lease(self) -> Path:
        """Locked while the recorder lives."""
        return self.folder / f"{self.recording}.lease"

    @property
    def status(self) -> Path:
        """What it does."""
        return self.folder / f"{self.recording}.status"

    @property
    def notes(self) -> Path:
        """Its letterbox."""
        return self.folder / f"{self.recording}.notes"

    @property
    def is_living(self) -> bool:
        """Whether a recorder holds the lease. Does not make the file."""
        return self.lease.exists() and is_leased(self.lease)

    def write_status(self, status: RecorderStatus) -> None:
        """Replace the status file. A full disk does not matter here: nothing happens."""
        partial = self.status.with_suffix(".status.partial")
        values = {
            "state": status.state.value,
            "samples": status.samples,
            "part": status.part,
            "at_s": status.at_s,
            "peak_dbfs": status.peak_dbfs,
            "is_alone": status.is_alone,
        }
        with contextlib.suppress(OSError):
            partial.write_text(json.dumps(values), encoding="ascii")
            partial.replace(self.status)

    def read_status(self) -> RecorderStatus | None:
        """Return what the recorder last said, None if it said nothing that can be read."""
        try:
            values = json.loads(self.status.read_text(encoding="ascii"))
            return _status(values)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remove(self) -> None:
        """Take all three away, once the recording ended in order. The lease goes last."""
        with contextlib.suppress(OSError, AppError):
            self.status.unlink(missing_ok=True)
            if self.notes.exists():
                for note in self.notes.iterdir():
                    note.unlink(missing_ok=True)
                self.notes.rmdir()
            self.lease.unlink(missing_ok=True)


def _status(values: Mapping[str, object]) -> RecorderStatus:
    peak = values["peak_dbfs"]
    at_s = values["at_s"]
    if not isinstance(at_s, int | float) or not isinstance(peak, int | float | None):
        raise TypeError
    return RecorderStatus(
        state=RecorderState(str(values["state"])),
        samples=int(str(values["samples"])),
        part=int(str(values["part"])),
        at_s=float(at_s),
        peak_dbfs=None if peak is None else float(peak),
        is_alone=values["is_alone"] is True,
    )
