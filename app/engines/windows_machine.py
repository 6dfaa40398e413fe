"""What Windows says of this machine: processor, memory, graphics cards. Elsewhere: nothing.

No program is started and no driver touched: the system library and the registry are asked.
"""

from __future__ import annotations

import contextlib
import ctypes
import struct
import sys
from dataclasses import dataclass
from typing import Any, Final

from app.foundation import registry

_MB: Final = 1 << 20
_FEATURES: Final = {"avx": 39, "avx2": 40, "avx512f": 41}
"""PF_AVX_INSTRUCTIONS_AVAILABLE and following: IsProcessorFeaturePresent, <winnt.h>."""
_PROCESSOR: Final = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_DISPLAYS: Final = (
    r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\%04d"
)
"""Display adapters, numbered."""
_MOST_DISPLAYS: Final = 8
_CORE_ROW: Final = struct.Struct("<QI4x16x")
"""SYSTEM_LOGICAL_PROCESSOR_INFORMATION of 64 bits: mask, kind, 16 bytes that depend on it."""
_IS_CORE: Final = 0  # RelationProcessorCore


@dataclass(frozen=True, slots=True)
class Machine:
    """One look at a Windows machine; what it does not tell is empty or 0."""

    cpu: str
    cores: int
    memory_mb: int
    free_memory_mb: int
    flags: tuple[str, ...]
    gpus: tuple[str, ...]


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX, <sysinfoapi.h>."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "free", "b", "c", "d", "e", "f")),
    ]


def ask() -> Machine | None:
    """Return what Windows says, None on other systems."""
    if sys.platform == "win32":
        return _ask(ctypes.windll.kernel32)
    return None


def _ask(kernel: Any) -> Machine:  # noqa: ANN401 - a library of functions
    memory = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel.GlobalMemoryStatusEx(ctypes.byref(memory))
    size = ctypes.c_uint32(0)
    kernel.GetLogicalProcessorInformation(None, ctypes.byref(size))
    rows = ctypes.create_string_buffer(max(1, size.value))
    told = kernel.GetLogicalProcessorInformation(rows, ctypes.byref(size))
    return Machine(
        cpu=_value(_PROCESSOR, "ProcessorNameString").strip(),
        cores=cores_in(rows.raw) if told else 0,
        memory_mb=memory.total // _MB,
        free_memory_mb=memory.free // _MB,
        flags=flags_of({n for n in _FEATURES.values() if kernel.IsProcessorFeaturePresent(n)}),
        gpus=_gpus(),
    )


def flags_of(features: set[int], *, is_installed: bool | None = None) -> tuple[str, ...]:
    """Return the names of processor features.

    An installed program runs on AVX2 only: its launcher asked the processor itself. Windows 10
    before version 2004 does not know these features and denies them.
    """
    if is_installed is None:
        is_installed = "launcher" in sys._xoptions  # noqa: SLF001 - documented
    known = {"avx", "avx2"} if is_installed else set()
    return tuple(name for name, number in _FEATURES.items() if number in features or name in known)


def cores_in(rows: bytes) -> int:
    """Return how many physical cores GetLogicalProcessorInformation lists."""
    whole = len(rows) - len(rows) % _CORE_ROW.size
    return sum(kind == _IS_CORE for _, kind in _CORE_ROW.iter_unpack(rows[:whole]))


def _gpus() -> tuple[str, ...]:
    names = []
    for number in range(_MOST_DISPLAYS):
        path = _DISPLAYS % number
        if _value(path, "ProviderName").upper().startswith("NVIDIA"):
            names.append(_value(path, "DriverDesc"))
    return tuple(dict.fromkeys(names))


def _value(path: str, name: str) -> str:
    with contextlib.suppress(OSError):
        branch = registry.of_machine(path, depth=0)
        found = branch.values.get(name) if branch is not None else None
        return found if isinstance(found, str) else ""
    return ""
