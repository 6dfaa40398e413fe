"""What a native library asks for and is made of, read by binutils."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = b"\x7fELF"
_GLIBC: Final = re.compile(r"\bGLIBC_(\d+(?:\.\d+)+)")
_RUN_PATH: Final = re.compile(r"^\s+(?:RPATH|RUNPATH)\s+(\S.*)$", re.MULTILINE)


class UnreadableError(Exception):
    """binutils cannot read the file, or is not installed."""


@dataclass(frozen=True, slots=True)
class Elf:
    """What the loader of another system will see.

    Attributes:
        glibc: the newest symbol version asked for; (0,) when it asks for none.
        run_path: folders of RPATH and RUNPATH.
    """

    glibc: tuple[int, ...]
    run_path: tuple[str, ...]


def is_elf(path: Path) -> bool:
    """Whether a file begins like a Linux program or library."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read_elf(path: Path) -> Elf:
    """Return what a program or library asks for.

    Raises:
        UnreadableError: objdump does not take it.
    """
    text = _objdump("-p", path)
    needed = [tuple(map(int, each.split("."))) for each in _GLIBC.findall(text)]
    folders = [each for line in _RUN_PATH.findall(text) for each in line.strip().split(":")]
    return Elf(max(needed, default=(0,)), tuple(folders))


def instructions(path: Path, pattern: str) -> str:
    """Return the first place in the machine code that fits a pattern, empty when none does.

    Args:
        path: an ELF or PE library.
        pattern: a regular expression over lines of AT&T assembly, such as `%zmm|%tmm`.

    Raises:
        UnreadableError: objdump does not take it.
    """
    command = ["objdump", "-d", "--no-show-raw-insn", str(path)]
    wanted = re.compile(pattern)
    try:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as asked:
            assert asked.stdout is not None  # noqa: S101 - for the type checker
            found = next((match[0] for line in asked.stdout if (match := wanted.search(line))), "")
            if found:
                asked.kill()
    except OSError:
        raise UnreadableError("objdump is missing") from None
    if not found and asked.returncode:
        raise UnreadableError(path.name)
    return found


def _objdump(option: str, path: Path) -> str:
    try:
        asked = subprocess.run(
            ["objdump", option, str(path)], capture_output=True, text=True, check=False
        )
    except OSError:
        raise UnreadableError("objdump is missing") from None
    if asked.returncode:
        raise UnreadableError(path.name)
    return asked.stdout
