"""A file is there whole or not at all, under a name every system takes: EXPORT.md 7."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DiskFullError, FileAccessError
from app.export import files
from app.export.files import Publisher, file_name, publish_file, remove_leftovers, safe_name
from app.export.text import TextExporter
from tests.unit.export import killed_publisher
from tests.unit.export.notes import DRAFT, FINAL, HOSTILE, TEXTS

DATA = b"SUBJECTIVE\nCough.\n"


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


# -- names


def test_a_name_says_when_and_what_but_not_who() -> None:
    assert file_name(FINAL, "txt") == "2026-11-20_progress-note_7f3a2c1b.txt"
    assert file_name(DRAFT, "docref.json") == "2026-11-20_progress-note_7f3a2c1b.docref.json"


def test_a_name_says_who_only_if_policy_wants_it() -> None:
    name = file_name(FINAL, "txt", with_patient=True)
    assert name == "2026-11-20_progress-note_Example Jane_7f3a2c1b.txt"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("note", "note"),
        ("\uff0e\uff0e\uff0f\uff0e\uff0e\uff0fetc", "_.._etc"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a<b>c:d"e/f\\g|h?i*j', "a_b_c_d_e_f_g_h_i_j"),
        ("  .name. . ", "name"),
        ("\x00\u202ename\u200b\ud800", "name"),
        ("", "export"),
        ("...", "export"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt9.a.b", "_Lpt9.a.b"),
        ("COM0", "COM0"),
        ("CONSULT", "CONSULT"),
        ("x" * 300, "x" * 80),
        ("\ufb01", "fi"),
        ("x" * 79 + " y", "x" * 79),
    ],
)
def test_names_are_made_safe(raw: str, safe: str) -> None:
    assert safe_name(raw) == safe


@given(raw=st.one_of(TEXTS, st.text(min_size=70, max_size=120)))
def test_any_name_is_safe(raw: str) -> None:
    safe = safe_name(raw)
    assert 1 <= len(safe) <= 81
    assert len(safe.encode("utf-8")) <= 201
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', safe)
    assert safe == safe.strip().strip(".")
    assert not any(unicodedata.category(each).startswith("C") for each in safe)
    assert not re.match(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)", safe)


def test_hostile_patients_can_be_written(tmp_path: Path) -> None:
    for text in (*HOSTILE, "\U0001f600" * 100, "漢" * 100):
        note = replace(FINAL, patient=replace(FINAL.patient, family=text, given=""))
        path = Publisher(with_patient=True)(tmp_path, note, TextExporter(), DATA)
        assert path.parent == tmp_path
        assert path.read_bytes() == DATA


# -- writing


def test_a_file_is_private_and_alone(tmp_path: Path) -> None:
    path = Publisher(profile=tmp_path / "profile")(tmp_path, FINAL, TextExporter(), DATA)
    assert path == tmp_path / "2026-11-20_progress-note_7f3a2c1b.txt"
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1
    assert _names(tmp_path) == [path.name]


def test_an_existing_name_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "note.bundle.json").write_bytes(b"old")
    second = publish_file(tmp_path, "note.bundle.json", DATA)
    third = publish_file(tmp_path, "note.bundle.json", DATA)
    assert (second.name, third.name) == ("note (2).bundle.json", "note (3).bundle.json")
    assert (tmp_path / "note.bundle.json").read_bytes() == b"old"


def test_a_link_under_the_name_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "note.txt").symlink_to(target)
    path = publish_file(tmp_path, "note.txt", DATA)
    assert path.name == "note (2).txt"
    assert not target.exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    with pytest.raises(FileAccessError):
        publish_file(tmp_path / "link", "note.txt", DATA)
    assert _names(real) == []


@pytest.mark.parametrize("inside", [".", "users", "users/../logs"])
def test_our_own_profile_is_refused(tmp_path: Path, inside: str) -> None:
    for name in ("users", "logs"):
        (tmp_path / name).mkdir()
    with pytest.raises(FileAccessError) as caught:
        publish_file(tmp_path / inside, "note.txt", DATA, profile=tmp_path)
    assert caught.value.facts == {"reason": "profile"}
    assert _names(tmp_path) == ["logs", "users"]


def test_a_folder_that_is_not_there_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError):
        publish_file(tmp_path / "missing", "note.txt", DATA)
    assert not (tmp_path / "missing").exists()


@pytest.mark.skipif(not Path("/proc/1/fdinfo").exists(), reason="needs a read-only folder of Linux")
def test_a_read_only_folder_is_named_as_such() -> None:
    with pytest.raises(FileAccessError):
        publish_file(Path("/proc/1/fdinfo"), "note.txt", DATA)


def test_without_hard_links_a_check_and_a_rename_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(1, "no links on this file system")

    monkeypatch.setattr(os, "link", link)
    first = publish_file(tmp_path, "note.txt", DATA)
    second = publish_file(tmp_path, "note.txt", DATA)
    assert _names(tmp_path) == sorted([first.name, second.name])
    assert second.name == "note (2).txt"


def test_old_leftovers_are_removed_and_young_ones_stay(tmp_path: Path) -> None:
    names = [".note.txt.0a1b2c3d.part", ".note.txt.99999999.part", ".other.part", "a.part"]
    for name in names:
        (tmp_path / name).touch()
    old = time.time() - files.LEFTOVER_AGE_S - 1
    for name in names[0], *names[2:]:
        os.utime(tmp_path / name, (old, old))
    remove_leftovers(tmp_path)
    assert _names(tmp_path) == sorted(names[1:])
    remove_leftovers(tmp_path / "missing")


# -- when something breaks


def _run(folder: Path, what: str) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", killed_publisher.__name__, what, str(folder)],
        check=True,
        capture_output=True,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


def test_killed_at_each_step_the_final_name_is_whole_or_absent(tmp_path: Path) -> None:
    rows = _run(tmp_path, "steps")
    assert len({row["point"] for row in rows}) >= 10  # folder, temp file, fsync, link, … twice
    assert len(rows) == 20 * len({row["point"] for row in rows})
    for row in rows:
        assert row["status"] == -9
        assert row["left"] in ({}, {"note.txt": True})
        assert row["after"] == ("note (2).txt" if row["left"] else "note.txt")
    assert {bool(row["left"]) for row in rows} == {True, False}


def test_killed_at_any_moment_all_final_names_are_whole(tmp_path: Path) -> None:
    rows = _run(tmp_path, "times")
    assert len(rows) == 20
    assert all(row["status"] == -9 and all(row["left"].values()) for row in rows)


_SMALL_DISK = """
set -e
mount -t tmpfs -o size=64k none "$1"
exec "$2" - "$1" <<'END'
import os, sys, pathlib
from app.domain.errors import DiskFullError
from app.export.files import publish_file
folder = pathlib.Path(sys.argv[1])
try:
    publish_file(folder, "note.txt", b"x" * 200_000)
