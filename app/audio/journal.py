"""The sealed journal of a recording: what is in it is the truth. Bytes: SECURITY.md 4.5.

`JournalWriter` belongs to the recorder's journal thread; it holds the key of the running part
and no other secret. `JournalReader` runs on the pool of the app and needs the private half of
the recording's key. It trusts nothing: what does not verify is a gap, never a wrong sample.
"""

from __future__ import annotations

import os
import struct
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, Gap, GapReason, MarkKind
from app.domain.errors import CorruptError, DiskFullError, FileAccessError, TooNewError
from app.domain.ids import RecordingId
from app.domain.ports import JournalAudio, JournalState, RecordingPlan
from app.foundation.paths import file_errors, sync_folder
from app.foundation.sealing import (
    KEY_SIZE,
    RECORD_PREFIX_SIZE,
    SEAL_OVERHEAD,
    TAG_SIZE,
    BadTagError,
    Purpose,
    RecordCipher,
    random_bytes,
    seal,
    unseal,
)

MAGIC: Final = b"SSAJ"
VERSION: Final = 1
HEADER_SIZE: Final = 192
AUDIO: Final = 0x01
GAP: Final = 0x02
MARK: Final = 0x03
END: Final = 0x7F
UNVERIFIED: Final = 0
"""Never on disk: how the reader calls a record with a wrong tag."""
MAX_CIPHERTEXT: Final = 1 << 20

_CHACHA20_POLY1305: Final = 1
_S16LE: Final = 1
_OPEN: Final = struct.Struct(">4sBBH16sI16s16sIBBQ7s")  # the 81 bytes before the sealed key
_HEAD: Final = struct.Struct(">BBHII")  # type, last, zero, length, number
_BODY: Final = struct.Struct(">QI")  # sample, count
_MIN_CIPHERTEXT: Final = _BODY.size + TAG_SIZE
_PADDING: Final = bytes(HEADER_SIZE - _OPEN.size - KEY_SIZE - SEAL_OVERHEAD)
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)


def part_file(folder: Path, recording: RecordingId, part: int) -> Path:
    """Return where a part of a journal lies."""
    return folder / f"{recording}.{part}.saj"


@dataclass(frozen=True, slots=True)
class PartSecrets:
    """What a part draws at random. Given by hand only for published test vectors."""

    dek: bytes = field(default_factory=lambda: random_bytes(KEY_SIZE), repr=False)
    prefix: bytes = field(default_factory=lambda: random_bytes(RECORD_PREFIX_SIZE))
    ephemeral_private: bytes | None = field(default=None, repr=False)


# -- writing


