"""Let others on this machine go first: by how much depends on who waits for the work."""

from __future__ import annotations

import os
import sys
from typing import Final

NICENESS: Final = 10
"""Gets a tenth of a core that others want (sched(7): each step is a factor of 1.25)."""
GIVING_WAY: Final = 5
"""Gets a quarter of a core that others want, and all of one that nobody wants."""
_IDLE_PRIORITY_CLASS: Final = 0x40
"""SetPriorityClass: runs when nothing else does."""
_BELOW_NORMAL_PRIORITY_CLASS: Final = 0x4000


def step_back() -> None:
    """Let everything else go first, for work that nobody waits for.

    A priority cannot be raised again without being privileged.
    """
    _lower(NICENESS, _IDLE_PRIORITY_CLASS)


def give_way() -> None:
    """Let what has to keep up with speech go first. It cannot be taken back either."""
    _lower(GIVING_WAY, _BELOW_NORMAL_PRIORITY_CLASS)


def _lower(niceness: int, windows_class: int) -> None:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), windows_class)
    else:
        os.nice(niceness)
