"""What this machine is, read from the operating system: no child, no driver call, no guess."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.ports import InstalledModel

_CPU_INFO: Final = Path("/proc/cpuinfo")
_MEMORY_INFO: Final = Path("/proc/meminfo")
_NVIDIA: Final = Path("/proc/driver/nvidia/gpus")
FEW_CORES: Final = 4
"""Up to so many cores, live words come from the smallest model: SPEECH.md, section 3."""
_MEMORY_SHARE: Final = 0.6
"""Part of the memory that engines may take; the rest is the EHR's and the system's."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """Processor, memory in MB, and graphics cards by name (those of NVIDIA, on Linux)."""

    cpu: str
    cores: int
    has_avx2: bool
    memory_mb: int
    gpus: tuple[str, ...] = ()


def look(
    cpu_info: Path = _CPU_INFO, memory_info: Path = _MEMORY_INFO, nvidia: Path = _NVIDIA
) -> Hardware:
    """Return what was found. What cannot be read is empty or 0."""
    cpu = _fields(cpu_info)
    flags = cpu.get("flags", "").split()
    memory = _fields(memory_info).get("MemTotal", "0 kB").split()[0]
    return Hardware(
        cpu.get("model name", "") or platform.processor(),
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "avx2" in flags,
        int(memory) // 1024 if memory.isdecimal() else 0,
        tuple(_gpu(each) for each in sorted(nvidia.glob("*/information"))),
    )


def free_disk_mb(folder: Path) -> int:
    """Return the free space where a folder is, or will be, in MB."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free >> 20


def choose_speech(
    installed: Sequence[InstalledModel], hardware: Hardware, *, is_live: bool
) -> InstalledModel | None:
    """Return the most accurate speech model that keeps up, None when there is none.

    Live words on few cores need the smallest model. Whole recordings take the largest one
    below the size where a processor without a GPU gets slower than talk (small, 900 MB).
    """
    speech = [each for each in installed if each.card.role == "speech"]
    if not hardware.gpus:
        speech = [each for each in speech if each.card.memory_mb <= _CPU_SPEECH_MB] or speech
    by_size = sorted(speech, key=lambda each: each.card.memory_mb)
    if not by_size:
        return None
    if is_live and hardware.cores <= FEW_CORES and not hardware.gpus:
        return by_size[0]
    if hardware.cores <= FEW_CORES and not hardware.gpus:
        small = [each for each in by_size if each.card.memory_mb <= _FEW_CORES_MB]
        return (small or by_size[:1])[-1]
    return by_size[-1]


_CPU_SPEECH_MB: Final = 1_000
_FEW_CORES_MB: Final = 500


def choose_notes(installed: Sequence[InstalledModel], hardware: Hardware) -> InstalledModel | None:
    """Return the largest notes model that fits into memory, None when there is none."""
    notes = [each for each in installed if each.card.role == "notes"]
    room_mb = hardware.memory_mb * _MEMORY_SHARE
    fitting = [each for each in notes if each.card.memory_mb <= room_mb]
    return max(fitting, key=lambda each: each.card.memory_mb, default=None)


def _fields(path: Path) -> dict[str, str]:
    """Return `name: value` lines; of names that come often the first."""
    found: dict[str, str] = {}
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return found
    for line in lines:
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found


def _gpu(information: Path) -> str:
    return _fields(information).get("Model", "NVIDIA")
