"""Build resources/icd10cm/codes.tsv.xz from the ICD-10-CM tables in `simple-icd-10-cm` (MIT).

A tool for developers; the app never runs it. In an environment with `simple-icd-10-cm==1.5.0`:

    python -m models.build_icd10cm resources/icd10cm

The first line is `icd-10-cm`, release, count of codes. Lines `+N` define sets of seventh
characters. All others are: code, title, number of its set or nothing, further terms joined by `|`.
Codes that only add a seventh character are left out, because the set tells them: the tool checks
that reading back gives every code of the source with its very title, but for blanks.
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path
from typing import Final

import simple_icd_10_cm as source  # type: ignore[import-not-found]

from app.clinical.icd10_table import read_table

RELEASE: Final = "FY2026, April 2026"
NAME: Final = "codes.tsv.xz"
HIDDEN: Final = {"T07": "Unspecified multiple injuries"}
"""Codes that the source takes for the block of the same name, with the titles of their own."""


def main() -> None:
    """Write the table into the folder named on the command line and check it."""
    folder = Path(sys.argv[1])
    codes = [
        each
        for each in dict.fromkeys(source.get_all_codes())
        if not source.is_chapter_or_block(each) or each in HIDDEN
    ]
    data = lzma.compress(
        table(codes).encode(), preset=9 | lzma.PRESET_EXTREME, check=lzma.CHECK_SHA256
    )
    (folder / NAME).write_bytes(data)
    read = {each.code: each.title for each in read_table(folder / NAME).expanded()}
    wrong = [each for each in codes if read.get(each) != _title(each)]
    if wrong or len(read) != len(codes):
        raise SystemExit(f"{len(wrong)} codes read back wrong, {len(read)} of {len(codes)} read")
    print(f"{len(codes)} codes, {len(data)} bytes")


def table(codes: list[str]) -> str:
    """Return the text of the table."""
    sets: dict[tuple[tuple[str, str], ...], int] = {}
    sevenths: dict[str, dict[str, str]] = {}
    for code in codes:
        if source.is_extended_subcategory(code):
            parent = source.get_parent(code)
            added = _title(code).removeprefix(_title(parent)).removeprefix(", ")
            sevenths.setdefault(parent, {})[code[-1]] = added
    lines = []
    for code in codes:
        if source.is_extended_subcategory(code):
            continue
        number = ""
        if code in sevenths:
            number = str(sets.setdefault(tuple(sevenths[code].items()), len(sets)))
        terms = dict.fromkeys((*source.get_inclusion_term(code), *source.get_includes(code)))
        text = "|".join(_line(each) for each in terms)
        lines.append("\t".join((code, _title(code), number, text)))
    heads = [
        "\t".join((f"+{number}", *(f"{seventh}={text}" for seventh, text in each)))
        for each, number in sets.items()
    ]
    return "\n".join((f"icd-10-cm\t{RELEASE}\t{len(codes)}", *heads, *lines)) + "\n"


def _title(code: str) -> str:
    return HIDDEN.get(code) or _line(source.get_description(code))


def _line(text: str) -> str:
    """Return text without tabs and double blanks, of which the source has some."""
    return " ".join(text.replace("|", "/").split())


if __name__ == "__main__":
    main()
