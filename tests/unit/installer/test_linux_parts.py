"""The parts of the AppImage: what its tools say of them, and the runtime with a tiny image."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).parents[3]
LINUX = ROOT / "installer" / "linux"
HEADERS = Path("/usr/include/squashfuse/ll.h")
needs_headers = pytest.mark.skipif(
    not (HEADERS.is_file() and shutil.which("mksquashfs")),
    reason="the packages of `make appimage` are not installed",
)
WAYS = ["mounted", "extracted"]

CHILD = """
exec 1>&-
until [ -e "$1.go" ]; do sleep 0.05; done
cat "$APPDIR/late" >"$1"
"""
APP = f"""#!/bin/sh
case $1 in
say) shift; echo "$APPDIR|$OWD|$*"; exit 7 ;;
stay) echo "$APPDIR"; exec sleep 600 ;;
leave) echo "$APPDIR"; sh -c '{CHILD}' sh "$2" & exit 0 ;;
esac
"""


def test_the_desktop_entry_and_the_metadata_are_valid() -> None:
    entry = (LINUX / "org.stethoscribe.Stethoscribe.desktop").read_text("utf-8")
    assert "Exec=stethoscribe\n" in entry
    root = ElementTree.parse(LINUX / "org.stethoscribe.Stethoscribe.metainfo.xml").getroot()
    assert root.findtext("id") == "org.stethoscribe.Stethoscribe"
    if shutil.which("desktop-file-validate"):
        subprocess.run(
            ["desktop-file-validate", LINUX / "org.stethoscribe.Stethoscribe.desktop"], check=True
        )


@pytest.mark.parametrize("script", sorted(LINUX.glob("*.sh")), ids=lambda path: path.name)
def test_a_script_parses_and_can_be_run(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    assert os.access(script, os.X_OK)


def test_the_workflow_file_is_marked_as_never_run() -> None:
    path = ROOT / ".github" / "workflows" / "release.yml"
    text = path.read_text("utf-8")
    assert "NOT RUN YET" in text
    jobs = yaml.safe_load(text)["jobs"]
    assert {"appimage", "msi", "msi-on-windows", "windows", "gpu"} <= jobs.keys()
    assert all(job["timeout-minutes"] for job in jobs.values())


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole small AppImage, made as build_appimage.sh makes the large one."""
    area = tmp_path_factory.mktemp("image")
    (area / "dir").mkdir()
    (area / "dir" / "AppRun").write_text(APP)
    (area / "dir" / "AppRun").chmod(0o755)
    (area / "dir" / "late").write_text("here\n" * 40_000)
    includes = ["-I/usr/include/squashfuse", "-I/usr/include/fuse3"]
    flags = ["-std=gnu11", "-O2", "-D_FILE_OFFSET_BITS=64", "-ffunction-sections"]
    libraries = ["-lsquashfuse_ll", "-lsquashfuse", "-lfuse3", "-lzstd", "-lz", "-lpthread"]
    runtime = area / "runtime"
    command = ["gcc", *flags, *includes, "-static", "-s", "-Wl,--gc-sections"]
    subprocess.run(
        [*command, LINUX / "runtime.c", "-o", runtime, *libraries], check=True, capture_output=True
    )
    squash = ["mksquashfs", str(area / "dir"), str(area / "fs"), "-comp", "zstd", "-noappend"]
    subprocess.run([*squash, "-quiet", "-no-progress"], check=True, capture_output=True)
    made = area / "Tiny.AppImage"
    made.write_bytes(runtime.read_bytes() + (area / "fs").read_bytes())
    made.chmod(0o755)
    return made


@pytest.fixture(params=WAYS)
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment for one of the two ways to run."""
    (tmp_path / "tmp").mkdir()
    found = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    if request.param == "extracted":
        return {**found, "APPIMAGE_EXTRACT_AND_RUN": "1"}
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no FUSE here")
    return found


def wait_until(is_true: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.02)


def is_gone(environment: dict[str, str]) -> bool:
    folder = environment["TMPDIR"]
    mounts = Path("/proc/self/mountinfo").read_text("utf-8")
    return not list(Path(folder).iterdir()) and folder not in mounts


@needs_headers
def test_it_runs_with_its_arguments_and_exit_code(
    image: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [image, "say", "a b", "*"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7
    folder, here, words = done.stdout.strip().split("|")
    assert folder.startswith(environment["TMPDIR"])
    assert here == str(tmp_path)
    assert words == "a b *"
    wait_until(lambda: is_gone(environment), "nothing is left after the end")


@needs_headers
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_it_is_killed(
    image: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    with subprocess.Popen(
        [image, "stay"], env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        folder = Path(running.stdout.readline().strip())
        assert (folder / "AppRun").is_file()
        running.send_signal(number)
    assert running.returncode == -number
    wait_until(lambda: is_gone(environment), "nothing is left after the kill")


@needs_headers
def test_the_files_stay_for_a_child_that_outlives_the_app(
    image: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """The keep-alive pipe is inherited by the child: it can still read what it never opened."""
    told = tmp_path / "told"
    done = subprocess.run(
        [image, "leave", told], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_dir()
    Path(f"{told}.go").touch()
    wait_until(lambda: told.is_file() and told.stat().st_size == 200_000, "a late read")
    wait_until(lambda: is_gone(environment), "nothing is left after the child")


@needs_headers
def test_it_can_be_unpacked_in_whole_and_in_part(image: Path, tmp_path: Path) -> None:
    subprocess.run([image, "--appimage-extract", "late"], cwd=tmp_path, check=True)
    assert [each.name for each in (tmp_path / "squashfs-root").iterdir()] == ["late"]
    subprocess.run([image, "--appimage-extract"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "squashfs-root" / "AppRun").stat().st_mode & 0o777 == 0o755
    offset = subprocess.run(
        [image, "--appimage-offset"], capture_output=True, text=True, check=True
    )
    assert image.read_bytes()[int(offset.stdout) :][:4] == b"hsqs"
