"""One part of a recording: hear, keep, tell, obey. The journal thread: the child's main thread.

An armed recording hears and keeps two seconds in memory; nothing is on disk until the word `go`.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import deque
from pathlib import Path
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from app.domain.audio import SAMPLE_RATE, GapReason, MarkKind
from app.domain.errors import AppError, DeviceLostError, DiskFullError
from app.domain.ports import RecordingPlan
from app.engine_host.host import failure
from app.engine_host.recorder.ear import Ear
from app.engine_host.recorder.marks import Marks
from app.engine_host.recorder.orders import Orders
from app.engine_host.recorder.pen import Pen
from app.engine_host.recorder.sources import (
    DEVICE_LOST,
    End,
    Heard,
    Lost,
    Sound,
    Source,
    Trouble,
)
from app.engine_host.recorder.tee import Tee
from app.engines.traces import FINISH, WORDS, RecorderState, RecorderStatus, Traces
from app.engines.wire import Frame
from app.foundation.letterbox import take_notes

DISK_LOW_BYTES: Final = 500_000_000
DISK_STOP_BYTES: Final = 100_000_000
PREROLL_SAMPLES: Final = 2 * SAMPLE_RATE
"""SPEECH.md 1: 2 s of pre-roll. People begin to speak when they press."""
_CHORES_EVERY_S: Final = 0.25
_STATUS_EVERY_S: Final = 1.0
_TAKE_S: Final = 0.1
_STOPPED_S: Final = 0.25
"""When a take lasts so long nothing of us ran, and orders wait as sound does."""


class Preroll:
    """The newest two seconds, in memory only."""

    def __init__(self) -> None:
        self._blocks: deque[NDArray[np.int16]] = deque()
        self._count = 0

    def keep(self, pcm: NDArray[np.int16]) -> None:
        """Add sound; what is too old goes."""
        self._blocks.append(pcm)
        self._count += len(pcm)
        while self._count - len(self._blocks[0]) >= PREROLL_SAMPLES:
            self._count -= len(self._blocks.popleft())

    def forget(self) -> None:
        """Something is missing: what was before it does not go on from here."""
        self._blocks.clear()
        self._count = 0

    def take(self) -> NDArray[np.int16] | None:
        """Return all of it, at most two seconds, and forget it."""
        blocks = list(self._blocks)
        self.forget()
        return np.concatenate(blocks)[-PREROLL_SAMPLES:] if blocks else None


class Recording:
    """Runs one part from its first sample to its end.

    Args:
        plan: of this part, with the channels it really has.
        began_s: monotonic clock when the app asked for it.
    """

    def __init__(
        self, plan: RecordingPlan, began_s: float, source: Source, pen: Pen, tee: Tee
    ) -> None:
        self._plan = plan
        self._began_s = began_s
        self._source = source
        self._pen = pen
        self._tee = tee
        self._traces = Traces(Path(plan.folder), plan.recording)
        self.orders = Orders()
        self._is_armed = plan.is_armed
        self._preroll = Preroll()
        self._marks = Marks()
        self._is_over = False
        self._is_cut = False
        self._is_lost = False
        self._has_sound = False
        self._alone_since_s: float | None = None
        is_timely = source.is_live or plan.realtime
        self._ear = Ear(tee, plan.channels, watches=is_timely)
        self._chores_at_s = 0.0
        self._status_at_s = 0.0
        self._warned_disk = False

    def run(self) -> None:
        """Record until told to finish, the end of the file, a full disk, or too long alone.

        Raises:
            DeviceLostError: the driver hangs. The journal is on disk, without an end.
        """
        try:
            if self._is_armed and not self._source.is_live:
                self._tell_armed()
            while not self._is_over:
                self._obey()
                self._do_chores()
                if not self._is_over:
                    self._go_on()
            self._finish()
        except DeviceLostError:
            self._give_up_device()
        except AppError as error:
            self._fail(error)

    # -- what is heard

    def _go_on(self) -> None:
        """Hear what comes next; a mark that was asked for before it goes first."""
        began_s = time.monotonic()
        heard = self._next()
        if self._source.is_live:
            if time.monotonic() - began_s > _STOPPED_S:
                self.orders.catch_up()
            self._obey()
        self._hear(heard)

    def _next(self) -> Heard | None:
        if (self._pen.is_paused or self._is_armed) and not self._source.is_live:
            time.sleep(_TAKE_S)  # a file waits
            self._source.hold()
            return None
        return self._source.take(_TAKE_S)

    def _hear(self, heard: Heard | None) -> None:
        match heard:
            case None:
                for kind in self._marks.overdue(time.monotonic()):
                    self._note(kind)
            case Sound():
                self._take(heard)
            case Lost(reason, count):
                self._lose(reason, count)
            case Trouble(is_over, code):
                self._is_lost = not is_over if code == DEVICE_LOST else self._is_lost
                self._ear.trouble(code, is_over=is_over)
            case End(is_cut):
                self._is_cut = is_cut
                self._is_over = True
            case _:
                assert_never(heard)

    def _take(self, sound: Sound) -> None:
        is_first = not self._has_sound
        self._has_sound = True
        if self._is_armed:
            self._preroll.keep(sound.pcm)
            if is_first:
                self._tell_armed()
        else:
            if is_first:
                self._begin(len(sound.pcm))
            self._keep(sound)
        self._ear.hear(sound.pcm, self._pen.clock, is_paused=self._pen.is_paused)

    def _keep(self, sound: Sound) -> None:
        """Write sound, and each mark where the sound was when it was asked for."""
        for piece in self._marks.cut(sound):
            if isinstance(piece, MarkKind):
                self._note(piece)
            else:
                self._pen.hear(piece)

    def _lose(self, reason: GapReason, count: int) -> None:
        if self._is_armed:
            self._preroll.forget()
        else:
            self._pen.lose(reason, count)

    def _begin(self, count: int) -> None:
        """A later part begins when its first sample was spoken, not when it was asked for."""
        if self._plan.part and self._source.is_live and not self._plan.is_armed:
            late_s = time.monotonic() - self._began_s
            self._pen.skip(max(0, round(late_s * SAMPLE_RATE) - count))
            self._pen.lose(GapReason.RESTART, 0)

    def _tell_armed(self) -> None:
        self._tee.send(Frame("armed", {"channels": self._plan.channels}))

    def _go(self) -> None:
        """The press: what was heard just before belongs to it."""
        if not self._is_armed:
            return
        self._is_armed = False
        self._status_at_s = 0.0
        if (pcm := self._preroll.take()) is not None:
            self._pen.hear(pcm)

    # -- what is asked

    def _obey(self) -> None:
        while not self.orders.empty():
            order = self.orders.get()
            if order.word == "mark" and order.mark is not None:
                self._mark(order.mark, order.asked_s)
            elif order.word == "go":
                self._go()
            elif order.word == FINISH:
                self._is_over = True
            elif order.word == "alone":
                self._alone_since_s = time.monotonic()
                self._tee.close()
                self._source.hurry()

    def _mark(self, kind: MarkKind, asked_s: float) -> None:
        """Take a mark; it stands where the sound is that was heard when it was asked for."""
        if self._is_armed:
            self._is_over = self._is_over or kind is MarkKind.CONSENT_WITHDRAWN
        elif self._source.is_live and kind is not MarkKind.CONSENT_WITHDRAWN:
            self._marks.ask(kind, asked_s)
        else:
            self._note(kind)

    def _note(self, kind: MarkKind) -> None:
        self._pen.mark(kind)
        self._status_at_s = 0.0
        if kind is MarkKind.CONSENT_WITHDRAWN:
            self._marks.forget()
            self._is_over = True

    def _read_notes(self) -> None:
        for word in take_notes(self._traces.notes, WORDS):
            match word:
                case "finish":
                    self._is_over = True
                case "pause":
                    self._mark(MarkKind.PAUSE, time.monotonic())
                case "resume":
                    self._mark(MarkKind.RESUME, time.monotonic())
                case _:
                    if self._alone_since_s is not None:
                        self._alone_since_s = time.monotonic()

    # -- chores

    def _do_chores(self) -> None:
        now_s = time.monotonic()
        if now_s - self._chores_at_s < _CHORES_EVERY_S:
            return
        self._chores_at_s = now_s
        self._read_notes()
        self._watch_disk()
        alone_s = 0.0 if self._alone_since_s is None else now_s - self._alone_since_s
        is_waiting = self._source.is_live or self._pen.is_paused
        if is_waiting and self._alone_since_s is not None:
            self._is_over = self._is_over or alone_s >= self._plan.alone_minutes * 60
        if self._is_armed and self._alone_since_s is not None:
            self._is_over = True  # nobody pressed, and nobody will
        if now_s - self._status_at_s >= _STATUS_EVERY_S:
            self._status_at_s = now_s
            self._write_status()

    def _watch_disk(self) -> None:
        free_bytes = shutil.disk_usage(self._plan.folder).free
        if free_bytes < DISK_STOP_BYTES:
            raise DiskFullError(free_bytes)
        if free_bytes < DISK_LOW_BYTES and not self._warned_disk:
            self._warned_disk = True
            self._ear.trouble("disk_low", is_over=False, free_bytes=free_bytes)

    def _write_status(self) -> None:
        state = RecorderState.RECORDING if self._pen.has_started else RecorderState.STARTING
        if self._pen.is_paused:
            state = RecorderState.PAUSED
        elif self._is_lost:
            state = RecorderState.LOST
        self._traces.write_status(
            RecorderStatus(
                state=state,
                samples=self._pen.clock,
                part=self._plan.part,
                at_s=time.time(),
                peak_dbfs=self._ear.peak_dbfs,
                is_alone=self._alone_since_s is not None,
            )
        )

    # -- ends

    def _finish(self) -> None:
        left = self._source.settle()
        if self._is_armed:
            self._pen.discard()
        else:
            for heard in left:
                self._hear(heard)
            self._note_rest()
            self._pen.finish()
        samples = 0 if self._is_armed else self._pen.clock
        self._tee.send(Frame("finished", {"samples": samples, "is_cut": self._is_cut}))

    def _note_rest(self) -> None:
        for kind in self._marks.rest():
            self._note(kind)

    def _fail(self, error: AppError) -> None:
        """Close as well as the disk allows, and say why."""
        self._source.settle()
        with contextlib.suppress(AppError):  # what was written is whole, if the end did not fit
            self._pen.discard() if self._is_armed else self._pen.give_up()
        self._tee.send(failure(error))

    def _give_up_device(self) -> None:
        """With an app: leave, and it starts another process. Alone: there is none to come."""
        if self._alone_since_s is not None:
            self._finish()
            return
        if self._is_armed:
            self._pen.discard()
        else:
            self._note_rest()
            self._pen.abandon()
        raise DeviceLostError
