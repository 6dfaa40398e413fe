"""Between journal and speech: no sample lost, none doubled, nobody waited for.

Live sound goes straight to speech. When speech does not take it, or a block was dropped on the
way, the pump reads the missing stretch from the journal, which is the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from app.domain.audio import BYTES_PER_SAMPLE
from app.domain.errors import AppError
from app.domain.ports import JournalAudio, SpeechPort

_EMPTY_READS: Final = 3
"""So often the journal may hold nothing new although sound was announced; then it is damaged
there and speech goes on with what can be had."""

Submit = Callable[[Callable[[], None]], object]
ReadFrom = Callable[[int], Iterator[JournalAudio]]


class Pump:
    """Feeds one recording to speech.

    Args:
        speech: takes sound in order, or refuses it for now.
        submit: runs a function on the work pool.
        read_from: reads the journal from a sample on, to its present end. Blocks.
        at_sample: where speech begins.
    """

    def __init__(
        self, speech: SpeechPort, submit: Submit, read_from: ReadFrom, *, at_sample: int = 0
    ) -> None:
        self._speech = speech
        self._submit = submit
        self._read_from = read_from
        self._lock = threading.Lock()  # guards all below, and every `feed`
        self._next = at_sample
        self._newest = at_sample
        self._latest: JournalAudio | None = None
        self._end: int | None = None
        self._is_behind = False
        self._is_reading = False
        self._is_nudged = False
        self._is_over = False
        # Only the one job that `_is_reading` stands for touches these two.
        self._blocks: Iterator[JournalAudio] | None = None
        self._refused: JournalAudio | None = None

    @property
    def is_behind(self) -> bool:
        """Whether speech gets its sound from the journal at present."""
        return self._is_behind

    def offer(self, at_sample: int, pcm: bytes) -> None:
        """Take sound that the journal holds. The recorder's reader thread; never blocks."""
        with self._lock:
            if self._is_over:
                return
            block = JournalAudio(at_sample, pcm)
            self._latest = block
            self._newest = max(self._newest, _end_of(block))
            if not self._is_behind and at_sample == self._next and self._feed(block):
                return
            if self._newest > self._next:
                self._is_behind = True
                self._speech.announce(self._newest)
                self._wake()

    def end(self, samples: int) -> None:
        """Say how long the recording is: no more sound will be offered. Any thread."""
        with self._lock:
            if self._is_over or self._end is not None:
                return
            self._end = samples
            if not self._is_behind and self._next >= samples:
                self._finish()
            else:
                self._is_behind = True
                self._wake()

    def nudge(self, decoded_to: int = 0) -> None:
        """Try again: speech got on, or is there again. Any thread; never blocks."""
        del decoded_to
        with self._lock:
            if self._is_behind and not self._is_over:
                self._wake()

    def close(self) -> None:
        """Feed nothing more. Any thread."""
        with self._lock:
            self._is_over = True

    # -- under the lock

    def _feed(self, block: JournalAudio) -> bool:
        if not self._speech.feed(block.at_sample, block.pcm):
            return False
        self._next = _end_of(block)
        return True

    def _wake(self) -> None:
        if self._is_reading:
            self._is_nudged = True
        else:
            self._is_reading = True
            self._submit(self._catch_up)

    def _finish(self) -> None:
        self._is_over = True
        self._speech.finish()

    # -- the job on the pool

    def _catch_up(self) -> None:
        empty = 0
        while True:
            with self._lock:
                self._is_nudged = False
                before = self._next
            has_read_all = self._read()
            with self._lock:
                empty = 0 if self._next > before else empty + 1
                if self._is_over or self._settle(has_read_all=has_read_all, empty=empty):
                    self._is_reading = False
                    return

    def _settle(self, *, has_read_all: bool, empty: int) -> bool:
        """Decide after a pass over the journal; return whether the job may end."""
        if not has_read_all:
            return not self._is_nudged
        if self._next < self._newest:
            if empty < _EMPTY_READS:
                return False
            return self._skip()
        if self._end is not None:
            if self._next < self._end and not empty:
                return False
            self._finish()
        self._is_behind = False
        return True

    def _skip(self) -> bool:
        """Go on behind what the journal cannot give; return whether the job may end."""
        latest = self._latest
        if latest is None or latest.at_sample < self._next:
            self._newest = self._next
            return False
        if self._feed(latest):
            return False
        return not self._is_nudged

    def _read(self) -> bool:
        """Feed from the journal; return False when speech refused, True at the journal's end."""
        if self._blocks is None:
            self._blocks = self._read_from(self._next)
        while (block := self._refused or self._next_block()) is not None:
            with self._lock:
                if self._is_over:
                    break
                block = _behind(block, self._next)
                if block.pcm and not self._feed(block):
                    self._refused = block
                    return False
            self._refused = None
        self._blocks = None
        return True

    def _next_block(self) -> JournalAudio | None:
        """Return the next block of the journal; None at its end or where it cannot be read."""
        try:
            return next(self._blocks, None) if self._blocks is not None else None
        except (AppError, OSError):
            return None


def _end_of(block: JournalAudio) -> int:
    return block.at_sample + len(block.pcm) // BYTES_PER_SAMPLE


def _behind(block: JournalAudio, at_sample: int) -> JournalAudio:
    """Return the part of a block from a sample on; without sound if all of it lies before."""
    known = at_sample - block.at_sample
    if known <= 0:
        return block
    return JournalAudio(at_sample, block.pcm[known * BYTES_PER_SAMPLE :])
