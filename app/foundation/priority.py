"""Let everything else on this machine go first. For work that nobody waits for."""

from __future__ import annotations

import os
import sys
from typing import Final

NICENESS: Final = 10
"""Gets a tenth of a core that others want (sched(7): each step is a factor of 1.25)."""
_IDLE_PRIORITY_CLASS: Final = 0x40
"""SetPriorityClass: runs when nothing else does."""


def step_back() -> None:
    """Lower the priority of this process. It cannot be raised again without being privileged."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _IDLE_PRIORITY_CLASS)
    else:
        os.nice(NICENESS)
