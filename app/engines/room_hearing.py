"""Half a minute with a microphone before clinic, by a short-lived recorder process. Any thread."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.audio import Level, RoomVoice, VoiceFinding
from app.domain.errors import ChildGoneError, DeviceMissingError
from app.engines.decoder import RECORDER
from app.engines.supervisor import Supervisor, Tie, child_command
from app.engines.wire import Frame

START_WAIT_S: Final = 15.0
"""PortAudio looks at every device, and a sound server may have to start first."""
POLL_S: Final = 0.2


def hear_room(
    device: str,
    seconds: float,
    tell: Callable[[Level], object],
    left: threading.Event,
) -> RoomVoice | None:
    """Listen to whoever speaks, and return what the microphone makes of it. Blocks: use the pool.

    Args:
        device: stable name of the microphone; empty = the system's default.
        seconds: of sound, at least 11: a voice is judged over 10.
        tell: gets each level, about 20 a second. Called on this thread.
        left: set when nobody waits for the result any more.

    Returns:
        What was found; None when `left` was set meanwhile.

    Raises:
        DeviceMissingError: there is no such microphone, or it does not answer.
    """
    frames: queue.Queue[Frame | None] = queue.Queue()
    child = Supervisor(
        child_command(RECORDER, "--hear"), Tie.LEASHED, frames.put, lambda _: frames.put(None)
    )
    try:
        child.start()
        child.send(Frame("hear", {"device": device, "seconds": seconds}))
        return _follow(frames, time.monotonic() + START_WAIT_S + 2 * seconds, tell, left)
    except (OSError, ChildGoneError):
        raise DeviceMissingError from None
    finally:
        child.stop(grace_s=0.5)


def _follow(
    frames: queue.Queue[Frame | None],
    until_s: float,
    tell: Callable[[Level], object],
    left: threading.Event,
) -> RoomVoice | None:
    while not left.is_set():
        try:
            frame = frames.get(timeout=POLL_S)
        except queue.Empty:
            if time.monotonic() > until_s:
                raise DeviceMissingError from None
            continue
        if frame is None or frame.kind == "failed":
            raise DeviceMissingError
        if frame.kind == "level":
            tell(level_of(frame.fields))
        elif frame.kind == "heard":
            return RoomVoice(
                int(frame.fields["samples"]),
                float(frame.fields["loud_dbfs"]),
                float(frame.fields["above_db"]),
                VoiceFinding(frame.fields["finding"]),
            )
    return None


def level_of(fields: Mapping[str, Any]) -> Level:
    """Return the level that a frame of the recorder tells; null is digital silence."""
    return Level(
        _dbfs(fields["peak"]),
        _dbfs(fields["rms"]),
        is_clipping=fields["is_clipping"] is True,
        channel=int(fields["channel"]),
    )


def _dbfs(value: float | None) -> float:
    return -math.inf if value is None else float(value)
