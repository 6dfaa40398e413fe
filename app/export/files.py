"""Give a file its name and put it into the folder a person chose, whole or not at all.

The final name appears by one `link`, so a crash leaves either the whole file or nothing under
it. A leftover `.part` file is removed at the next export into the folder. EXPORT.md 7.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import secrets
import stat
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import FileAccessError
from app.domain.note import ExportNote
from app.domain.ports import Exporter
from app.export.cleaning import label
from app.export.fhir_codes import NOTE_TYPES
from app.foundation.paths import file_errors

MAX_CHARACTERS: Final = 80
MAX_BYTES: Final = 200
"""Of a name without its ending: file systems stop at 255 bytes, our temporary name adds 16."""

LEFTOVER_AGE_S: Final = 3_600
"""A `.part` file this old has no writer any more: writing takes seconds."""

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(?:CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])(?:\.|$)", re.IGNORECASE)
_ENDING: Final = re.compile(r"(?:\.[a-z]{2,8}){1,2}$")
_PART: Final = re.compile(r"\..+\.[0-9a-f]{8}\.part")


def file_name(note: ExportNote, extension: str, *, with_patient: bool = False) -> str:
    """Return the name of an exported file: `2026-11-20_progress-note_7f3a2c1b.txt`.

    The date is the local one of the visit, then the kind of note (of a letter, what it is
    called) and the first eight characters of its id. A name of a patient stands in it only
    `with_patient` (policy `export.patient_in_filename`).
    """
    word = note.file_word or NOTE_TYPES.get(note.type, "note")
    parts = [note.visit.start.date().isoformat(), word]
    if with_patient:
        parts.append(label(f"{note.patient.family} {note.patient.given}"))
    parts.append(note.note_id[:8])
    return f"{safe_name('_'.join(parts))}.{extension}"


def safe_name(name: str) -> str:
    """Return a name every file system takes, without an ending: EXPORT.md 7.

    NFKC comes first: full-width dots and slashes turn into plain ones only then.
    """
    text = unicodedata.normalize("NFKC", name)
    text = "".join(each for each in text if unicodedata.category(each)[0] != "C")
    text = _FORBIDDEN.sub("_", text)
    text = _strip(_strip(text)[:MAX_CHARACTERS])
    while len(text.encode("utf-8")) > MAX_BYTES:
        text = _strip(text[:-1])
    text = text or "export"
    return f"_{text}" if _RESERVED.match(text) else text


def _strip(text: str) -> str:
    while text != (shorter := text.strip().strip(".")):
        text = shorter
    return text


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes what an exporter made of a note into a folder.

    Attributes:
        profile: root of the program's own data, where nothing may be exported to.
        with_patient: policy `export.patient_in_filename`.
    """

    profile: Path | None = None
    with_patient: bool = False

    def __call__(self, folder: Path, note: ExportNote, exporter: Exporter, data: bytes) -> Path:
        """Write and return the path; errors as of `publish_file`."""
        name = file_name(note, exporter.extension, with_patient=self.with_patient)
        return publish_file(folder, name, data, profile=self.profile)


def publish_file(folder: Path, name: str, data: bytes, *, profile: Path | None = None) -> Path:
    """Put a new file into a folder, mode 0600, and return its path. Blocks: use the pool.

    An existing name is never written over: the new file gets ` (2)`, ` (3)`, …

    Args:
        folder: an existing folder a person chose, no link.
        name: as `file_name` makes it.
        data: all of the file.
        profile: root of the program's own data, where nothing may be exported to.

    Raises:
        DiskFullError: no space left; nothing stands under the final name.
        FileAccessError: the folder is missing, a link, read-only or our own.
    """
    if profile is not None and folder.resolve().is_relative_to(profile.resolve()):
        raise FileAccessError(reason="profile")
    with file_errors(), _Target(folder) as target:
        target.remove_leftovers()
        return folder / target.put(name, data)


def remove_leftovers(folder: Path) -> None:
    """Remove what a crash left in a folder, if it is an hour old. Blocks; never raises."""
    with contextlib.suppress(OSError), _Target(folder) as target:
        target.remove_leftovers()


class _Target:
    """A folder held open, so that nobody can swap it for another while we write.

    Where the system cannot work relative to an open folder (Windows), paths are used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def __enter__(self) -> _Target:
        if sys.platform != "win32":
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = os.open(self._folder, flags)
        elif not self._folder.is_dir() or self._folder.is_symlink():
            raise FileNotFoundError
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def put(self, name: str, data: bytes) -> str:
        """Write a file and return the name it got."""
        temporary = f".{name}.{secrets.token_hex(4)}.part"
        try:
            self._write(temporary, data)
            return self._publish(temporary, name)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(self._at(temporary), dir_fd=self._descriptor)

    def remove_leftovers(self) -> None:
        """Remove our old temporary files; what cannot be removed stays."""
        with contextlib.suppress(OSError):
            for each in self._folder.iterdir():
                if _PART.fullmatch(each.name):
                    self._remove_if_old(each.name)

    def _remove_if_old(self, name: str) -> None:
        with contextlib.suppress(OSError):
            found = os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
            is_old = time.time() - found.st_mtime > LEFTOVER_AGE_S
            if stat.S_ISREG(found.st_mode) and is_old:
                os.unlink(self._at(name), dir_fd=self._descriptor)

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else str(self._folder / name)

    def _write(self, name: str, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self._at(name), flags, 0o600, dir_fd=self._descriptor)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _publish(self, temporary: str, name: str) -> str:
        for candidate in _candidates(name):
            with contextlib.suppress(FileExistsError):
                self._rename(temporary, candidate)
                if self._descriptor is not None:
                    os.fsync(self._descriptor)
                return candidate
        raise FileExistsError

    def _rename(self, temporary: str, name: str) -> None:
        """Give the file its final name.

        Raises:
            FileExistsError: the name is taken.
        """
        if sys.platform == "win32":
            os.rename(self._at(temporary), self._at(name))  # noqa: PTH104 - does not overwrite there
            return
        where = self._descriptor
        try:
            os.link(temporary, name, src_dir_fd=where, dst_dir_fd=where, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._rename_unlinked(temporary, name)

    def _rename_unlinked(self, temporary: str, name: str) -> None:
        """Check, then rename: for file systems without links (memory sticks with FAT)."""
        with contextlib.suppress(FileNotFoundError):
            os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
            raise FileExistsError
        os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)


_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""What file systems without hard links answer to `link`."""

MAX_COPIES: Final = 1_000
"""A folder with more files of one name than this has another problem."""


def _candidates(name: str) -> Iterator[str]:
    yield name
    found = _ENDING.search(name)
    cut = found.start() if found else len(name)
    for number in itertools.count(2):
        if number > MAX_COPIES:
            return
        yield f"{name[:cut]} ({number}){name[cut:]}"
