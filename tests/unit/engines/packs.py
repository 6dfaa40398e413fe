"""A workshop for packs: a small model, a catalogue that knows it, keys, and packs to spoil."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.engines.catalogue import Catalogue
from app.engines.packs import Packs, Places, Trust

FILES = {"config.json": b'{"toy": true}', "model.bin": bytes(range(256)) * 40}
VERSION = "1.2.0"


@dataclass
class Workshop:
    """Makes packs of the model `toy` and a `Packs` that may install them."""

    area: Path
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    clinic: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))

    @property
    def own(self) -> Path:
        return self.area / "own"

    @property
    def libraries(self) -> Path:
        return self.area / "libraries"

    def catalogue(self) -> Catalogue:
        path = self.area / "catalogue.toml"
        rows = ["schema = 1"]
        for name, role in (("toy", "speech"), ("other", "voices")):
            rows += ["[[model]]", f'id = "{name}"', f'role = "{role}"', 'runtime = "onnx"']
            rows += [f'name = "{name}"', 'tier = "starter"', 'license = "MIT"', 'source = "us/x"']
            rows += ["verified = true", "memory_mb = 7", 'languages = ["*"]', "files = ["]
            for each in self.described():
                rows.append(
                    f'  {{ path = "{each["path"]}", size = {each["size"]}, '
                    f'sha256 = "{each["sha256"]}" }},'
                )
            rows.append("]")
        path.write_text("\n".join(rows), "utf-8")
        return Catalogue(path, [self.own])

    def described(self) -> list[dict[str, Any]]:
        return [
            {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self.files.items()
        ]

    def manifest(self, **changed: Any) -> dict[str, Any]:
        head = {"schema": 1, "id": "toy", "kind": "speech", "name": "Toy", "license": "MIT"}
        return {**head, "min_app": "1.0.0", "files": self.described(), **changed}

    def folder(
        self, name: str = "pack", by: Ed25519PrivateKey | None = None, **changed: Any
    ) -> Path:
        """Return a pack as a folder, signed by the product's key or another one."""
        to = self.area / name
        to.mkdir(parents=True)
        for path, data in self.files.items():
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_bytes(data)
        self.sign(to, json.dumps(self.manifest(**changed)).encode(), by)
        return to

    def sign(self, folder: Path, text: bytes, by: Ed25519PrivateKey | None = None) -> None:
        (folder / "manifest.json").write_bytes(text)
        (folder / "manifest.sig").write_bytes(base64.b64encode((by or self.key).sign(text)))

    def packs(self, trust: Trust | None = None) -> Packs:
        mine = Trust(
            self.key.public_key().public_bytes_raw(),
            (self.clinic.public_key().public_bytes_raw(),),
        )
        places = Places(self.own, self.area / "shared", self.libraries)
        return Packs(self.catalogue(), places, trust or mine, VERSION)

    def installed(self) -> list[str]:
        """Return every file and folder below the places packs go to."""
        return sorted(
            str(each.relative_to(self.area))
            for place in (self.own, self.area / "shared", self.libraries)
            if place.exists()
            for each in place.rglob("*")
        )


def zipped(folder: Path, how: int = zipfile.ZIP_STORED) -> Path:
    """Return the folder as a zip file beside it."""
    out = folder.with_suffix(".zip")
    with zipfile.ZipFile(out, "w", how) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return out


def spoil(path: Path, at: int = -1) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def is_private(path: Path) -> bool:
    """Whether only the owner may read a tree."""
    return all(not each.stat().st_mode & 0o077 for each in (path, *path.rglob("*")))


def copy_of(folder: Path, name: str) -> Path:
    """Return a copy of a pack under another name beside it."""
    return Path(shutil.copytree(folder, folder.with_name(name), symlinks=True))


def is_root() -> bool:
    """Whether this test may make files of root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
