"""Sound on its way to a listener: put in by the reader thread, taken out by the model's thread."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace

from app.domain.audio import SAMPLE_RATE
from app.engines.wire import Frame


@dataclass(frozen=True, slots=True)
class Block:
    """Sound of a session, s16le."""

    session: int
    at_sample: int
    pcm: bytes

    @property
    def end(self) -> int:
        """The sample behind its last."""
        return self.at_sample + len(self.pcm) // 2


class Feed:
    """Sound that has come and was not listened to yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below
        self._blocks: deque[Block] = deque()
        self._waiting = 0  # samples in all of them

    def take(self, frame: Frame) -> None:
        """Keep an `audio` frame. Reader thread."""
        fields = frame.fields
        block = Block(int(fields["session"]), int(fields["at_sample"]), frame.payload)
        with self._lock:
            self._blocks.append(block)
            self._waiting += block.end - block.at_sample

    def next(self, session: int) -> Block | None:
        """Return the next block of a session, joined with those that follow without a gap."""
        with self._lock:
            while self._blocks and self._blocks[0].session < session:
                self._drop()
            if not self._blocks or self._blocks[0].session != session:
                return None
            block = self._drop()
            joined = [block.pcm]
            end = block.end
            while self._blocks and (each := self._blocks[0]).at_sample == end:
                if each.session != session or end - block.at_sample > SAMPLE_RATE:
                    break
                joined.append(self._drop().pcm)
                end = each.end
            return replace(block, pcm=b"".join(joined))

    @property
    def waiting(self) -> int:
        """Samples that nobody has listened to; pauses and gaps between them do not count."""
        return self._waiting

    def _drop(self) -> Block:
        block = self._blocks.popleft()
        self._waiting -= block.end - block.at_sample
        return block
