"""Which source files bytecode says it comes from: in `.pyc` files and in a frozen program."""

from __future__ import annotations

import importlib
import marshal
import types
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_HEADER: Final = 16
"""Bytes before the code in a `.pyc`: PEP 552."""


def file_names(path: Path) -> Iterator[str]:
    """Yield the source name of every code object; nothing where there is no bytecode.

    Bytecode of another Python version cannot be read: its file is searched as it is by nobody.
    """
    if path.suffix == ".pyc":
        try:
            code = marshal.loads(path.read_bytes()[_HEADER:])  # noqa: S302 - our own build
        except (ValueError, EOFError, TypeError):
            return
        yield from _names(code)
        return
    yield from _frozen(path)


def _frozen(path: Path) -> Iterator[str]:
    """Yield the names inside a program that PyInstaller made, if this Python has PyInstaller."""
    try:
        readers: Any = importlib.import_module("PyInstaller.archive.readers")
    except ImportError:
        return
    try:
        archive = readers.CArchiveReader(str(path))
    except readers.ArchiveReadError:
        return
    for name, entry in archive.toc.items():
        if entry[-1] == "z":
            modules = archive.open_embedded_archive(name)
            for module in modules.toc:
                yield from _names(modules.extract(module))
        elif entry[-1] in "smM":
            data = archive.extract(name)
            try:
                yield from _names(marshal.loads(data))  # noqa: S302 - our own build
            except (ValueError, EOFError, TypeError, zlib.error):
                continue


def _names(code: object) -> Iterator[str]:
    if isinstance(code, types.CodeType):
        yield code.co_filename
        for each in code.co_consts:
            yield from _names(each)
