"""The microphone: the one importer of PortAudio.

A capture thread reads blocks of 20 ms and does nothing else: it appends what came to a deque.
It also opens the device, and opens it again when it is lost, because all of that may hang.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import sounddevice  # type: ignore[import-untyped]  # ships no types

from app.audio.resampling import RATES
from app.domain.audio import SAMPLE_RATE, InputDevice
from app.domain.errors import AppError, DeviceLostError, DeviceMissingError, NoSpeakerError
from app.engine_host.recorder.naming import stable_names
from app.engine_host.recorder.pulse import microphones
from app.engine_host.recorder.reckoning import Block, Opened, Reckoning
from app.engine_host.recorder.route import Route
from app.engine_host.recorder.sources import DEVICE_CHANGED, Heard, Trouble

BLOCKS_PER_S: Final = 50
OPEN_WAIT_S: Final = 15.0
"""`start()` returned after 4 ms, but the first block came 1.7 s later: SPEECH.md 1."""
STALL_S: Final = 2.0
"""No block for so long: say that no sound comes. A null sink is silent for 1.9 s when it starts
and when a stream is moved to it."""
FIRST_S: Final = 5.0
"""The first block may take so long: a Bluetooth headset changes its profile first."""
HUNG_S: Final = 20.0
"""No block for so long: the driver hangs; only another process gets it back."""
STOPPED_S: Final = 1.0
"""The journal thread looks each 20 ms; a pause of so long means that nothing of us ran."""
HELD_S: Final = 0.3
"""Sound that an output holds ahead, so that a busy machine does not stutter: with PortAudio's own
`high` (35 ms on ALSA) a quarter of the sound came broken on two busy cores."""
_PULSE: Final = "pulse"  # how ALSA calls its way to PulseAudio and PipeWire
_PULSE_PREFIX: Final = "PulseAudio: "
_RETRY_S: Final = 0.25
_CLOSE_WAIT_S: Final = 2.0
_POLL_S: Final = 0.02
_ENOUGH_BLOCKS: Final = 25  # half a second at once


@dataclass(frozen=True, slots=True)
class _Gone:
    pass


class SoundCard:
    """One microphone, or two kept apart, at 16 kHz.

    Args:
        device: stable name as `list_devices` gives it; empty = the default one.
    """

    is_live = True

    def __init__(self, device: str = "") -> None:
        self._device = device
        self._news: deque[Block | Opened | _Gone] = deque()  # capture → journal thread
        self._first: queue.Queue[AppError | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._route = Route(device)
        self._reckoning = Reckoning(1)
        self._has_heard = False
        self._is_lost = False
        self._is_elsewhere = False  # the stream comes from a microphone nobody asked for
        self._slept_s = _slept_s()
        self._looked_s = 0.0  # monotonic: when the journal thread last looked for news

    def has_channels(self, count: int) -> bool:
        """Whether the device has so many. False too when it is not there."""
        for device in list_devices():
            if self._device in {device.name, device.label} or (
                not self._device and device.is_default
            ):
                return device.channels >= count
        return False

    def open(self, channels: int) -> None:
        """Open the device; blocks until it is open.

        Raises:
            DeviceMissingError: there is no microphone, not this one, or it cannot be opened.
        """
        self._reckoning = Reckoning(channels)
        self._thread.start()
        try:
            trouble = self._first.get(timeout=OPEN_WAIT_S)
        except queue.Empty:
            self._stopping.set()
            raise DeviceMissingError from None
        if trouble is not None:
            raise trouble
        self._reckoning.heard_to_s = self._looked_s = time.monotonic()
        self._route.start()

    def take(self, timeout_s: float) -> Heard | None:
        """Return what came next.

        Raises:
            DeviceLostError: the driver hangs.
        """
        deadline_s = time.monotonic() + timeout_s
        heard = self._reckoning.heard
        while not heard:
            self._look()
            if self._news:
                self._digest()
            elif (trouble := self._stalled()) is not None:
                return trouble
            elif time.monotonic() >= deadline_s:
                return None
            else:
                time.sleep(_POLL_S)
        return heard.popleft()

    def hold(self) -> None:
        """Nothing: a microphone does not wait."""

    def settle(self) -> tuple[Heard, ...]:
        """Stop the device and return what was left inside."""
        self._stopping.set()
        self._route.stop()
        self._thread.join(_CLOSE_WAIT_S)  # a driver that hangs is left to the end of the process
        while self._news:
            self._digest()
        self._reckoning.end()
        if self._is_lost:
            self._reckoning.miss(time.monotonic())
        left = tuple(self._reckoning.heard)
        self._reckoning.heard.clear()
        return left

    def hurry(self) -> None:
        """Nothing: people do not talk faster."""

    # -- journal thread

    def _look(self) -> None:
        """Notice what nobody sends: a stop of this process, sleep, another microphone."""
        now_s = time.monotonic()
        if now_s - self._looked_s > STOPPED_S:
            self._reckoning.stopped(now_s)
        self._looked_s = now_s
        slept_s = _slept_s() - self._slept_s
        self._slept_s += slept_s
        if slept_s > STOPPED_S:
            self._reckoning.slept(slept_s)
        while self._route.changes:
            is_ours = self._route.changes.popleft().is_ours
            is_back = is_ours and self._is_elsewhere  # else: another one, or a new default
            self._is_elsewhere = not is_ours
            self._reckoning.heard.append(Trouble(is_over=is_back, code=DEVICE_CHANGED))

    def _digest(self) -> None:
        """Turn what the capture thread left into something heard."""
        match self._news.popleft():
            case Opened() as opened:
                self._reckoning.begin(opened)
            case _Gone():
                self._reckoning.end()
                self._tell_lost(is_lost=True)
            case Block() as block:
                self._hear(block)

    def _hear(self, first: Block) -> None:
        blocks = [first]
        while len(blocks) < _ENOUGH_BLOCKS and self._news and isinstance(self._news[0], Block):
            block = self._news.popleft()
            assert isinstance(block, Block)  # noqa: S101 - for the type checker; just looked
            blocks.append(block)
        self._has_heard = True
        self._tell_lost(is_lost=False)
        self._reckoning.hear(blocks)

    def _stalled(self) -> Trouble | None:
        """Tell once that no sound comes, and give up on a driver that hangs."""
        silent_s = time.monotonic() - self._reckoning.heard_to_s
        if self._reckoning.opened is not None and silent_s > HUNG_S:
            raise DeviceLostError
        if self._is_lost or silent_s < (STALL_S if self._has_heard else FIRST_S):
            return None
        self._is_lost = True
        return Trouble(is_over=False)

    def _tell_lost(self, *, is_lost: bool) -> None:
        if self._is_lost != is_lost:
            self._is_lost = is_lost
            self._reckoning.heard.append(Trouble(is_over=not is_lost))

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
                at_s, is_newest = time.monotonic(), stream.read_available < frames
                self._news.append(Block(bytes(data), bool(overflowed), at_s, is_newest))
        except sounddevice.PortAudioError:
            self._news.append(_Gone())
        try:
            stream.abort()
            stream.close()
        except sounddevice.PortAudioError:
            return


def list_devices() -> tuple[InputDevice, ...]:
    """Return the microphones of the best host API, and each one of the sound server."""
    found = [_as_input(name, info) for name, info in _inputs().items()]
    if any(device.label == _PULSE for device in found):
        found += [
            InputDevice(_PULSE_PREFIX + each.name, each.label, each.channels, each.rate)
            for each in microphones()
        ]
    return tuple(found)


def _as_input(name: str, info: dict[str, Any]) -> InputDevice:
    return InputDevice(
        name=name,
        label=str(info["name"]),
        channels=int(info["max_input_channels"]),
        rate=int(info["default_samplerate"]),
        is_default=info["index"] == _default_index(info),
    )


def _inputs() -> dict[str, dict[str, Any]]:
    """Return what can record, by stable name.

    On Windows one microphone shows under four APIs: take WASAPI.
    """
    found = [info for info in sounddevice.query_devices() if info["max_input_channels"] > 0]
    apis = [str(api["name"]) for api in sounddevice.query_hostapis()]
    if "Windows WASAPI" in apis:
        wasapi = apis.index("Windows WASAPI")
        found = [info for info in found if info["hostapi"] == wasapi]
    names = stable_names([(apis[info["hostapi"]], str(info["name"])) for info in found])
    return dict(zip(names, found, strict=True))


def _default_index(info: dict[str, Any]) -> int:
    return int(sounddevice.query_hostapis(info["hostapi"])["default_input_device"])


def _find(device: str) -> dict[str, Any]:
    """Return the device of this stable name, the default one for an empty name.

    A microphone of the sound server is PortAudio's `pulse`, with a variable that libpulse reads.

    Raises:
        DeviceMissingError: there is none.
    """
    if device.startswith(_PULSE_PREFIX):
        os.environ["PULSE_SOURCE"] = device.removeprefix(_PULSE_PREFIX)
        device = _PULSE
    for name, info in _inputs().items():
        if device in {name, info["name"]}:
            return info
        if not device and info["index"] == _default_index(info):
            return info
    raise DeviceMissingError


def _open_stream(device: str) -> tuple[Any, Opened]:
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
    return stream, Opened(rate, channels)


def _look_again() -> None:
    """PortAudio sees what was plugged in only after this."""
    sounddevice._terminate()  # noqa: SLF001 - the documented way: sounddevice issue 125
    sounddevice._initialize()  # noqa: SLF001


def _slept_s() -> float:
    """Return how long the machine was asleep since it started; 0.0 where that is unknown."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) - time.monotonic() if boot is not None else 0.0


