"""Memory that a child takes again and again is kept, not given back each time. Linux with glibc."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1  # malloc.h, as are the next two
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
KEPT: Final = 256 * 1024 * 1024
"""Bytes at the end of the heap that are kept while nobody needs them."""
LARGEST: Final = 1024 * 1024 * 1024
"""Blocks of up to so many bytes come from the heap and not as pages of their own."""


def keep_heap() -> bool:
    """Let every thread share one heap that does not shrink at once. Call it before threads start.

    By default each large block of a decode is new pages, filled with zeros by the kernel: 1.6
    million page faults in 10 decodes of 8 s of talk with base, 0.08 million so; base took 1.24 s a
    decode and 0.97 s so, tiny.en 0.38 and 0.32 s (2 cores of a virtual machine, figures repeat).
    The peak of memory rose by 37 MB.

    Returns:
        False where malloc has no such settings.
    """
    if sys.platform != "linux":
        return False
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:  # musl
        return False
    settings = ((_ARENA_MAX, 1), (_TRIM_THRESHOLD, KEPT), (_MMAP_THRESHOLD, LARGEST))
    return all(tune(name, value) == 1 for name, value in settings)
