"""Decode audio files that a person chose: wav, flac, ogg, mp3, in blocks. INSTALL.md 3.

Runs only in a child: a hostile file may hang or kill the decoder. What a header says about the
length is never believed; it is compared with what came.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.audio.resampling import RATES, Resampler, tame, to_mono
from app.domain.errors import AudioFileError, FileAccessError

BLOCK_FRAMES: Final = 16_384
MAX_CHANNELS: Final = 64
_MISSING_S: Final = 0.25
"""A file that is shorter than its header says by less is whole: encoders pad and round."""
_HEADER_BYTES: Final = 12
_SHOULD_BE: Final = re.compile(r" : (\d+) \(should be (\d+)\)")
"""libsndfile mends the lengths in a RIFF, W64 or AIFF header by itself and says so like this."""
_UNKNOWN_LENGTH: Final = 0x7FFF_0000
"""From here on a length means "unknown": programs that write to a pipe put 2^31 or 2^32 there."""
_OGG_PAGE: Final = b"OggS"
_OGG_LAST_PAGE: Final = 0x04
_OGG_TAIL: Final = 65_307  # the longest page, RFC 3533
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)
_NONBLOCK: Final[int] = getattr(os, "O_NONBLOCK", 0)


class AudioFile:
    """An audio file opened for one pass. A context manager; one thread.

    Raises:
        AudioFileError: `reason` is folder, empty, m4a or unknown.
        FileAccessError: there is no such file, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._ends_open = _open(path)
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.is_cut = False
        """Whether the file ended before its header says; holds after the last block."""
        if self.rate not in RATES or self._file.channels > MAX_CHANNELS:
            self._file.close()
            raise AudioFileError("unknown")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield mono samples at the file's rate. Raises as `wide_blocks` does."""
        for block in self.wide_blocks():
            yield to_mono(block)

    def wide_blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield samples of shape (n, channels) at the file's rate; no NaN, no infinity.

        Raises:
            AudioFileError: not one sample could be decoded: empty, or cut.
        """
        count = 0
        while True:
            try:
                block = self._file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:
                self.is_cut = True
                break
            if not len(block):
                break
            count += len(block)
            yield tame(block)
        self.is_cut = self.is_cut or self._is_short(count)
        if not count:
            raise AudioFileError("cut" if self.is_cut else "empty")

    def _is_short(self, count: int) -> bool:
        if self._ends_open or self._file.frames - count > _MISSING_S * self.rate:
            return True
        lengths = _SHOULD_BE.findall(self._file.extra_info)
        return any(int(said) < _UNKNOWN_LENGTH and int(said) > int(real) for said, real in lengths)


def decode(path: Path) -> Iterator[NDArray[np.int16]]:
    """Yield a whole file as 16 kHz mono s16 blocks. Raises as `AudioFile` does."""
    with AudioFile(path) as file:
        resampler = Resampler(file.rate)
        for block in file.blocks():
            yield resampler.push(block)
        yield resampler.flush()


def _open(path: Path) -> tuple[soundfile.SoundFile, bool]:
    """Return the file, and whether it is an Ogg stream whose last page is missing."""
    descriptor = _descriptor(path)
    try:
        ends_open = _look(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    try:
        # By descriptor: libsndfile judges the content, never the name, and the file that was
        # looked at is the file that is read. It closes the descriptor also when it fails.
        return soundfile.SoundFile(descriptor, closefd=True), ends_open
    except soundfile.LibsndfileError:
        raise AudioFileError("cut" if ends_open else "unknown") from None


def _descriptor(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | _BINARY | _NONBLOCK)
    except IsADirectoryError:
        raise AudioFileError("folder") from None
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows
            raise AudioFileError("folder") from None
        raise FileAccessError(errno=getattr(error, "errno", 0) or 0) from None


def _look(descriptor: int) -> bool:
    """Refuse what cannot be sound; return whether an Ogg stream lacks its end."""
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise AudioFileError("folder")
    if not stat.S_ISREG(status.st_mode):
        raise AudioFileError("unknown")
    if not status.st_size:
        raise AudioFileError("empty")
    start = os.read(descriptor, _HEADER_BYTES)
    if start[4:8] == b"ftyp":  # ISO 14496-12: the MP4 family
        raise AudioFileError("m4a")
    os.lseek(descriptor, max(0, status.st_size - _OGG_TAIL), os.SEEK_SET)
    tail = os.read(descriptor, _OGG_TAIL) if start.startswith(_OGG_PAGE) else b""
    os.lseek(descriptor, 0, os.SEEK_SET)
    flags = tail[tail.rfind(_OGG_PAGE) :][5:6]
    return bool(flags) and not flags[0] & _OGG_LAST_PAGE
