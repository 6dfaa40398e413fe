"""The sound of a visit: played for a claim or a line, and its shape for the timeline. Main thread.

Journals are opened in the app, on the pool; the player child gets plain sound and nothing else.
Nothing is played while a microphone records: it would hear it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from app.audio.mono import mono
from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, Span
from app.domain.errors import MicrophoneOpenError, SoundGoneError
from app.domain.events import (
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from app.domain.ids import RecordingId, VisitId
from app.domain.ports import JournalAudio, JournalPort, PlayerPort, Playing
from app.domain.store_ports import VaultPort
from app.workflow.room import Room

LEAD: Final = SAMPLE_RATE // 5
"""Heard before and behind each passage, so that no first sound is cut off; chosen by ear."""

LONGEST: Final = 30 * SAMPLE_RATE
"""Played at most at once. Who wants more goes on from there."""


class Playback:
    """Plays one thing at a time.

    Args:
        journal: how journals in a folder are read.
    """

    def __init__(
        self, room: Room, player: PlayerPort, journal: Callable[[Path], JournalPort]
    ) -> None:
        self._room = room
        self._player = player
        self._journal = journal
        self._number = 0
        self._is_hearing = False
        room.sessions.on_leave(self.close)
        room.bus.subscribe(RecordingStarted, lambda _: self._hear())
        room.bus.subscribe(RecordingResumed, lambda _: self._hear())
        room.bus.subscribe(RecordingPaused, lambda _: self._hear(is_hearing=False))
        room.bus.subscribe(RecordingFinished, lambda _: self._hear(is_hearing=False))
        room.bus.subscribe(RecordingFailed, lambda _: self._hear(is_hearing=False))

    def play(self, visit: VisitId, spans: Sequence[Span]) -> Future[None]:
        """Play passages of a visit, one after the other. `PlaybackMoved` and `…Ended` follow.

        The future raises MicrophoneOpenError, SoundGoneError, NoSpeakerError, NotFoundError,
        CorruptError, FileAccessError.
        """
        session = self._room.sessions.current()
        if self._is_hearing:
            return _refused(MicrophoneOpenError())
        self._number += 1
        number = self._number

        def work() -> None:
            found = session.ask(sources, visit).result()
            reader = self._journal(session.audio_folder)
            sound = tuple(pieces(reader, found, passages(spans)))
            if not sound:
                raise SoundGoneError
            if number == self._number:  # else: somebody asked for something else meanwhile
                self._player.play(Playing(number, visit, sound))

        return self._room.pool.submit(work)

    def stop(self) -> None:
        """Be silent."""
        self._number += 1
        self._player.stop()

    def close(self) -> None:
        """Be silent and end the player: a lock, or the end of the program."""
        self._number += 1
        self._player.close()

    def _hear(self, *, is_hearing: bool = True) -> None:
        """A microphone keeps what it hears from now on, or does so no more."""
        self._is_hearing = is_hearing
        if is_hearing:
            self.stop()

    def outline(self, visit: VisitId, width: int) -> Future[tuple[int, tuple[float, ...]]]:
        """Return how long a visit's sound is, in samples, and its peaks (0 to 1).

        One peak for each `width` samples.

        A visit without sound has 0 samples. A journal that is being written may be read.
        """
        session = self._room.sessions.current()

        def work() -> tuple[int, tuple[float, ...]]:
            found = session.ask(sources, visit).result()
            reader = self._journal(session.audio_folder)
            samples = max(
                (end for each in found if (end := _end(reader, each)) is not None), default=0
            )
            if not samples:
                return 0, ()
            from app.audio.outline import Outline  # noqa: PLC0415 - it brings numpy, on the pool

            outline = Outline(samples, width)
            for recording, key, _samples in found:
                outline.add(reader.read(recording, key))
            return samples, outline.peaks

        return self._room.pool.submit(work)


_Source = tuple[RecordingId, bytes, int | None]
"""A recording, the private half of its key, and where it ends on the clock, when it has ended."""


def passages(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return what is truly played: with a lead, joined where they meet, and no more than `LONGEST`.

    In the order of time, whatever order they came in.
    """
    joined: list[Span] = []
    for span in sorted(spans):
        start, end = max(0, span.start - LEAD), span.end + LEAD
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        else:
            joined.append(Span(start, end))
    kept: list[Span] = []
    left = LONGEST
    for span in joined:
        length = min(left, span.end - span.start)
        if length > 0:
            kept.append(Span(span.start, span.start + length))
            left -= length
    return tuple(kept)


def pieces(
    reader: JournalPort, found: Sequence[_Source], spans: Sequence[Span]
) -> Iterator[JournalAudio]:
    """Yield the sound of spans, as far as the recordings of a visit hold it."""
    for span in spans:
        for recording, key, end in found:
            if end is None or span.start < end:
                yield from _cut(reader, recording, key, span)


def _cut(
    reader: JournalPort, recording: RecordingId, key: bytes, span: Span
) -> Iterator[JournalAudio]:
    """Yield a span of one recording; reading ends with it."""
    for block in reader.read(recording, key, span.start):
        if block.at_sample >= span.end:
            return
        sound = mono(block)
        length = (span.end - sound.at_sample) * BYTES_PER_SAMPLE
        yield JournalAudio(sound.at_sample, sound.pcm[:length])


def _end(reader: JournalPort, source: _Source) -> int | None:
    recording, key, samples = source
    return samples if samples is not None else reader.inspect(recording, key).samples


def sources(vault: VaultPort, visit: VisitId) -> list[_Source]:
    """Return the recordings of a visit that hold sound, in the order of time. Lane."""
    return [
        (row.id, vault.recording_secret(row.id).private_key, row.samples)
        for row in vault.recordings(visit)
        if row.samples != 0
    ]


def _refused(error: MicrophoneOpenError) -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(error)
    return future
