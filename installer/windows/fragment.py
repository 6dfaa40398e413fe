"""Lists the payload for wixl: a component for each file, with names made from its path.

    python -m installer.windows.fragment FOLDER OUT

wixl-heat does the same with folders named by chance, so no two builds were alike. The launchers
are not listed: they stand in `stethoscribe.wxs`.
"""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from xml.etree import ElementTree as Xml

SPACE: Final = uuid.UUID("80E28482-CF61-5947-BAB1-C347797F8B80")
"""The UpgradeCode. A component keeps its GUID as long as its file keeps its path."""
LAUNCHERS: Final = frozenset(
    {"stethoscribe.exe", "stethoscribe-cli.exe", "stethoscribe-remote.exe"}
)
_NAMESPACE: Final = "http://schemas.microsoft.com/wix/2006/wi"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the fragment and return 0."""
    folder, out = map(Path, sys.argv[1:] if arguments is None else arguments)
    files = (each for each in folder.rglob("*") if each.is_file())
    names = [each.relative_to(folder).as_posix() for each in files]
    Path(out).write_text(fragment(names), "utf-8", newline="\n")
    return 0


def fragment(names: Iterable[str]) -> str:
    """Return WiX source with the component group CGPayload; `names` with `/` between folders."""
    root = Xml.Element("Wix", {"xmlns": _NAMESPACE})
    top = Xml.SubElement(Xml.SubElement(root, "Fragment"), "DirectoryRef", {"Id": "INSTALLDIR"})
    group = Xml.SubElement(Xml.SubElement(root, "Fragment"), "ComponentGroup", {"Id": "CGPayload"})
    folders = {PurePosixPath(): top}
    for name in sorted(set(names) - LAUNCHERS):
        path = PurePosixPath(name)
        component = Xml.SubElement(
            _folder(path.parent, folders),
            "Component",
            {
                "Win64": "yes",
                "Id": _id("c", path),
                "Guid": str(uuid.uuid5(SPACE, name)).upper(),
            },
        )
        source = {"Id": _id("f", path), "KeyPath": "yes", "Source": f"$(var.SourceDir)/{name}"}
        Xml.SubElement(component, "File", source)
        Xml.SubElement(group, "ComponentRef", {"Id": _id("c", path)})
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"


def _folder(path: PurePosixPath, folders: dict[PurePosixPath, Xml.Element]) -> Xml.Element:
    if path not in folders:
        told = {"Id": _id("d", path), "Name": path.name}
        folders[path] = Xml.SubElement(_folder(path.parent, folders), "Directory", told)
    return folders[path]


def _id(kind: str, path: PurePosixPath) -> str:
    """Return a name that Windows Installer takes: a letter, then letters and digits."""
    digest = hashlib.sha256(path.as_posix().encode()).hexdigest()
    return kind + digest[:32]


if __name__ == "__main__":
    raise SystemExit(main())
