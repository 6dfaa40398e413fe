"""Runs before the app in the frozen product: PortAudio and Qt's plugins are found in the bundle.

`ctypes.util.find_library` asks ldconfig, which never looks there; on a build machine its answer
hides that. Qt looks beside its libraries; PyInstaller's own hook would tell it by loading Qt, which
only the window needs. The stub that stands for PyAV is made by `whisper_runtime` itself, here as
elsewhere.
"""

from __future__ import annotations

import ctypes.util
import os
import sys
from pathlib import Path
from typing import Final

_BUNDLE: Final = Path(getattr(sys, "_MEIPASS", ""))
_PORTAUDIO: Final = _BUNDLE / "libportaudio.so.2"
_ask_system = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    if name == "portaudio" and _PORTAUDIO.exists():
        return str(_PORTAUDIO)
    return _ask_system(name)


ctypes.util.find_library = _find_library
os.environ["QT_PLUGIN_PATH"] = str(_BUNDLE / "PySide6" / "Qt" / "plugins")