class JournalWriter:
    """Appends sealed records to one part. One thread.

    The constructor returns when the header is on disk and the file's name is, too: only then
    may a device be opened. After a write that failed the part takes nothing but its end.

    Raises:
        FileAccessError: the part exists, or the folder cannot be written.
        DiskFullError: no space left.
    """

    def __init__(
        self, plan: RecordingPlan, started_ms: int, secrets: PartSecrets | None = None
    ) -> None:
        secrets = secrets or PartSecrets()
        header = _header(plan, started_ms, secrets)
        self._cipher = RecordCipher(secrets.dek, header, secrets.prefix)
        self._number = 0
        self._size = 0
        self._is_spent = False
        folder = Path(plan.folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY
        with file_errors():
            path = part_file(folder, plan.recording, plan.part)
            self._descriptor = os.open(path, flags, 0o600)
        self._append(header)
        self.sync()
        with file_errors():
            sync_folder(folder)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def audio(self, at_sample: int, pcm: bytes) -> None:
        """Append a block of s16le sound. Usually 0.5 s."""
        self._record(AUDIO, at_sample, len(pcm) // BYTES_PER_SAMPLE, pcm)

    def gap(self, gap: Gap) -> None:
        """Append that samples are missing."""
        self._record(GAP, gap.at_sample, gap.count, bytes([gap.reason]))

    def mark(self, kind: MarkKind, at_sample: int) -> None:
        """Append what a person did."""
        self._record(MARK, at_sample, 0, bytes([kind]))

    def sync(self) -> None:
        """Return when all that was appended is on disk.

        Raises:
            DiskFullError, FileAccessError: it is not; the part is spent.
        """
        with file_errors():
            _data_sync(self._descriptor)

    def close(self, at_sample: int) -> None:
        """Append the end, sync and close. On a full disk the part is left without an end.

        Raises:
            DiskFullError, FileAccessError: as said; the file is closed all the same.
        """
        try:
            self._is_spent = False  # the end has a nonce of its own: its last flag is set
            self._record(END, at_sample, 0, b"")
            self.sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file as it is. Its whole records count."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._is_spent = True

    def _record(self, kind: int, at_sample: int, count: int, body: bytes) -> None:
        if self._is_spent:
            raise FileAccessError(reason="spent")
        plain = _BODY.pack(at_sample, count) + body
        is_last = kind == END
        head = _HEAD.pack(kind, is_last, 0, len(plain) + TAG_SIZE, self._number)
        self._append(head + self._cipher.encrypt(self._number, plain, head, is_last=is_last))
        self._number += 1

    def _append(self, data: bytes) -> None:
        """Write all of it, or cut the file back to the last whole record and raise."""
        try:
            with file_errors():
                left = memoryview(data)
                while left:
                    left = left[os.write(self._descriptor, left) :]
        except (DiskFullError, FileAccessError):
            # Another record under the same number would use its nonce twice.
            self._is_spent = True
            with file_errors():
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)


def _header(plan: RecordingPlan, started_ms: int, secrets: PartSecrets) -> bytes:
    opening = _OPEN.pack(
        MAGIC,
        VERSION,
        _CHACHA20_POLY1305,
        HEADER_SIZE,
        uuid.UUID(plan.recording).bytes,
        plan.part,
        uuid.UUID(plan.owner).bytes,
        uuid.UUID(plan.key).bytes,
        SAMPLE_RATE,
        1,
        _S16LE,
        started_ms,
        secrets.prefix,
    )
    sealed = seal(
        plan.public_key,
        secrets.dek,
        Purpose.AUDIO,
        opening,
        ephemeral_private=secrets.ephemeral_private,
    )
    return opening + sealed + _PADDING


def _data_sync(descriptor: int) -> None:
    if sys.platform == "linux":
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


# -- reading


@dataclass(frozen=True, slots=True)
class _Record:
    """A verified record, or one of kind `UNVERIFIED` with the samples it may have held."""

    kind: int
    at_sample: int = 0
    count: int = 0
    body: bytes = b""


class _Part:
    """One file, record by record. `torn_bytes` and `is_closed` hold once it was read."""

    def __init__(self, path: Path, private_key: bytes, recording: RecordingId, part: int) -> None:
        self._path = path
        self._private_key = private_key
        self._identity = (uuid.UUID(recording).bytes, part)
        self.is_closed = False
        self.torn_bytes = 0

    def records(self) -> Iterator[_Record]:
        with file_errors():
            file = self._path.open("rb")
        with file:
            header = file.read(HEADER_SIZE)
            if len(header) < HEADER_SIZE:  # killed while it was created: nothing was recorded
                self.torn_bytes = len(header)
                return
            yield from self._verified(file, self._open(header))

    def _open(self, header: bytes) -> RecordCipher:
        magic, version, aead, size, rid, part, _, _, rate, channels, form, _, prefix = (
            _OPEN.unpack_from(header)
        )
        if magic == MAGIC and version > VERSION:
            raise TooNewError
        ours = (MAGIC, VERSION, _CHACHA20_POLY1305, HEADER_SIZE, *self._identity)
        if (magic, version, aead, size, rid, part) != ours:
            raise CorruptError
        if (rate, channels, form) != (SAMPLE_RATE, 1, _S16LE):
            raise CorruptError
        sealed = header[_OPEN.size : HEADER_SIZE - len(_PADDING)]
        if header[-len(_PADDING) :] != _PADDING:
            raise CorruptError
        dek = unseal(self._private_key, sealed, Purpose.AUDIO, header[: _OPEN.size])
        return RecordCipher(dek, header, prefix)

    def _verified(self, file: BinaryIO, cipher: RecordCipher) -> Iterator[_Record]:
        """Yield records until the end, a torn tail, or a head that cannot be one of ours."""
        number = 0
        while not self.is_closed:
            head = file.read(_HEAD.size)
            if not head:
                return
            data = b"" if len(head) < _HEAD.size else self._ciphertext(file, head, number)
            if not data:
                self.torn_bytes = len(head) + len(file.read())
                return
            record = _verify(cipher, number, head, data)
            self.is_closed = record.kind == END
            number += 1
            yield record
        self.torn_bytes = len(file.read())

    def _ciphertext(self, file: BinaryIO, head: bytes, number: int) -> bytes:
        _, _, zero, length, found = _HEAD.unpack(head)
        if zero or found != number or not _MIN_CIPHERTEXT <= length <= MAX_CIPHERTEXT:
            return b""
        start = file.tell()
        data = file.read(length)
        if len(data) < length:
            file.seek(start)  # counted as torn
            return b""
        return data


def _verify(cipher: RecordCipher, number: int, head: bytes, data: bytes) -> _Record:
    kind, last, *_ = _HEAD.unpack(head)
    try:
        plain = cipher.decrypt(number, data, head, is_last=bool(last))
    except BadTagError:
        samples = (len(data) - _MIN_CIPHERTEXT) // BYTES_PER_SAMPLE
        return _Record(UNVERIFIED, count=samples)
    at_sample, count = _BODY.unpack_from(plain)
    return _Record(kind, at_sample, count, plain[_BODY.size :])


@dataclass(slots=True)
class _Clock:
    """Follows the audio clock through all parts and names what is missing."""

    now: int = 0
    reason: GapReason | None = None  # of a gap that was announced or found and not yet placed
    missing: int = 0
    is_paused: bool = False
    gaps: list[Gap] = field(default_factory=list)

    def take(self, record: _Record) -> JournalAudio | None:
        """Return the sound of a record that is new, and move on."""
        if record.kind == AUDIO:
            return self._hear(record)
        if record.kind == UNVERIFIED:
            self._miss(GapReason.DAMAGED, record.count)
            return None
        self._place(record.at_sample)
        if record.kind == GAP and record.body[:1] in _REASONS:
            self._miss(_REASONS[record.body[:1]], record.count)
        if record.kind == MARK:
            self.is_paused = record.body[:1] in _SILENT_MARKS
        return None

    def settle(self) -> None:
        """Place a gap that nothing follows."""
        self._place(self.now + self.missing)

    def restart(self) -> None:
        """A new part begins; unless it says otherwise, the recorder was restarted."""
        self.reason = self.reason or GapReason.RESTART

    def _hear(self, record: _Record) -> JournalAudio | None:
        end = record.at_sample + len(record.body) // BYTES_PER_SAMPLE
        self._place(record.at_sample)
        pcm = record.body[(self.now - record.at_sample) * BYTES_PER_SAMPLE :]
        if end <= self.now:  # a part that began too early: we have this sound
            return None
        self.is_paused = False
        heard = JournalAudio(self.now, pcm)
        self.now = end
        return heard

    def _miss(self, reason: GapReason, count: int) -> None:
        self.reason = reason
        self.missing += count

    def _place(self, at_sample: int) -> None:
        """The clock is at `at_sample` now: what lies between is a pause or a gap."""
        count = max(0, at_sample - self.now)
        announced = self.reason is not None and self.reason is not GapReason.RESTART
        if (count and not self.is_paused) or announced:
            self.gaps.append(Gap(self.now, count, self.reason or GapReason.DAMAGED))
        self.reason, self.missing = None, 0
        self.now = max(self.now, at_sample)


_REASONS: Final = {bytes([reason]): reason for reason in GapReason}
_SILENT_MARKS: Final = frozenset(
    bytes([kind])
    for kind in (MarkKind.PAUSE, MarkKind.OFF_RECORD_BEGIN, MarkKind.CONSENT_WITHDRAWN)
)
"""After these the recorder keeps no sound, while the clock goes on."""


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
        verify is left out; `inspect` names it.

        Raises:
            CorruptError: no part has a header that verifies: damaged, or for another key. A
                damaged part between others is a gap.
            TooNewError: a newer version wrote it.
            FileAccessError: there is no such journal, or it cannot be read.
        """
        return self._sound(recording, private_key, from_sample, _Clock())

    def inspect(self, recording: RecordingId, private_key: bytes) -> JournalState:
        """Verify all parts and say what they hold. Raises as `read` does."""
        clock = _Clock()
        parts: list[_Part] = []
        for _ in self._sound(recording, private_key, 0, clock, parts):
            pass
        return JournalState(
            samples=clock.now,
            is_closed=parts[-1].is_closed,
            parts=len(parts),
            gaps=tuple(clock.gaps),
            torn_bytes=sum(part.torn_bytes for part in parts),
        )

    def _sound(
        self,
        recording: RecordingId,
        private_key: bytes,
        from_sample: int,
        clock: _Clock,
        parts: list[_Part] | None = None,
    ) -> Iterator[JournalAudio]:
        damaged: CorruptError | None = None
        opened = 0
        for part in self._parts(recording, private_key):
            try:
                for record in part.records():
                    heard = clock.take(record)
                    if heard is not None and clock.now > from_sample:
                        yield _from(heard, from_sample)
            except CorruptError as error:  # raised before the first record: the header
                damaged = error
                clock.take(_Record(UNVERIFIED))
            else:
                opened += 1
                clock.settle()
            clock.restart()
            if parts is not None:
                parts.append(part)
        if damaged is not None and not opened:
            raise damaged

    def _parts(self, recording: RecordingId, private_key: bytes) -> Iterator[_Part]:
        numbers = part_numbers(self._folder, recording)
        if not numbers:
            raise FileAccessError(reason="missing")
        for number in numbers:
            path = part_file(self._folder, recording, number)
            yield _Part(path, private_key, recording, number)


def part_numbers(folder: Path, recording: RecordingId) -> tuple[int, ...]:
    """Return the numbers of the parts on disk, in order."""
    names = (path.name.split(".")[-2] for path in folder.glob(f"{recording}.*.saj"))
    return tuple(sorted(int(name) for name in names if name.isdecimal()))


def _from(heard: JournalAudio, from_sample: int) -> JournalAudio:
    if heard.at_sample >= from_sample:
        return heard
    skipped = (from_sample - heard.at_sample) * BYTES_PER_SAMPLE
    return JournalAudio(from_sample, heard.pcm[skipped:])
