"""The child's side of the wire: take over stdin and stdout, then serve frames.

The reader thread takes frames off stdin. Urgent kinds (`cancel`) run there at once; the
others wait for the main thread, which owns the model. When the input ends the app is
gone, and an engine leaves on the spot, even in the middle of a decode.

The recorder uses `claim_stdio` and its own loop.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from app.domain.errors import AppError
from app.engines.wire import PROTOCOL, Frame, read_frame, write_frame

Handler = Callable[[Frame], object]
Rest = Callable[[Callable[[], bool]], object]
"""What to do while no frame waits; told how to find out whether one does."""

INBOX_FRAMES: Final = 200
"""The app sends an engine at most 10 s of audio (20 frames) that it has not acknowledged."""


class Outlet:
    """Frames to the app, from any thread of the child."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Write one frame. Blocks while the app does not read.

        Raises:
            OSError: the app is gone.
        """
        with self._lock:
            write_frame(self._stream, frame)


def claim_stdio() -> tuple[BinaryIO, Outlet]:
    """Take stdin and stdout for the wire; libraries that print get the null device."""
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for standard_fd in (0, 1, 2):
        os.dup2(null, standard_fd)
    os.close(null)
    return stdin, Outlet(stdout)


def failure(error: Exception, request: object = None) -> Frame:
    """Return the `failed` frame for an error: its code and facts, never its text.

    A message from a library may quote what was said in the room.
    """
    if isinstance(error, AppError):
        return Frame("failed", {"request": request, "code": error.code, "facts": error.facts})
    return Frame("failed", {"request": request, "code": "bug", "facts": {}})


def serve(
    stdin: BinaryIO,
    outlet: Outlet,
    handlers: Mapping[str, Handler],
    urgent: Mapping[str, Handler],
    rest: Rest = lambda _: None,
) -> None:
    """Serve frames until the app closes its end. Does not return.

    Sends `ready` first. Each failed request is answered by a `failed` frame: `failure`. `rest`
    handles its own failures: nobody asked for what it does.
    """
    inbox: queue.Queue[Frame] = queue.Queue(INBOX_FRAMES)

    def read() -> None:
        status = 1  # nonsense, a bug, or a peer that ignores what we acknowledged
        try:
            while (frame := read_frame(stdin)) is not None:
                if frame.kind in urgent:
                    urgent[frame.kind](frame)
                else:
                    inbox.put_nowait(frame)  # never wait: we would miss a cancel and the end
            status = 0
        finally:
            os._exit(status)  # nothing here is worth saving; the journal is elsewhere

    outlet.send(Frame("ready", {"protocol": PROTOCOL}))
    threading.Thread(target=read, name="wire-reader", daemon=True).start()
    while True:
        rest(lambda: not inbox.empty())
        frame = inbox.get()
        try:
            handlers[frame.kind](frame)
        except Exception as error:  # noqa: BLE001 - one of the three places that may
            outlet.send(failure(error, frame.fields.get("request")))
