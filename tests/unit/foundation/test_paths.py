"""Folders and files are private, whole, and where they belong."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import DiskFullError, FileAccessError
from app.domain.ids import UserId, new_id
from app.foundation import paths
from app.foundation.letterbox import take_lease
from app.foundation.registry import Branch


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A careless umask: what we make is private anyway."""
    before = os.umask(0o000)
    yield
    os.umask(before)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


# -- places


def test_the_root_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STETHOSCRIBE_ROOT", str(tmp_path / "r"))
    assert paths.root() == tmp_path / "r"
    assert paths.config_folder() == tmp_path / "r" / "config"
    monkeypatch.delenv("STETHOSCRIBE_ROOT")
    assert paths.root().name == paths.config_folder().name == "stethoscribe"
    assert not (tmp_path / "r").exists()


def test_models_are_looked_for_at_the_user_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STETHOSCRIBE_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/x/.local/share")
    monkeypatch.delenv("XDG_DATA_DIRS", raising=False)
    assert paths.model_folders() == (
        Path("/home/x/.local/share/stethoscribe/models"),
        Path("/usr/local/share/stethoscribe/models"),
        Path("/usr/share/stethoscribe/models"),
    )
    monkeypatch.setenv("STETHOSCRIBE_MODELS", "/srv/models")
    assert paths.model_folders() == (Path("/srv/models"),)


def test_the_installer_of_windows_may_have_been_told_a_folder_for_models(tmp_path: Path) -> None:
    assert paths.told_models(Branch({"ModelDir": str(tmp_path)})) == tmp_path
    for value in ("", "models", 7, None):
        assert paths.told_models(Branch({"ModelDir": value})) is None
    assert paths.told_models(Branch()) is None
    assert paths.told_models(None) is None


def test_a_user_folder_needs_a_uid(tmp_path: Path) -> None:
    uid = UserId(new_id())
    assert paths.vault_file(tmp_path, uid) == tmp_path / "users" / uid / "vault.db"
    for bad in ("..", "", "../../etc", uid.upper(), uid.replace("-", ""), f"{{{uid}}}"):
        with pytest.raises(ValueError):
            paths.user_folder(tmp_path, UserId(bad))


def test_a_checkout_finds_its_resources_and_its_catalogue() -> None:
    top = Path(__file__).parents[3]
    assert paths.resources() == top / "resources"
    assert paths.catalogue() == top / "models" / "catalogue.toml"


def test_a_frozen_app_finds_its_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / "resources"


# -- making


@pytest.mark.usefixtures("open_umask")
def test_a_private_folder_is_private_all_the_way_down(tmp_path: Path) -> None:
    deep = paths.private_folder(tmp_path / "a" / "b" / "c")
    assert [path.stat().st_mode & 0o777 for path in (deep, deep.parent)] == [0o700, 0o700]


def test_an_open_folder_is_tightened(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    assert paths.private_folder(tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(FileAccessError):
            paths.private_folder(path)


@pytest.mark.usefixtures("open_umask")
def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    paths.atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError):
        paths.atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    with pytest.raises(FileAccessError):
        paths.atomic_write(tmp_path / "missing" / "f", b"new")
    with pytest.raises(FileAccessError):
        paths.atomic_write(tmp_path / ("x" * 300), b"new")


# -- network shares

MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:44 / /mnt/share rw - nfs4 server:/x rw
31 21 0:45 / /mnt/my\\040files rw - cifs //server/x rw
32 30 254:1 / /mnt/share/local rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/x", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/deep/er", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/my files/x", "cifs"),
        ("/mnt/share/local/x", "xfs"),
    ],
)
def test_a_root_on_a_network_share_is_refused(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, encoding="utf-8")
    assert paths.file_system_of(Path(folder), mounts) == kind
    if kind in {"nfs4", "cifs"}:
        with pytest.raises(FileAccessError):
            paths.refuse_network_share(Path(folder), mounts)
    else:
        paths.refuse_network_share(Path(folder), mounts)


def test_an_unknown_system_is_not_refused(tmp_path: Path) -> None:
    paths.refuse_network_share(tmp_path, tmp_path / "missing")
    paths.refuse_network_share(tmp_path)


# -- throw-away profiles


def test_a_demo_leaves_nothing(runtime: Path) -> None:
    with paths.throwaway_root() as root:
        assert root.parent == runtime
        assert root.stat().st_mode & 0o777 == 0o700
        (root / "users").mkdir()
        (root / "users" / "file").write_bytes(b"x")
    assert list(runtime.iterdir()) == []


def test_two_demos_do_not_disturb_each_other(runtime: Path) -> None:
    with paths.throwaway_root() as one, paths.throwaway_root() as two:
        assert one != two
        assert one.is_dir()
    assert list(runtime.iterdir()) == []


def test_what_a_killed_demo_left_is_removed_at_the_next_start(runtime: Path) -> None:
    code = (
        "import os, signal\n"
        "from app.foundation.paths import throwaway_root\n"
        "with throwaway_root() as root:\n"
        "    (root / 'secret').write_bytes(b'x')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = runtime.iterdir()
    assert (left / "secret").exists()
    with paths.throwaway_root():
        assert not left.exists()
    assert list(runtime.iterdir()) == []


def test_only_our_own_leftovers_are_removed(runtime: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "file").touch()
    (runtime / "stethoscribe-demo-link").symlink_to(target)
    (runtime / "stethoscribe-demo-file").touch()
    (runtime / "stethoscribe-other").mkdir()
    held = runtime / "stethoscribe-demo-held"
    held.mkdir()
    lease = take_lease(held / "demo.lease")
    assert lease is not None
    before = sorted(runtime.iterdir())
    with paths.throwaway_root():
        pass
    lease.release()
    assert sorted(runtime.iterdir()) == before
    assert (target / "file").exists()
