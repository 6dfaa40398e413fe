"""Recorders that outlived an app: found by their lease, steered by notes. Needs no password."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

from app.domain.errors import FileAccessError
from app.domain.ids import RecordingId
from app.engines.traces import FINISH, RecorderStatus, Traces
from app.foundation import letterbox

_POLL_S: Final = 0.1


def living_recordings(folder: Path) -> tuple[RecordingId, ...]:
    """Return the recordings in an audio folder whose recorder lives. Needs no password."""
    leases = sorted(folder.glob("*.lease"))
    found = (RecordingId(path.stem) for path in leases)
    return tuple(each for each in found if Traces(folder, each).is_living)


def recorder_status(folder: Path, recording: RecordingId) -> RecorderStatus | None:
    """Return what a recorder says it does; None when it said nothing."""
    return Traces(folder, recording).read_status()


def leave_note(folder: Path, recording: RecordingId, word: str) -> None:
    """Leave a word of `traces.WORDS` for a living recorder: stay, pause, resume, finish.

    Raises:
        FileAccessError: there is no letterbox, so no recorder.
    """
    try:
        letterbox.leave_note(Traces(folder, recording).notes, word)
    except OSError as error:
        raise FileAccessError(errno=error.errno or 0) from None


def finish_living(folder: Path, recording: RecordingId, wait_s: float) -> bool:
    """Tell a living recorder to finish, and wait. Blocks: use the pool.

    Returns:
        Whether nobody holds the journal any more.
    """
    traces = Traces(folder, recording)
    with contextlib.suppress(FileAccessError):
        leave_note(folder, recording, FINISH)
    deadline_s = time.monotonic() + wait_s
    while traces.is_living:
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_POLL_S)
    traces.remove()
    return True
