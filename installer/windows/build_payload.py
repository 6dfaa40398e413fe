"""Puts together what the MSI installs: interpreter, locked wheels, llama.cpp, app, resources.

    python -m installer.windows.build_payload --wheels DIR --python-embed ZIP --llama-wheel FILE
        --llama-dlls DIR --launchers DIR --public-key FILE --sources FILE --out payload

Run by a Python of the same minor version as the embeddable one: it writes the bytecode. Nothing
is fetched here; `build_msi.sh` fetches, hash-checked. The same inputs give the same files.
"""

from __future__ import annotations

import argparse
import importlib.util
import py_compile
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer import portable
from installer.trimming import Trim
from installer.windows.file_versions import version_of

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = (3, 12)
SITE: Final = Path("Lib", "site-packages")
PATHS: Final = "python312.zip\n.\nLib\\site-packages\nimport site\n"
"""`python312._pth`: nothing else is on the path, whatever the environment says."""
LEFT_OUT: Final = frozenset({"python.exe", "pythonw.exe", "winsound.pyd", "_msi.pyd", "_wmi.pyd"})
"""Of the embeddable package: a bare interpreter could run anything, past the firewall rule too."""
RUNTIME: Final = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll", "msvcp140_1.dll")
"""Microsoft's C++ runtime: wheels ask for it, and a computer need not have it."""
_NOT_INSTALLED: Final = frozenset({"RECORD", "INSTALLER", "direct_url.json", "REQUESTED"})


class PayloadError(Exception):
    """The parts do not fit together; the message says which."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts lie.

    Attributes:
        wheels: folder of Windows wheels.
        interpreter: zip of the embeddable CPython.
        llama_wheel: the Python half of llama-cpp-python.
        llama_dlls: folder of llama.cpp's libraries, and the compiler's that they need.
        launchers: folder of the three programs.
        public_key: key that packs are trusted by.
        sources: libraries of the build machine, one path a line; for licenses and the bill.
    """

    wheels: Path
    interpreter: Path
    llama_wheel: Path
    llama_dlls: Path
    launchers: Path
    public_key: Path
    sources: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the payload; return 0, or 1 with a reason."""
    parser = argparse.ArgumentParser(prog="python -m installer.windows.build_payload")
    for name in ("wheels", "python-embed", "llama-wheel", "llama-dlls", "launchers"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("public-key", "sources", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args(arguments)
    if sys.version_info[:2] != PYTHON:
        print("the payload is built by Python 3.12, whose bytecode it carries", file=sys.stderr)
        return 1
    parts = Parts(
        asked.wheels,
        asked.python_embed,
        asked.llama_wheel,
        asked.llama_dlls,
        asked.launchers,
        asked.public_key,
        asked.sources,
    )
    try:
        build(parts, asked.out)
    except PayloadError as error:
        print(f"no payload: {error}", file=sys.stderr)
        return 1
    return 0


def build(parts: Parts, out: Path) -> None:
    """Write the payload into a folder, which is made anew.

    Raises:
        PayloadError: a part is missing or is another one.
    """
    trim = Trim.read()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    put_interpreter(parts.interpreter, out)
    site = out / SITE
    for wheel in (*sorted(parts.wheels.glob("*.whl")), parts.llama_wheel):
        put_wheel(wheel, site, trim)
    _copy_all(parts.llama_dlls, site / "llama_cpp" / "lib", "*.dll")
    put_runtime(out)
    drop_unreached(site / "PySide6", trim)
    _copy_all(parts.launchers, out, "*.exe")
    put_app(out, parts.public_key)
    _tell(out, parts)
    compile_all(out)


def put_interpreter(archive: Path, out: Path) -> None:
    """Unpack the embeddable CPython, whether its files lie at the top or in one folder.

    Raises:
        PayloadError: it is not Python 3.12 for x86-64.
    """
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            short = Path(name).name
            if short and short.lower() not in LEFT_OUT and not short.endswith("._pth"):
                (out / short).write_bytes(packed.read(name))
    try:
        portable.read(out / "python312.dll")
    except (OSError, portable.NotPortableError):
        raise PayloadError("the embeddable package is not Python 3.12, 64 bit") from None
    (out / "python312._pth").write_text(PATHS, "ascii", newline="\r\n")


def put_wheel(wheel: Path, site: Path, trim: Trim) -> None:
    """Unpack a wheel without what no product needs; headers, scripts and data stay out.

    Raises:
        PayloadError: of a package everything but its own module came through.
    """
    with zipfile.ZipFile(wheel) as packed:
        for name in sorted(packed.namelist()):
            inside = _inside(name)
            if inside and trim.is_wanted(inside) and not trim.is_excluded(inside):
                target = site / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(name))
        for name in map(_inside, packed.namelist()):
            top = site / name.partition("/")[0]
            if name == f"{top.name}/__init__.py" and top.is_dir() and not (site / name).exists():
                raise PayloadError(f"{top.name} would be an empty package")


def _inside(name: str) -> str:
    """Return where a member of a wheel belongs below site-packages; empty: nowhere."""
    first, _, rest = name.partition("/")
    if name.endswith("/") or Path(name).name in _NOT_INSTALLED:
        return ""
    if first.endswith(".data"):
        kind, _, path = rest.partition("/")
        return path if kind in {"purelib", "platlib"} else ""
    return name


def put_runtime(out: Path) -> None:
    """Put the newest copy of each C++ runtime library beside the launchers, where all find it."""
    for name in RUNTIME:
        found = [each for each in out.rglob("*.dll") if each.name.lower() == name]
        if not found:
            raise PayloadError(f"no {name}")
        newest = max(found, key=lambda each: _numbers(version_of(each)))
        if newest != out / name:
            shutil.copyfile(newest, out / name)


def drop_unreached(qt: Path, trim: Trim) -> None:
    """Delete Qt's modules that the app does not import, and libraries that nothing then needs."""
    if not qt.is_dir():
        return
    wanted = set(trim.data["windows"]["qt_modules"])
    for module in qt.glob("Qt*.pyd"):
        if module.name.partition(".")[0] not in wanted:
            module.unlink()
    kept = [*qt.glob("*.pyd"), *qt.rglob("plugins/**/*.dll")]
    here = {each.name.lower(): each for each in qt.glob("*.dll")}
    reached: set[str] = set()
    while kept:
        file = portable.read(kept.pop())
        for name in {*file.needed, *file.delayed} & here.keys() - reached:
            reached.add(name)
            kept.append(here[name])
    for name in here.keys() - reached:
        here[name].unlink()


