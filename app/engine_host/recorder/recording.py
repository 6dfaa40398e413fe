"""One part of a recording: hear, keep, tell, obey. The journal thread: the child's main thread."""

from __future__ import annotations

import contextlib
import math
import queue
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from app.audio.levels import measure
from app.domain.audio import SAMPLE_RATE, GapReason, Level, MarkKind
from app.domain.errors import AppError, DeviceLostError, DiskFullError
from app.domain.ports import RecordingPlan
from app.engine_host.host import failure
from app.engine_host.recorder.pen import Pen
from app.engine_host.recorder.sound_watch import SoundWatch
from app.engine_host.recorder.sources import End, Heard, Lost, Sound, Source, Trouble
from app.engine_host.recorder.tee import Tee
from app.engines.traces import FINISH, WORDS, RecorderState, RecorderStatus, Traces
from app.engines.wire import Frame
from app.foundation.letterbox import take_notes

DISK_LOW_BYTES: Final = 500_000_000
DISK_STOP_BYTES: Final = 100_000_000
LEVEL_SAMPLES: Final = SAMPLE_RATE // 20
_LEVEL_EVERY_S: Final = 0.045  # 20 Hz, and no more when a file is read fast
_CHORES_EVERY_S: Final = 0.25
_STATUS_EVERY_S: Final = 1.0
_TAKE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """What the app asks for. `word`: mark, finish, or alone when the app is gone."""

    word: str
    mark: MarkKind | None = None


class Recording:
    """Runs one part from its first sample to its end.

    Args:
        plan: of this part.
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
        self.orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._is_over = False
        self._is_cut = False
        self._is_lost = False
        self._has_sound = False
        self._alone_since_s: float | None = None
        self._watch = SoundWatch()
        self._level: Level | None = None
        self._level_pcm: NDArray[np.int16] = np.empty(0, np.int16)
        self._level_at_s = 0.0
        self._chores_at_s = 0.0
        self._status_at_s = 0.0
        self._warned_disk = False

    def run(self) -> None:
        """Record until told to finish, the end of the file, a full disk, or too long alone.

        Raises:
            DeviceLostError: the driver hangs. The journal is on disk, without an end.
        """
        try:
            while not self._is_over:
                self._obey()
                self._do_chores()
                if not self._is_over:
                    self._hear(self._next())
            self._finish()
        except DeviceLostError:
            self._give_up_device()
        except AppError as error:
            self._fail(error)

    # -- what is heard

    def _next(self) -> Heard | None:
        if self._pen.is_paused and not self._source.is_live:
            time.sleep(_TAKE_S)  # a file waits
            return None
        return self._source.take(_TAKE_S)

    def _hear(self, heard: Heard | None) -> None:
        match heard:
            case None:
                return
            case Sound(pcm):
                self._begin(len(pcm))
                self._pen.hear(pcm)
                self._measure(pcm)
            case Lost(reason, count):
                self._pen.lose(reason, count)
            case Trouble(is_over):
                self._is_lost = not is_over
                self._trouble("device_lost", is_over=is_over)
            case End(is_cut):
                self._is_cut = is_cut
                self._is_over = True
            case _:
                assert_never(heard)

    def _begin(self, count: int) -> None:
        """A later part begins when its first sample was spoken, not when it was asked for."""
        if self._has_sound:
            return
        self._has_sound = True
        if self._plan.part and self._source.is_live:
            late_s = time.monotonic() - self._began_s
            self._pen.skip(max(0, round(late_s * SAMPLE_RATE) - count))
            self._pen.lose(GapReason.RESTART, 0)

    def _measure(self, pcm: NDArray[np.int16]) -> None:
        self._level_pcm = np.concatenate([self._level_pcm, pcm])[-LEVEL_SAMPLES:]
        now_s = time.monotonic()
        if len(self._level_pcm) < LEVEL_SAMPLES or now_s - self._level_at_s < _LEVEL_EVERY_S:
            return
        self._level_at_s = now_s
        self._level = measure(self._level_pcm)
        self._level_pcm = self._level_pcm[:0]
        fields = {
            "peak": _finite(self._level.peak_dbfs),
            "rms": _finite(self._level.rms_dbfs),
            "is_clipping": self._level.is_clipping,
            "at_sample": self._pen.clock,
        }
        self._tee.level(Frame("level", fields))
        if self._pen.is_paused or not self._source.is_live:
            self._watch.restart(self._pen.clock)
            return
        for code, is_over in self._watch.judge(self._level, self._pen.clock):
            self._trouble(code, is_over=is_over)

    # -- what is asked

    def _obey(self) -> None:
        while not self.orders.empty():
            order = self.orders.get()
            if order.word == "mark" and order.mark is not None:
                self._mark(order.mark)
            elif order.word == FINISH:
                self._is_over = True
            elif order.word == "alone":
                self._alone_since_s = time.monotonic()
                self._tee.close()
                self._source.hurry()

    def _mark(self, kind: MarkKind) -> None:
        self._pen.mark(kind)
        self._status_at_s = 0.0
        if kind is MarkKind.CONSENT_WITHDRAWN:
            self._is_over = True

    def _read_notes(self) -> None:
        for word in take_notes(self._traces.notes, WORDS):
            match word:
                case "finish":
                    self._is_over = True
                case "pause":
                    self._mark(MarkKind.PAUSE)
                case "resume":
                    self._mark(MarkKind.RESUME)
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
        if now_s - self._status_at_s >= _STATUS_EVERY_S:
            self._status_at_s = now_s
            self._write_status()

    def _watch_disk(self) -> None:
        free_bytes = shutil.disk_usage(self._plan.folder).free
        if free_bytes < DISK_STOP_BYTES:
            raise DiskFullError(free_bytes)
        if free_bytes < DISK_LOW_BYTES and not self._warned_disk:
            self._warned_disk = True
            self._trouble("disk_low", is_over=False, free_bytes=free_bytes)

    def _trouble(self, code: str, *, is_over: bool, **facts: int) -> None:
        self._tee.send(Frame("trouble", {"code": code, "is_over": is_over, "facts": facts}))

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
                peak_dbfs=_finite(self._level.peak_dbfs) if self._level is not None else None,
                is_alone=self._alone_since_s is not None,
            )
        )

    # -- ends

    def _finish(self) -> None:
        for heard in self._source.settle():
            self._hear(heard)
        self._pen.finish()
        fields = {"samples": self._pen.clock, "is_cut": self._is_cut}
        self._tee.send(Frame("finished", fields))

    def _fail(self, error: AppError) -> None:
        """Close as well as the disk allows, and say why."""
        self._source.settle()
        with contextlib.suppress(AppError):  # what was written is whole, if the end did not fit
            self._pen.give_up()
        self._tee.send(failure(error))

    def _give_up_device(self) -> None:
        """With an app: leave, and it starts another process. Alone: there is none to come."""
        if self._alone_since_s is not None:
            self._finish()
            return
        self._pen.abandon()
        raise DeviceLostError


def _finite(level_dbfs: float) -> float | None:
    """JSON has no infinity: digital silence is null."""
    return round(level_dbfs, 2) if math.isfinite(level_dbfs) else None
