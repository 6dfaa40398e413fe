"""What goes wrong while people work, as words for the status line. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.domain.audio import Stretch, StretchKind
from app.domain.events import (
    ChildEnded,
    ChildReady,
    EngineChanged,
    GapNoted,
    PlaybackEnded,
    RecordingFailed,
    RecordingFinished,
    TroubleArose,
    TroublePassed,
)
from app.foundation import texts
from app.foundation.i18n import _
from app.ui.viewmodels.lines import stretch_words
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services

_CALM: Final = frozenset({"smaller_model", "device_changed", "speech_behind"})
"""Codes that ask for nothing: the program has seen to it already."""
_OF_SOUND: Final = ("muted", "silence", "clipping", "far_voice", "too_quiet")
"""Codes of the sound watch: what a person mends while it is recorded."""


class TroubleModel(Listener):
    """Turns events and errors into words.

    Signals:
        told: words and how bad it is: `info`, `warning` or `alarm`.
        over: words that were told and hold no longer.
    """

    told = Signal(str, str)
    over = Signal(str)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self._down: set[str] = set()
        self._told_code = ""
        self._lasting: dict[str, str] = {}  # code of a trouble that may pass, and what was told
        self.hear(TroubleArose, self._on_trouble)
        self.hear(TroublePassed, lambda event: self._on_passed(event.code))
        self.hear(RecordingFinished, lambda _event: self._on_sound_ended())
        self.hear(RecordingFailed, self._on_recording_failed)
        self.hear(GapNoted, self._on_gap)
        self.hear(ChildEnded, self._on_child_ended)
        self.hear(ChildReady, self._on_child_ready)
        self.hear(EngineChanged, self._on_engine)
        self.hear(PlaybackEnded, self._on_playback)

    def tell(self, error: object) -> None:
        """Say an error."""
        if isinstance(error, BaseException):
            self.told.emit(texts.words(error), "warning")

    def _on_trouble(self, event: TroubleArose) -> None:
        told, self._told_code = self._told_code, ""
        if event.code != told:
            weight = "info" if event.code in _CALM else "warning"
            words = texts.words_for(event.code, event.facts)
            if event.code not in _CALM:
                self._lasting[event.code] = words
            self.told.emit(words, weight)

    def _on_passed(self, code: str) -> None:
        if (words := self._lasting.pop(code, "")) != "":
            self.over.emit(words)

    def _on_sound_ended(self) -> None:
        """What was wrong with the sound is nobody's trouble once the recording is over."""
        for code in _OF_SOUND:
            self._on_passed(code)

    def _on_recording_failed(self, event: RecordingFailed) -> None:
        stopped = _("The recording stopped. What was heard is saved.")
        self.told.emit(f"{stopped} {texts.words_for(event.code, event.facts)}", "alarm")
        self._told_code = event.code  # the same trouble is told once

    def _on_gap(self, event: GapNoted) -> None:
        gap = event.gap
        stretch = Stretch(gap.at_sample, gap.at_sample + gap.count, StretchKind.GAP, gap.reason)
        text = _("{what}. It is marked in the transcript.").format(what=stretch_words(stretch))
        self.told.emit(text, "warning")

    def _on_child_ended(self, event: ChildEnded) -> None:
        if event.pause_s is None:
            self.told.emit(_child_words(event.child, is_final=True), "alarm")
        else:
            self._down.add(event.child)
            self.told.emit(_child_words(event.child, is_final=False), "warning")

    def _on_child_ready(self, event: ChildReady) -> None:
        if event.child in self._down:
            self._down.discard(event.child)
            self.told.emit(_("It runs again. Nothing is lost."), "info")

    def _on_playback(self, event: PlaybackEnded) -> None:
        if event.code:
            self.told.emit(texts.words_for(event.code), "warning")

    def _on_engine(self, event: EngineChanged) -> None:
        if event.engine == "extractive":
            text = _("The note is written without a language model: {why}")
        else:
            text = _("Another model writes the note: {why}")
        self.told.emit(text.format(why=_why_words(event.reason)), "info")


def _why_words(reason: str) -> str:
    """Return why another engine writes, as the end of a sentence."""
    words = {
        "model_missing": _("no notes model is installed that this computer can run."),
        "model_damaged": _("the model's files are damaged."),
        "engine_timeout": _("the model was too slow."),
        "draft_rejected": _("what the model wrote cannot be used."),
        "child_gone": _("the model stopped."),
    }
    return words.get(reason) or texts.words_for(reason)


def _child_words(child: str, is_final: bool) -> str:
    going_on = {
        "speech": _("Speech recognition stopped and is started again. The recording goes on."),
        "notes": _("The note writer stopped and is started again."),
        "recorder": _("The recorder stopped and is started again. A gap is marked."),
    }
    over = {
        "speech": _("Speech recognition does not run. The recording goes on; transcribe it later."),
        "notes": _("The note writer does not run. The note can be drafted without it, or typed."),
        "recorder": _("The recorder does not run. Type the note, or start the program again."),
    }
    words = over if is_final else going_on
    return words.get(child, texts.words_for("child_gone"))
