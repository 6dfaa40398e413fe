"""Time: what the wall says, and what runs evenly since the machine started. Any thread."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def awake_or_not() -> float:
    """Return seconds that count on while the machine sleeps, from some moment before.

    Linux: `CLOCK_BOOTTIME` of clock_gettime(2). Elsewhere the monotonic clock: on Windows
    (`GetTickCount64`, `QueryPerformanceCounter`) it counts sleep, on macOS it does not.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Clock(Protocol):
    """Where time comes from; tests bring their own."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC. People can set it."""

    def monotonic(self) -> float:
        """Return seconds that never go back while the machine runs, in all processes alike."""

    def boot(self) -> str:
        """Name this run of the machine; empty where the system does not tell."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some moment before; the machine's, not the process's."""
        return time.monotonic()

    def boot(self) -> str:
        """Return the kernel's boot id on Linux, empty elsewhere."""
        try:
            return _BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            return ""