def put_app(out: Path, public_key: Path) -> None:
    """Copy the app, its resources, the catalogue, and the template for group policy."""
    shutil.copytree(ROOT / "app", out / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources", out / "resources", ignore=_no_docs)
    (out / "models").mkdir()
    shutil.copyfile(ROOT / "models" / "catalogue.toml", out / "models" / "catalogue.toml")
    shutil.copyfile(public_key, out / "models" / "product.pub")
    shutil.copytree(Path(__file__).with_name("policy"), out / "policy")


def _no_docs(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "docs" and Path(folder).name == "resources"]


def _tell(out: Path, parts: Parts) -> None:
    """Write license texts and the bill of materials, by the tools that the AppImage uses."""
    given = ["--site", str(out / SITE), "--sources", str(parts.sources)]
    texts = ["installer.licenses", *given, "--python-license", str(out / "LICENSE.txt")]
    bill = ["installer.sbom", "--system", "windows", *given, "--python", _python_version(out)]
    for command in ([*texts, str(out / "licenses")], [*bill, str(out / "sbom.cdx.json")]):
        if subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT).returncode:
            raise PayloadError(f"{command[0]} ended with a fault")


def _python_version(out: Path) -> str:
    """Return `3.12.9`: python.org counts the library's version as 3.12.9150.1013."""
    major, minor, micro, _ = _numbers(version_of(out / "python312.dll"))
    return f"{major}.{minor}.{micro // 1000}"


def compile_all(out: Path) -> None:
    """Compile every module; bytecode names files as they lie in the payload, and is not doubted.

    Times of files do not survive a cabinet, so bytecode that compares them would be written anew
    at each start, and then survive an uninstall.
    """
    for source in sorted(_sources(out)):
        py_compile.compile(
            str(source),
            cfile=str(source.parent / importlib.util.cache_from_source(source.name)),
            dfile=source.relative_to(out).as_posix(),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def _sources(out: Path) -> Iterator[Path]:
    yield from (out / "app").rglob("*.py")
    yield from (out / SITE).rglob("*.py")


def _copy_all(source: Path, target: Path, pattern: str) -> None:
    found = sorted(source.glob(pattern))
    if not found:
        raise PayloadError(f"no {pattern} in {source.name}")
    target.mkdir(parents=True, exist_ok=True)
    for each in found:
        shutil.copyfile(each, target / each.name)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if version else (0, 0, 0, 0)


if __name__ == "__main__":
    raise SystemExit(main())
