"""Audio files as the app sees them: decoded in a leashed child, because a file may be hostile."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Final

from app.domain.errors import (
    AppError,
    AudioFileError,
    ChildGoneError,
    EngineFailedError,
    FileAccessError,
)
from app.engines.supervisor import Supervisor, Tie, child_command
from app.engines.wire import Frame

RECORDER: Final = "recorder"
DECODE_SILENCE_S: Final = 20.0


class AudioDecoder:
    """Decodes audio files in a leashed child, one child per file: the app's `AudioFilePort`."""

    def stream(self, path: str) -> Iterator[bytes]:
        """Yield 16 kHz mono s16le blocks. Blocks: use the pool.

        A file that is cut yields what is there; its end is not told here.

        Raises:
            AudioFileError: empty, damaged, no audio, m4a, a folder; or the decoder died of it.
            FileAccessError: there is no such file, or it cannot be read.
        """
        frames: queue.Queue[Frame | None] = queue.Queue()
        child = Supervisor(
            child_command(RECORDER, "--decode"),
            Tie.LEASHED,
            frames.put,
            lambda _: frames.put(None),
        )
        try:
            child.start()
            child.send(Frame("decode", {"path": path}))
            while (frame := _next(child, frames)) is not None and frame.kind != "decoded":
                if frame.kind == "failed":
                    raise _file_error(frame)
                if frame.kind == "audio":
                    yield frame.payload
                    child.send(Frame("taken"))
            if frame is None:
                raise AudioFileError("unknown")
        except (ChildGoneError, OSError):
            raise AudioFileError("unknown") from None
        finally:
            child.stop(grace_s=0.5)


def _next(child: Supervisor, frames: queue.Queue[Frame | None]) -> Frame | None:
    """Return the next frame. A decoder that waits for us owes nothing."""
    if frames.empty():
        child.expect(DECODE_SILENCE_S)
    frame = frames.get()
    child.expect(None)
    return frame


def _file_error(frame: Frame) -> AppError:
    code, facts = str(frame.fields["code"]), frame.fields["facts"]
    if code == AudioFileError.code:
        return AudioFileError(str(facts["reason"]))
    if code == FileAccessError.code:
        return FileAccessError(**facts)
    return EngineFailedError(code)
