"""Listen to sound that is already there: files, catching up, a second pass.

Speech is packed into windows of 30 s with the long pauses cut out. Whisper says where in a
window it stopped; the next window begins there, so no word is cut in two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from typing_extensions import override

from app.audio.windows import WHOLE, Clips
from app.engine_host.careful import Careful
from app.engine_host.ledger import Account
from app.engine_host.listening import Audio, Ear, Intake, Listener, Manner, Spoken, Voice
from app.engine_host.telling import tell
from app.engine_host.utterances import utterances
from app.engine_host.whisper_runtime import FULL_SAMPLES, How, Take


class Batch(Listener):
    """Decode whole windows, as carefully as the model can.

    Args:
        take: decode one window.
        voice: the voice activity model.
        ear: is told each utterance.
        at_sample: where the sound begins.
        manner: how to listen.
    """

    def __init__(
        self,
        take: Callable[[Audio, How], Take],
        voice: Voice,
        ear: Ear,
        at_sample: int,
        manner: Manner | None = None,
    ) -> None:
        self._names = (manner or Manner()).names
        self._careful = Careful(take)
        self._ear = ear
        self._intake = Intake(voice, WHOLE, at_sample)
        self._account = Account(self._intake.gate, at_sample)
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
                    self._add(at_sample, frame)
            elif edge.is_open:
                self._add(*self._intake.since(edge.at_sample))
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
        self._settle((), self._intake.heard_to, is_quiet=True)

    def _add(self, at_sample: int, pcm: Audio) -> None:
        self._clips.add(at_sample, pcm)
        self._ear.opened(at_sample, pcm)

    def _window(self) -> None:
        gate = self._intake.gate
        words = self._names.named(self._careful.window(self._clips, gate))
        told = tell(self._ear, utterances(words, gate.pause), ())
        upto = max([self.settled, *(word.end for word in told[-1:])])
        self._settle(told, upto, is_quiet=not len(self._clips) and not gate.is_open)
        self._ear.settled(self.settled)

    def _settle(self, words: Sequence[Spoken], upto: int, *, is_quiet: bool) -> None:
        unheard = self._account.settle(words, upto, is_quiet=is_quiet)
        if unheard:
            self._ear.unheard(unheard)
        self._intake.gate.forget(min(self._account.start, self.settled))
