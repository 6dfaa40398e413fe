"""Frames to the app, on a thread of their own, so that nothing waits for the app.

Sound from a microphone is dropped, and said to be, while nobody reads: the journal has it. Sound
from a file waits instead: nothing is lost by that.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Final

from app.engine_host.host import Outlet
from app.engines.wire import Frame

MAX_AUDIO: Final = 120
"""Frames of 0.5 s: a minute of sound, 1.9 MB."""
MAX_LEVELS: Final = 20
"""With so many frames waiting a level is old news."""


class Tee:
    """Owns the outlet. Any thread may send.

    Args:
        waits: whether `audio` may wait for the app; else it drops.
    """

    def __init__(self, outlet: Outlet, *, waits: bool) -> None:
        self._outlet = outlet
        self._waits = waits
        self._changed = threading.Condition()  # guards all below
        self._frames: deque[Frame] = deque()
        self._audio_waiting = 0
        self._dropped_from: int | None = None
        self._is_writing = False
        self._is_closed = False
        threading.Thread(target=self._run, name="tee", daemon=True).start()

    def send(self, frame: Frame) -> None:
        """Queue a frame that must not be dropped; there are few of them."""
        with self._changed:
            self._put(frame)

    def level(self, frame: Frame) -> None:
        """Queue a frame that is worth nothing later."""
        with self._changed:
            if len(self._frames) < MAX_LEVELS:
                self._put(frame)

    def audio(self, at_sample: int, pcm: bytes) -> None:
        """Queue sound that the journal holds."""
        with self._changed:
            if self._waits:
                self._changed.wait_for(lambda: self._is_closed or self._audio_waiting < MAX_AUDIO)
            elif self._audio_waiting >= MAX_AUDIO:
                if self._dropped_from is None:
                    self._dropped_from = at_sample
                return
            if self._dropped_from is not None:
                count = at_sample - self._dropped_from
                self._put(Frame("dropped", {"at_sample": self._dropped_from, "count": count}))
                self._dropped_from = None
            self._audio_waiting += 1
            self._put(Frame("audio", {"at_sample": at_sample}, pcm))

    def close(self) -> None:
        """The app is gone: forget what waits, take nothing more."""
        with self._changed:
            self._is_closed = True
            self._frames.clear()
            self._changed.notify_all()

    def drain(self, timeout_s: float) -> None:
        """Wait until the app has read all, is gone, or `timeout_s` are over."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closed or not (self._frames or self._is_writing),
                max(0.0, deadline_s - time.monotonic()),
            )

    def _put(self, frame: Frame) -> None:
        if not self._is_closed:
            self._frames.append(frame)
            self._changed.notify_all()

    def _run(self) -> None:
        while (frame := self._next()) is not None:
            try:
                self._outlet.send(frame)
            except OSError:
                self.close()

    def _next(self) -> Frame | None:
        with self._changed:
            self._is_writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_closed or bool(self._frames))
            if self._is_closed:
                return None
            self._is_writing = True
            frame = self._frames.popleft()
            if frame.kind == "audio":
                self._audio_waiting -= 1
            return frame
