"""The Windows payload: what goes in, what stays out, and whether each library finds its own."""

from __future__ import annotations

import copy
import importlib.util
import marshal
import shutil
import struct
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from installer import check_product, portable
from installer.check_product import Product
from installer.components import WINDOWS_LOCKS, license_of, locked, python_packages
from installer.trimming import Trim
from installer.windows import build_payload
from installer.windows.build_payload import PayloadError
from installer.windows.file_versions import version_of

SITE = Path("Lib", "site-packages")
CC = shutil.which("x86_64-w64-mingw32-gcc-posix") or shutil.which("x86_64-w64-mingw32-gcc")
needs_mingw = pytest.mark.skipif(CC is None, reason="mingw is not installed: make test does it")


def library(path: Path, needs: Path | None = None, version: str = "") -> Path:
    """Compile a Windows library that may need another one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name.replace(".", "_").replace("-", "_")
    asked = needs.name.replace(".", "_").replace("-", "_") if needs else ""
    code = f"__declspec(dllexport) int {name}(void) {{ return {asked + '()' if asked else 1}; }}\n"
    if asked:
        code = f"__declspec(dllimport) int {asked}(void);\n{code}"
    source = path.with_suffix(".c")
    source.write_text(code)
    given = [str(needs)] if needs else []
    command = [str(CC), "-shared", "-s", str(source), *given, "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    source.unlink()
    if version:
        numbers = [int(part) for part in version.split(".")]
        fixed = struct.pack("<IIHHHH", 0xFEEF04BD, 0x00010000, *numbers[1::-1], *numbers[:1:-1])
        path.write_bytes(path.read_bytes() + fixed)
    return path


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def wheel(path: Path, names: list[str]) -> Path:
    return zipped(path, **dict.fromkeys(names, b"x"))


# -- portable


@needs_mingw
def test_the_libraries_a_file_needs_are_read(tmp_path: Path) -> None:
    lower = library(tmp_path / "lower.dll")
    upper = library(tmp_path / "upper.pyd", lower)
    assert "lower.dll" in portable.read(upper).needed
    assert "kernel32.dll" in portable.read(lower).needed
    assert portable.read(lower).delayed == ()


@pytest.mark.parametrize("size", [0, 1, 63, 64, 200, 600])
def test_a_file_that_is_cut_off_is_told(tmp_path: Path, size: int) -> None:
    head = bytearray(b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(1000))
    struct.pack_into("<HH", head, 68, 0x8664, 90)
    struct.pack_into("<H", head, 84, 240)
    struct.pack_into("<H", head, 88, 0x20B)
    struct.pack_into("<I", head, 88 + 108, 16)
    struct.pack_into("<II", head, 88 + 112 + 8, 0x7000_0000, 40)
    (tmp_path / "x.dll").write_bytes(head[:size])
    with pytest.raises(portable.NotPortableError):
        portable.read(tmp_path / "x.dll")


# -- wheels and interpreter


def test_a_wheel_is_unpacked_without_what_no_product_needs(tmp_path: Path) -> None:
    names = [
        "numpy/__init__.py",
        "numpy/_core/multiarray.cp312-win_amd64.pyd",
        "numpy/tests/test_all.py",
        "numpy/f2py/main.py",
        "numpy/_core/lib/npymath.lib",
        "numpy-2.5.dist-info/METADATA",
        "numpy-2.5.dist-info/RECORD",
        "numpy-2.5.dist-info/licenses/LICENSE.txt",
        "numpy-2.5.data/platlib/numpy.libs/openblas.dll",
        "numpy-2.5.data/scripts/f2py.exe",
        "numpy-2.5.data/headers/x.h",
        "tkinter/__init__.py",
        "_tkinter.pyd",
        "hf_xet/__init__.py",
        "av/__init__.py",
        "PySide6/designer.exe",
        "PySide6/Qt6Core.dll",
        "_sounddevice_data/portaudio-binaries/libportaudio64bit.dll",
        "_sounddevice_data/portaudio-binaries/libportaudio64bit-asio.dll",
    ]
    site = tmp_path / "site"
    build_payload.put_wheel(wheel(tmp_path / "x.whl", names), site, Trim.read())
    found = sorted(each.relative_to(site).as_posix() for each in site.rglob("*") if each.is_file())
    assert found == sorted(
        [
            "PySide6/Qt6Core.dll",
            "_sounddevice_data/portaudio-binaries/libportaudio64bit.dll",
            "numpy-2.5.dist-info/METADATA",
            "numpy-2.5.dist-info/licenses/LICENSE.txt",
            "numpy.libs/openblas.dll",
            "numpy/__init__.py",
            "numpy/_core/multiarray.cp312-win_amd64.pyd",
        ]
    )


def test_a_package_without_its_own_module_is_no_payload(tmp_path: Path) -> None:
    """It would still be importable, as a namespace with nothing in it."""
    rules = copy.deepcopy(Trim.read().data)
    rules["files"]["unused"].append("^yaml/__init__")
    of = wheel(tmp_path / "x.whl", ["yaml/__init__.py", "yaml/_yaml.pyd"])
    with pytest.raises(PayloadError, match="yaml"):
        build_payload.put_wheel(of, tmp_path / "site", Trim(rules))
    build_payload.put_wheel(of, tmp_path / "site", Trim.read())


@needs_mingw
@pytest.mark.parametrize("folder", ["", "cp312/"])
def test_the_interpreter_comes_without_its_own_programs(tmp_path: Path, folder: str) -> None:
    dll = library(tmp_path / "python312.dll").read_bytes()
    names = ("python.exe", "pythonw.exe", "python312._pth", "python312.zip", "LICENSE.txt")
    archive = zipped(
        tmp_path / "embed.zip",
        **{f"{folder}python312.dll": dll},
        **{f"{folder}{name}": b"x" for name in names},
    )
    out = tmp_path / "out"
    out.mkdir()
    build_payload.put_interpreter(archive, out)
    assert {each.name for each in out.iterdir()} == {
        "python312.dll",
        "python312._pth",
        "python312.zip",
        "LICENSE.txt",
    }
    lines = (out / "python312._pth").read_text("ascii").split()
    assert lines == ["python312.zip", ".", "Lib\\site-packages", "import", "site"]


def test_another_interpreter_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "embed.zip", **{"python313.dll": b"x"})
    (tmp_path / "out").mkdir()
    with pytest.raises(PayloadError, match=r"3\.12"):
        build_payload.put_interpreter(archive, tmp_path / "out")


@needs_mingw
def test_the_newest_copy_of_the_runtime_lies_where_all_find_it(tmp_path: Path) -> None:
    for name in build_payload.RUNTIME:
        library(tmp_path / SITE / "PySide6" / name, version="14.44.2.0")
    library(tmp_path / "vcruntime140.dll", version="14.38.0.0")
    library(tmp_path / SITE / "other" / "msvcp140.dll", version="14.9.0.0")
    build_payload.put_runtime(tmp_path)
    for name in build_payload.RUNTIME:
        assert version_of(tmp_path / name) == "14.44.2.0"
    (tmp_path / "msvcp140_1.dll").unlink()
    (tmp_path / SITE / "PySide6" / "msvcp140_1.dll").unlink()
    with pytest.raises(PayloadError, match="msvcp140_1"):
        build_payload.put_runtime(tmp_path)


@needs_mingw
def test_of_qt_only_what_the_app_reaches_stays(tmp_path: Path) -> None:
    qt = tmp_path / "PySide6"
    core = library(qt / "Qt6Core.dll")
    gui = library(qt / "Qt6Gui.dll", core)
    xml = library(qt / "Qt6Xml.dll", core)
    svg = library(qt / "Qt6Svg.dll", gui)
    library(qt / "QtGui.pyd", gui)
    library(qt / "QtXml.pyd", xml)
    library(qt / "plugins" / "iconengines" / "qsvgicon.dll", svg)
    build_payload.drop_unreached(qt, Trim.read())
    assert sorted(each.name for each in qt.iterdir()) == [
        "Qt6Core.dll",
        "Qt6Gui.dll",
        "Qt6Svg.dll",
        "QtGui.pyd",
        "plugins",
    ]


def test_the_modules_of_qt_are_those_that_the_app_imports() -> None:
    text = "".join(each.read_text("utf-8") for each in (build_payload.ROOT / "app").rglob("*.py"))
    kept = set(Trim.read().data["windows"]["qt_modules"])
    imported = {word.split(maxsplit=1)[0] for word in text.split("from PySide6.")[1:]}
    assert imported == kept
    assert "from PySide6 import" not in text


def test_bytecode_is_beside_its_source_and_names_no_machine(tmp_path: Path) -> None:
    module = tmp_path / "app" / "x.py"
    module.parent.mkdir()
    module.write_text("def f():\n    return 1\n")
    (tmp_path / SITE).mkdir(parents=True)
    build_payload.compile_all(tmp_path)
    data = Path(importlib.util.cache_from_source(str(module))).read_bytes()
    assert struct.unpack_from("<I", data, 4) == (0b01,)  # PEP 552: a hash nobody checks
    code = marshal.loads(data[16:])
    assert isinstance(code, types.CodeType)
    assert code.co_filename == "app/x.py"


@pytest.mark.skipif(sys.version_info[:2] == build_payload.PYTHON, reason="it is the right one")
def test_another_python_writes_no_bytecode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("wheels", "python-embed", "llama-wheel", "llama-dlls", "launchers", "public-key")
    given = [word for name in (*names, "sources", "out") for word in (f"--{name}", str(tmp_path))]
    assert build_payload.main(given) == 1
    assert "Python 3.12" in capsys.readouterr().err


def test_packages_are_those_that_were_unpacked(tmp_path: Path) -> None:
    for each in (one for lock in WINDOWS_LOCKS for one in locked(lock)):
        folder = tmp_path / f"{each.name.replace('-', '_')}-{each.version}.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.4\nName: {each.name}\nVersion: {each.version}\n"
        (folder / "METADATA").write_text(text + "License-Expression: MIT\n")
    found = python_packages(tmp_path)
    assert {"numpy", "colorama", "llama-cpp-python"} <= {each.name for each in found}
    assert {each.name for each in found}.isdisjoint({"hf-xet", "av"})
    assert license_of("numpy", tmp_path) == "MIT"
    shutil.rmtree(next(tmp_path.glob("numpy-*")))
    with pytest.raises(LookupError, match="numpy"):
        python_packages(tmp_path)


# -- what the check finds


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    """Return a payload in which nothing is wrong."""
    top = tmp_path / "payload"
    runtime = library(top / "msvcp140.dll")
    library(top / "stethoscribe.exe")
    library(top / SITE / "kaldi" / "core.pyd", runtime)
    for name in (*check_product.needed_texts("windows"), "python"):
        (top / "licenses" / name).mkdir(parents=True)
        (top / "licenses" / name / "LICENSE").write_text("text")
    (top / "licenses" / "THIRD_PARTY_LICENSES.md").write_text("text")
    return top


def faults(top: Path) -> list[str]:
    return [f"{each.path}: {each.what}" for each in Product(top, Trim.read(), "windows").faults()]


@needs_mingw
def test_a_right_payload_passes(payload: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(payload) == []
    assert check_product.main(["--system", "windows", str(payload)]) == 0
    assert "glibc" not in capsys.readouterr().out


@needs_mingw
def test_a_library_that_a_computer_need_not_have_is_found(payload: Path) -> None:
    runtime = payload / "msvcp140.dll"
    (payload / SITE / "PySide6").mkdir()
    runtime.rename(payload / SITE / "PySide6" / runtime.name)  # where only Qt finds it
    (found,) = faults(payload)
    assert "kaldi/core.pyd: needs msvcp140.dll" in found


@needs_mingw
@pytest.mark.parametrize(
    ("lies", "asks"),
    [
        ("numpy.libs/blas.dll", "numpy/_core/umath.pyd"),
        ("PySide6/Qt6Core.dll", "PySide6/plugins/platforms/qwindows.dll"),
        ("shiboken6/shiboken6.dll", "PySide6/QtCore.pyd"),
        ("llama_cpp/lib/ggml.dll", "llama_cpp/lib/llama.dll"),
    ],
)
def test_what_packages_find_by_themselves_passes(payload: Path, lies: str, asks: str) -> None:
    library(payload / SITE / asks, library(payload / SITE / lies))
    assert faults(payload) == []


@needs_mingw
@pytest.mark.parametrize("name", ["python.exe", "pythonw.exe"])
def test_a_bare_interpreter_is_found(payload: Path, name: str) -> None:
    library(payload / name)
    (found,) = faults(payload)
    assert "must never be" in found


@needs_mingw
def test_a_library_for_another_system_is_found(payload: Path) -> None:
    (payload / SITE / "arm.dll").write_bytes(b"MZ")
    (found,) = faults(payload)
    assert "not for 64-bit Windows" in found


@needs_mingw
def test_a_folder_of_the_build_machine_is_found(payload: Path) -> None:
    made = library(payload / "own.dll")
    made.write_bytes(made.read_bytes() + f"{build_payload.ROOT}/x.c".encode())
    assert all("own.dll: names " in each for each in faults(payload))
    assert faults(payload)


@needs_mingw
def test_a_missing_license_text_is_found(payload: Path) -> None:
    (payload / "licenses" / "colorama" / "LICENSE").unlink()
    (found,) = faults(payload)
    assert "colorama" in found
