"""Full disks, vaults from the future, damaged files: words, an exit code, and nothing lost."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.foundation import paths
from app.store import accounts, migrate
from app.store.vault import _vault_place
from tests.conftest import Profile
from tests.end2end.product import FAST_MODEL, SAMPLE, json_of, run_product

PASSWORD = "a long and quiet afternoon"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB; needs the right to mount."""
    folder = paths.private_folder(tmp_path / "small")
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_ends_a_recording_with_words(user: Profile, small_disk: Path) -> None:
    done = run_product(
        user, "demo", SAMPLE, "--model", FAST_MODEL, env={"XDG_RUNTIME_DIR": str(small_disk)}
    )
    assert done.returncode == 4, done.stderr
    assert "disk is full" in done.stderr.lower()
    assert not list(small_disk.iterdir()), "the throw-away profile is gone"


def test_a_full_disk_keeps_what_was_there(user: Profile, small_disk: Path) -> None:
    env = {"STETHOSCRIBE_ROOT": str(small_disk / "root")}
    made = run_product(user, "account", "create", "Ada Shaw", password=PASSWORD, env=env)
    assert made.returncode == 0, made.stderr
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            pass
    full = run_product(user, "visits", password=PASSWORD, env=env)
    assert full.returncode == 4
    assert "disk is full" in full.stderr.lower()
    filler.unlink()
    assert json_of(run_product(user, "visits", "--json", password=PASSWORD, env=env)) == []


def test_a_vault_of_the_future_is_not_touched(user: Profile) -> None:
    made = run_product(user, "account", "create", "Ada Shaw", password=PASSWORD)
    assert made.returncode == 0, made.stderr
    uid = accounts.list_accounts(user.root)[0].uid
    place = _vault_place(user.root, accounts.unlock(user.root, uid, PASSWORD))
    database = migrate.open_current(place)
    database.run("PRAGMA user_version = 999")
    database.checkpoint()
    database.close()
    before = hashlib.sha256(place.path.read_bytes()).digest()
    done = run_product(user, "visits", password=PASSWORD)
    assert done.returncode == 6, done.stderr
    assert "newer" in done.stderr.lower()
    assert hashlib.sha256(place.path.read_bytes()).digest() == before


def test_a_damaged_vault_is_named_and_kept(user: Profile) -> None:
    run_product(user, "account", "create", "Ada Shaw", password=PASSWORD)
    vault = next(user.root.rglob("vault.db"))
    data = bytearray(vault.read_bytes())
    data[100:200] = bytes(100)
    vault.write_bytes(data)
    done = run_product(user, "visits", password=PASSWORD)
    assert done.returncode == 6
    assert vault.exists()
    assert list((vault.parent / "quarantine").iterdir())
