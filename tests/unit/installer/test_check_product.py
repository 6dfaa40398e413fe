"""What must never be in a product is found when it is planted there."""

from __future__ import annotations

import copy
import importlib.util
import marshal
import subprocess
from pathlib import Path

import pytest

from installer import check_product
from installer.check_product import Fault, Product, package_faults
from installer.trimming import Trim

ROOT = Path(__file__).parents[3]


def compiled(folder: Path, name: str, code: str = "", *options: str) -> Path:
    """Compile a shared library; its C code may use libc."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "planted.c"
    source.write_text(f'#include <stdio.h>\nvoid say(void) {{ puts("x"); {code} }}\n')
    command = ["gcc", "-shared", "-fPIC", *options, str(source), "-o", str(folder / name)]
    subprocess.run(command, check=True, capture_output=True)
    source.unlink()
    return folder / name


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a harmless library."""
    return compiled(tmp_path_factory.mktemp("library"), "libharmless.so").read_bytes()


@pytest.fixture
def product(tmp_path: Path, library: bytes) -> Path:
    """Return the folder of a product in which nothing is wrong."""
    top = tmp_path / "product"
    inside = top / "usr" / "lib" / "stethoscribe"
    inside.mkdir(parents=True)
    (inside / "libharmless.so").write_bytes(library)
    texts = top / "usr" / "share" / "licenses" / "stethoscribe"
    for name in (*check_product.needed_texts("linux"), "python"):
        (texts / name).mkdir(parents=True)
        (texts / name / "LICENSE").write_text("text")
    (texts / "THIRD_PARTY_LICENSES.md").write_text("text")
    return top


def faults(top: Path, trim: Trim | None = None) -> list[Fault]:
    return list(Product(top, trim or Trim.read(), "linux").faults())


def test_a_right_product_passes(product: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(product) == []
    assert check_product.main(["--system", "linux", str(product)]) == 0
    assert "highest glibc symbol 2." in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "libx264.so.164",
        "libx265-9f.so.199",
        "av/__init__.py",
        "av.libs/libavcodec-1.so.61",
        "_internal/libavcodec.so.59",
        "llama_cpp/lib/libggml-cpu-sapphirerapids.so",
        "libreadline.so.8",
        "_internal/hf_xet/hf_xet.abi3.so",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "models/signing.key",
        "models/whisper/model.bin",
    ],
)
def test_a_forbidden_name_is_found(
    product: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = product / "usr" / "lib" / "stethoscribe" / name
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_bytes(b"anything")
    (found,) = faults(product)
    assert found.path.endswith(name)
    assert check_product.main(["--system", "linux", str(product)]) == 1
    assert name in capsys.readouterr().err


def test_names_that_only_look_alike_pass(product: Path) -> None:
    for name in ("certifi/cacert.pem", "PySide6/Qt/lib/libQt6Core.so.6", "app/audio/avoiding.pyc"):
        planted = product / "usr" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_bytes(b"anything")
    assert faults(product) == []


@pytest.mark.parametrize(
    "code",
    ['__asm__("vpxorq %zmm0, %zmm0, %zmm0");', '__asm__("tilezero %tmm0");'],
)
def test_a_native_build_of_llama_is_found(product: Path, code: str) -> None:
    folder = product / "usr" / "lib" / "llama_cpp" / "lib"
    compiled(folder, "libggml-cpu.so", '__asm__("vpxor %ymm0, %ymm0, %ymm0");')
    assert faults(product) == []
    compiled(folder, "libggml-cpu.so", code)
    (found,) = faults(product)
    assert "one kind of processor" in found.what


def test_a_library_that_needs_a_newer_glibc_is_found(product: Path) -> None:
    older = copy.deepcopy(Trim.read().data)
    older["linux"]["glibc"] = "2.2"
    (found,) = faults(product, Trim(older))
    assert "glibc 2.2." in found.what


@pytest.mark.parametrize("path", ["/opt/build/lib", "$ORIGIN/../lib:/opt/build/lib"])
def test_a_search_path_of_the_build_machine_is_found(product: Path, path: str) -> None:
    compiled(product / "usr", "libhere.so", "", "-Wl,-rpath,$ORIGIN")
    assert faults(product) == []
    compiled(product / "usr", "libthere.so", "", f"-Wl,-rpath,{path}")
    (found,) = faults(product)
    assert "/opt/build/lib" in found.what


def test_a_telemetry_client_is_found(product: Path) -> None:
    compiled(product / "usr", "libtold.so", 'puts("events.data.microsoft.com");')
    (found,) = faults(product)
    assert "holds events.data" in found.what


def test_a_machine_path_in_bytecode_is_found(product: Path) -> None:
    def write(name: str, source: str) -> None:
        code = compile("def f():\n    return 1\n", source, "exec")
        data = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)
        (product / "usr" / name).write_bytes(data)

    write("right.pyc", "app/right.py")
    assert faults(product) == []
    write("wrong.pyc", str(ROOT / "app" / "wrong.py"))
    (found,) = faults(product)
    assert found.path == "usr/wrong.pyc"


@pytest.mark.parametrize("take", ["numpy", "shiboken6"])
def test_a_missing_license_text_is_found(product: Path, take: str) -> None:
    (product / "usr/share/licenses/stethoscribe" / take / "LICENSE").unlink()
    (found,) = faults(product)
    assert take in found.path


def test_no_license_texts_at_all_are_found(product: Path, tmp_path: Path) -> None:
    (product / "usr/share/licenses").rename(tmp_path / "elsewhere")
    assert [each.what for each in faults(product)] == ["no folder of license texts"]


def test_a_package_over_its_limit_is_found(tmp_path: Path) -> None:
    package = tmp_path / "x.AppImage"
    package.touch()
    trim = Trim.read()
    assert package_faults(package, trim, "linux") == []
    with package.open("r+b") as file:
        file.truncate(130_000_001)
    (found,) = package_faults(package, trim, "linux")
    assert "130.0 MB" in found.what
    assert check_product.main(["--system", "windows", "--package", str(package)]) == 1


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6DBus.so.6", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", True),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/Qt6Quick.dll", False),
        ("onnxruntime/capi/onnxruntime_pybind11_state.so", True),
        ("onnxruntime/__init__.py", True),
        ("onnxruntime/tools/convert.py", False),
        ("onnxruntime/tools/__init__.py", False),
        ("av/codec.so", False),
        ("faster_whisper/assets/silero_vad_v6.onnx", True),
        ("numpy/_core/tests/test_api.py", False),
        ("numpy-2.4.dist-info/licenses/numpy/f2py/LICENSE", True),
        ("babel/locale-data/root.dat", True),
        ("babel/locale-data/zu.dat", False),
    ],
)
def test_the_list_keeps_what_is_needed(path: str, is_wanted: bool) -> None:
    assert Trim.read().is_wanted(path) is is_wanted
    assert Trim.read().is_wanted(path.replace("/", "\\")) is is_wanted


def test_libraries_of_the_desktop_stay_outside() -> None:
    trim = Trim.read()
    for name in ("libstdc++.so.6", "libpulse.so.0", "libasound.so.2", "libmvec.so.1", "libGL.so.1"):
        assert trim.is_of_the_host(name)
    for name in ("libportaudio.so.2", "libxcb-cursor.so.0", "libsndfile_x86_64.so", "libgomp.so.1"):
        assert not trim.is_of_the_host(name)
