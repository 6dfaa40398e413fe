"""The pen's end of a journal. One thread; it knows the key of its part and no other secret."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from app.audio.journal_format import (
    AUDIO,
    BODY,
    END,
    GAP,
    HEAD,
    MARK,
    PartSecrets,
    Record,
    pack_header,
    part_file,
)
from app.domain.audio import BYTES_PER_SAMPLE, Gap, MarkKind
from app.domain.errors import DiskFullError, FileAccessError
from app.domain.ports import RecordingPlan
from app.foundation.paths import file_errors, sync_folder
from app.foundation.sealing import TAG_SIZE

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)


class JournalWriter:
    """Appends sealed records to one part. One thread.

    The constructor returns when the header is on disk and the file's name is, too: only then
    may a device be opened. After a write that failed the part takes nothing but its end.

    Args:
        plan: of the part; `channels` of sound are interleaved.
        path: where the part is written; its place in the journal when None.

    Raises:
        FileAccessError: the part exists, or the folder cannot be written.
        DiskFullError: no space left.
    """

    def __init__(
        self,
        plan: RecordingPlan,
        started_ms: int,
        secrets: PartSecrets | None = None,
        path: Path | None = None,
    ) -> None:
        header, self._cipher = pack_header(plan, started_ms, secrets or PartSecrets())
        self._frame_size = BYTES_PER_SAMPLE * plan.channels
        self._number = 0
        self._size = 0
        self._is_spent = False
        folder = Path(plan.folder)
        self.path = path or part_file(folder, plan.recording, plan.part)
        """Where the part lies."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY
        with file_errors():
            self._descriptor = os.open(self.path, flags, 0o600)
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
        self._record(AUDIO, at_sample, len(pcm) // self._frame_size, pcm)

    def gap(self, gap: Gap) -> None:
        """Append that samples are missing."""
        self._record(GAP, gap.at_sample, gap.count, bytes([gap.reason]))

    def mark(self, kind: MarkKind, at_sample: int) -> None:
        """Append what a person did."""
        self._record(MARK, at_sample, 0, bytes([kind]))

    def copy(self, record: Record) -> None:
        """Append a record of another part, but for its end."""
        self._record(record.kind, record.at_sample, record.count, record.body)

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
        plain = BODY.pack(at_sample, count) + body
        is_last = kind == END
        head = HEAD.pack(kind, is_last, 0, len(plain) + TAG_SIZE, self._number)
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


def _data_sync(descriptor: int) -> None:
    if sys.platform == "linux":
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)
