"""What is left behind when our own code fails: a file in logs/, without what was said.

A report holds the type of the exception and its stack lines; never its text, never locals.
It stays on this machine until the owner deletes it. Native crashes (a segmentation fault)
go to `native-crash.log` through faulthandler, which knows function names only.
"""

from __future__ import annotations

import contextlib
import faulthandler
import itertools
import os
import platform
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, TextIO

from app.foundation.log import get_logger, stack_lines

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_log = get_logger()

MAX_REPORTS: Final = 50
"""A process in a loop of errors must not fill the disk; chosen well above any honest run."""


class CrashReporter:
    """The exception hooks of one process.

    Args:
        folder: an existing folder with mode 0700.
        version: version of the program.
        stream: told in one line that a report was written; None for nobody.
        on_crash: called with the path of each report on the thread that failed.
    """

    def __init__(
        self,
        folder: Path,
        version: str,
        stream: TextIO | None = None,
        on_crash: Callable[[Path], object] | None = None,
    ) -> None:
        self._folder = folder
        self._version = version
        self._stream = stream
        self._on_crash = on_crash
        self._numbers = itertools.count(1)
        self._native: TextIO | None = None
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self) -> None:
        """Take over the hooks of this process. Main thread, once."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable
        with contextlib.suppress(OSError):
            self._native = _open_private(self._folder / "native-crash.log", os.O_APPEND)
            faulthandler.enable(self._native)

    def uninstall(self) -> None:
        """Give the hooks back. Main thread."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        if self._native is not None:
            faulthandler.disable()
            self._native.close()
            self._native = None

    def report(self, error: BaseException, where: str) -> Path | None:
        """Write a report. Any thread; never raises.

        Args:
            error: what went wrong.
            where: `main`, the name of a thread, or another constant word.

        Returns:
            The report, None when it could not be written or there are too many.
        """
        _log.error("crashed", exc_info=error)
        number = next(self._numbers)
        if number > MAX_REPORTS:
            return None
        now = datetime.now(UTC)
        path = self._folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}-{number}.txt"
        head = [
            f"Stethoscribe {self._version}, {now:%Y-%m-%d %H:%M:%S} UTC",
            f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
            f"thread: {where}",
            "",
        ]
        try:
            with _open_private(path, os.O_EXCL) as file:
                file.write("\n".join([*head, *stack_lines(error), ""]))
        except OSError:
            return None
        if self._on_crash is not None:
            self._on_crash(path)
        return path

    def _on_main(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        path = self.report(error.with_traceback(trace), "main")
        if self._stream is not None:
            place = f"A report without patient data is in {path}." if path else ""
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(f"A mistake in the program stopped this. {place}\n")

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            name = args.thread.name if args.thread is not None else "unknown"
            self.report(args.exc_value, name)

    def _on_unraisable(self, args: UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, "unraisable")


def _open_private(path: Path, extra_flags: int) -> TextIO:
    flags = os.O_WRONLY | os.O_CREAT | extra_flags | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace")
