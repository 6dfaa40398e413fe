"""The player: plays what the app sends, and knows neither files nor journals.

Frames: `play {number}` begins, `sound {number}` is 16 kHz mono s16le, `end {number}`. `hush
{number}` is heard at once and voids what waits; `stop` behind it closes the device. To the app:
`playing {number, samples}`, `played {number}`, `failed {request: number}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import numpy as np
import soxr  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import AppError
from app.engine_host.host import Handler, failure
from app.engines.wire import Frame

BLOCK: Final = SAMPLE_RATE // 10
"""Written at once: a `stop` is heard after 0.1 s and what the device holds."""


class Output(Protocol):
    """What plays: `sound_card.Speaker`."""

    rate: int

    def write(self, pcm: bytes) -> None:
        """Play a block; may block."""

    def close(self, *, at_once: bool) -> None:
        """Close, dropping what was not heard or not."""


class Player:
    """Plays one thing at a time.

    Args:
        open_output: opens the default output.
        send: takes frames to the app.
    """

    def __init__(self, open_output: Callable[[], Output], send: Callable[[Frame], object]) -> None:
        self._open_output = open_output
        self._send = send
        self._output: Output | None = None
        self._stream: soxr.ResampleStream | None = None
        self._number = -1
        self._stopped = -1  # written by the reader thread, one int at a time
        self._samples = 0
        self.handlers: Mapping[str, Handler] = {
            "play": self._on_play, "sound": self._on_sound, "end": self._on_end,
            "stop": lambda _frame: self._hush(),
        }  # fmt: skip
        self.urgent: Mapping[str, Handler] = {"hush": self._on_hush}

    # -- reader thread

    def _on_hush(self, frame: Frame) -> None:
        self._stopped = int(frame.fields["number"])

    # -- main thread

    def _on_play(self, frame: Frame) -> None:
        self._close(at_once=True)
        self._number = int(frame.fields["number"])
        self._samples = 0
        if self._is_stopped:
            return
        try:
            self._output = self._open_output()
        except AppError as error:
            self._send(failure(error, self._number))
            return
        rate = self._output.rate
        if rate != SAMPLE_RATE:
            self._stream = soxr.ResampleStream(SAMPLE_RATE, rate, 1, "int16", "HQ")

    def _on_sound(self, frame: Frame) -> None:
        if int(frame.fields["number"]) != self._number:
            return
        step = BLOCK * BYTES_PER_SAMPLE
        for at in range(0, len(frame.payload), step):
            if self._is_stopped or self._output is None:
                self._hush()
                return
            self._write(self._output, frame.payload[at : at + step])

    def _write(self, output: Output, pcm: bytes) -> None:
        try:
            output.write(self._resampled(np.frombuffer(pcm, "<i2").astype(np.int16), is_last=False))
        except AppError as error:
            self._close(at_once=True)
            self._send(failure(error, self._number))
            return
        self._samples += len(pcm) // BYTES_PER_SAMPLE
        self._send(Frame("playing", {"number": self._number, "samples": self._samples}))

    def _on_end(self, frame: Frame) -> None:
        if int(frame.fields["number"]) != self._number or self._output is None:
            return
        if self._stream is not None and not self._is_stopped:
            self._output.write(self._resampled(np.empty(0, np.int16), is_last=True))
        self._close(at_once=self._is_stopped)
        self._send(Frame("played", {"number": self._number}))

    def _hush(self) -> None:
        """Drop what is not heard yet."""
        self._close(at_once=True)

    @property
    def _is_stopped(self) -> bool:
        return self._number <= self._stopped

    def _resampled(self, pcm: NDArray[np.int16], *, is_last: bool) -> bytes:
        if self._stream is not None:
            pcm = self._stream.resample_chunk(pcm, last=is_last)
        return pcm.astype("<i2").tobytes()

    def _close(self, *, at_once: bool) -> None:
        output, self._output, self._stream = self._output, None, None
        if output is not None:
            output.close(at_once=at_once)
