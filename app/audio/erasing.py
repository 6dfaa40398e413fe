"""Take spans out of a finished journal for good: the app's `ErasePort`. Blocks: use the pool.

New parts are written beside the old ones and read back. An empty file `<rid>.turn` then makes
them the journal, all at once: from there on readers take them, and they replace the old ones.
Who is killed before the turn leaves the old journal, after it the new one; `settle` tidies up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from app.audio.journal import PartReader
from app.audio.journal_format import (
    AUDIO,
    END,
    GAP,
    MARK,
    UNVERIFIED,
    Header,
    Record,
    new_part_file,
    part_file,
    part_numbers,
    turn_file,
)
from app.audio.journal_writing import JournalWriter
from app.domain.audio import GapReason, MarkKind, Span
from app.domain.errors import CorruptError, FileAccessError
from app.domain.ids import RecordingId
from app.domain.ports import RecordingPlan
from app.foundation.paths import file_errors, sync_folder


@dataclass(frozen=True, slots=True)
class _Look:
    """What a part holds of the spans.

    Attributes:
        spans: from the first to the last sample of sound in each.
        start, end: of the part on the audio clock; -1 and 0 when it has no whole record.
        is_damaged: something in it is torn, or does not verify.
    """

    spans: tuple[Span, ...]
    start: int
    end: int
    is_damaged: bool


class JournalEraser:
    """Erases in one audio folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def erase(
        self, recording: RecordingId, secret: tuple[bytes, bytes], spans: tuple[Span, ...]
    ) -> None:
        """Write the parts that hold sound of the spans anew without it, under fresh part keys.

        Marks say from where to where there was sound. All other records are kept, and the
        clock stays as it is. Nobody may be writing this journal.

        Raises:
            CorruptError: a span may lie in a part that cannot be read; nothing was changed.
            FileAccessError, DiskFullError: nothing was changed; or, when a file could not be
                replaced after the turn, the journal reads as the new one and `settle` goes on.
        """
        self.settle(recording)
        wanted = _merged(spans)
        numbers = part_numbers(self._folder, recording)
        if not numbers:
            raise FileAccessError(reason="missing")
        try:
            written = [
                self._rewrite(recording, number, secret, look.spans)
                for number, look in self._looks(recording, secret[1], wanted)
            ]
            if written:
                self._turn(recording)
        except BaseException:
            if not turn_file(self._folder, recording).exists():
                self._drop_new(recording)
            raise
        self.settle(recording)

    def settle(self, recording: RecordingId) -> None:
        """Finish or undo a rewrite that was cut off. Any time nobody writes this journal."""
        turn = turn_file(self._folder, recording)
        with file_errors():
            if not turn.exists():
                self._drop_new(recording)
                return
            for new in self._new_files(recording):
                new.replace(new.with_suffix(""))
            sync_folder(self._folder)
            turn.unlink()
            sync_folder(self._folder)

    def settle_all(self) -> None:
        """Settle each recording in the folder; for the start of the app."""
        names = {path.name.split(".")[0] for path in self._folder.glob("*.saj.new")}
        names |= {path.stem for path in self._folder.glob("*.turn")}
        for name in sorted(names):
            self.settle(RecordingId(name))

    def remove(self, recording: RecordingId) -> None:
        """Delete a journal, and what a rewrite of it may have left."""
        with file_errors():
            for number in part_numbers(self._folder, recording):
                part_file(self._folder, recording, number).unlink(missing_ok=True)
            self._drop_new(recording)
            turn_file(self._folder, recording).unlink(missing_ok=True)
            sync_folder(self._folder)

    def _new_files(self, recording: RecordingId) -> list[Path]:
        return sorted(self._folder.glob(f"{recording}.*.saj.new"))

    def _drop_new(self, recording: RecordingId) -> None:
        for new in self._new_files(recording):
            new.unlink(missing_ok=True)

    def _looks(
        self, recording: RecordingId, private_key: bytes, spans: tuple[Span, ...]
    ) -> Iterator[tuple[int, _Look]]:
        """Yield the parts that must be written anew.

        Raises:
            CorruptError: a part cannot be read and a span may lie in it.
        """
        clock = 0
        unread_from: int | None = None
        opened = 0
        for number in part_numbers(self._folder, recording):
            try:
                look = _look(self._part(recording, number, private_key), spans)
            except CorruptError:
                unread_from = clock if unread_from is None else unread_from
                continue
            opened += 1
            if unread_from is not None and look.start >= 0:
                _refuse_unread(Span(unread_from, look.start), spans)
                unread_from = None
            clock = max(clock, look.end)
            if look.spans or (look.is_damaged and _is_near(look, spans)):
                yield number, look
        if unread_from is not None or not opened:
            _refuse_unread(Span(unread_from or 0, _FOREVER), spans)

    def _part(self, recording: RecordingId, number: int, private_key: bytes) -> PartReader:
        path = part_file(self._folder, recording, number)
        return PartReader(path, private_key, recording, number)

    def _rewrite(
        self,
        recording: RecordingId,
        number: int,
        secret: tuple[bytes, bytes],
        spans: tuple[Span, ...],
    ) -> int:
        """Write one part anew beside the old one, and read it back."""
        public, private = secret
        old = self._part(recording, number, private)
        new_path = new_part_file(self._folder, recording, number)
        writer = _writer(old.read_header(), recording, number, public, new_path)
        try:
            for record in _cut(old, spans):
                if record.kind == END:
                    writer.close(record.at_sample)
                else:
                    writer.copy(record)
            if not old.is_closed:
                writer.sync()
        finally:
            writer.abandon()
        new = PartReader(new_path, private, recording, number)
        if not is_copy(self._part(recording, number, private), new, spans):
            raise CorruptError
        return number

    def _turn(self, recording: RecordingId) -> None:
        with file_errors():
            sync_folder(self._folder)
            turn = os.open(
                turn_file(self._folder, recording), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
            )
            try:
                os.fsync(turn)
            finally:
                os.close(turn)
            sync_folder(self._folder)


