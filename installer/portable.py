"""What a Windows program or library asks for: the DLLs it names. Read from the file itself.

PE format: https://learn.microsoft.com/windows/win32/debug/pe-format, sections 3.4 and 6.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENDINGS: Final = frozenset({".dll", ".pyd", ".exe"})
_MACHINE_X64: Final = 0x8664
_PE32_PLUS: Final = 0x20B
_DIRECTORIES: Final = 112
"""Offset of the data directories in an optional header of 64 bits."""
_IMPORTS, _DELAYED = 1, 13
_SECTION: Final = 40
_IMPORT_ROW, _DELAY_ROW = 20, 32


class NotPortableError(Exception):
    """The file is no 64-bit Windows program or library, or is cut off."""


@dataclass(frozen=True, slots=True)
class Portable:
    """The part of a file that the loader looks at.

    Attributes:
        needed: names of DLLs without which it does not load, in small letters.
        delayed: names of DLLs that it asks for when it first calls them.
    """

    needed: tuple[str, ...]
    delayed: tuple[str, ...]


def read(path: Path) -> Portable:
    """Return what a program or library asks for.

    Raises:
        NotPortableError: it is none for x86-64 Windows.
    """
    content = path.read_bytes()
    try:
        file = _File(content)
        needed = tuple(file.names(_IMPORTS, _IMPORT_ROW, 12))
        delayed = tuple(file.names(_DELAYED, _DELAY_ROW, 4))
    except (struct.error, ValueError, UnicodeDecodeError):
        raise NotPortableError(path.name) from None
    return Portable(needed, delayed)


class _File:
    def __init__(self, content: bytes) -> None:
        self._content = content
        (start,) = struct.unpack_from("<I", content, 0x3C)
        machine, sections = struct.unpack_from("<HH", content, start + 4)
        (optional_size,) = struct.unpack_from("<H", content, start + 20)
        optional = start + 24
        (magic,) = struct.unpack_from("<H", content, optional)
        is_pe = content[:2] == b"MZ" and content[start : start + 4] == b"PE\0\0"
        if not is_pe or (machine, magic) != (_MACHINE_X64, _PE32_PLUS):
            raise ValueError
        self._directories = optional + _DIRECTORIES
        (self._count,) = struct.unpack_from("<I", content, optional + _DIRECTORIES - 4)
        first = optional + optional_size
        self._sections = [
            struct.unpack_from("<IIII", content, first + index * _SECTION + 8)
            for index in range(sections)
        ]

    def names(self, directory: int, row: int, at: int) -> Iterator[str]:
        """Yield the DLL of each row of an import table; `at`: where a row names it."""
        if directory >= self._count:
            return
        address, _ = struct.unpack_from("<II", self._content, self._directories + 8 * directory)
        if not address:
            return
        place = self._offset(address)
        while True:
            (name,) = struct.unpack_from("<I", self._content, place + at)
            if not name:
                return
            begin = self._offset(name)
            yield self._content[begin : self._content.index(b"\0", begin)].decode("ascii").lower()
            place += row

    def _offset(self, address: int) -> int:
        for size, begin, raw_size, raw in self._sections:
            if begin <= address < begin + max(size, raw_size):
                return int(raw + address - begin)
        raise ValueError
