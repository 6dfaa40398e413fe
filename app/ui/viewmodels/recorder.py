"""The recording that runs, if one runs: its state, level, time and lag. Main thread.

There is one for the window; it outlives the page of the visit.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.audio import ONE, SAMPLE_RATE, InputDevice, Level, Sides
from app.domain.events import (
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    SpeechFinished,
    SpeechProgressed,
    VisitAdvanced,
)
from app.domain.ids import RecordingId, VisitId
from app.domain.visit import ConsentGranted, VisitState
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services

SILENT: Final = Level(float("-inf"), float("-inf"))


class RecorderState(enum.Enum):
    """What the recorder does."""

    IDLE = "idle"
    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    OFF_RECORD = "off_record"
    FINISHING = "finishing"
    CATCHING_UP = "catching_up"


RUNNING: Final = frozenset(
    {
        RecorderState.STARTING,
        RecorderState.RECORDING,
        RecorderState.PAUSED,
        RecorderState.OFF_RECORD,
        RecorderState.FINISHING,
    }
)
"""A microphone may be open, or the journal is not closed yet."""

HOLDING: Final = frozenset({RecorderState.PAUSED, RecorderState.OFF_RECORD})
"""The recording is open and keeps no sound."""


@dataclass(slots=True)
class Unkept:
    """What of a visit's audio clock was paused or off the record, through all its recordings.

    Attributes:
        samples: of all that is over.
        since: where what goes on began, None when sound is kept.
    """

    visit: VisitId | None = None
    samples: int = 0
    since: int | None = None

    def begin(self, at_sample: int) -> None:
        """No sound is kept from here on; off the record in a pause is one stretch."""
        if self.since is None:
            self.since = at_sample

    def end(self, at_sample: int) -> None:
        """Sound is kept again, or the recording is over."""
        if self.since is not None:
            self.samples += max(0, at_sample - self.since)
            self.since = None

    def without(self, at_sample: int) -> int:
        """Return the samples kept up to here."""
        kept_to = at_sample if self.since is None else min(at_sample, self.since)
        return max(0, kept_to - self.samples)


class RecorderModel(Listener):
    """Drives the recorder and tells what it truly does: "recording" only once sound is on disk.

    Signals:
        state_changed: `state`, `visit` or `device` is another.
        level_measured: `level` and `seconds` are others; up to 20 times a second. Both stand still
            while no sound is kept, and go on from there.
        lag_changed: `lag_s` is another.
        devices_changed: `devices` is another.
    """

    state_changed = Signal()
    level_measured = Signal()
    lag_changed = Signal()
    devices_changed = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.state = RecorderState.IDLE
        self.visit: VisitId | None = None
        self.devices: tuple[InputDevice, ...] = ()
        self.device = ""
        self.sides: Sides = ONE
        self.level = SILENT
        self.seconds = 0.0
        """How much of the visit is recorded: the audio clock without what nobody kept."""
        self.at_sample = 0
        """The audio clock, which runs on through pauses."""
        self._unkept = Unkept()
        self.lag_s = 0.0
        self.is_armed = False
        self.is_dictation = False
        """Whether what is recorded is the clinician alone."""
        self.is_guarded = False
        self._arming = False
        self._armed: RecordingId | None = None
        self._recording: RecordingId | None = None
        self.hear(RecordingStarted, self._on_started)
        self.hear(RecordingPaused, self._on_paused)
        self.hear(RecordingResumed, self._on_resumed)
        self.hear(RecordingFinished, self._on_finished)
        self.hear(RecordingFailed, self._on_failed)
        self.hear(LevelMeasured, self._on_level)
        self.hear(SpeechProgressed, self._on_progressed)
        self.hear(SpeechFinished, lambda _event: self._settle())
        self.hear(VisitAdvanced, self._on_advanced)

    @property
    def is_running(self) -> bool:
        """Whether a recording is open."""
        return self.state in RUNNING

    @property
    def may_go_on(self) -> bool:
        """Whether sound may be kept again after a pause: anyone may pause, the owner resumes."""
        return self.state in HOLDING and not self.is_guarded

    def guard(self, *, is_guarded: bool) -> None:
        """Have the recording paused and ended by anyone, and resumed by nobody, or as usual."""
        if self.is_guarded != is_guarded:
            self.is_guarded = is_guarded
            self.state_changed.emit()

    def count_on(self, visit: VisitId, unkept: int) -> None:
        """Let the clock of the next recording go on from a visit's earlier ones.

        Args:
            visit: that may be recorded next.
            unkept: samples of its audio clock that are not kept.
        """
        if not self.is_running:
            known = self._unkept.samples if self._unkept.visit == visit else 0
            self._unkept = Unkept(visit, max(known, unkept))

    def load_devices(self) -> None:
        """List the microphones anew."""
        self.ask(self._services.listening.devices, self._on_devices)

    def choose(self, device: str) -> None:
        """Record from this microphone next; empty = the system's default."""
        self.device = device

    def place(self, sides: Sides) -> None:
        """Keep two microphones apart next, or not."""
        self.sides = sides

    def start(self, granted: ConsentGranted, is_dictation: bool = False) -> None:
        """Open the microphone, for a talk or for one person who dictates."""
        self._begin(granted, is_dictation=is_dictation)
        listening, device, sides = self._services.listening, self.device, self.sides
        self.ask(
            lambda: listening.start(granted, device, sides, is_dictation=is_dictation),
            self._on_recording,
            self._on_refused,
        )

    def start_file(self, granted: ConsentGranted, path: Path) -> None:
        """Record from an audio file."""
        self._begin(granted)
        self.ask(
            lambda: self._services.listening.start_file(granted, path),
            self._on_recording,
            self._on_refused,
        )

    def arm(self, granted: ConsentGranted) -> None:
        """Open the microphone ahead: its last two seconds stay in memory, nothing is kept.

        It is not told when it cannot be opened: the person did not ask for it.
        """
        if not self.is_running and not self.is_armed and not self._arming:
            self.is_armed = self._arming = True
            self.ask(
                lambda: self._services.listening.arm(granted, self.device, self.sides),
                self._on_armed,
                lambda _error: self._on_unarmed(),
            )

    def disarm(self) -> None:
        """Close a microphone that was opened ahead; if it is about to open, as soon as it did."""
        if self.is_armed:
            self._relax()
            if not self._arming:
                self._services.listening.disarm()

    def pause_or_resume(self) -> None:
        """Keep no sound, or keep sound again."""
        if self.state is RecorderState.RECORDING:
            self._services.listening.pause()
        elif self.state is RecorderState.PAUSED and self.may_go_on:
            self._services.listening.resume()

    def off_or_on_record(self) -> None:
        """Go off the record, so that nothing of it is kept, or back on it."""
        if self.state is RecorderState.RECORDING:
            self._services.listening.off_record()
        elif self.state is RecorderState.OFF_RECORD and self.may_go_on:
            self._services.listening.on_record()

    def bookmark(self) -> None:
        """Mark this moment."""
        if self.state is RecorderState.RECORDING:
            self._services.listening.bookmark()

    def finish(self) -> None:
        """End the recording in order."""
        if self.state is RecorderState.RECORDING or self.state in HOLDING:
            self._set(RecorderState.FINISHING)
            self._services.listening.finish()

    def _begin(self, granted: ConsentGranted, *, is_dictation: bool = False) -> None:
        if granted.visit != self._unkept.visit:
            self._unkept = Unkept(granted.visit)
        self.visit = granted.visit
        self.is_dictation = is_dictation
        self._recording = None
        self.is_armed = False
        self.seconds = self.lag_s = 0.0
        self.at_sample = 0
        self.level = SILENT
        self._set(RecorderState.STARTING)

    def _on_armed(self, recording: RecordingId) -> None:
        self._arming = False
        self._armed = recording
        if self.is_armed:
            self.state_changed.emit()
        elif not self.is_running:  # the person left while it opened
            self._services.listening.disarm()

    def _on_unarmed(self) -> None:
        self._arming = False
        if self.is_armed:
            self._relax()

    def _relax(self) -> None:
        self.is_armed = False
        self.level = SILENT
        self.state_changed.emit()

    def _set(self, state: RecorderState) -> None:
        self.state = state
        self.state_changed.emit()

    def _on_devices(self, devices: tuple[InputDevice, ...]) -> None:
        self.devices = devices
        self.devices_changed.emit()

    def _on_recording(self, recording: RecordingId) -> None:
        if self._recording is None:
            self._recording = recording

    def _on_refused(self, error: BaseException) -> None:
        self.visit = None
        self._set(RecorderState.IDLE)
        self.trouble_arose.emit(error)

    def _is_ours(self, recording: RecordingId) -> bool:
        return self.is_running and self._recording in {None, recording}

    def _on_started(self, event: RecordingStarted) -> None:
        if self.state is RecorderState.STARTING and self._is_ours(event.recording):
            self._recording = event.recording
            self._set(RecorderState.RECORDING)

    def _on_paused(self, event: RecordingPaused) -> None:
        is_off = event.is_off_record
        if self.is_running and self._is_ours(event.recording):
            self._unkept.begin(event.at_sample)
        self._on_state(event, RecorderState.OFF_RECORD if is_off else RecorderState.PAUSED)

    def _on_resumed(self, event: RecordingResumed) -> None:
        if self.is_running and self._is_ours(event.recording):
            self._unkept.end(event.at_sample)
        self._on_state(event, RecorderState.RECORDING)

    def _on_state(self, event: RecordingPaused | RecordingResumed, state: RecorderState) -> None:
        if self.is_running and self._is_ours(event.recording):
            self.level = SILENT
            self._set(state)
            self.level_measured.emit()

    def _on_level(self, event: LevelMeasured) -> None:
        if self.is_running and self._is_ours(event.recording):
            is_kept = self.state not in HOLDING
            if not is_kept and self.seconds:
                return  # a clock that runs on, or a sound that is drawn, says that sound is kept
            self.level = event.level if is_kept else SILENT
            self.at_sample = event.at_sample
            # a mark stands where the sound is that was heard when it was pressed, a moment back
            self.seconds = max(self.seconds, self._unkept.without(event.at_sample) / SAMPLE_RATE)
            self.level_measured.emit()
        elif self.is_armed:
            self.level = event.level
            self.level_measured.emit()

    def _on_finished(self, event: RecordingFinished) -> None:
        self._lose_armed(event.recording)
        if self.is_running and self._is_ours(event.recording):
            self._unkept.end(event.samples)
            self.at_sample = event.samples
            self.seconds = self._unkept.without(event.samples) / SAMPLE_RATE
            self.level = SILENT
            self._set(RecorderState.CATCHING_UP)
            self.level_measured.emit()

    def _lose_armed(self, recording: RecordingId) -> None:
        """The microphone that was open ahead is gone."""
        if self.is_armed and recording == self._armed:
            self._relax()

    def _on_failed(self, event: RecordingFailed) -> None:
        self._lose_armed(event.recording)
        if self.is_running and self._is_ours(event.recording):
            self.level = SILENT
            self._set(RecorderState.CATCHING_UP)
            self.level_measured.emit()

    def _on_progressed(self, event: SpeechProgressed) -> None:
        self.lag_s = event.lag_s
        self.lag_changed.emit()

    def _on_advanced(self, event: VisitAdvanced) -> None:
        """The visit has left recording behind: drafted, withdrawn or given up."""
        here = {VisitState.RECORDING, VisitState.PAUSED, VisitState.FINISHING}
        if event.visit == self.visit and event.state not in here:
            self._settle()

    def _settle(self) -> None:
        self.lag_s = 0.0
        self.lag_changed.emit()
        if self.state is RecorderState.CATCHING_UP:
            self.visit = None
            self._set(RecorderState.IDLE)
