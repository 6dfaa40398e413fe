"""Tells an MSI which versions its programs and libraries have: wixl writes none.

    python -m installer.windows.file_versions MSI FOLDER

Windows compares versions when it replaces files; a file without one loses against one with. Needs
msiinfo and msibuild. FOLDER is what the MSI was packed from.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_SIGNATURE: Final = struct.pack("<II", 0xFEEF04BD, 0x00010000)
"""Start of VS_FIXEDFILEINFO, and its version: <verrsrc.h>."""
_FILE_VERSION: Final = 8
"""Offset of the file version behind the signature: two double words, high one first."""
_HEAD: Final = 3
"""Lines of an exported table before its rows."""
_NAME, _VERSION, _LANGUAGE = 2, 4, 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the column `Version` of the table `File`; return 0."""
    msi, folder = sys.argv[1:] if arguments is None else arguments
    versions = {
        each.name: found
        for each in sorted(Path(folder).rglob("*"))
        if each.suffix.lower() in {".exe", ".dll", ".pyd"} and (found := version_of(each))
    }
    exported = ["msiinfo", "export", msi, "File"]
    table = subprocess.run(exported, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as work:
        made = Path(work) / "File.idt"
        made.write_text(with_versions(table, versions), "utf-8", newline="\r\n")
        subprocess.run(["msibuild", msi, "-i", str(made)], check=True)
    return 0


def version_of(path: Path) -> str:
    """Return the file version of a Windows program or library, empty when it has none."""
    content = path.read_bytes()
    at = content.find(_SIGNATURE)
    if at < 0:
        return ""
    high, low = struct.unpack_from("<II", content, at + _FILE_VERSION)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def with_versions(table: str, versions: Mapping[str, str]) -> str:
    """Return the exported table `File` with versions; language 0: neutral.

    Files of one name are told apart by nothing here, so they must have one version: two of a kind
    with different ones get none.
    """
    lines = table.replace("\r\n", "\n").splitlines()
    rows = lines[:_HEAD]
    for line in lines[_HEAD:]:
        cells = line.split("\t")
        if version := versions.get(cells[_NAME].rpartition("|")[2], ""):
            cells[_VERSION], cells[_LANGUAGE] = version, "0"
        rows.append("\t".join(cells))
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
