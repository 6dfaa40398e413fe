"""Writes a bill of materials in CycloneDX 1.5 (JSON): what is in a product, with hashes.

    python -m installer.sbom --system linux [--sources FILE] OUT
    python -m installer.sbom --system windows --site FOLDER --python 3.12.9 [--sources FILE] OUT

Run by the build environment's Python; packages are its own, or those unpacked into a folder. The
same commit and locks give the same file: the serial number comes from the content, the time from
SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from installer.components import ROOT, Component, license_of, python_packages

SPEC: Final = "1.5"


@dataclass(frozen=True, slots=True)
class Inside:
    """Packages and interpreter of a product.

    Attributes:
        packages: of the locks.
        python: version of the interpreter.
        site: where packages for Windows were unpacked; None = this environment.
    """

    packages: Sequence[Component]
    python: str = platform.python_version()
    site: Path | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file and return 0."""
    parser = argparse.ArgumentParser(prog="python -m installer.sbom")
    parser.add_argument("out", type=Path)
    parser.add_argument("--system", choices=("linux", "windows"), required=True)
    parser.add_argument("--sources", type=Path, help="paths of host libraries, one a line")
    parser.add_argument("--site", type=Path, help="packages for Windows; else this environment's")
    parser.add_argument("--python", default=platform.python_version(), help="what goes inside")
    asked = parser.parse_args(arguments)
    lines = asked.sources.read_text("utf-8").splitlines() if asked.sources else []
    inside = Inside(python_packages(asked.site), asked.python, asked.site)
    bill = document(asked.system, inside, [Path(line) for line in lines if line])
    asked.out.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def document(system: str, inside: Inside, libraries: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the bill: the app, the interpreter, packages, and libraries of the build machine.

    Args:
        system: `linux` or `windows`.
        inside: what it is made of.
        libraries: shared libraries that came from the build machine; hashed as they lie there.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = [_package(each, inside.site) for each in inside.packages]
    parts = [_interpreter(inside.python), *packages, *map(_library, libraries)]
    app = {
        "type": "application",
        "bom-ref": f"stethoscribe@{project['version']}",
        "name": "stethoscribe",
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    serial = hashlib.sha256(json.dumps([system, app, parts], sort_keys=True).encode()).digest()
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=serial[:16], version=4)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": app,
            "properties": [{"name": "stethoscribe:system", "value": system}],
        },
        "components": parts,
        "dependencies": [{"ref": app["bom-ref"], "dependsOn": [each["bom-ref"] for each in parts]}],
    }


def _package(each: Component, site: Path | None) -> dict[str, Any]:
    part: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{each.name}@{each.version}",
        "name": each.name,
        "version": each.version,
        "purl": f"pkg:pypi/{each.name}@{each.version}",
    }
    if said := license_of(each.name, site):
        part["licenses"] = [{"license": {"name": said}}]
    if len(each.hashes) == 1:
        part["hashes"] = [{"alg": "SHA-256", "content": each.hashes[0]}]
    else:
        part["properties"] = [{"name": "stethoscribe:locked", "value": ",".join(each.hashes)}]
    return part


def _interpreter(version: str) -> dict[str, Any]:
    return {
        "type": "platform",
        "bom-ref": f"pkg:generic/python@{version}",
        "name": "CPython",
        "version": version,
        "purl": f"pkg:generic/python@{version}",
        "licenses": [{"license": {"name": "PSF-2.0"}}],
    }


def _library(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "type": "library",
        "bom-ref": f"pkg:generic/{path.name}?sha256={digest}",
        "name": path.name,
        "purl": f"pkg:generic/{path.name}?checksum=sha256:{digest}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


if __name__ == "__main__":
    raise SystemExit(main())
