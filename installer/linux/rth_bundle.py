"""Runs before the app in the frozen product: sounddevice finds PortAudio in the bundle.

`ctypes.util.find_library` asks ldconfig, which never looks there; on a build machine its answer
hides that. The stub that stands for PyAV is made by `whisper_runtime` itself, here as elsewhere.
"""

from __future__ import annotations

import ctypes.util
import sys
from pathlib import Path
from typing import Final

_PORTAUDIO: Final = Path(getattr(sys, "_MEIPASS", "")) / "libportaudio.so.2"
_ask_system = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    if name == "portaudio" and _PORTAUDIO.exists():
        return str(_PORTAUDIO)
    return _ask_system(name)


ctypes.util.find_library = _find_library
