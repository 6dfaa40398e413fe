"""The recorder child as the app sees it.

Frames to the child: `start` (all of the plan), `go`, `mark {kind, asked_s}`, `finish`. From it:
`armed`, `started`, `audio {at_sample}` with mono PCM, `dropped`, `level` (one for each channel),
`gap`, `paused`, `resumed`, `bookmark {at_sample}`, `trouble {code, is_over, facts}`,
`finished {samples, is_cut}`, `failed {code, facts}`.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.domain.audio import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    Gap,
    GapReason,
    InputDevice,
    Level,
    MarkKind,
    RoomHeard,
    RoomVoice,
)
from app.domain.errors import (
    AlreadyRecordingError,
    ChildBusyError,
    ChildGoneError,
    DeviceMissingError,
    EngineTimeoutError,
)
from app.domain.events import (
    Bookmarked,
    ChildEnded,
    GapNoted,
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    TroubleArose,
    TroublePassed,
)
from app.domain.ids import RecordingId
from app.domain.ports import RecordingPlan
from app.domain.visit import ConsentGranted
from app.engines.decoder import RECORDER, AudioDecoder
from app.engines.living import finish_living, leave_note, living_recordings, recorder_status
from app.engines.room_hearing import hear_room, level_of
from app.engines.supervisor import Patience, Supervisor, Tie, child_command
from app.engines.wire import Frame

__all__ = [
    "RECORDER",
    "AudioDecoder",
    "Recorder",
    "finish_living",
    "leave_note",
    "living_recordings",
    "recorder_status",
]

LIST_WAIT_S: Final = 15.0
"""PortAudio looks at every device, and a sound server may have to start first."""
FINISH_WAIT_S: Final = 30.0
"""From the order to finish until it is done: the device closes, the rest is sealed and read."""
LEASE_FREE_S: Final = 5.0
SPARE_AFTER_S: Final = 3.0
"""A microphone that records so long gets a spare recorder: to start Python and load what it needs
takes 0.5 s on an idle machine and 2 on a busy one, and nobody listens meanwhile. The first seconds
are left to the speech model."""
PREROLL_S: Final = 2.0
"""What an armed recorder keeps in memory."""

_SILENT: Final = frozenset({MarkKind.PAUSE, MarkKind.OFF_RECORD_BEGIN, MarkKind.CONSENT_WITHDRAWN})


@dataclass(slots=True)
class _Run:
    """One recording, through all its parts. Reader thread, but for what `_lock` guards."""

    consent: ConsentGranted
    plan: RecordingPlan
    supervisor: Supervisor
    patience: Patience
    heard_to: int  # end of the last sound that came
    heard_at_s: float  # when, on the monotonic clock
    has_started: bool = False
    silence: MarkKind | None = None  # since when no sound is kept; guarded by Recorder._lock
    is_finishing: bool = False  # guarded by Recorder._lock
    is_over: bool = False
    deadline: threading.Timer | None = None
    spare: threading.Timer | None = None


class Recorder:
    """Starts the recorder child, passes on what it says, and starts it again when it dies.

    Args:
        publish: takes the recorder events of `domain/events.py`. Called on the reader thread.
        on_audio: takes (recording, at_sample, pcm) once it is in the journal. Called on the
            reader thread; must not block.
    """

    def __init__(
        self,
        publish: Callable[[object], None],
        on_audio: Callable[[RecordingId, int, bytes], None],
    ) -> None:
        self._publish = publish
        self._on_audio = on_audio
        self._lock = threading.Lock()  # guards _run and what is said there
        self._run: _Run | None = None

    def devices(self) -> tuple[InputDevice, ...]:
        """List microphones, by a short-lived process. Blocks up to some seconds: use the pool.

        Raises:
            DeviceMissingError: there is no sound system, or it does not answer.
        """
        answer = _ask("--list")
        if answer.kind != "devices":
            raise DeviceMissingError
        return tuple(InputDevice(**each) for each in answer.fields["devices"])

    def listen_around(self) -> RoomHeard:
        """Listen for two seconds without a visit; nothing is kept. Blocks: use the pool.

        Raises:
            DeviceMissingError: there is no microphone, or it cannot be opened.
            AlreadyRecordingError: a recording runs.
        """
        self._refuse_if_recording()
        answer = _ask("--check")
        if answer.kind != "checked":
            raise DeviceMissingError
        return RoomHeard(**answer.fields)

    def hear_voice(
        self,
        device: str,
        seconds: float,
        tell: Callable[[Level], object],
        left: threading.Event,
    ) -> RoomVoice | None:
        """Listen to a voice without a visit; see `room_hearing.hear_room`. Blocks: use the pool.

        Raises:
            DeviceMissingError: there is no such microphone, or it does not answer.
            AlreadyRecordingError: a recording runs.
        """
        self._refuse_if_recording()
        return hear_room(device, seconds, tell, left)

    def _refuse_if_recording(self) -> None:
        with self._lock:
            if self._run is not None and not self._run.is_over:
                raise AlreadyRecordingError

    def start(self, consent: ConsentGranted, plan: RecordingPlan) -> None:
        """Start a part of a recording. Any thread. `RecordingStarted` follows with the first sound.

        Raises:
            AlreadyRecordingError: a recording runs.
            OSError: the child cannot be started.
        """
        with self._lock:
            if self._run is not None and not self._run.is_over:
                raise AlreadyRecordingError
            supervisor = Supervisor(
                child_command(RECORDER),
                Tie.FREE,
                lambda frame: self._on_frame(run, frame),
                lambda status: self._on_end(run, status),
            )
            run = _Run(
                consent=consent,
                plan=plan,
                supervisor=supervisor,
                patience=Patience(pauses_s=(0.0, 0.0, 1.0, 2.0, 4.0, 8.0)),
                heard_to=plan.at_sample,
                heard_at_s=time.monotonic(),
            )
            supervisor.start()
            supervisor.send(_start_frame(run))
            self._run = run

    def go(self) -> None:
        """Begin an armed recording; it begins with the 2 s before this. Any thread."""
        with self._lock:
            if (run := self._run) is None or run.is_over or run.is_finishing:
                raise ChildGoneError
            if not run.plan.is_armed:
                return
            run.plan = replace(run.plan, is_armed=False)
            run.heard_at_s = max(run.heard_at_s, time.monotonic() - PREROLL_S)
            _send(run, Frame("go"))  # if it is dead: the next part begins at once

    def mark(self, kind: MarkKind) -> None:
        """Pause, resume, bookmark and the like, as a record in the journal. Any thread.

        It stands where the sound is that was heard now, however late that comes.
        """
        asked_s = time.monotonic()
        with self._lock:
            if (run := self._run) is None or run.is_over:
                return
            if kind is not MarkKind.BOOKMARK and not run.plan.is_armed:
                run.silence = kind if kind in _SILENT else None
            run.is_finishing = run.is_finishing or kind is MarkKind.CONSENT_WITHDRAWN
            fields = {"kind": int(kind), "asked_s": asked_s}
            _send(run, Frame("mark", fields))  # if it is dead: `silence` is told

    def finish(self) -> None:
        """End the recording in order. Any thread. `RecordingFinished` or `…Failed` follows."""
        with self._lock:
            if (run := self._run) is None or run.is_over:
                return
            run.is_finishing = True
            _send(run, Frame("finish"))
            if run.deadline is None:
                run.deadline = threading.Timer(FINISH_WAIT_S, lambda: self._on_late(run))
                run.deadline.daemon = True
                run.deadline.start()

    def close(self) -> None:
        """End a recording in order and let the child go: what it still has to do it does alone."""
        with self._lock:
            run, self._run = self._run, None
            if run is None:
                return
            if not run.is_over:
                _send(run, Frame("finish"))
            run.is_over = True
            _stop_clocks(run)
        run.supervisor.stop(grace_s=3.0)

    # -- reader thread

    def _on_frame(self, run: _Run, frame: Frame) -> None:
        recording, fields = run.plan.recording, frame.fields
        match frame.kind:
            case "audio":
                self._pass_audio(run, int(fields["at_sample"]), frame.payload)
            case "level":
                self._publish(LevelMeasured(recording, level_of(fields), int(fields["at_sample"])))
            case "started":
                self._note_start(run)
            case "gap":
                self._publish(GapNoted(recording, _gap(run, frame)))
            case "paused":
                is_off_record = fields["mark"] == MarkKind.OFF_RECORD_BEGIN
                at_sample = int(fields["at_sample"])
                self._publish(RecordingPaused(recording, at_sample, is_off_record))
            case "resumed":
                self._publish(RecordingResumed(recording, int(fields["at_sample"])))
            case _:
                self._on_news(run, frame)

    def _on_news(self, run: _Run, frame: Frame) -> None:
        fields = frame.fields
        match frame.kind:
            case "trouble":
                code, facts = str(fields["code"]), _facts(fields["facts"])
                is_over = fields["is_over"] is True
                self._publish(TroublePassed(code) if is_over else TroubleArose(code, facts))
            case "bookmark":
                self._publish(Bookmarked(run.plan.recording, int(fields["at_sample"])))
            case "finished":
                if fields["is_cut"]:
                    self._publish(TroubleArose("audio_file", (("reason", "cut"),)))
                self._end(run, RecordingFinished(run.plan.recording, int(fields["samples"])))
            case "failed":
                code = str(fields["code"])
                failed = RecordingFailed(run.plan.recording, code, _facts(fields["facts"]))
                self._end(run, failed)
            case _:
                pass  # `dropped`: the jump in `at_sample` says it, too

    def _pass_audio(self, run: _Run, at_sample: int, pcm: bytes) -> None:
        run.heard_to = at_sample + len(pcm) // BYTES_PER_SAMPLE
        run.heard_at_s = time.monotonic()
        self._on_audio(run.plan.recording, at_sample, pcm)

    def _note_start(self, run: _Run) -> None:
        with self._lock:
            if not run.plan.file and not run.is_over:
                if run.spare is not None:  # of a part that died before its spare was due
                    run.spare.cancel()
                run.spare = threading.Timer(SPARE_AFTER_S, lambda: self._keep_spare(run))
                run.spare.daemon = True
                run.spare.start()
        if not run.has_started:
            run.has_started = True
            self._publish(RecordingStarted(run.plan.recording))

    def _keep_spare(self, run: _Run) -> None:
        with self._lock:  # else the spare may come after the end, and nobody would dismiss it
            if not run.is_over and not run.is_finishing:
                run.supervisor.keep_spare()

    def _on_end(self, run: _Run, status: int | None) -> None:
        """The child is gone. If the recording is not over, the next part begins at once."""
        with self._lock:
            if run.is_over:
                return
            may_restart = not run.is_finishing
        if status is None and not _free_lease(run.plan):
            may_restart = False  # it lives on out of reach, and holds the journal
        pause_s = run.patience.pause_s(time.monotonic()) if may_restart else None
        self._publish(ChildEnded(RECORDER, status, pause_s))
        if pause_s is None:
            self._end(run, RecordingFailed(run.plan.recording, ChildGoneError.code))
            return
        self._publish(TroubleArose("recorder_restarted"))
        if run.supervisor.restart(pause_s):
            self._go_on(run)

    def _go_on(self, run: _Run) -> None:
        """Order the next part: the clock has run on, unless a file was read."""
        with self._lock:
            is_still = bool(run.plan.file) or run.plan.is_armed
            passed_s = 0.0 if is_still else time.monotonic() - run.heard_at_s
            run.plan = replace(
                run.plan,
                part=run.plan.part + 1,
                at_sample=run.heard_to + round(passed_s * SAMPLE_RATE),
            )
            _send(run, _start_frame(run))
            if run.is_finishing:
                _send(run, Frame("finish"))

    def _end(self, run: _Run, event: object) -> None:
        with self._lock:
            if run.is_over:
                return
            run.is_over = True
            _stop_clocks(run)
        self._publish(event)
        run.supervisor.drop_spare()

    def _on_late(self, run: _Run) -> None:
        """It does not finish. What was heard is on disk, and recovery can read it."""
        self._end(run, RecordingFailed(run.plan.recording, EngineTimeoutError.code))


def _ask(*arguments: str) -> Frame:
    """Start a short-lived recorder process and return its one answer.

    Raises:
        DeviceMissingError: there is no sound system, or it does not answer.
    """
    answers: queue.Queue[Frame | None] = queue.Queue()
    child = Supervisor(
        child_command(RECORDER, *arguments),
        Tie.LEASHED,
        answers.put,
        lambda _: answers.put(None),
    )
    try:
        child.start()
        answer = answers.get(timeout=LIST_WAIT_S)
    except (queue.Empty, OSError):
        raise DeviceMissingError from None
    finally:
        child.stop(grace_s=0.5)
    if answer is None:
        raise DeviceMissingError
    return answer


def _start_frame(run: _Run) -> Frame:
    plan = run.plan
    fields = {
        "consent": run.consent.consent,
        "recording": plan.recording,
        "part": plan.part,
        "owner": plan.owner,
        "key": plan.key,
        "folder": plan.folder,
        "device": plan.device,
        "file": plan.file,
        "realtime": plan.realtime,
        "at_sample": plan.at_sample,
        "origin": plan.origin,
        "alone_minutes": plan.alone_minutes,
        "asked_s": time.monotonic(),
        "channels": plan.channels,
        "is_armed": plan.is_armed,
        "pace": plan.pace,
        "silence": int(run.silence or 0),
    }
    return Frame("start", fields, plan.public_key)


def _send(run: _Run, frame: Frame) -> None:
    """Send, unless the child just died: then `_on_end` follows, and it knows what is wanted."""
    with contextlib.suppress(ChildGoneError, ChildBusyError):
        run.supervisor.send(frame)


def _stop_clocks(run: _Run) -> None:
    for clock in (run.deadline, run.spare):
        if clock is not None:
            clock.cancel()


def _gap(run: _Run, frame: Frame) -> Gap:
    """Return the gap. After a restart the child does not know how long nobody wrote; we do."""
    at_sample, count = int(frame.fields["at_sample"]), int(frame.fields["count"])
    reason = GapReason(int(frame.fields["reason"]))
    if reason is GapReason.RESTART:
        return Gap(run.heard_to, max(0, at_sample - run.heard_to), reason)
    return Gap(at_sample, count, reason)


def _facts(found: Mapping[str, str | int | float]) -> tuple[tuple[str, str | int | float], ...]:
    return tuple(found.items())


def _free_lease(plan: RecordingPlan) -> bool:
    """Ask a recorder whose pipe broke to finish its part; return whether it did."""
    return finish_living(Path(plan.folder), plan.recording, LEASE_FREE_S)
