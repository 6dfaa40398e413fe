"""Holds a product against `trim.toml` before anybody gets it: continuous integration and release.

    python -m installer.check_product --system linux|windows FOLDER
    python -m installer.check_product --system linux|windows --package FILE

Looks at every file: names and content that must never appear, the glibc a library asks for, a
native build of llama.cpp, machine paths in bytecode and RPATH, license texts; on Windows the DLLs
that a library asks for, and the tables of the MSI. Prints what is wrong, one line each, and the
largest figures. Ends with 0, or 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer import binaries, bytecode, portable
from installer.components import LOCKS, WINDOWS_LOCKS, locked
from installer.trimming import Trim
from installer.windows import check_msi
from installer.windows.check_payload import Libraries

ROOT: Final = Path(__file__).resolve().parents[1]
_MB: Final = 1_000_000
_BLOCK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must not be: where, and what."""

    path: str
    what: str


def machine_paths() -> tuple[str, ...]:
    """Return the folders of this machine that nothing in a product may name."""
    return tuple({f"{folder}/" for folder in (ROOT, Path.home()) if folder != Path("/")})


class Product:
    """An unpacked product and the rules it is held against."""

    def __init__(self, folder: Path, trim: Trim, system: str) -> None:
        self._folder = folder
        self._trim = trim
        self._system = system
        never = trim.data["never"]
        self._names = re.compile("|".join(never["names"]))
        self._allowed = re.compile("|".join(never["names_allowed"]))
        self._native_in = re.compile(never["native_in"])
        self._content = [each.encode() for each in never["content"]]
        self._libraries = Libraries(folder, trim) if system == "windows" else None
        self.highest_glibc: tuple[int, ...] = (0,)

    def faults(self) -> Iterator[Fault]:
        """Yield everything that is wrong."""
        files = sorted(path for path in self._folder.rglob("*") if path.is_file())
        for path in files:
            name = path.relative_to(self._folder).as_posix()
            yield from self._name(name)
            if path.is_symlink():
                continue
            yield from self._binary(path, name)
            if path.suffix == ".pyc" or binaries.is_elf(path):
                yield from self._bytecode(path, name)
        yield from self._licenses()

    def _name(self, name: str) -> Iterator[Fault]:
        found = self._names.search(name)
        if found and not self._allowed.search(name):
            yield Fault(name, f"must never be in a product ({found[0].strip('/')})")

    def _binary(self, path: Path, name: str) -> Iterator[Fault]:
        is_elf = binaries.is_elf(path)
        is_portable = path.suffix.lower() in portable.ENDINGS
        if is_elf or is_portable:
            yield from self._native_code(path, name)
        if is_elf:
            yield from self._elf(path, name)
        if is_portable and self._libraries is not None:
            for what in self._libraries.faults(path, name):
                yield Fault(name, what)
            for folder in machine_paths():
                if _holds(path, folder.encode()):
                    yield Fault(name, f"names {folder}")

    def _native_code(self, path: Path, name: str) -> Iterator[Fault]:
        for words in self._content:
            if _holds(path, words):
                yield Fault(name, f"holds {words.decode()}")
        found = ""
        if self._native_in.search(name):
            found = binaries.instructions(path, self._trim.data["never"]["native"])
        if found:
            yield Fault(name, f"was built for one kind of processor (uses {found})")

    def _elf(self, path: Path, name: str) -> Iterator[Fault]:
        elf = binaries.read_elf(path)
        self.highest_glibc = max(self.highest_glibc, elf.glibc)
        if elf.glibc > self._trim.glibc_floor:
            needed = ".".join(map(str, elf.glibc))
            yield Fault(name, f"needs glibc {needed}, newer than the floor")
        for folder in elf.run_path:
            if folder and not folder.startswith("$ORIGIN"):
                yield Fault(name, f"looks for libraries in {folder}")

    def _bytecode(self, path: Path, name: str) -> Iterator[Fault]:
        for code in bytecode.file_names(path):
            if code.startswith(machine_paths()):
                yield Fault(name, f"bytecode names {code}")
                return

    def _licenses(self) -> Iterator[Fault]:
        folders = [each for each in self._folder.rglob("licenses") if each.is_dir()]
        ours = [each for each in folders if (each / "THIRD_PARTY_LICENSES.md").is_file()]
        ours += [each / "stethoscribe" for each in folders if (each / "stethoscribe").is_dir()]
        if not ours:
            yield Fault("licenses", "no folder of license texts")
            return
        for name in sorted(needed_texts(self._system)):
            if not any((ours[0] / name).glob("*")):
                yield Fault(f"licenses/{name}", "no license text")


def package_faults(package: Path, trim: Trim, system: str) -> list[Fault]:
    """Return what is wrong with the one file that people get: its size, an MSI's tables."""
    found = []
    if package.suffix == ".msi":
        found = [Fault(package.name, what) for what in check_msi.faults(package)]
    most_mb = trim.data["limits"]["appimage_mb" if system == "linux" else "msi_mb"]
    size_mb = package.stat().st_size / _MB
    if size_mb > most_mb:
        found.append(Fault(package.name, f"has {size_mb:.1f} MB, at most {most_mb} are allowed"))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and print; return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m installer.check_product")
    parser.add_argument("--system", choices=("linux", "windows"), required=True)
    parser.add_argument("--package", action="store_true", help="the file, not the folder")
    parser.add_argument("path", type=Path)
    asked = parser.parse_args(arguments)
    trim = Trim.read()
    if asked.package:
        faults = package_faults(asked.path, trim, asked.system)
        print(f"{asked.path.name}: {asked.path.stat().st_size / _MB:.1f} MB")
    else:
        product = Product(asked.path, trim, asked.system)
        faults = list(product.faults())
        size = sum(each.lstat().st_size for each in asked.path.rglob("*") if each.is_file())
        highest = ".".join(map(str, product.highest_glibc))
        glibc = f"; highest glibc symbol {highest}" if asked.system == "linux" else ""
        print(f"{size / _MB:.0f} MB unpacked{glibc}")
    for each in faults:
        print(f"{each.path}: {each.what}", file=sys.stderr)
    return 1 if faults else 0


def needed_texts(system: str) -> set[str]:
    """Return the packages whose texts must be there: those that the locks name for a system.

    One that a lock names for some Pythons only is not among them, unless for all in parts.
    """
    foreign = ("darwin", "emscripten", *(("win32", "Windows") if system == "linux" else ()))
    markers: dict[str, list[str]] = {}
    locks = WINDOWS_LOCKS if system == "windows" else LOCKS
    for each in (one for lock in locks for one in locked(lock)):
        markers.setdefault(each.name, []).append(each.marker)
    return {
        name
        for name, rows in markers.items()
        if not any(word in row for row in rows for word in foreign)
        and (len(rows) > 1 or "python_" not in rows[0])
    }


def _holds(path: Path, words: bytes) -> bool:
    """Whether a file holds these bytes, also across the border of two blocks."""
    tail = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if words in tail + block:
                return True
            tail = block[-len(words) :]
    return False


if __name__ == "__main__":
    raise SystemExit(main())