except DiskFullError:
    print("full", os.listdir(folder))
print(publish_file(folder, "note.txt", b"x" * 100).name)
END
"""


def test_a_full_disk_leaves_nothing_and_a_smaller_file_still_fits(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare to make a small disk")
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", _SMALL_DISK, "sh", str(tmp_path), sys.executable],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    if "full" not in ran.stdout and ("unshare" in ran.stderr or "mount" in ran.stderr):
        pytest.skip("this system lets nobody make a small disk")
    assert ran.stdout == "full []\nnote.txt\n"


def test_a_disk_that_is_full_at_the_last_moment_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError):
        publish_file(tmp_path, "note.txt", DATA)
    assert _names(tmp_path) == []


# -- nothing elsewhere

_EXPORT = """
import pathlib, sys
from app.export.files import Publisher
from app.export.fhir_bundle import FhirBundleExporter
from app.export.fhir_docref import FhirDocumentReferenceExporter
from app.export.text import TextExporter
from tests.unit.export.notes import FINAL
print("ready", flush=True)
folder = pathlib.Path(sys.argv[1])
for exporter in TextExporter(), FhirBundleExporter(), FhirDocumentReferenceExporter():
    Publisher()(folder, FINAL, exporter, exporter.render(FINAL))
"""


def _strace_works() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    ran = subprocess.run([strace, "-o", os.devnull, "true"], check=False, capture_output=True)
    return ran.returncode == 0


def _opened_for_writing(trace: str) -> list[str]:
    """Return the paths of each system call that makes, opens for writing or renames a file."""
    begun = trace.partition('write(1, "ready')[2]
    calls = [line for line in begun.splitlines() if not re.search(r"= -1 E", line)]
    wanted: Callable[[str], bool] = lambda line: bool(  # noqa: E731 - used once
        re.match(r"(?:\d+ +)?(?:link|rename|mkdir|symlink|creat|mknod)", line)
        or re.search(r"^(?:\d+ +)?open.*O_(?:WRONLY|RDWR|CREAT)", line)
    )
    return [path for line in calls if wanted(line) for path in re.findall(r'"([^"]*)"', line)]


def test_no_file_is_written_outside_the_chosen_folder(tmp_path: Path) -> None:
    if not _strace_works():
        pytest.skip("needs strace")
    folder, trace = tmp_path / "chosen", tmp_path / "trace"
    folder.mkdir()
    calls = "trace=%file,write,openat,linkat,renameat,renameat2,mkdirat"
    subprocess.run(
        [
            "strace",
            "-f",
            "-e",
            calls,
            "-o",
            str(trace),
            sys.executable,
            "-B",
            "-c",
            _EXPORT,
            str(folder),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    names = _opened_for_writing(trace.read_text(errors="replace"))
    assert len([name for name in names if name.endswith(".part")]) >= 3
    assert not [name for name in names if "/" in name]  # all relative to the open folder
    assert len(_names(folder)) == 3
    assert not any("Example" in name or "Jane" in name for name in _names(folder))
