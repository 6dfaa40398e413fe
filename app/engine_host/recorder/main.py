"""The recorder child: `recorder` records one part; `--list`, `--hear`, … are short forms.

Threads: main = journal, `wire-reader`, `capture` (sound card), `tee`. End of input means that the
app is gone: the recording goes on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, Final

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from app.audio.files import AudioFile
from app.audio.journal_format import HEADER_SIZE, channels_said, part_file, part_numbers
from app.audio.journal_writing import JournalWriter
from app.audio.resampling import Resampler
from app.domain.audio import Level, MarkKind
from app.domain.errors import (
    AlreadyRecordingError,
    AppError,
    ConsentMissingError,
    DeviceLostError,
    DeviceMissingError,
    NoSpeakerError,
)
from app.domain.ids import RecordingId, RecordingKeyId, UserId
from app.domain.ports import RecordingPlan
from app.engine_host.host import claim_stdio, failure, serve
from app.engine_host.recorder.ear import finite
from app.engine_host.recorder.file_source import FileSource
from app.engine_host.recorder.orders import Order
from app.engine_host.recorder.pen import RECORDS_PER_SYNC, Pen
from app.engine_host.recorder.player import Output, Player
from app.engine_host.recorder.recording import Recording
from app.engine_host.recorder.room_check import check_room
from app.engine_host.recorder.sources import Source
from app.engine_host.recorder.tee import Tee
from app.engine_host.recorder.voice_check import hear_voice
from app.engines.traces import Traces
from app.engines.wire import Frame, WireError, read_frame
from app.foundation.letterbox import take_lease
from app.foundation.paths import file_errors, private_folder

LEASE_WAIT_S: Final = 2.0
"""The app looks at a lease by taking it for a moment."""
DRAIN_S: Final = 10.0
"""How long a finished recorder waits for a slow app to read the rest."""
SANE_START_S: Final = 60.0
FILE_RECORDS_PER_SYNC: Final = 40
"""A file that is read fast can be read again: every 20 s of its sound is often enough."""
DECODED_AHEAD: Final = 32
"""Blocks a decoder may be ahead of what the app took."""


def main(argv: list[str]) -> None:
    """Run the recorder, or one of its short-lived forms."""
    if argv[:1] == ["--list"]:
        _list()
    elif argv[:1] == ["--check"]:
        _check()
    elif argv[:1] == ["--hear"]:
        _hear()
    elif argv[:1] == ["--decode"]:
        _decode()
    elif argv[:1] == ["--play"]:
        _play()
    else:
        _record()


# -- record


def _record() -> None:
    stdin, outlet = claim_stdio()
    try:
        frame = read_frame(stdin)
    except WireError:
        sys.exit(1)
    if frame is None or frame.kind != "start":
        return
    plan = _plan(frame)
    tee = Tee(outlet, waits=bool(plan.file))
    status = 0
    try:
        if not frame.fields.get("consent"):
            raise ConsentMissingError  # SECURITY.md 8: no device is opened
        with _leased(plan):
            _run(plan, frame, tee, stdin)
    except DeviceLostError:
        status = 3  # the app starts another process, which gets the driver back
    except AppError as error:
        tee.send(failure(error))
    tee.drain(DRAIN_S)
    # Threads may be blocked in a driver or in a pipe: nobody waits for them.
    os._exit(status)


def _run(plan: RecordingPlan, frame: Frame, tee: Tee, stdin: BinaryIO) -> None:
    """Record. First the header is on disk, then the device is opened."""
    _clear_armed(plan)
    source = _source(plan) if plan.channels > 1 else None
    plan = dataclasses.replace(plan, channels=_channels(plan, source))
    writer = JournalWriter(plan, started_ms=int(time.time() * 1000))
    syncs = FILE_RECORDS_PER_SYNC if plan.file and not plan.realtime else RECORDS_PER_SYNC
    pen = Pen(writer, tee, plan.at_sample, records_per_sync=syncs)
    try:
        source = source or _source(plan)
        recording = Recording(plan, _asked_s(frame), source, pen, tee)
        recording.orders.pipe = stdin.fileno()
        threading.Thread(
            target=_listen, args=(stdin, recording), name="wire-reader", daemon=True
        ).start()
        _finish_on_signal(recording)
        source.open(plan.channels)
        if silence := int(frame.fields.get("silence", 0)):
            pen.mark(MarkKind(silence))
    except AppError:
        if plan.is_armed:
            pen.discard()
        else:
            pen.give_up()
        raise
    recording.run()


def _clear_armed(plan: RecordingPlan) -> None:
    """Take away what armed recorders left that were killed: headers without a record."""
    if not plan.is_armed:
        return
    folder = Path(plan.folder)
    with file_errors():
        for part in part_numbers(folder, plan.recording):
            path = part_file(folder, plan.recording, part)
            if path.stat().st_size <= HEADER_SIZE:
                path.unlink()


def _channels(plan: RecordingPlan, source: Source | None) -> int:
    """Return how many channels this part has: those of the parts before, or what there is."""
    folder = Path(plan.folder)
    for part in part_numbers(folder, plan.recording):
        if said := channels_said(part_file(folder, plan.recording, part)):
            return said
    with contextlib.suppress(AppError):
        if source is not None and source.has_channels(plan.channels):
            return plan.channels
    return 1


def _listen(stdin: BinaryIO, recording: Recording) -> None:
    """Take orders until the app is gone."""
    with contextlib.suppress(WireError, OSError, ValueError):
        while (frame := read_frame(stdin)) is not None:
            if frame.kind in {"finish", "go"}:
                recording.orders.put(Order(frame.kind))
            elif frame.kind == "mark":
                kind = MarkKind(int(frame.fields["kind"]))
                recording.orders.put(Order("mark", kind, _asked_s(frame)))
    recording.orders.put(Order("alone"))


def _finish_on_signal(recording: Recording) -> None:
    """The system shuts down: end in order. A closed terminal or Ctrl-C is not for us."""
    signal.signal(signal.SIGTERM, lambda *_: recording.orders.put(Order("finish")))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextlib.contextmanager
def _leased(plan: RecordingPlan) -> Iterator[None]:
    """Hold the lease of the recording. What lies beside the journal goes when it ended."""
    traces = Traces(Path(plan.folder), plan.recording)
    private_folder(traces.notes)
    lease = _take(traces.lease)
    try:
        yield
    except DeviceLostError:
        lease.release()  # another process goes on with the next part
        raise
    except AppError:
        traces.remove()
        lease.release()
        raise
    traces.remove()
    lease.release()


def _take(path: Path) -> FileLock:
    deadline_s = time.monotonic() + LEASE_WAIT_S
    while (lease := take_lease(path)) is None:
        if time.monotonic() > deadline_s:
            raise AlreadyRecordingError
        time.sleep(0.05)
    return lease


def _source(plan: RecordingPlan) -> Source:
    if plan.file:
        pace = plan.pace if plan.realtime else 0.0
        return FileSource(Path(plan.file), pace=pace, at_sample=plan.at_sample - plan.origin)
    card: Source = _sound_card().SoundCard(plan.device)
    return card


def _sound_card() -> ModuleType:
    """Import PortAudio, which looks at all devices when it is imported: not before it is needed.

    Raises:
        DeviceMissingError: the system has no PortAudio.
    """
    try:
        return importlib.import_module("app.engine_host.recorder.sound_card")
    except OSError:
        raise DeviceMissingError from None


def _asked_s(frame: Frame) -> float:
    """Return when the app asked, on the monotonic clock that all processes share."""
    now_s = time.monotonic()
    asked_s = float(frame.fields["asked_s"])
    return asked_s if 0 <= now_s - asked_s < SANE_START_S else now_s


def _plan(frame: Frame) -> RecordingPlan:
    fields = frame.fields
    return RecordingPlan(
        recording=RecordingId(str(fields["recording"])),
        part=int(fields["part"]),
        owner=UserId(str(fields["owner"])),
        key=RecordingKeyId(str(fields["key"])),
        public_key=frame.payload,
        folder=str(fields["folder"]),
        device=str(fields["device"]),
        file=str(fields["file"]),
        realtime=fields["realtime"] is True,
        at_sample=int(fields["at_sample"]),
        origin=int(fields["origin"]),
        alone_minutes=int(fields["alone_minutes"]),
        channels=int(fields["channels"]),
        is_armed=fields["is_armed"] is True,
        pace=float(fields["pace"]),
    )


# -- short-lived forms


def _list() -> None:
    _, outlet = claim_stdio()
    try:
        devices = [dataclasses.asdict(device) for device in _sound_card().list_devices()]
    except AppError as error:
        outlet.send(failure(error))
        return
    outlet.send(Frame("devices", {"devices": devices}))


def _check() -> None:
    _, outlet = claim_stdio()
    try:
        heard = check_room(_sound_card().SoundCard(), _speaker)
    except AppError as error:
        outlet.send(failure(error))
        return
    outlet.send(Frame("checked", dataclasses.asdict(heard)))


def _hear() -> None:
    """Listen to a voice; the app ends it early by ending the input."""
    stdin, outlet = claim_stdio()
    left = threading.Event()
    try:
        frame = read_frame(stdin)
    except WireError:
        return
    if frame is None:
        return

    def wait_for_the_end() -> None:
        with contextlib.suppress(WireError, OSError, ValueError):
            while read_frame(stdin) is not None:
                pass
        left.set()

    def tell(level: Level) -> None:
        fields = {"peak": finite(level.peak_dbfs), "rms": finite(level.rms_dbfs)}
        fields |= {"is_clipping": level.is_clipping, "channel": 0}
        outlet.send(Frame("level", fields))

    threading.Thread(target=wait_for_the_end, name="wire-reader", daemon=True).start()
    try:
        source = _sound_card().SoundCard(str(frame.fields["device"]))
        heard = hear_voice(source, float(frame.fields["seconds"]), tell, left.is_set)
    except AppError as error:
        outlet.send(failure(error))
        return
    outlet.send(Frame("heard", dataclasses.asdict(heard)))


def _decode() -> None:
    stdin, outlet = claim_stdio()
    ahead = threading.Semaphore(DECODED_AHEAD)

    def decode(frame: Frame) -> None:
        with AudioFile(Path(str(frame.fields["path"]))) as file:
            resampler = Resampler(file.rate)
            for block in file.blocks():
                send(resampler.push(block))
            send(resampler.flush())
            outlet.send(Frame("decoded", {"is_cut": file.is_cut}))

    def send(pcm: NDArray[np.int16]) -> None:
        if len(pcm):
            ahead.acquire()
            outlet.send(Frame("audio", payload=pcm.astype("<i2").tobytes()))

    serve(stdin, outlet, {"decode": decode}, {"taken": lambda _: ahead.release()})


def _speaker() -> Output:
    """Open the default output.

    Raises:
        NoSpeakerError: there is none.
    """
    try:
        speaker: Output = _sound_card().Speaker()
    except DeviceMissingError:
        raise NoSpeakerError from None
    return speaker


def _play() -> None:
    stdin, outlet = claim_stdio()
    player = Player(_speaker, outlet.send)
    serve(stdin, outlet, player.handlers, player.urgent)
