"""What this machine can do: cores, memory, disk, GPU, and which speech model suits it.

Looks, never starts a program, never touches a driver: a listed GPU is tried in the child.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import ModelMissingError
from app.domain.ports import InstalledModel
from app.engines import windows_machine

_SYSTEM: Final = Path("/")
_MB: Final = 1 << 20
_FEW_CORES: Final = 2
_BASE_CORES: Final = 4
"""From so many cores on, base listens live: SPEECH.md section 3."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """One look at the machine.

    Attributes:
        cores: physical cores this process may use.
        memory_mb, free_memory_mb: 0 when unknown.
        flags: of `avx`, `avx2`, `fma`, `f16c`, `avx512f` those the CPU has; empty when unknown.
        gpus: names of NVIDIA GPUs the driver lists.
    """

    system: str
    cpu: str
    cores: int
    memory_mb: int
    free_memory_mb: int
    flags: tuple[str, ...]
    gpus: tuple[str, ...]


def look(root: Path = _SYSTEM) -> Hardware:
    """Return what the machine says of itself. `root` is where /proc lies."""
    if (told := windows_machine.ask()) is not None:
        return Hardware(
            system=platform.system(),
            cpu=told.cpu,
            cores=physical_cores(),
            memory_mb=told.memory_mb,
            free_memory_mb=told.free_memory_mb,
            flags=told.flags,
            gpus=told.gpus,
        )
    info = _cpu_info(root)
    memory = _memory(root)
    known = info.get("flags", "").split()
    return Hardware(
        system=platform.system(),
        cpu=info.get("model name", platform.processor()),
        cores=physical_cores(root),
        memory_mb=memory.get("MemTotal", 0),
        free_memory_mb=memory.get("MemAvailable", 0),
        flags=tuple(each for each in ("avx", "avx2", "fma", "f16c", "avx512f") if each in known),
        gpus=_gpus(root),
    )


def physical_cores(root: Path = _SYSTEM) -> int:
    """Return the physical cores this process may use; logical ones where that is unknown."""
    if (told := windows_machine.ask()) is not None and told.cores:
        return told.cores
    allowed = (
        os.sched_getaffinity(0)
        if hasattr(os, "sched_getaffinity")
        else set(range(os.cpu_count() or 1))
    )
    cores: set[str] = set()
    for number in allowed:
        siblings = f"sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list"
        cores.add(_text(root / siblings).strip() or str(number))
    return max(1, len(cores))


def speech_threads(cores: int) -> int:
    """Return how many threads a decode gets: one core is left to sound and window, from 3 on.

    On a 2-core machine that was busy otherwise, one and two threads took the same time (base,
    28 s: 1.8 s; 6 s: 0.3 s), because waiting threads sleep; on an idle one two are faster.
    """
    return cores if cores <= _FEW_CORES else min(cores - 1, 8)


def free_disk(folder: Path) -> int:
    """Return the free bytes where a folder lies or would lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def choose_speech(
    installed: Sequence[InstalledModel],
    cores: int,
    *,
    is_live: bool,
    language: str = "en",
    has_gpu: bool = False,
) -> InstalledModel:
    """Return the speech model to use when nobody chose one.

    The largest that the machine can carry: whole files wait for accuracy, live speech must
    keep up beside the notes engine.

    Raises:
        ModelMissingError: none is installed that knows the language.
    """
    able = [
        each
        for each in installed
        if each.card.role == "speech" and {language, "*"} & set(each.card.languages)
    ]
    if not able:
        raise ModelMissingError("whisper-base")
    most_mb = _carried_mb(cores, is_live=is_live, has_gpu=has_gpu)
    fitting = [each for each in able if each.card.memory_mb <= most_mb]
    return max(fitting, key=_weight) if fitting else min(able, key=_weight)


def _carried_mb(cores: int, *, is_live: bool, has_gpu: bool) -> int:
    """Return the memory of the largest model worth trying: SPEECH.md section 3.

    Measured on 2 cores: tiny.en uses 35 % of the time live, base 70 %, which leaves the notes
    engine too little.
    """
    if has_gpu:
        return 6_000
    if cores < 8:  # noqa: PLR2004 - the table's row
        return 300 if is_live and cores < _BASE_CORES else 500
    return 1_500


def _weight(model: InstalledModel) -> int:
    return sum(each.size for each in model.card.files)


def _cpu_info(root: Path) -> dict[str, str]:
    rows = (line.partition(":") for line in _text(root / "proc/cpuinfo").splitlines())
    found: dict[str, str] = {}
    for key, _, value in rows:
        found.setdefault(key.strip(), value.strip())
    return found


def _memory(root: Path) -> dict[str, int]:
    """Return the rows of /proc/meminfo in MB."""
    rows = (line.split() for line in _text(root / "proc/meminfo").splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 // _MB for row in rows if len(row) > 1}


def _gpus(root: Path) -> tuple[str, ...]:
    folder = root / "proc/driver/nvidia/gpus"
    try:
        files = sorted(folder.glob("*/information"))
    except OSError:
        return ()
    rows = (line.partition(":") for file in files for line in _text(file).splitlines())
    return tuple(value.strip() for key, _, value in rows if key.strip() == "Model")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
