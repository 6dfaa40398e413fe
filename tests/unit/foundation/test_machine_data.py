"""A purge deletes what lies here for everybody, and nothing of others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.foundation import machine_data, paths
from app.foundation.machine_data import Places, purge


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    return folder


def test_our_own_folders_go_with_all_that_is_in_them(tmp_path: Path) -> None:
    data = filled(tmp_path / "data", "models/whisper-base/model.bin", "anything")
    packs = filled(tmp_path / "packs", "cuda/lib.dll")
    assert purge(Places((data, packs, tmp_path / "never made"))) == ()
    assert list(tmp_path.iterdir()) == []


def test_from_a_chosen_folder_only_models_of_the_catalogue_go(tmp_path: Path) -> None:
    chosen = filled(
        tmp_path / "models",
        "whisper-base/model.bin",
        ".partial-x/model.bin",
        ".import.lease",
        "of others/file",
    )
    assert purge(Places((), (chosen,), frozenset({"whisper-base", "not-here"}))) == ()
    assert [each.name for each in chosen.iterdir()] == ["of others"]


def test_a_chosen_folder_that_is_empty_then_goes(tmp_path: Path) -> None:
    chosen = filled(tmp_path / "models", "whisper-base/model.bin")
    assert purge(Places((), (chosen,), frozenset({"whisper-base"}))) == ()
    assert not chosen.exists()


def test_no_link_is_followed(tmp_path: Path) -> None:
    others = filled(tmp_path / "others", "file", "whisper-base/file")
    (tmp_path / "data").symlink_to(others)
    (tmp_path / "models").symlink_to(others)
    real = filled(tmp_path / "real", "file")
    (real / "inner").symlink_to(others)
    chosen = filled(tmp_path / "chosen", "file")
    (chosen / "whisper-base").symlink_to(others / "whisper-base")
    ids = frozenset({"whisper-base"})
    left = purge(Places((tmp_path / "data", real), (tmp_path / "models", chosen), ids))
    assert left == (tmp_path / "data", chosen / "whisper-base")
    assert not real.exists()
    assert (others / "file").exists()
    assert (others / "whisper-base" / "file").exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may delete everything")
def test_what_cannot_be_deleted_is_told(tmp_path: Path) -> None:
    data = filled(tmp_path / "data", "kept/file")
    (data / "kept").chmod(0o500)
    try:
        assert purge(Places((data,))) == (data,)
    finally:
        (data / "kept").chmod(0o700)


def test_the_places_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path}/a:{tmp_path}/b")
    monkeypatch.delenv("STETHOSCRIBE_MODELS", raising=False)
    found = machine_data.places()
    assert found.whole == (tmp_path / "a" / "stethoscribe", paths.pack_root())
    assert found.models == ()
    assert "whisper-base" in found.ids
    monkeypatch.setenv("STETHOSCRIBE_MODELS", str(tmp_path / "elsewhere"))
    assert machine_data.places().models == (tmp_path / "elsewhere",)
