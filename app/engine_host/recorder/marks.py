"""Marks that wait for the sound of the moment they were asked for.

Sound comes late: a block may be a second behind the press of a key, and what `Reckoning` holds
back more than that. What was said off the record must not be kept for that, nor what was said
before it be dropped. Pure. Journal thread.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.audio import SAMPLE_RATE, MarkKind
from app.engine_host.recorder.sources import Sound

SILENCE_WAIT_S: Final = 2.0
"""A mark that ends what is kept waits no longer when no sound comes: the person wants it told,
and what comes later from before it is lost, which is the private side of wrong. One that lets
sound be kept again waits until sound comes or the device is gone."""
_BEGINS: Final = frozenset({MarkKind.RESUME, MarkKind.OFF_RECORD_END})

Piece = NDArray[np.int16] | MarkKind


class Marks:
    """What was asked for and is not due yet, in the order it was asked for."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, MarkKind]] = deque()

    def ask(self, kind: MarkKind, asked_s: float) -> None:
        """Take a mark that was asked for at a moment of the monotonic clock."""
        self._waiting.append((asked_s, kind))

    def cut(self, sound: Sound) -> Iterator[Piece]:
        """Yield the sound in pieces, with the marks that belong before, in, and behind it."""
        pcm = sound.pcm
        while self._waiting and len(pcm):
            asked_s, kind = self._waiting[0]
            after_s = math.inf if sound.until_s is None else sound.until_s - asked_s
            if after_s < 0:
                break
            count = len(pcm) - round(min(after_s * SAMPLE_RATE, len(pcm)))
            if count:
                yield pcm[:count]
            pcm = pcm[count:]
            self._waiting.popleft()
            yield kind
        if len(pcm):
            yield pcm

    def overdue(self, now_s: float) -> Iterator[MarkKind]:
        """Yield what cannot wait for sound any longer."""
        while self._waiting:
            asked_s, kind = self._waiting[0]
            if kind in _BEGINS or now_s - asked_s < SILENCE_WAIT_S:
                return
            self._waiting.popleft()
            yield kind

    def forget(self) -> None:
        """Nothing counts any more."""
        self._waiting.clear()

    def rest(self) -> Iterator[MarkKind]:
        """Yield all that waits: no sound from before will come."""
        while self._waiting:
            yield self._waiting.popleft()[1]
