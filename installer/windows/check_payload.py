"""Holds the Windows payload against what its loader will find. Called by check_product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from installer import portable
from installer.trimming import Trim

_SITE = PurePosixPath("Lib/site-packages")


class Libraries:
    """Which DLL each program and library of a payload will find on a computer with nothing else."""

    def __init__(self, folder: Path, trim: Trim) -> None:
        self._system = re.compile("|".join(trim.data["windows"]["system"]))
        self._beside = trim.data["windows"]["beside"]
        names = (each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
        self._here = {
            PurePosixPath(each.parent.as_posix(), each.name.lower())
            for each in names
            if each.suffix.lower() in portable.ENDINGS
        }

    def faults(self, path: Path, name: str) -> Iterator[str]:
        """Yield what is wrong with one file, `name` being its path in the payload."""
        try:
            file = portable.read(path)
        except portable.NotPortableError:
            yield "is not for 64-bit Windows"
            return
        for needed in file.needed:
            if not self._system.fullmatch(needed) and not self._is_found(needed, name):
                yield f"needs {needed}, which a computer need not have"

    def _is_found(self, needed: str, name: str) -> bool:
        """Whether it lies where the loader looks: beside it, above it in its package, at the top.

        What a package finds elsewhere because its own code adds a folder stands in trim.toml.
        """
        at = PurePosixPath(name).parent
        places = [PurePosixPath(), at]
        if _SITE in at.parents:
            top = at.relative_to(_SITE).parts[0]
            places += [each for each in at.parents if _SITE in each.parents]
            places += [_SITE / each for each in (f"{top}.libs", *self._beside.get(top, ()))]
        return any(place / needed in self._here for place in places)