_FOREVER: Final = 1 << 63


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, without overlap and without empty ones."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def _look(part: PartReader, spans: tuple[Span, ...]) -> _Look:
    """Read a part and say which of its sound lies in the spans."""
    touched: dict[int, Span] = {}
    start, end, is_damaged = -1, 0, False
    for record in part.records():
        if record.kind == UNVERIFIED:
            is_damaged = True
            continue
        start = record.at_sample if start < 0 else start
        end = max(end, _end(record, part.header))
        if record.kind != AUDIO:
            continue
        for index, span in enumerate(spans):
            both = Span(max(span.start, record.at_sample), min(span.end, _end(record, part.header)))
            if both.start < both.end:
                first = touched.setdefault(index, both)
                touched[index] = Span(min(first.start, both.start), max(first.end, both.end))
    is_damaged = is_damaged or (part.header is not None and part.torn_bytes > 0)
    return _Look(tuple(touched.values()), start, end, is_damaged)


def _is_near(look: _Look, spans: tuple[Span, ...]) -> bool:
    """Whether what is damaged in a part may be sound of a span."""
    is_unknown = look.start < 0
    return any(is_unknown or (span.end > look.start and span.start <= look.end) for span in spans)


def _refuse_unread(unread: Span, spans: tuple[Span, ...]) -> None:
    if any(span.start < unread.end and span.end > unread.start for span in spans):
        raise CorruptError


def _end(record: Record, header: Header | None) -> int:
    if record.kind != AUDIO or header is None:
        return record.at_sample
    return record.at_sample + len(record.body) // header.frame_size


def _cut(part: PartReader, spans: tuple[Span, ...]) -> Iterator[Record]:
    """Yield the records of a part without the sound of the spans, with marks in its place."""
    now = 0
    for record in part.records():
        if record.kind == UNVERIFIED:  # under another key nobody could tell it from forgery
            yield Record(GAP, now, record.count, bytes([GapReason.DAMAGED]))
            continue
        now = max(now, _end(record, part.header))
        if record.kind == AUDIO and part.header is not None:
            yield from _cut_sound(record, spans, part.header.frame_size)
        else:
            yield record


def _cut_sound(record: Record, spans: tuple[Span, ...], size: int) -> Iterator[Record]:
    at, end = record.at_sample, record.at_sample + len(record.body) // size

    def piece(start: int, stop: int) -> Record:
        body = record.body[(start - at) * size : (stop - at) * size]
        return Record(AUDIO, start, stop - start, body)

    cursor = at
    for span in spans:
        if span.end <= cursor or span.start >= end:
            continue
        if span.start > cursor:
            yield piece(cursor, span.start)
        if span.start >= at:
            yield Record(MARK, span.start, 0, bytes([MarkKind.OFF_RECORD_BEGIN]))
        cursor = min(end, span.end)
        if span.end <= end:
            yield Record(MARK, span.end, 0, bytes([MarkKind.OFF_RECORD_END]))
    if cursor < end:
        yield piece(cursor, end)


def is_copy(old: PartReader, new: PartReader, spans: tuple[Span, ...]) -> bool:
    """Read both parts; return whether the new one is the old one without the spans."""
    pairs = zip_longest(_cut(old, spans), new.records())
    is_same = all(wanted == found for wanted, found in pairs)
    return is_same and new.is_closed == old.is_closed and not new.torn_bytes


def _writer(
    header: Header, recording: RecordingId, number: int, public_key: bytes, path: Path
) -> JournalWriter:
    plan = RecordingPlan(
        recording=recording,
        part=number,
        owner=header.owner,
        key=header.key,
        public_key=public_key,
        folder=str(path.parent),
        channels=header.channels,
    )
    return JournalWriter(plan, header.started_ms, path=path)