class Speaker:
    """The default output, for a while. One thread.

    Raises:
        NoSpeakerError: there is no output, or it cannot be opened.
    """

    def __init__(self) -> None:
        try:
            self._stream = _open_output()
        except (sounddevice.PortAudioError, ValueError):
            raise NoSpeakerError from None
        self.rate = int(self._stream.samplerate)
        """Samples per second it wants, mono s16le."""

    def write(self, pcm: bytes) -> None:
        """Play a block; blocks while the device has enough.

        Raises:
            NoSpeakerError: it is gone.
        """
        try:
            self._stream.write(pcm)
        except sounddevice.PortAudioError:
            raise NoSpeakerError from None

    def close(self, *, at_once: bool) -> None:
        """Close it; `at_once` drops what was not heard yet, else it is played to its end."""
        with contextlib.suppress(sounddevice.PortAudioError):
            if at_once:
                self._stream.abort()
            else:
                self._stream.stop()
            self._stream.close()


def _open_output() -> Any:  # noqa: ANN401 - PortAudio has no types
    """Open the default output at 16 kHz, or at its own rate when it knows no other."""
    info = sounddevice.query_devices(kind="output")
    rate = SAMPLE_RATE
    try:
        sounddevice.check_output_settings(info["index"], channels=1, dtype="int16", samplerate=rate)
    except sounddevice.PortAudioError:
        rate = int(info["default_samplerate"])
    stream = sounddevice.RawOutputStream(
        samplerate=rate, device=info["index"], channels=1, dtype="int16", latency=HELD_S
    )
    stream.start()
    return stream
