"""What each process does first so that its memory stays its own: SECURITY.md, section 7.

Linux: no core dumps, not dumpable (no debugger or /proc/<pid>/mem of the same user), and in
children no new privileges. `exec` makes a process dumpable again, so each child repeats it.
Windows: nothing yet.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import Final

_PR_GET_DUMPABLE: Final = 3
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_GET_NO_NEW_PRIVS: Final = 39
"""prctl(2), <linux/prctl.h>."""


@dataclass(frozen=True, slots=True)
class Hardening:
    """What the system says about this process now.

    Attributes:
        core_limit: largest core dump in bytes, soft and hard; (0, 0) is right, -1 no limit.
        is_dumpable: whether others of this user may read its memory.
        is_privilege_locked: whether it can gain privileges by running a set-uid program.
    """

    core_limit: tuple[int, int]
    is_dumpable: bool
    is_privilege_locked: bool


def harden(*, is_child: bool = False) -> None:
    """Close the memory of this process. First thing in every process; cannot be undone.

    Raises:
        OSError: the system refused; the process must not go on.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)
        if is_child:
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def read_back() -> Hardening:
    """Return what is in force, asked from the kernel. On Windows: nothing is."""
    if sys.platform == "win32":
        return Hardening((-1, -1), is_dumpable=True, is_privilege_locked=False)
    import resource  # noqa: PLC0415 - not on Windows

    limit = resource.getrlimit(resource.RLIMIT_CORE)
    if sys.platform != "linux":
        return Hardening(limit, is_dumpable=True, is_privilege_locked=False)
    return Hardening(
        limit,
        is_dumpable=_prctl(_PR_GET_DUMPABLE, 0) != 0,
        is_privilege_locked=_prctl(_PR_GET_NO_NEW_PRIVS, 0) == 1,
    )


def _prctl(option: int, value: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    result: int = library.prctl(
        ctypes.c_int(option), *(ctypes.c_ulong(each) for each in (value, 0, 0, 0))
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), "prctl")
    return result
