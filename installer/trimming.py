"""Reads `trim.toml`: what of the installed packages goes into a product. Used while packing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

TRIM: Final = Path(__file__).with_name("trim.toml")


@dataclass(frozen=True)
class Trim:
    """The list as rules over relative paths with `/` between names."""

    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path = TRIM) -> Trim:
        """Return the list.

        Raises:
            tomllib.TOMLDecodeError, OSError: it cannot be read.
        """
        return cls(tomllib.loads(path.read_text("utf-8")))

    @property
    def excluded_modules(self) -> list[str]:
        """Return the Python modules that are left out."""
        return list(self.data["modules"]["excluded"])

    @property
    def glibc_floor(self) -> tuple[int, ...]:
        """Return the newest glibc that a library may ask for."""
        return version_of(self.data["linux"]["glibc"])

    def is_wanted(self, path: str) -> bool:
        """Whether a file goes into a product. License texts always do."""
        name = path.replace("\\", "/")
        if "licens" in name.lower():
            return True
        return not self._unused.search(name)

    def is_excluded(self, path: str) -> bool:
        """Whether a file below site-packages is, or is in, a module that is left out."""
        return bool(self._excluded.search(path.replace("\\", "/")))

    def is_of_the_host(self, path: str) -> bool:
        """Whether a Linux library is one that every desktop brings itself."""
        return bool(self._host.search(path))

    @cached_property
    def _unused(self) -> re.Pattern[str]:
        return re.compile("|".join(self.data["files"]["unused"]))

    @cached_property
    def _excluded(self) -> re.Pattern[str]:
        names = "|".join(re.escape(each.replace(".", "/")) for each in self.excluded_modules)
        return re.compile(rf"^({names})(/|\.(py|pyd|[\w-]+\.pyd)$)")

    @cached_property
    def _host(self) -> re.Pattern[str]:
        return re.compile(rf"(^|/)({'|'.join(self.data['linux']['host_libraries'])})\.so")


def version_of(text: str) -> tuple[int, ...]:
    """Return `2.35` as (2, 35)."""
    return tuple(int(part) for part in text.split("."))
