"""The microphone: the one importer of PortAudio.

A capture thread reads blocks of 20 ms and does nothing else: it appends what came to a deque.
It also opens the device, and opens it again when it is lost, because all of that may hang.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sounddevice  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.audio.resampling import RATES, Resampler, pcm_to_float
from app.domain.audio import SAMPLE_RATE, GapReason, InputDevice
from app.domain.errors import AppError, DeviceLostError, DeviceMissingError
from app.engine_host.recorder.loss_meter import LossMeter
from app.engine_host.recorder.sources import Heard, Lost, Sound, Trouble

BLOCKS_PER_S: Final = 50
OPEN_WAIT_S: Final = 15.0
"""`start()` returned after 4 ms, but the first block came 1.7 s later: SPEECH.md 1."""
STALL_S: Final = 2.0
"""No block for so long: say that no sound comes."""
HUNG_S: Final = 20.0
"""No block for so long: the driver hangs; only another process gets it back."""
_RETRY_S: Final = 0.5
_CLOSE_WAIT_S: Final = 2.0
_POLL_S: Final = 0.02
_ENOUGH_BLOCKS: Final = 25  # half a second at once


@dataclass(frozen=True, slots=True)
class _Block:
    """What one read gave. `at_s`: monotonic, when it was done."""

    pcm: bytes
    overflowed: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class _Opened:
    rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class _Gone:
    pass


class SoundCard:
    """One microphone, down-mixed to mono.

    Args:
        device: stable name as `list_devices` gives it; empty = the default one.
    """

    is_live = True

    def __init__(self, device: str = "") -> None:
        self._device = device
        self._news: deque[_Block | _Opened | _Gone] = deque()  # capture → journal thread
        self._first: queue.Queue[AppError | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._opened: _Opened | None = None
        self._resampler = Resampler(SAMPLE_RATE)
        self._meter = LossMeter(SAMPLE_RATE)
        self._count = 0  # samples of the open stream, at its rate
        self._heard_to_s = 0.0  # monotonic: when the last sample was spoken
        self._is_lost = False
        self._is_overflowed = False
        self._slept_s = _slept_s()
        self._pending: deque[Heard] = deque()

    def open(self) -> None:
        """Open the device; blocks until it is open.

        Raises:
            DeviceMissingError: there is no microphone, not this one, or it cannot be opened.
        """
        self._thread.start()
        try:
            trouble = self._first.get(timeout=OPEN_WAIT_S)
        except queue.Empty:
            self._stopping.set()
            raise DeviceMissingError from None
        if trouble is not None:
            raise trouble
        self._heard_to_s = time.monotonic()

    def take(self, timeout_s: float) -> Heard | None:
        """Return what came next.

        Raises:
            DeviceLostError: the driver hangs.
        """
        deadline_s = time.monotonic() + timeout_s
        while not self._pending:
            if not self._news:
                if (trouble := self._stalled()) is not None:
                    return trouble
                if time.monotonic() >= deadline_s:
                    return None
                time.sleep(_POLL_S)
            else:
                self._digest()
        return self._pending.popleft()

    def settle(self) -> tuple[Heard, ...]:
        """Stop the device and return what was left inside."""
        self._stopping.set()
        self._thread.join(_CLOSE_WAIT_S)  # a driver that hangs is left to the end of the process
        while self._news:
            self._digest()
        self._end_stream()
        if self._is_lost:
            self._lose(GapReason.DEVICE, time.monotonic() - self._heard_to_s)
        left = tuple(self._pending)
        self._pending.clear()
        return left

    def hurry(self) -> None:
        """Nothing: people do not talk faster."""

    # -- journal thread

    def _digest(self) -> None:
        """Turn what the capture thread left into something heard."""
        match self._news.popleft():
            case _Opened() as opened:
                self._begin_stream(opened)
            case _Gone():
                self._end_stream()
                self._note_trouble()
            case _Block() as block:
                self._hear(block)

    def _begin_stream(self, opened: _Opened) -> None:
        self._opened = opened
        self._resampler = Resampler(opened.rate)
        self._meter = LossMeter(opened.rate)
        self._count = 0

    def _end_stream(self) -> None:
        if self._opened is not None and len(rest := self._resampler.flush()):
            self._pending.append(Sound(rest))
        self._opened = None

    def _hear(self, first: _Block) -> None:
        opened = self._opened
        if opened is None:
            return
        blocks = [first]
        while len(blocks) < _ENOUGH_BLOCKS and self._news and isinstance(self._news[0], _Block):
            block = self._news.popleft()
            assert isinstance(block, _Block)  # noqa: S101 - for the type checker; just looked
            blocks.append(block)
        interleaved = np.frombuffer(b"".join(each.pcm for each in blocks), np.int16)
        samples = interleaved.reshape(-1, opened.channels)
        self._account(blocks, len(samples), opened.rate)
        mono: NDArray[np.float32] = pcm_to_float(samples).mean(axis=1, dtype=np.float32)
        if len(pcm := self._resampler.push(np.ascontiguousarray(mono))):
            self._pending.append(Sound(pcm))

    def _account(self, blocks: list[_Block], count: int, rate: int) -> None:
        """Hold what came against the clock; name what did not come."""
        now_s = blocks[-1].at_s
        if self._is_lost:
            self._is_lost = False
            self._pending.append(Trouble(is_over=True))
            if not self._count:  # the stream is a new one: its meter knows nothing of the pause
                self._lose(GapReason.DEVICE, now_s - count / rate - self._heard_to_s)
        slept_s = _slept_s() - self._slept_s
        self._slept_s += slept_s
        if slept_s > STALL_S:
            self._lose(GapReason.SUSPEND, slept_s)
        self._is_overflowed = self._is_overflowed or any(each.overflowed for each in blocks)
        self._count += count
        lost_s = self._meter.note(self._count, now_s)
        if lost_s:
            reason = GapReason.OVERFLOW if self._is_overflowed else GapReason.DEVICE
            self._lose(reason, lost_s)
            self._is_overflowed = False
        self._heard_to_s = now_s

    def _lose(self, reason: GapReason, lost_s: float) -> None:
        self._pending.append(Lost(reason, max(0, round(lost_s * SAMPLE_RATE))))

    def _stalled(self) -> Trouble | None:
        """Tell once that no sound comes, and give up on a driver that hangs."""
        silent_s = time.monotonic() - self._heard_to_s
        if self._opened is not None and silent_s > HUNG_S:
            raise DeviceLostError
        if self._is_lost or silent_s < STALL_S:
            return None
        self._is_lost = True
        return Trouble(is_over=False)

    def _note_trouble(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._pending.append(Trouble(is_over=False))

    # -- capture thread

    def _capture(self) -> None:
        """Read until told to stop. Opens the device, and again when it went away."""
        is_first = True
        while not self._stopping.is_set():
            try:
                stream, opened = _open_stream(self._device)
            except (DeviceMissingError, sounddevice.PortAudioError):
                if is_first:
                    self._first.put(DeviceMissingError())
                    return
                self._stopping.wait(_RETRY_S)
                _look_again()
                continue
            if is_first:
                self._first.put(None)
                is_first = False
            self._news.append(opened)
            self._read(stream, opened.rate // BLOCKS_PER_S)

    def _read(self, stream: Any, frames: int) -> None:  # noqa: ANN401 - PortAudio has no types
        try:
            while not self._stopping.is_set():
                data, overflowed = stream.read(frames)
                self._news.append(_Block(bytes(data), bool(overflowed), time.monotonic()))
        except sounddevice.PortAudioError:
            self._news.append(_Gone())
        try:
            stream.abort()
            stream.close()
        except sounddevice.PortAudioError:
            return


def list_devices() -> tuple[InputDevice, ...]:
    """Return the microphones of the best host API."""
    return tuple(_as_input(info) for info in _inputs())


def _as_input(info: dict[str, Any]) -> InputDevice:
    return InputDevice(
        name=_stable_name(info),
        label=str(info["name"]),
        channels=int(info["max_input_channels"]),
        rate=int(info["default_samplerate"]),
        is_default=info["index"] == _default_index(info),
    )


def _inputs() -> list[dict[str, Any]]:
    """Return what can record. On Windows one microphone shows under four APIs: take WASAPI."""
    found = [info for info in sounddevice.query_devices() if info["max_input_channels"] > 0]
    apis = [api["name"] for api in sounddevice.query_hostapis()]
    if "Windows WASAPI" in apis:
        wasapi = apis.index("Windows WASAPI")
        found = [info for info in found if info["hostapi"] == wasapi]
    return found


def _stable_name(info: dict[str, Any]) -> str:
    return f"{sounddevice.query_hostapis(info['hostapi'])['name']}: {info['name']}"


def _default_index(info: dict[str, Any]) -> int:
    return int(sounddevice.query_hostapis(info["hostapi"])["default_input_device"])


def _find(device: str) -> dict[str, Any]:
    """Return the device of this stable name, the default one for an empty name.

    Raises:
        DeviceMissingError: there is none.
    """
    for info in _inputs():
        if device in {_stable_name(info), info["name"]}:
            return info
        if not device and info["index"] == _default_index(info):
            return info
    raise DeviceMissingError


def _open_stream(device: str) -> tuple[Any, _Opened]:
    info = _find(device)
    rate = int(info["default_samplerate"])
    if rate not in RATES:
        raise DeviceMissingError
    channels = min(2, int(info["max_input_channels"]))
    stream = sounddevice.RawInputStream(
        samplerate=rate,
        blocksize=rate // BLOCKS_PER_S,
        device=info["index"],
        channels=channels,
        dtype="int16",
        latency="high",
    )
    stream.start()
    return stream, _Opened(rate, channels)


def _look_again() -> None:
    """PortAudio sees what was plugged in only after this."""
    sounddevice._terminate()  # noqa: SLF001 - the documented way: sounddevice issue 125
    sounddevice._initialize()  # noqa: SLF001


def _slept_s() -> float:
    """Return how long the machine was asleep since it started; 0.0 where that is unknown."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) - time.monotonic() if boot is not None else 0.0
