"""Listen to sound that is already there: files, catching up, a second pass.

Speech is packed into windows of 30 s with the long pauses cut out. Whisper says where in a
window it stopped; the next window begins there, so no word is cut in two.
"""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from app.audio.windows import WHOLE, Clips
from app.engine_host.careful import Careful
from app.engine_host.listening import Audio, Ear, Intake, Listener, Voice
from app.engine_host.utterances import utterances
from app.engine_host.whisper_runtime import FULL_SAMPLES, How, Take


class Batch(Listener):
    """Decode whole windows, as carefully as the model can.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told each utterance.
        at_sample: where the sound begins.
    """

    def __init__(
        self, take: Callable[[Audio, How], Take], voice: Voice, ear: Ear, at_sample: int
    ) -> None:
        self._careful = Careful(take)
        self._ear = ear
        self._intake = Intake(voice, WHOLE, at_sample)
        self._clips = Clips()

    @property
    @override
    def heard_to(self) -> int:
        return self._intake.heard_to

    @property
    @override
    def settled(self) -> int:
        return self._clips.clock(0) if len(self._clips) else self._intake.gate.settled

    @override
    def hear(self, pcm: Audio, newest: int) -> None:
        gate = self._intake.gate
        for at_sample, frame, edge in self._intake.frames(pcm):
            if edge is None:
                if gate.is_open:
                    self._clips.add(at_sample, frame)
            elif edge.is_open:
                self._clips.add(*self._intake.since(edge.at_sample))
            else:
                self._clips.cut_after(edge.at_sample)
            while len(self._clips) >= FULL_SAMPLES + WHOLE.close_after:
                self._window()

    @override
    def finish(self) -> None:
        edge = self._intake.close()
        if edge is not None:
            self._clips.cut_after(edge.at_sample)
        while len(self._clips):
            self._window()

    def _window(self) -> None:
        gate = self._intake.gate
        words = self._careful.window(self._clips, gate)
        for group in utterances(words, gate.pause):
            self._ear.final(group)
        gate.forget(self.settled)
        self._ear.settled(self.settled)
