"""Builds signed packs of models and libraries on a connected machine, for machines that are not.

    python -m models.build_pack key FILE
    python -m models.build_pack public FILE
    python -m models.build_pack models ID ... --key FILE --out PACK.zip [--dest FOLDER]
    python -m models.build_pack starter --key FILE --out PACK.zip [--dest FOLDER]
    python -m models.build_pack libraries FOLDER --id ID --name NAME --license SPDX --key FILE ...

A pack is a zip with stored members: for each model a folder with `manifest.json`, `manifest.sig`
and the files of the catalogue. The same files and key give the same pack, byte by byte. Exit codes
as `models.fetch`: 0 done, 1 not there, 2 usage, 3 refused, 5 the disk said no.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models import catalogue, placing
from models.catalogue import CatalogueError, Model
from models.fetch import DISK, DONE, MISSING, REFUSED, USAGE, default_folder
from models.placing import BLOCK, RefusedError

SCHEMA: Final = 1
KINDS: Final = {"speech": "speech", "notes": "notes", "voices": "voice", "vad": "vad"}
"""Role in the catalogue → kind of a pack."""
FIRST_APP: Final = "0.1.0"
"""The first version that reads packs."""
_KEY_BYTES: Final = 32
_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every member: the first a zip can say."""


class KeyFileError(Exception):
    """A file does not hold a private key of ours."""


@dataclass(frozen=True, slots=True)
class Content:
    """One pack before it is signed: its manifest without files, and where these lie."""

    head: dict[str, Any]
    folder: Path
    names: tuple[str, ...]


def make_key(file: Path) -> Path:
    """Write a new private key (base64, for its owner only) and, beside it, the public one.

    Raises:
        OSError: it exists already, or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
    public = file.with_name(file.name + ".pub")
    public.write_text(public_of(key) + "\n", "ascii")
    return public


def public_of(key: Ed25519PrivateKey) -> str:
    """Return the public half in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def read_key(file: Path) -> Ed25519PrivateKey:
    """Return a private key.

    Raises:
        KeyFileError: the file holds none.
    """
    try:
        raw = base64.b64decode(file.read_bytes().strip(), validate=True)
    except (OSError, ValueError):
        raise KeyFileError(f"{file.name} holds no key") from None
    if len(raw) != _KEY_BYTES:
        raise KeyFileError(f"{file.name} holds no key")
    return Ed25519PrivateKey.from_private_bytes(raw)


def model_content(model: Model, folder: Path, min_app: str = FIRST_APP) -> Content:
    """Return a model of the catalogue as it lies in a models folder, hashed once more.

    Raises:
        RefusedError: it is not there, or not what the catalogue says.
    """
    if not model.verified or (found := placing.faults(model, folder)):
        what = "; ".join(found) if model.verified else "nobody published its hashes"
        raise RefusedError(f"{model.id}: {what}")
    head = _head(model.id, KINDS[model.role], model.name, model.license, min_app)
    return Content(head, folder / model.id, tuple(each.path for each in model.files))


def library_content(folder: Path, head: dict[str, Any]) -> Content:
    """Return the files of a folder as a pack of native libraries."""
    names = sorted(
        each.relative_to(folder).as_posix()
        for each in folder.rglob("*")
        if each.is_file() and not each.is_symlink()
    )
    if not names:
        raise RefusedError(f"no files in {folder}")
    return Content(head, folder, tuple(names))


def write(contents: Iterable[Content], key: Ed25519PrivateKey, out: Path) -> None:
    """Write the packs into one file, which gets its name when it is whole.

    Raises:
        OSError: the disk is full, or not ours to write.
    """
    partial = out.with_name(out.name + ".partial")
    with ZipFile(partial, "w", ZIP_STORED, allowZip64=True) as archive:
        for each in contents:
            _add(archive, each, key)
    os.replace(partial, out)  # noqa: PTH105 - says what happens


def _add(archive: ZipFile, content: Content, key: Ed25519PrivateKey) -> None:
    prefix = f"{content.head['id']}/"
    files = [_described(content.folder / name, name) for name in content.names]
    text = json.dumps({**content.head, "files": files}, indent=1, sort_keys=True).encode()
    archive.writestr(_member(prefix + "manifest.json"), text)
    archive.writestr(_member(prefix + "manifest.sig"), base64.b64encode(key.sign(text)))
    for name in content.names:
        path = content.folder / name
        member = _member(prefix + name)
        member.file_size = path.stat().st_size  # so that zip64 is used where it must be
        with path.open("rb") as source, archive.open(member, "w") as target:
            shutil.copyfileobj(source, target, BLOCK)


def _described(path: Path, name: str) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "size": path.stat().st_size, "sha256": digest}


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name, _DAY)
    member.external_attr = 0o100644 << 16
    return member


def _head(name: str, kind: str, title: str, license_: str, min_app: str) -> dict[str, Any]:
    head = {"schema": SCHEMA, "id": name, "kind": kind, "name": title, "license": license_}
    return {**head, "min_app": min_app}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except (CatalogueError, KeyFileError) as error:
        code, text = USAGE, str(error)
    except RefusedError as error:
        code, text = REFUSED, str(error)
    except OSError as error:
        code, text = DISK, f"{error.filename}: {error.strerror}"
    print(text, file=sys.stderr)
    return code


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "key":
        print(f"private: {asked.file} (keep it off the repository)\npublic: {make_key(asked.file)}")
        return DONE
    if asked.command == "public":
        print(public_of(read_key(asked.file)))
        return DONE
    key = read_key(asked.key)
    if asked.command == "libraries":
        head = _head(asked.id, "gpu", asked.name, asked.license, FIRST_APP)
        write([library_content(asked.folder, head)], key, asked.out)
    else:
        folder: Path = asked.dest or default_folder()
        known = catalogue.read()
        if asked.command == "starter":
            chosen = [each for each in known if each.tier == "starter"]
        else:
            chosen = [catalogue.find(known, name) for name in asked.id]
        if not chosen:
            return MISSING
        write((model_content(each, folder) for each in chosen), key, asked.out)
    print(f"{asked.out}: {asked.out.stat().st_size / 1e6:,.0f} MB")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models.build_pack", description=__doc__.partition("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    key = commands.add_parser("key", help="make a key pair")
    key.add_argument("file", type=Path)
    public = commands.add_parser("public", help="print the public half of a key")
    public.add_argument("file", type=Path)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--key", type=Path, required=True, help="private key of `key`")
    shared.add_argument("--out", type=Path, required=True)
    shared.add_argument("--dest", type=Path, help="models folder (default: user data)")
    some = commands.add_parser("models", parents=[shared], help="models of the catalogue")
    some.add_argument("id", nargs="+")
    commands.add_parser("starter", parents=[shared], help="the starter models")
    libraries = commands.add_parser("libraries", parents=[shared], help="GPU libraries")
    libraries.add_argument("folder", type=Path)
    for name in ("--id", "--name", "--license"):
        libraries.add_argument(name, required=True)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
