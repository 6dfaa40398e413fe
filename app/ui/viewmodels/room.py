"""The room check: half a minute with the microphone before clinic. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.audio import Level, RoomVoice, VoiceFinding
from app.domain.events import RoomLevelMeasured
from app.foundation import texts
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services

SECONDS: Final = 30.0


class RoomModel(Listener):
    """Runs the check and holds what it found.

    Signals:
        changed: `is_listening`, `result` or `trouble` is another.
        level_measured: `level` and `seconds_left` are others; about 20 times a second.
    """

    changed = Signal()
    level_measured = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.is_listening = False
        self.result: RoomVoice | None = None
        self.trouble = ""
        self.level: Level | None = None
        self.seconds_left = SECONDS
        self._check = 0  # tells the answers of an earlier check from those of this one
        self.hear(RoomLevelMeasured, self._on_level)

    def start(self, device: str) -> None:
        """Listen to whoever speaks into this microphone; empty = the system's default."""
        self._check += 1
        check = self._check
        self.is_listening, self.result, self.trouble = True, None, ""
        self.level, self.seconds_left = None, SECONDS
        self.changed.emit()
        self.ask(
            lambda: self._services.administration.check_room(device, SECONDS),
            lambda found: self._on_result(check, found),
            lambda error: self._on_refused(check, error),
        )

    def leave(self) -> None:
        """End the check; the microphone is free soon after."""
        if self.is_listening:
            self._check += 1
            self.is_listening = False
            self._services.administration.leave_room()
            self.changed.emit()

    def _on_level(self, event: RoomLevelMeasured) -> None:
        if self.is_listening:
            self.level, self.seconds_left = event.level, max(0.0, SECONDS - event.seconds)
            self.level_measured.emit()

    def _on_result(self, check: int, found: RoomVoice | None) -> None:
        if check == self._check:
            self.is_listening, self.result = False, found
            self.changed.emit()

    def _on_refused(self, check: int, error: BaseException) -> None:
        if check == self._check:
            self.is_listening, self.trouble = False, texts.words(error)
            self.changed.emit()


def finding_words(finding: VoiceFinding) -> tuple[str, str]:
    """Return what was found, and what to do now."""
    return {
        VoiceFinding.GOOD: (
            _("The microphone hears you well."),
            _("Leave it where it stands."),
        ),
        VoiceFinding.NO_VOICE: (
            _("No voice was heard."),
            _("Read aloud while the bar moves. If it did not move, choose another microphone."),
        ),
        VoiceFinding.MUTED: (
            _("No sound comes from the microphone."),
            _("It is muted, or switched off at the device or in the system. Turn it on."),
        ),
        VoiceFinding.CLIPPING: (
            _("The sound is too loud."),
            _("Turn the microphone down in the system's settings, or move it away."),
        ),
        VoiceFinding.FAR: (
            _("The voice is too far away, or the room is too loud."),
            _("Move the microphone closer to where people speak, or close the window."),
        ),
        VoiceFinding.QUIET: (
            _("The voice is too quiet."),
            _("Turn the microphone up in the system's settings, or move it closer."),
        ),
    }[finding]
