"""The parts of the Windows installer: scripts, launcher, and a whole small MSI read back."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer import check_product, portable
from installer.trimming import Trim
from installer.windows import check_msi, file_versions, fragment
from installer.windows.icon import icon

ROOT = Path(__file__).parents[3]
WINDOWS = ROOT / "installer" / "windows"
CC = shutil.which("x86_64-w64-mingw32-gcc-posix") or shutil.which("x86_64-w64-mingw32-gcc")
WINDRES = "x86_64-w64-mingw32-windres"
TOOLS = ("wixl", "msibuild", "msiinfo")
needs_mingw = pytest.mark.skipif(CC is None, reason="mingw is not installed: make test does it")
needs_wixl = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason="wixl and msitools are not installed"
)
PACKAGE_CODE = "{B8D5BA75-1378-4D30-B706-3EC35301174E}"


@pytest.mark.parametrize("script", sorted(WINDOWS.glob("*.sh")), ids=lambda path: path.name)
def test_a_script_parses(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    is_sourced = script.name == "llama.sh"
    assert os.access(script, os.X_OK) is not is_sourced


@pytest.mark.parametrize("name", ["stethoscribe.wxs", "launcher.manifest"])
def test_the_xml_is_well_formed(name: str) -> None:
    ElementTree.parse(WINDOWS / name)


# -- the launcher


def compiled(folder: Path, name: str, *flags: str) -> Path:
    made = folder / f"{name}.exe"
    source = WINDOWS / "launcher.c"
    options = ["-std=gnu11", "-O2", "-s", "-municode", "-Wall", "-Wextra", "-Werror"]
    command = [str(CC), *options, *flags, str(source), "-o", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@needs_mingw
@pytest.mark.parametrize(
    ("flags", "subsystem"),
    [
        (("-mwindows", "-DSTETHOSCRIBE_WINDOW"), 2),
        (("-mconsole",), 3),
        (("-mwindows", "-DSTETHOSCRIBE_REMOTE"), 2),
    ],
)
def test_the_launcher_compiles_and_needs_nothing_but_windows(
    tmp_path: Path, flags: tuple[str, ...], subsystem: int
) -> None:
    made = compiled(tmp_path, "x", *flags)
    needed = portable.read(made).needed
    assert set(needed) <= {"kernel32.dll", "msvcrt.dll", "shell32.dll", "user32.dll"}
    content = made.read_bytes()
    (start,) = struct.unpack_from("<I", content, 0x3C)
    assert struct.unpack_from("<H", content, start + 24 + 68) == (subsystem,)  # PE, 3.4.2
    words = ("-I", "-B", "-X", "launcher", "-m", "app.engine_host", "python312.dll")
    assert all(f"{each}\0".encode("utf-16-le") in content for each in words)


@needs_mingw
def test_its_version_and_icon_can_be_read(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 16, 16, 8, 6, 0, 0, 0)
    (tmp_path / "app.ico").write_bytes(icon([png]))
    (tmp_path / "launcher_version.h").write_text(
        '#define VERSION_NUMBERS 1,2,3,0\n#define VERSION_TEXT "1.2.3"\n'
    )
    includes = ["-I", str(tmp_path), "-I", str(WINDOWS), '-DPROGRAM=\\"x\\"']
    object_ = tmp_path / "x.o"
    command = [WINDRES, *includes, str(WINDOWS / "launcher.rc"), "-O", "coff", "-o", str(object_)]
    subprocess.run(command, check=True, capture_output=True)
    made = compiled(tmp_path, "x", "-mconsole", str(object_))
    assert file_versions.version_of(made) == "1.2.3.0"
    assert png in made.read_bytes()


def test_an_icon_names_each_size_and_its_place() -> None:
    images = [b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", n, n) for n in (16, 256)]
    made = icon(images)
    assert struct.unpack_from("<HHH", made) == (0, 1, 2)
    for index, (shown, image) in enumerate(zip((16, 0), images, strict=True)):
        row = struct.unpack_from("<BBBBHHII", made, 6 + 16 * index)
        assert row[:2] == (shown, shown)
        assert made[row[7] : row[7] + row[6]] == image
    with pytest.raises(ValueError, match="png"):
        icon([b"BM"])


# -- a small MSI


def packed(area: Path, name: str, version: str = "1.3.0") -> Path:
    """Pack three programs and two files, as build_msi.sh packs the large one."""
    payload = area / "payload"
    (payload / "sub").mkdir(parents=True, exist_ok=True)
    programs = [f"stethoscribe{each}.exe" for each in ("", "-cli", "-remote")]
    for each in (*programs, "python312.dll", "sub/a b.txt"):
        (payload / each).write_text(each)
        os.utime(payload / each, (1767225600, 1767225600))
    assert fragment.main([str(payload), str(area / "payload.wxs")]) == 0
    (area / "app.ico").write_bytes(b"icon")
    told = {
        "Version": version,
        "SourceDir": "payload",  # wixl 0.101 takes paths from where it stands only
        "IconFile": "app.ico",
        "ProductCode": "{1E9C7F29-1DB6-4FFB-B532-A24CFA8D266E}",
    }
    defines = [word for key, value in told.items() for word in ("-D", f"{key}={value}")]
    made = area / name
    sources = [str(WINDOWS / "stethoscribe.wxs"), "payload.wxs"]
    wixl = ["wixl", "-a", "x64", *defines, "-o", name, *sources]
    subprocess.run(wixl, check=True, capture_output=True, cwd=area)
    return made


def mended(msi: Path) -> Path:
    fixups = [str(WINDOWS / "msi_fixups.sh"), str(msi), PACKAGE_CODE, "1767225600"]
    subprocess.run(fixups, check=True, capture_output=True)
    return msi


@pytest.fixture(scope="module")
def msi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mended(packed(tmp_path_factory.mktemp("msi"), "small.msi"))


@needs_wixl
def test_a_small_msi_is_as_promised(msi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(check_msi.faults(msi)) == []
    assert check_product.main(["--system", "windows", "--package", str(msi)]) == 0
    assert "0.0 MB" in capsys.readouterr().out
    files = {each["FileName"] for each in check_msi.table(msi, "File")}
    assert files == {
        "stethoscribe.exe",
        "stethoscribe-cli.exe",
        "stethoscribe-remote.exe",
        "python312.dll",
        "a b.txt",
    }
    told = subprocess.run(
        ["msiinfo", "suminfo", str(msi)], capture_output=True, text=True, check=True
    ).stdout
    assert "Template: x64;1033" in told
    assert PACKAGE_CODE in told
    assert "Jan  1 00:00:00 2026" in told


@needs_wixl
def test_what_wixl_drops_is_found_where_nobody_mended_it(tmp_path: Path) -> None:
    found = "\n".join(check_msi.faults(packed(tmp_path, "raw.msi")))
    for words in (
        "the data folder is not permanent",
        "the desktop shortcut comes unasked",
        "MODELDIR is not among the secure properties",
        "32-bit registry",
        "FirewallCli does not run as the system",
        "older, same and newer versions",
        "people may write",
    ):
        assert words in found


@needs_wixl
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "UPDATE `InstallExecuteSequence` SET `Sequence` = 1402 WHERE `Action` = 'Purge'",
            "Purge runs outside the installation",
        ),
        (
            "UPDATE `InstallExecuteSequence` SET `Sequence` = 2700 WHERE `Action` = 'Purge'",
            "the purge runs when",
        ),
        (
            "UPDATE `Property` SET `Value` = 'omus' WHERE `Property` = 'REINSTALLMODE'",
            "REINSTALLMODE is omus",
        ),
        (
            "INSERT INTO `Registry` (`Registry`, `Root`, `Key`, `Component_`) "
            r"VALUES ('x', 2, 'SOFTWARE\Policies\Stethoscribe', 'Window')",
            "it writes a policy",
        ),
        (
            "UPDATE `Component` SET `Attributes` = 0 WHERE `Component` = 'Cli'",
            "component Cli is not 64 bit",
        ),
    ],
)
def test_a_planted_fault_is_found(msi: Path, tmp_path: Path, query: str, words: str) -> None:
    wrong = shutil.copy(msi, tmp_path / "wrong.msi")
    subprocess.run(["msibuild", str(wrong), "-q", query], check=True, capture_output=True)
    (found,) = check_product.package_faults(Path(wrong), Trim.read(), "windows")
    assert words in found.what


@needs_wixl
def test_the_same_inputs_give_the_same_msi(tmp_path: Path) -> None:
    one = mended(packed(tmp_path, "one.msi")).read_bytes()
    two = mended(packed(tmp_path, "two.msi")).read_bytes()
    assert one == two


@needs_wixl
def test_versions_of_libraries_are_told(msi: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(msi, tmp_path / "told.msi"))
    version = struct.pack("<IIII", 0xFEEF04BD, 0x00010000, 3 << 16 | 12, 9150 << 16 | 1013)
    (tmp_path / "python312.dll").write_bytes(b"MZ" + version)
    (tmp_path / "stethoscribe.exe").write_bytes(b"MZ")
    assert file_versions.main([str(copy), str(tmp_path)]) == 0
    rows = {each["FileName"]: each for each in check_msi.table(copy, "File")}
    assert (rows["python312.dll"]["Version"], rows["python312.dll"]["Language"]) == (
        "3.12.9150.1013",
        "0",
    )
    assert rows["stethoscribe.exe"]["Version"] == ""
    assert list(check_msi.faults(copy)) == []
