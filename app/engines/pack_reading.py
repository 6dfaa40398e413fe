"""Reads a pack, a folder or a zip with stored members, and believes nothing it says. Any thread.

A pack is `manifest.json`, `manifest.sig` and the files the manifest names. One file or folder may
hold several packs, each in a folder of its own.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from app.domain.errors import FileAccessError, PackError

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
MOST_FILES: Final = 512
"""No pack has more; a longer list is not walked to its end."""
MOST_DIRECTORY: Final = 1 << 20
"""Bytes of a zip's list of members: 512 names need a tenth of it."""
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")
_END: Final = struct.Struct("<4s4H2LH")
"""End of the central directory, PKWARE APPNOTE 4.3.16: signature, disks, counts, size, offset."""
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)
"""Names that Windows keeps for itself, with any ending."""


class Pack(Protocol):
    """One pack: its files by name, and their bytes."""

    def sizes(self) -> dict[str, int]:
        """Return every file in it with its size in bytes, the manifest too."""

    def open(self, name: str) -> BinaryIO:
        """Open one of them.

        Raises:
            PackError: it is no plain file any more.
        """


def is_safe(name: str) -> bool:
    """Whether a name stays inside its folder on every system and means one file only."""
    parts = name.split("/")
    return all(
        _PART.fullmatch(part)
        and not part.endswith(".")
        and part.partition(".")[0].lower() not in _DEVICES
        for part in parts
    )


@contextmanager
def packs_in(path: Path) -> Iterator[tuple[Pack, ...]]:
    """Open a file or folder and yield the packs in it; they are readable inside the block only.

    Raises:
        PackError: it holds no pack, or something that no pack holds.
        FileAccessError: it cannot be read.
    """
    reason = "form"
    try:
        if path.is_dir():
            yield _split(_folder_members(path), lambda name: _open_plain(path / name))
            return
        with path.open("rb") as file:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                packs = _split(_zip_members(archive), _member_opener(archive))
                reason = "content"  # from here on a fault is in one of its files
                yield packs
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error):
        raise PackError(reason) from None
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise FileAccessError(errno=error.errno or 0) from None


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the files of a source, under the names they have inside their pack."""

    prefix: str
    files: dict[str, int]
    opener: Callable[[str], BinaryIO]

    def sizes(self) -> dict[str, int]:
        return dict(self.files)

    def open(self, name: str) -> BinaryIO:
        return self.opener(self.prefix + name)


def _split(members: dict[str, int], opener: Callable[[str], BinaryIO]) -> tuple[Pack, ...]:
    """Return the packs of a source. Every file must belong to one."""
    if not all(map(is_safe, members)) or len({each.lower() for each in members}) != len(members):
        raise PackError("content")
    if MANIFEST in members:
        return (_Part("", members, opener),)
    folders = sorted({name.partition("/")[0] for name in members})
    found = []
    for folder in folders:
        prefix = f"{folder}/"
        inside = {
            name.removeprefix(prefix): size
            for name, size in members.items()
            if name.startswith(prefix)
        }
        if MANIFEST not in inside:
            raise PackError("form" if len(folders) == 1 else "content")
        found.append(_Part(prefix, inside, opener))
    if not found:
        raise PackError("form")
    return tuple(found)


def _folder_members(top: Path) -> dict[str, int]:
    """Return plain files below a folder with their sizes.

    Raises:
        PackError: a link or a special file lies there, or too much.
    """
    found: dict[str, int] = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder) / name
            state = path.lstat()
            if stat.S_ISREG(state.st_mode):
                found[path.relative_to(top).as_posix()] = state.st_size
            elif not stat.S_ISDIR(state.st_mode):
                raise PackError("content")
        if len(found) > MOST_FILES:
            raise PackError("form")
    return found


def _open_plain(path: Path) -> BinaryIO:
    """Open a file that is no link: it may have become one since the folder was read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        raise PackError("content") from None
    return os.fdopen(descriptor, "rb")


def _check_directory(file: BinaryIO) -> None:
    """Refuse a zip whose list of members would fill the memory before one was looked at."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise PackError("form")
    _, _, _, _, count, length, _, _ = _END.unpack_from(tail, at)
    if count > MOST_FILES or length > MOST_DIRECTORY:
        raise PackError("form")
    file.seek(0)


def _member_opener(archive: zipfile.ZipFile) -> Callable[[str], BinaryIO]:
    return lambda name: cast("BinaryIO", archive.open(name))


def _zip_members(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return the files of an archive with their sizes.

    Raises:
        PackError: a member is packed, encrypted, a link, or stands twice.
    """
    found: dict[str, int] = {}
    for each in archive.infolist():
        kind = stat.S_IFMT(each.external_attr >> 16)
        if each.is_dir():
            continue
        is_plain = (
            each.compress_type == zipfile.ZIP_STORED
            and each.compress_size == each.file_size
            and not each.flag_bits & 1
            and kind in {0, stat.S_IFREG}
        )
        if not is_plain or each.orig_filename in found:
            raise PackError("content")
        found[each.orig_filename] = each.file_size
    return found
