"""Find and load the CUDA libraries that CTranslate2 asks for by name: cuBLAS 12, nothing else.

They come with a GPU library pack that an administrator placed, or with NVIDIA's wheel in a
checkout. Neither lies where the system looks, so they are loaded here by their full path: the
library then finds them by their name. Once, before the first decode on a GPU.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.foundation import paths


@dataclass(frozen=True, slots=True)
class Layout:
    """How one system names and places the libraries. `names` in the order they need each other."""

    names: tuple[str, ...]
    folder: str


LINUX: Final = Layout(("libcublasLt.so.12", "libcublas.so.12"), "lib")
WINDOWS: Final = Layout(("cublasLt64_12.dll", "cublas64_12.dll"), "bin")


def layout(system: str = sys.platform) -> Layout:
    """Return how this system does it."""
    return WINDOWS if system == "win32" else LINUX


def find(of: Layout, packs: Path, roots: Iterable[str]) -> tuple[Path, ...]:
    """Return the libraries in the order to load them, from one place; empty when none has all.

    Args:
        of: the names to look for.
        packs: the folder of packs; one that somebody else may write to is passed over.
        roots: where Python packages lie.
    """
    folders = [
        place
        for pack in _children(packs)
        for place in (pack, pack / of.folder)
        if paths.is_kept(packs) and paths.is_kept(pack) and paths.is_kept(place)
    ]
    folders += [Path(root) / "nvidia" / "cublas" / of.folder for root in roots if root]
    for folder in folders:
        found = tuple(folder / name for name in of.names)
        if all(each.is_file() for each in found):
            return found
    return ()


def preload(files: Sequence[Path]) -> bool:
    """Load libraries so that they are found by their name from now on; False if one cannot be."""
    if not files:
        return False
    folder = str(files[0].parent)
    if sys.platform == "win32":  # both: it depends on how a library asks for another
        os.add_dll_directory(folder)
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
    try:
        for each in files:
            ctypes.CDLL(str(each), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir())
    except OSError:
        return []
