"""The log: JSON lines with fields from an allow-list. Any thread.

An event is a constant `snake_case` name. A field that is not on the list, or a value that
could be a sentence, raises `LogFieldError` in tests and is dropped in a release. Foreign
exceptions are kept as type and stack lines, never as text.

    _log = get_logger()
    _log.info("child_ended", child="speech", status=-11, ms=172)
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from app.domain.errors import AppError

Entry: TypeAlias = dict[str, object]
"""One line of the log before it is written."""

FIELDS: Final[Mapping[str, tuple[type, ...]]] = {
    "visit": (str,),
    "recording": (str,),
    "child": (str,),
    "status": (int, str),
    "code": (str,),
    "attempt": (int,),
    "ms": (int,),
    "samples": (int,),
    "bytes": (int,),
    "count": (int,),
    "version": (int, str),
}
"""What an entry may say, and as what: ARCHITECTURE.md, Logging."""

FILES_KEPT: Final = 7
"""One file a day: ARCHITECTURE.md, Logging."""

_EVENT: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}|")
"""An id, a code, a version: no blanks, so nothing that was said."""
_FILE: Final = re.compile(r"stethoscribe-\d{4}-\d{2}-\d{2}\.jsonl")
_BUFFERED: Final = 200
"""Entries kept from before the file is open, so that a broken start is in the log too."""


class LogFieldError(ValueError):
    """An entry has a name, a field or a value the allow-list does not know."""


class Logger(Protocol):
    """What `get_logger` returns. `exc_info` takes the exception, never its text."""

    def debug(self, event: str, /, **fields: object) -> object:
        """For those who look for a fault."""

    def info(self, event: str, /, **fields: object) -> object:
        """Something happened."""

    def warning(self, event: str, /, **fields: object) -> object:
        """Something went wrong and was handled."""

    def error(self, event: str, /, **fields: object) -> object:
        """Something went wrong."""


def stack_lines(error: BaseException) -> list[str]:
    """Return where an exception and its causes arose, without their texts and locals.

    One line per exception with its type (and the code of an `AppError`), then one line per
    frame: file, line number, function.
    """
    lines: list[str] = []
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        code = f" {current.code}" if isinstance(current, AppError) else ""
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}{code}")
        lines.extend(
            f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        )
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return lines


def _short(filename: str) -> str:
    """Return the last three parts of a path: enough to find it, no user name."""
    return "/".join(Path(filename).parts[-3:])


class LogSink:
    """Where entries go: a buffer at first, then one file a day, the newest seven kept.

    Failing to write is silent: a full disk must not stop what is being logged.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below
        self._folder: Path | None = None
        self._buffer: list[Entry] = []
        self._watchers: list[Callable[[Entry], object]] = []
        self.is_strict = False

    def open(self, folder: Path) -> None:
        """Write to `folder`, an existing private folder, from now on, the buffer first."""
        with self._lock:
            self._folder = folder
            buffered, self._buffer = self._buffer, []
            for entry in buffered:
                self._write(folder, entry)

    def close(self) -> None:
        """Go back to the buffer, and empty it."""
        with self._lock:
            self._folder = None
            self._buffer.clear()

    def watch(self, watcher: Callable[[Entry], object]) -> Callable[[], None]:
        """Show each entry to `watcher`, on the thread that logs; for tests. Returns its end."""
        with self._lock:
            self._watchers.append(watcher)

        def unwatch() -> None:
            with self._lock:
                self._watchers.remove(watcher)

        return unwatch

    def take(self, entry: Entry) -> None:
        """Keep one entry. Any thread."""
        with self._lock:
            watchers = tuple(self._watchers)
            if self._folder is not None:
                self._write(self._folder, entry)
            elif len(self._buffer) < _BUFFERED:
                self._buffer.append(entry)
        for watcher in watchers:
            watcher(entry)

    def _write(self, folder: Path, entry: Entry) -> None:
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")) + "\n"
        path = folder / f"stethoscribe-{str(entry['at'])[:10]}.jsonl"
        with contextlib.suppress(OSError):
            is_new = not path.exists()
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(path, flags, 0o600)
            try:
                os.write(descriptor, line.encode("ascii"))
            finally:
                os.close(descriptor)
            if is_new:
                _drop_old(folder)


def _drop_old(folder: Path) -> None:
    files = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
    for path in files[:-FILES_KEPT]:
        path.unlink(missing_ok=True)


SINK: Final = LogSink()
"""The one log of this process."""


def open_log(folder: Path) -> None:
    """Send the log to files in `folder`, an existing folder with mode 0700."""
    SINK.open(folder)


def get_logger() -> Logger:
    """Return the logger of a module. Works before `open_log`: early entries wait for it."""
    return _LOGGER


class _AllowListed:
    """Hands on what the allow-list knows. A log library would only carry it here (decision 028)."""

    def debug(self, event: str, /, **fields: object) -> None:
        SINK.take(_entry("debug", event, fields))

    def info(self, event: str, /, **fields: object) -> None:
        SINK.take(_entry("info", event, fields))

    def warning(self, event: str, /, **fields: object) -> None:
        SINK.take(_entry("warning", event, fields))

    def error(self, event: str, /, **fields: object) -> None:
        SINK.take(_entry("error", event, fields))


_LOGGER: Final[Logger] = _AllowListed()


def _entry(level: str, event: str, fields: dict[str, object]) -> Entry:
    """Return a line of the log: only what the allow-list knows."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    if not _EVENT.fullmatch(event):
        _reject("event")
        event = "event_name_rejected"
    entry: Entry = {"at": now, "level": level, "event": event}
    error = fields.pop("exc_info", None)
    if isinstance(error, BaseException):
        entry["error"] = stack_lines(error)
    for name, value in fields.items():
        if _is_allowed(name, value):
            entry[name] = value
        else:
            _reject(name)
    return entry


def _is_allowed(name: str, value: object) -> bool:
    kinds = FIELDS.get(name, ())
    if isinstance(value, bool) or not isinstance(value, kinds):
        return False
    return not isinstance(value, str) or _TOKEN.fullmatch(value) is not None


def _reject(name: str) -> None:
    if SINK.is_strict:
        raise LogFieldError(name)
