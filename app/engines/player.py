"""The player child as the app sees it: the recorder program, started to play. Frames: the child's.

What is played comes out of a journal that the app has opened; the child gets plain sound.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Final

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import ChildBusyError, ChildGoneError, NoSpeakerError
from app.domain.events import PlaybackEnded, PlaybackMoved
from app.domain.ports import JournalAudio, Playing
from app.engines.decoder import RECORDER
from app.engines.supervisor import Supervisor, Tie, child_command
from app.engines.wire import Frame

FRAME: Final = SAMPLE_RATE * BYTES_PER_SAMPLE
"""A second of sound: half a minute is far from the 200 frames a child's inbox holds."""
GRACE_S: Final = 0.5


class Player:
    """Plays one thing at a time; the child starts with the first and stays until `close`.

    Args:
        publish: takes `PlaybackMoved` and `PlaybackEnded`. Called on the reader thread.
    """

    def __init__(self, publish: Callable[[object], object]) -> None:
        self._publish = publish
        self._lock = threading.Lock()  # guards what follows
        self._child: Supervisor | None = None
        self._playing: Playing | None = None

    def play(self, playing: Playing) -> None:
        """Play this, instead of what is played now. Any thread; never blocks.

        Raises:
            NoSpeakerError: the child cannot be started.
        """
        self.stop()
        with self._lock:
            child = self._running()
            self._playing = playing
            number = {"number": playing.number}
            try:
                child.send(Frame("play", number))
                for block in _frames(playing.pieces):
                    child.send(Frame("sound", number, block))
                child.send(Frame("end", number))
            except (ChildGoneError, ChildBusyError):
                self._playing = self._child = None
                raise NoSpeakerError from None

    def stop(self) -> None:
        """Be silent. Any thread. `PlaybackEnded` follows when something was played."""
        with self._lock:
            playing, self._playing = self._playing, None
            if playing is None or self._child is None:
                return
            with contextlib.suppress(ChildGoneError, ChildBusyError):
                number = {"number": playing.number}
                self._child.send(Frame("hush", number))
                self._child.send(Frame("stop", number))
        self._publish(PlaybackEnded(playing.visit))

    def close(self) -> None:
        """End the child, at once: somebody locked, or a recording begins."""
        with self._lock:
            child, self._child = self._child, None
            playing, self._playing = self._playing, None
        if child is not None:
            child.stop(GRACE_S)
        if playing is not None:
            self._publish(PlaybackEnded(playing.visit))

    def _running(self) -> Supervisor:
        if self._child is None:
            command = child_command(RECORDER, "--play")
            self._child = Supervisor(command, Tie.LEASHED, self._on_frame, self._on_end)
            try:
                self._child.start()
            except OSError:
                self._child = None
                raise NoSpeakerError from None
        return self._child

    # -- reader thread

    def _on_frame(self, frame: Frame) -> None:
        number = frame.fields.get("number", frame.fields.get("request"))
        with self._lock:
            playing = self._playing
            if playing is None or playing.number != number:
                return
            is_over = frame.kind in {"played", "failed"}
            self._playing = None if is_over else playing
        if frame.kind == "playing":
            at_sample = place(playing.pieces, int(frame.fields["samples"]))
            self._publish(PlaybackMoved(playing.visit, at_sample))
        elif is_over:
            code = str(frame.fields["code"]) if frame.kind == "failed" else ""
            self._publish(PlaybackEnded(playing.visit, code))

    def _on_end(self, _status: int | None) -> None:
        with self._lock:
            playing, self._playing, self._child = self._playing, None, None
        if playing is not None:
            self._publish(PlaybackEnded(playing.visit, NoSpeakerError.code))


def place(pieces: Sequence[JournalAudio], samples: int) -> int:
    """Return where on the audio clock one is after so many samples of these blocks."""
    left = samples
    for piece in pieces:
        count = len(piece.pcm) // BYTES_PER_SAMPLE
        if left <= count:
            return piece.at_sample + left
        left -= count
    return pieces[-1].at_sample + len(pieces[-1].pcm) // BYTES_PER_SAMPLE


def _frames(pieces: Sequence[JournalAudio]) -> list[bytes]:
    sound = b"".join(piece.pcm for piece in pieces)
    return [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
