"""What the registry of Windows holds for the whole machine. Read only; on other systems: nothing.

Only administrators can write below `HKEY_LOCAL_MACHINE`. The 64-bit view, whatever reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

PRODUCT: Final = r"SOFTWARE\Stethoscribe"
"""Where the installer notes what it was told: `InstallDir`, `ModelDir`, `Version`."""
POLICIES: Final = r"SOFTWARE\Policies\Stethoscribe"
"""Where group policy writes. The installer never does."""

Value: TypeAlias = int | str | None
"""A REG_DWORD, a REG_SZ, or None for a kind that nothing of ours uses."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One registry key: its values, and the keys right below it."""

    values: Mapping[str, Value] = field(default_factory=dict)
    below: Mapping[str, Branch] = field(default_factory=dict)


def of_machine(path: str, *, depth: int = 1) -> Branch | None:
    r"""Return a key of `HKEY_LOCAL_MACHINE`, None when it is not there.

    Args:
        path: without the name of the hive: `SOFTWARE\Stethoscribe`.
        depth: how many levels below it are read; of what is deeper there are names alone.

    Raises:
        OSError: it is there and cannot be read.
    """
    if sys.platform == "win32":
        return _read(path, depth)
    return None


if sys.platform == "win32":
    import winreg

    def _read(path: str, depth: int) -> Branch | None:
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            opened = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, access)
        except FileNotFoundError:
            return None
        with opened as key:
            branches, values, _ = winreg.QueryInfoKey(key)
            rows = [winreg.EnumValue(key, index) for index in range(values)]
            names = [winreg.EnumKey(key, index) for index in range(branches)]
        below = {
            name: (_read(rf"{path}\{name}", depth - 1) if depth else None) or Branch()
            for name in names
        }
        return Branch({name: _plain(value, kind) for name, value, kind in rows}, below)

    def _plain(value: object, kind: int) -> Value:
        if kind == winreg.REG_DWORD and isinstance(value, int):
            return value
        if kind == winreg.REG_SZ and isinstance(value, str):
            return value
        return None
