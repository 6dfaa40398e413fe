"""The ICD-10-CM codes as they are shipped: titles, further terms, seventh characters.

Read once and passed on; nothing changes afterwards, so any thread may read.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import CorruptError

MOST_BYTES: Final = 32_000_000
"""Of the table when unpacked; it has 3.6 million."""
_DOTTED: Final = 3
_LONG: Final = 7
"""Characters of a code with a seventh, without its dot; shorter ones are filled with X."""


@dataclass(frozen=True, slots=True)
class IcdEntry:
    """A code and its title.

    Attributes:
        is_billable: False for headings, and for codes that need a seventh character.
    """

    code: str
    title: str
    is_billable: bool


@dataclass(frozen=True, slots=True)
class IcdRow:
    """A line of the table: a code before any seventh character.

    Attributes:
        terms: further names that stand under the code.
        sevenths: seventh character to what it adds to the title; empty if it takes none.
    """

    code: str
    title: str
    terms: tuple[str, ...]
    sevenths: Mapping[str, str]
    has_children: bool

    @property
    def entry(self) -> IcdEntry:
        """The code as a person sees it."""
        return IcdEntry(self.code, self.title, not self.has_children and not self.sevenths)

    def extended(self) -> tuple[IcdEntry, ...]:
        """Return its codes with a seventh character, in their order."""
        filled = self.code if "." in self.code else f"{self.code}."
        filled = filled.ljust(_LONG, "X")
        return tuple(
            IcdEntry(filled + seventh, f"{self.title}, {added}", is_billable=True)
            for seventh, added in self.sevenths.items()
        )


@dataclass(frozen=True, slots=True)
class IcdTable:
    """All rows in the order of the classification; `release` is for the screen."""

    release: str
    rows: tuple[IcdRow, ...]

    def expanded(self) -> Iterator[IcdEntry]:
        """Yield every code there is, with and without seventh characters."""
        for row in self.rows:
            yield row.entry
            yield from row.extended()


def read_table(path: Path) -> IcdTable:
    """Read `codes.tsv.xz`.

    Raises:
        OSError: the file is missing. It is part of the installation.
        CorruptError: it is damaged.
    """
    data = path.read_bytes()
    try:
        unpacked = lzma.LZMADecompressor().decompress(data, MOST_BYTES)
        return _table(unpacked.decode().splitlines())
    except (lzma.LZMAError, UnicodeDecodeError, ValueError, LookupError):
        raise CorruptError from None


def _table(lines: Sequence[str]) -> IcdTable:
    kind, release, count = lines[0].split("\t")
    if kind != "icd-10-cm":
        raise ValueError("kind")
    sets: dict[str, Mapping[str, str]] = {"": {}}
    cut: list[list[str]] = []
    for line in lines[1:]:
        first, *rest = line.split("\t")
        if first.startswith("+"):
            sets[first[1:]] = {each[0]: each[2:] for each in rest}
        else:
            cut.append([first, *rest])
    following = [*(each[0] for each in cut[1:]), ""]
    rows = tuple(
        IcdRow(
            code,
            title,
            tuple(terms.split("|")) if terms else (),
            sets[number],
            after.startswith(code),
        )
        for (code, title, number, terms), after in zip(cut, following, strict=True)
    )
    if sum(1 + len(each.sevenths) for each in rows) != int(count):
        raise ValueError("count")
    return IcdTable(release, rows)


def dotted(code: str) -> str:
    """Return a code as it is printed: capitals, a dot behind the third character."""
    bare = "".join(each for each in code.upper() if each.isalnum())
    return f"{bare[:_DOTTED]}.{bare[_DOTTED:]}" if len(bare) > _DOTTED else bare
