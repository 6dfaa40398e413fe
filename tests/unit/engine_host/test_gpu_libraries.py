"""Where cuBLAS is looked for, and that nothing is loaded from where anybody may write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine_host import gpu_libraries
from app.engine_host.gpu_libraries import LINUX, WINDOWS, Layout, find, preload
from app.foundation import paths
from app.foundation.paths import is_kept

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="packs belong to an administrator"
)


def place(folder: Path, of: Layout) -> Path:
    folder.mkdir(parents=True, mode=0o755)
    for name in of.names:
        (folder / name).write_bytes(b"no library")
    return folder


@pytest.mark.parametrize("of", [LINUX, WINDOWS], ids=["linux", "windows"])
def test_the_wheel_is_found_where_packages_lie(tmp_path: Path, of: Layout) -> None:
    folder = place(tmp_path / "site" / "nvidia" / "cublas" / of.folder, of)
    found = find(of, tmp_path / "no packs", ["", str(tmp_path / "other"), str(tmp_path / "site")])
    assert found == tuple(folder / name for name in of.names)


@posix_only
@as_root
@pytest.mark.parametrize("inner", ["", LINUX.folder])
def test_a_pack_goes_before_the_wheel(tmp_path: Path, inner: str) -> None:
    tmp_path.chmod(0o755)
    place(tmp_path / "site" / "nvidia" / "cublas" / LINUX.folder, LINUX)
    folder = place(tmp_path / "packs" / "cublas-12" / inner, LINUX)
    found = find(LINUX, tmp_path / "packs", [str(tmp_path / "site")])
    assert found == tuple(folder / name for name in LINUX.names)


@posix_only
@as_root
@pytest.mark.parametrize("which", ["packs", "packs/cublas-12", "packs/cublas-12/lib"])
def test_a_pack_that_others_may_write_to_is_passed_over(tmp_path: Path, which: str) -> None:
    place(tmp_path / "packs" / "cublas-12" / "lib", LINUX)
    (tmp_path / which).chmod(0o777)
    assert find(LINUX, tmp_path / "packs", []) == ()
    assert not is_kept(tmp_path / which)


def test_half_a_set_is_no_set(tmp_path: Path) -> None:
    folder = place(tmp_path / "nvidia" / "cublas" / LINUX.folder, LINUX)
    (folder / LINUX.names[0]).unlink()
    assert find(LINUX, tmp_path, [str(tmp_path)]) == ()


def test_the_library_that_the_other_needs_comes_first() -> None:
    assert "Lt" in LINUX.names[0]
    assert "Lt" in WINDOWS.names[0]
    assert all("12" in name for name in LINUX.names + WINDOWS.names)


def test_what_is_no_library_is_not_loaded_and_does_no_harm(tmp_path: Path) -> None:
    of = gpu_libraries.layout()
    place(tmp_path / "nvidia" / "cublas" / of.folder, of)
    assert not preload(find(of, tmp_path, [str(tmp_path)]))
    assert not preload(())


def test_each_system_has_its_own_names() -> None:
    assert gpu_libraries.layout("win32") is WINDOWS
    assert gpu_libraries.layout("linux") is LINUX
    assert paths.pack_root("linux") == Path("/opt/stethoscribe-packs")
    assert paths.pack_root("win32").name == "Stethoscribe Packs"


BY_NAME = """
import ctypes, sys
from pathlib import Path
from app.engine_host.gpu_libraries import LINUX, find, preload
if sys.argv[2] == "preload":
    assert preload(find(LINUX, Path("no packs"), [sys.argv[1]]))
print(ctypes.CDLL(LINUX.names[1]).answer())
"""


def by_name(root: Path, how: str) -> subprocess.CompletedProcess[str]:
    """Ask for the library by its name alone, as CTranslate2 does, in a process of its own."""
    command = [sys.executable, "-c", BY_NAME, str(root), how]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="names are those of Linux")
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler to build a library with")
def test_a_preloaded_library_is_found_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "nvidia" / "cublas" / LINUX.folder
    folder.mkdir(parents=True)
    inner, outer = LINUX.names
    sources = {
        inner: "int inner(void) { return 40; }",
        outer: "int inner(void); int answer(void) { return inner() + 2; }",
    }
    for name, source in sources.items():
        file = tmp_path / "source.c"
        file.write_text(source)
        needs = [] if name == inner else [f"-L{folder}", f"-l:{inner}"]
        subprocess.run(
            ["cc", "-shared", "-fPIC", f"-Wl,-soname,{name}", "-o", folder / name, file, *needs],
            check=True, timeout=60,
        )  # fmt: skip
    assert by_name(tmp_path, "preload").stdout.strip() == "42"
    assert by_name(tmp_path, "nothing").stdout.strip() != "42"
