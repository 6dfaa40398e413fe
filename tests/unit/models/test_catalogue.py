"""The committed catalogue is complete, and an incomplete one is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models import catalogue
from models.catalogue import CatalogueError, Model

HASH = "ab" * 32
ENTRY = f"""schema = 1
[[model]]
id = "tiny"
role = "speech"
name = "Tiny"
tier = "starter"
license = "MIT"
source = "somebody/tiny"
hash_source = "somebody's list"
verified = true
memory_mb = 1
files = [{{ path = "model.bin", size = 3, sha256 = "{HASH}" }}]
"""
PERMISSIVE = {"MIT", "Apache-2.0"}


def read(folder: Path, text: str) -> tuple[Model, ...]:
    path = folder / "catalogue.toml"
    path.write_text(text, "utf-8")
    return catalogue.read(path)


@pytest.fixture(scope="module")
def models() -> tuple[Model, ...]:
    return catalogue.read()


def test_every_entry_says_its_license_source_and_where_its_hashes_come_from(
    models: tuple[Model, ...],
) -> None:
    for model in models:
        assert model.license in PERMISSIVE
        assert "/" in model.source
        assert len(model.hash_source) > 20


def test_every_file_has_a_size_and_a_sha256(models: tuple[Model, ...]) -> None:
    for file in (file for model in models for file in model.files):
        assert file.size > 0
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)


def test_the_starter_models_are_for_speech_notes_and_voices(
    models: tuple[Model, ...],
) -> None:
    starter = {model.id: model.role for model in models if model.tier == "starter"}
    assert starter == {
        "whisper-base": "speech",
        "whisper-tiny.en": "speech",
        "smollm2-135m": "notes",
        "campplus": "voices",
    }


def test_clinics_find_speech_and_notes_models_for_their_hardware(
    models: tuple[Model, ...],
) -> None:
    clinic = {model.id for model in models if model.tier != "starter" and model.verified}
    assert {"whisper-large-v3-turbo", "distil-large-v3.5", "whisper-small.en"} <= clinic
    assert {"qwen3-8b", "granite-4.1-8b", "qwen3-4b-instruct-2507"} <= clinic


def test_a_whole_entry_is_read(tmp_path: Path) -> None:
    (model,) = read(tmp_path, ENTRY)
    assert (model.id, model.size, model.files[0].sha256) == ("tiny", 3, HASH)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("schema = 1", "schema = 2", "schema 2"),
        ("[[model]]", "[[model", "cannot be read"),
        ('id = "tiny"', 'id = "../tiny"', "no model id"),
        ('license = "MIT"', "", "license is missing"),
        ('license = "MIT"', 'license = ""', "license, source or hash_source is empty"),
        ('role = "speech"', 'role = "poetry"', "role poetry is unknown"),
        ('tier = "starter"', 'tier = "huge"', "tier huge is unknown"),
        ('role = "speech"', 'role = "notes"', "context or chat is incomplete"),
        (HASH, HASH[:-1], "no sha256"),
        (HASH, HASH.upper(), "no sha256"),
        ("size = 3", "size = 0", "has no size"),
        ('"model.bin"', '"../model.bin"', "leaves the model's folder"),
        ('"model.bin"', '"/model.bin"', "leaves the model's folder"),
        ('"model.bin"', '"a\\\\model.bin"', "is no path"),
        ("verified = true", "verified = false", "verified entries have files"),
        ("files = [{", "none = [{", "verified entries have files"),
        ("verified = true", 'verified = true\ncan_judge = "yes"', "can_judge is not true or false"),
        ("verified = true", "verified = true\ncan_judge = true", "only a notes model can judge"),
    ],
)
def test_an_incomplete_catalogue_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in ENTRY
    with pytest.raises(CatalogueError, match=re.escape(words)):
        read(tmp_path, ENTRY.replace(old, new))


def test_an_entry_without_published_hashes_is_listed_without_files(tmp_path: Path) -> None:
    lines = ENTRY.replace("verified = true", "verified = false").splitlines()
    (model,) = read(tmp_path, "\n".join(line for line in lines if not line.startswith("files")))
    assert not model.verified
    assert model.files == ()


def test_two_entries_may_not_share_a_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="two entries are called tiny"):
        read(tmp_path, ENTRY + ENTRY.removeprefix("schema = 1"))


def test_an_absent_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.toml cannot be read"):
        catalogue.read(tmp_path / "nowhere.toml")


def test_an_unknown_model_is_named(models: tuple[Model, ...]) -> None:
    with pytest.raises(CatalogueError, match="no model is called gpt"):
        catalogue.find(models, "gpt")
