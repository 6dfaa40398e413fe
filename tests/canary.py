"""Looks for planted words in everything a program left on disk: SECURITY.md, section 10.

Found in UTF-8, UTF-16LE, hex in both cases, and base64 wherever in a line of it the word begins.
"""

from __future__ import annotations

import base64
import mmap
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path


def plant() -> str:
    """Return a fresh canary: `ZZPHI-` and eight random digits."""
    return f"ZZPHI-{secrets.randbelow(10**8):08d}"


def disguises(needle: str) -> tuple[bytes, ...]:
    """Return all byte strings that would give the needle away."""
    found: list[bytes] = []
    for plain in (needle.encode("utf-8"), needle.encode("utf-16-le")):
        found += [plain, plain.hex().encode(), plain.hex().upper().encode()]
        found += [_base64_at(plain, offset) for offset in range(3)]
    return tuple(dict.fromkeys(found))


def find_canary(folders: Iterable[Path], needle: str) -> list[Path]:
    """Return the files below the folders (or the files named) that hold the needle, sorted.

    File names count too. Files that vanish or cannot be read while we look are skipped.
    """
    wanted = disguises(needle)
    return sorted(path for path in _files(folders) if _holds(path, wanted))


def _base64_at(plain: bytes, offset: int) -> bytes:
    """Return the part of the base64 that is the same whatever stands around the word."""
    coded = base64.b64encode(bytes(offset) + plain)
    first = -(-offset * 8 // 6)
    last = (offset + len(plain)) * 8 // 6
    return coded[first:last]


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_file():
            yield folder
        for parent, _, names in os.walk(folder):
            yield from (Path(parent) / name for name in names)


def _holds(path: Path, wanted: tuple[bytes, ...]) -> bool:
    if any(each in os.fsencode(path.name) for each in wanted):
        return True
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size == 0:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return any(data.find(each) >= 0 for each in wanted)
    except (OSError, ValueError):
        return False
