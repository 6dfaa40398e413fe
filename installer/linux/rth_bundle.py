"""Runs before the app in the frozen product: PortAudio and Qt's plugins are found in the bundle.

`ctypes.util.find_library` asks ldconfig, which never looks there; on a build machine its answer
hides that. Qt looks beside its libraries; PyInstaller's own hook would tell it by loading Qt, which
only the window needs. The stub that stands for PyAV is made by `whisper_runtime` itself, here as
elsewhere.
"""

from __future__ import annotations

import ctypes.util
import functools
import os
import sys
from pathlib import Path
from typing import Final, Self

import pyimod01_archive  # type: ignore[import-not-found]  # PyInstaller's own

_BUNDLE: Final = Path(getattr(sys, "_MEIPASS", ""))
_PORTAUDIO: Final = _BUNDLE / "libportaudio.so.2"
_ask_system = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    if name == "portaudio" and _PORTAUDIO.exists():
        return str(_PORTAUDIO)
    return _ask_system(name)


ctypes.util.find_library = _find_library
os.environ["QT_PLUGIN_PATH"] = str(_BUNDLE / "PySide6" / "Qt" / "plugins")


class _Piece:
    """Reads the archive of modules where it is told to, without a position that threads share."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The archive stays open."""

    def seek(self, at: int) -> None:
        self._at = at

    def read(self, count: int) -> bytes:
        return os.pread(self._descriptor, count, self._at)


@functools.cache
def _descriptor(name: str) -> int:
    return os.open(name, os.O_RDONLY | os.O_CLOEXEC)


# The reader opens its archive anew for each of 700 modules. Below FUSE that costs more than to read
# them: `--version` from the image took 0.91 of the time without it.
pyimod01_archive.open = lambda name, _mode: _Piece(_descriptor(name))
