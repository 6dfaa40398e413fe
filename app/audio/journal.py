"""The sealed journal of a recording: what is in it is the truth. Bytes: SECURITY.md 4.5.

`JournalReader` runs on the pool of the app and needs the private half of the recording's key.
It trusts nothing: what does not verify is a gap, never a wrong sample. Writing: `JournalWriter`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.audio.journal_clock import JournalClock
from app.audio.journal_format import (
    BODY,
    END,
    HEAD,
    HEADER_SIZE,
    MAX_CIPHERTEXT,
    MIN_CIPHERTEXT,
    UNVERIFIED,
    Header,
    PartSecrets,
    Record,
    current_file,
    part_file,
    part_numbers,
    read_header,
)
from app.audio.journal_writing import JournalWriter
from app.domain.audio import BYTES_PER_SAMPLE
from app.domain.errors import CorruptError, FileAccessError
from app.domain.ids import RecordingId
from app.domain.ports import JournalAudio, JournalState
from app.foundation.paths import file_errors
from app.foundation.sealing import BadTagError

__all__ = [
    "HEADER_SIZE",
    "JournalReader",
    "JournalWriter",
    "PartReader",
    "PartSecrets",
    "part_file",
    "part_numbers",
]


class PartReader:
    """One file, record by record. What it says of itself holds once it was read.

    Attributes:
        header: None when the file ends before its header does: nothing was recorded.
        is_closed: whether it ended in order.
        torn_bytes: how many at its end are no whole record.
    """

    def __init__(self, path: Path, private_key: bytes, recording: RecordingId, part: int) -> None:
        self._path = path
        self._private_key = private_key
        self._recording = recording
        self._part = part
        self.header: Header | None = None
        self.is_closed = False
        self.torn_bytes = 0

    def read_header(self) -> Header:
        """Return what the header says.

        Raises:
            CorruptError, TooNewError, FileAccessError: see `JournalReader.read`.
        """
        with file_errors(), self._path.open("rb") as file:
            header = file.read(HEADER_SIZE)
        if len(header) < HEADER_SIZE:
            raise CorruptError
        return read_header(header, self._private_key, self._recording, self._part)

    def records(self) -> Iterator[Record]:
        """Yield records until the end, a torn tail, or a head that cannot be one of ours.

        Raises:
            CorruptError, TooNewError, FileAccessError: before the first record: see
                `JournalReader.read`.
        """
        with file_errors():
            file = self._path.open("rb")
        with file:
            header = file.read(HEADER_SIZE)
            if len(header) < HEADER_SIZE:  # killed while it was created: nothing was recorded
                self.torn_bytes = len(header)
                return
            self.header = read_header(header, self._private_key, self._recording, self._part)
            yield from self._verified(file, self.header)

    def _verified(self, file: BinaryIO, header: Header) -> Iterator[Record]:
        number = 0
        while not self.is_closed:
            head = file.read(HEAD.size)
            if not head:
                return
            data = b"" if len(head) < HEAD.size else _ciphertext(file, head, number)
            if not data:
                self.torn_bytes = len(head) + len(file.read())
                return
            record = _verify(header, number, head, data)
            self.is_closed = record.kind == END
            number += 1
            yield record
        self.torn_bytes = len(file.read())


def _ciphertext(file: BinaryIO, head: bytes, number: int) -> bytes:
    _, _, zero, length, found = HEAD.unpack(head)
    if zero or found != number or not MIN_CIPHERTEXT <= length <= MAX_CIPHERTEXT:
        return b""
    start = file.tell()
    data = file.read(length)
    if len(data) < length:
        file.seek(start)  # counted as torn
        return b""
    return data


def _verify(header: Header, number: int, head: bytes, data: bytes) -> Record:
    kind, last, *_ = HEAD.unpack(head)
    try:
        plain = header.cipher.decrypt(number, data, head, is_last=bool(last))
    except BadTagError:
        samples = (len(data) - MIN_CIPHERTEXT) // header.frame_size
        return Record(UNVERIFIED, count=samples)
    at_sample, count = BODY.unpack_from(plain)
    return Record(kind, at_sample, count, plain[BODY.size :])


class JournalReader:
    """Reads the journals in one audio folder: the app's `JournalPort`. Blocks: use the pool.

    A journal that is being written may be read: what is whole so far comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(
        self, recording: RecordingId, private_key: bytes, from_sample: int = 0
    ) -> Iterator[JournalAudio]:
        """Yield sound in order, from `from_sample` on.

        `at_sample` jumps where there was a pause or is a gap. Sound whose record does not
        verify is left out; `inspect` names it. Two microphones come interleaved: `mono` in
        `audio/channels.py` makes one of them.

        Raises:
            CorruptError: no part has a header that verifies: damaged, or for another key. A
                damaged part between others, or one of other channels, is a gap.
            TooNewError: a newer version wrote it.
            FileAccessError: there is no such journal, or it cannot be read.
        """
        return self._sound(recording, private_key, from_sample, JournalClock())

    def inspect(self, recording: RecordingId, private_key: bytes) -> JournalState:
        """Verify all parts and say what they hold. Raises as `read` does."""
        clock = JournalClock()
        parts: list[PartReader] = []
        for _ in self._sound(recording, private_key, 0, clock, parts):
            pass
        return JournalState(
            samples=clock.now,
            is_closed=parts[-1].is_closed,
            parts=len(parts),
            gaps=tuple(clock.gaps),
            torn_bytes=sum(part.torn_bytes for part in parts),
            stretches=clock.stretches,
        )

    def _sound(
        self,
        recording: RecordingId,
        private_key: bytes,
        from_sample: int,
        clock: JournalClock,
        parts: list[PartReader] | None = None,
    ) -> Iterator[JournalAudio]:
        damaged: CorruptError | None = None
        channels = opened = 0
        for part in self._parts(recording, private_key):
            try:
                for record in part.records():
                    channels = _channels(part, channels)
                    heard = clock.take(record, channels)
                    if heard is not None and clock.now > from_sample:
                        yield _from(heard, from_sample)
            except CorruptError as error:  # raised before the first record: the header
                damaged = error
                clock.take(Record(UNVERIFIED))
            else:
                channels = _channels(part, channels)
                opened += 1
                clock.settle()
            clock.restart()
            if parts is not None:
                parts.append(part)
        if damaged is not None and not opened:
            raise damaged

    def _parts(self, recording: RecordingId, private_key: bytes) -> Iterator[PartReader]:
        numbers = part_numbers(self._folder, recording)
        if not numbers:
            raise FileAccessError(reason="missing")
        for number in numbers:
            path = current_file(self._folder, recording, number)
            yield PartReader(path, private_key, recording, number)


def _channels(part: PartReader, expected: int) -> int:
    """Return how many channels the recording has; all its parts have the same number."""
    if part.header is None:
        return expected
    if expected not in {0, part.header.channels}:
        raise CorruptError
    return part.header.channels


def _from(heard: JournalAudio, from_sample: int) -> JournalAudio:
    if heard.at_sample >= from_sample:
        return heard
    skipped = (from_sample - heard.at_sample) * BYTES_PER_SAMPLE * heard.channels
    return JournalAudio(from_sample, heard.pcm[skipped:], heard.channels)
