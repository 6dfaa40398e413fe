"""What the doctor looks at beside speed: encryption, swap, space, clock. Reads /proc and /sys.

Nothing here starts a program or changes anything. What a system does not tell is `unknown`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engines.hardware import free_disk

_SYSTEM: Final = Path("/")
_MB: Final = 1 << 20
FREE_WARNING: Final = 2 * 1024 * _MB
"""Bytes. Twenty visits of 20 minutes are 0.8 GB of sound until their notes are signed."""
FREE_FAULT: Final = 500 * _MB
"""Below it the app warns while recording: ARCHITECTURE.md, When something breaks."""
FIRST_DAY_S: Final = 1_767_225_600.0
"""2026-01-01: no clock that is right shows an earlier day than the first version."""
_DEEPEST: Final = 8
_TIME_ERROR: Final = 5
"""adjtimex(2): the clock is not synchronized."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the doctor looked at.

    Attributes:
        name: `encryption`, `swap`, `space` or `clock`.
        state: `ok`, `warning`, `fault` or `unknown`.
        detail: what was found, as a code with words of its own.
        value: a size in MB where there is one, else 0.
    """

    name: str
    state: str
    detail: str
    value: int = 0


def look_around(root: Path, system: Path = _SYSTEM) -> tuple[Check, ...]:
    """Return every check for the folder that data lies in.

    Args:
        root: of the profile; it need not exist yet.
        system: where /proc and /sys lie.
    """
    return (encryption(root, system), swap(system), space(root), clock(system))


def encryption(root: Path, system: Path = _SYSTEM) -> Check:
    """Say whether the disk below a folder is encrypted, as far as device mapper tells."""
    if not (system / "proc").is_dir():
        return Check("encryption", "unknown", "not_told")
    while not root.exists() and root != root.parent:
        root = root.parent
    number = root.stat().st_dev
    device = system / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    if not device.exists():
        return Check("encryption", "unknown", "not_told")
    if _is_encrypted(device):
        return Check("encryption", "ok", "encrypted")
    return Check("encryption", "warning", "plain")


def swap(system: Path = _SYSTEM) -> Check:
    """Say whether memory may be written to a disk that is not encrypted."""
    try:
        rows = (system / "proc/swaps").read_text("utf-8").splitlines()[1:]
    except OSError:
        return Check("swap", "unknown", "not_told")
    places = [row.split()[0] for row in rows if row.strip()]
    plain = [each for each in places if not _is_safe_swap(each, system)]
    if plain:
        return Check("swap", "warning", "plain")
    return Check("swap", "ok", "encrypted" if places else "none")


def space(root: Path) -> Check:
    """Say whether there is room for some days of recordings."""
    free = free_disk(root)
    state = "fault" if free < FREE_FAULT else "warning" if free < FREE_WARNING else "ok"
    return Check("space", state, "free", free // _MB)


def clock(system: Path = _SYSTEM, now_s: float | None = None) -> Check:
    """Say whether the clock can be right, and whether anything keeps it right."""
    now_s = time.time() if now_s is None else now_s
    if now_s < FIRST_DAY_S:
        return Check("clock", "fault", "past")
    if not (system / "proc").is_dir() or sys.platform != "linux":
        return Check("clock", "unknown", "not_told")
    if _clock_state() == _TIME_ERROR:
        return Check("clock", "warning", "alone")
    return Check("clock", "ok", "kept")


def _is_encrypted(device: Path, depth: int = 0) -> bool:
    """Whether a block device, or all it lies on, is a dm-crypt mapping."""
    if _text(device / "dm/uuid").startswith("CRYPT-"):
        return True
    try:
        below = sorted((device / "slaves").iterdir())
    except OSError:
        return False
    return bool(below) and depth < _DEEPEST and all(_is_encrypted(e, depth + 1) for e in below)


def _is_safe_swap(place: str, system: Path) -> bool:
    name = Path(place).name
    if name.startswith("zram"):
        return True
    device = system / "sys/class/block" / Path(os.path.realpath(place)).name
    if device.exists():
        return _is_encrypted(device)
    return encryption(Path(place), system).state == "ok"  # a swap file


def _clock_state() -> int:
    """Return what adjtimex(2) says without changing anything; it needs no rights for that."""
    buffer = ctypes.create_string_buffer(256)  # struct timex has 208 bytes; modes = 0 reads
    state: int = ctypes.CDLL(None).adjtimex(buffer)
    return state


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
