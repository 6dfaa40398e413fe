"""Gathers the license texts of everything that is in a product, one folder for each component.

    python -m installer.licenses OUT [--sources FILE] [--site FOLDER --python-license FILE]

Run by the build environment's Python: the packages looked at are its own, or those unpacked into a
folder for Windows. Ends with 1 when a
component has no text: a product without one is not released.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from installer.components import Component, distribution, python_packages

ROOT: Final = Path(__file__).resolve().parents[1]
TEXTS: Final = Path(__file__).with_name("license_texts")
COMMON: Final = Path("/usr/share/common-licenses")
_NAME: Final = re.compile(r"licen[cs]e|copying|notice|third.?party|authors", re.IGNORECASE)
_TEXT_ENDINGS: Final = frozenset({"", ".txt", ".md", ".rst", ".apache", ".bsd", ".mit", ".apache2"})

STANDARD: Final = {
    "flatbuffers": ("Apache-2.0",),
    "pyside6-essentials": ("LGPL-3", "GPL-3"),
    "shiboken6": ("LGPL-3", "GPL-3"),
    "soundfile": ("LGPL-2.1",),
    "soxr": ("LGPL-2.1",),
    "tokenizers": ("Apache-2.0",),
}
"""Packages under a common license whose wheels do not bring its text, or not all of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the texts and return 0, or 1 when one is missing."""
    parser = argparse.ArgumentParser(prog="python -m installer.licenses")
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=Path, help="paths of host libraries, one a line")
    parser.add_argument("--site", type=Path, help="packages for Windows; else this environment's")
    parser.add_argument("--python-license", type=Path, help="of the interpreter that goes inside")
    asked = parser.parse_args(arguments)
    out: Path = asked.out
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "LICENSE", out / "LICENSE")
    shutil.copy(ROOT / "THIRD_PARTY_LICENSES.md", out / "THIRD_PARTY_LICENSES.md")
    site: Path | None = asked.site
    packages = python_packages(site)
    missing = [each.name for each in packages if not _gather(each, out / each.name, site)]
    missing += [] if _interpreter(out / "python", asked.python_license) else ["python"]
    if asked.sources is not None:
        libraries = [Path(line) for line in asked.sources.read_text("utf-8").splitlines() if line]
        missing += _host_libraries(libraries, out)
    for name in missing:
        print(f"no license text for {name}", file=sys.stderr)
    return 1 if missing else 0


def _gather(component: Component, to: Path, site: Path | None) -> bool:
    """Copy what a package brings and what we add for it; whether there is a text now."""
    texts = list(_own_texts(component.name, site))
    texts += [COMMON / name for name in STANDARD.get(component.name, ())]
    texts += [each for each in (TEXTS / f"{component.name}.txt",) if each.is_file()]
    return _copy([each for each in texts if each.is_file()], to)


def _own_texts(name: str, site: Path | None) -> Iterator[Path]:
    found = distribution(name, site)
    inside = [Path(str(each.locate())) for each in found.files or ()]
    if site is not None:  # unpacked without a list of its files
        folder = next(each for each in site.glob("*.dist-info") if _is_of(each, found.name))
        module = site / name.replace("-", "_")  # some texts lie beside the code
        inside = sorted(each for each in folder.rglob("*") if each.is_file())
        inside += sorted(each for each in module.glob("*") if each.is_file())
    for entry in inside:
        if _NAME.search(entry.name) and entry.suffix.lower() in _TEXT_ENDINGS:
            yield entry


def _is_of(folder: Path, name: str) -> bool:
    """Whether a `.dist-info` folder is that of a package, however either is written."""
    plain = re.compile(r"[-_.]+")
    return plain.sub("-", folder.name.partition("-")[0]).lower() == plain.sub("-", name).lower()


def _interpreter(to: Path, text: Path | None) -> bool:
    library = Path(sysconfig.get_path("stdlib"))
    texts = [text] if text is not None else [library / "LICENSE.txt", library / "LICENSE"]
    return _copy([each for each in texts if each.is_file()], to)


def _host_libraries(libraries: Sequence[Path], out: Path) -> list[str]:
    """Copy the copyright file of each Debian package a bundled library comes from."""
    missing = []
    for library in libraries:
        package = _package_of(library)
        text = Path("/usr/share/doc") / package / "copyright"
        if not package or not _copy([text] if text.is_file() else [], out / f"lib-{package}"):
            missing.append(library.name)
    return missing


def _package_of(library: Path) -> str:
    """Return the Debian package of a file, empty when none owns it."""
    for path in (library, library.resolve(), Path("/usr") / str(library.resolve()).lstrip("/")):
        asked = subprocess.run(
            ["dpkg-query", "-S", str(path)], capture_output=True, text=True, check=False
        )
        if asked.returncode == 0:
            return asked.stdout.split(":")[0].split(",")[0].strip()
    return ""


def _copy(texts: Sequence[Path], to: Path) -> bool:
    for number, text in enumerate(texts):
        to.mkdir(exist_ok=True)
        target = to / text.name
        shutil.copy(text, target if not target.exists() else to / f"{number}-{text.name}")
    return bool(texts)


if __name__ == "__main__":
    raise SystemExit(main())
