"""What a product is made of: the packages of the locks and llama.cpp, for one system.

The AppImage is made of what this environment has installed, from `locks/run.lock`; the MSI of what
was unpacked into a folder, from `locks/windows.lock`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCKS: Final = (ROOT / "locks" / "run.lock", ROOT / "locks" / "llama.lock")
WINDOWS_LOCKS: Final = (ROOT / "locks" / "windows.lock", ROOT / "locks" / "llama.lock")
_LINE: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]*))?"
)


_SAID: Final = {"sqlcipher3": "Zlib"}
"""Licenses of packages whose metadata name none; read in their license files."""


@dataclass(frozen=True, slots=True)
class Component:
    """One locked package.

    Attributes:
        name: normalized as package indexes do it.
        marker: for which systems and Pythons; empty for all.
        hashes: SHA-256 of the files the lock allows, in hex.
    """

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = field(default=())


def locked(lock: Path) -> tuple[Component, ...]:
    """Return every package of a lock, whatever system it is for."""
    found = []
    for line in lock.read_text("utf-8").replace("\\\n", " ").splitlines():
        if match := _LINE.match(line):
            name = re.sub(r"[-_.]+", "-", match["name"]).lower()
            marker = (match["marker"] or "").split("--hash")[0].strip()
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
            found.append(Component(name, match["version"], marker, hashes))
    return tuple(found)


def python_packages(site: Path | None = None) -> tuple[Component, ...]:
    """Return the locked packages that are installed, in order of name.

    Those that the lock names for another system or Python are not.

    Args:
        site: a folder of packages for Windows; None = this environment.

    Raises:
        LookupError: a package that every system needs is not installed, or in another version.
    """
    versions: dict[str, list[Component]] = {}
    for each in (one for lock in (WINDOWS_LOCKS if site else LOCKS) for one in locked(lock)):
        versions.setdefault(each.name, []).append(each)
    chosen = [_installed(name, rows, site) for name, rows in sorted(versions.items())]
    return tuple(each for each in chosen if each is not None)


def distribution(name: str, site: Path | None = None) -> metadata.Distribution:
    """Return an installed package.

    Raises:
        PackageNotFoundError: it is not installed there.
    """
    if site is None:
        return metadata.distribution(name)
    for found in metadata.distributions(name=name, path=[str(site)]):
        return found
    raise metadata.PackageNotFoundError(name)


def _installed(name: str, rows: Sequence[Component], site: Path | None) -> Component | None:
    try:
        installed = distribution(name, site).version
    except metadata.PackageNotFoundError:
        if all(each.marker for each in rows):
            return None
        raise LookupError(f"{name} is not installed") from None
    for each in rows:
        if each.version == installed:
            return each
    raise LookupError(f"{name} {installed} is installed, and no lock names it")


def license_of(name: str, site: Path | None = None) -> str:
    """Return what a package says of its license, as short as it says it; empty when it does not."""
    about = distribution(name, site).metadata
    said = _field(about, "License-Expression")
    if not said:
        kinds = [
            each.rpartition(" :: ")[2]
            for each in about.get_all("Classifier") or ()
            if each.startswith("License ::") and each.count("::") > 1
        ]
        said = (
            _SAID.get(name)
            or " / ".join(kinds)
            or _field(about, "License").strip().partition("\n")[0]
        )
    return said


def _field(about: metadata.PackageMetadata, name: str) -> str:
    return about[name] if name in about else ""  # noqa: SIM401 - it has no typed `get`
