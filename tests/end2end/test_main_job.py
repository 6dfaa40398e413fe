"""The main job on real input with real engines, run as a user runs it."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from tests.conftest import Profile
from tests.end2end.product import (
    FAST_MODEL,
    REPOSITORY,
    SAMPLE,
    SAMPLE_TRANSCRIPT,
    json_of,
    run_product,
)
from tests.fhir_validation.house import house_rules
from tests.fhir_validation.validators import fhirkit_check, schema_check

PASSWORD = "a long and quiet afternoon"


def test_the_demo_ends_in_a_signed_and_exported_note(user: Profile) -> None:
    out = user.home / "out"
    told = json_of(run_product(user, "demo", "--json", "--model", FAST_MODEL, "--to", out))

    segments = told["transcript"]["segments"]
    text = " ".join(each["text"] for each in segments).lower()
    assert "lower back" in text
    assert "groceries" in text
    ids = {each["id"] for each in segments}
    assert len(ids) == len(segments)
    sections = told["note"]["sections"]
    assert [each["key"] for each in sections] == ["subjective", "objective", "assessment", "plan"]
    for section in sections:
        for claim in section["claims"]:
            assert set(claim["evidence"]) <= ids
            assert claim["evidence"] or claim["support"] == "unsupported"

    kinds = {Path(each).suffix for each in told["exports"]}
    assert len(told["exports"]) == 3
    assert kinds == {".txt", ".json"}
    note = next(Path(each) for each in told["exports"] if each.endswith(".txt")).read_text("utf-8")
    assert "SUBJECTIVE" in note
    assert "DEMO" in note
    assert "reviewed and signed by" in note
    bundles = [
        json.loads(Path(each).read_text("utf-8")) for each in told["exports"] if ".json" in each
    ]
    bundle = next(each for each in bundles if each["resourceType"] == "Bundle")
    assert bundle["type"] == "document"
    for each in bundles:
        assert [*schema_check(each), *fhirkit_check(each), *house_rules(each)] == []
    composition = bundle["entry"][0]["resource"]
    assert composition["status"] == "final"
    reference = next(each for each in bundles if each["resourceType"] == "DocumentReference")
    attached = base64.b64decode(reference["content"][0]["attachment"]["data"]).decode()
    assert "SUBJECTIVE" in attached


def test_the_demo_leaves_nothing_but_the_exports(user: Profile) -> None:
    out = user.home / "out"
    done = run_product(user, "demo", "--model", FAST_MODEL, "--engine", "extractive", "--to", out)
    assert done.returncode == 0, done.stderr
    assert "✓" in done.stdout
    left = [each for each in user.home.rglob("*") if each.is_file() and out not in each.parents]
    assert left == []


def test_a_transcript_becomes_a_draft_without_a_vault(user: Profile) -> None:
    told = json_of(
        run_product(
            user, "draft", "--transcript", SAMPLE_TRANSCRIPT, "--engine", "extractive", "--json"
        )
    )
    claims = [claim for section in told["sections"] for claim in section["claims"]]
    assert claims
    assert all(claim["evidence"] for claim in claims)
    assert all(claim["support"] == "supported" for claim in claims)
    assert isinstance(told["omissions"], list)
    assert not list(user.root.rglob("vault.db"))


@pytest.mark.parametrize("suffix", ["wav", "ogg", "mp3"])
def test_every_format_gives_the_same_words(user: Profile, tmp_path: Path, suffix: str) -> None:
    sound, rate = soundfile.read(SAMPLE)
    path = tmp_path / f"visit.{suffix}"
    soundfile.write(path, sound[: 20 * rate], rate)
    told = json_of(run_product(user, "transcribe", path, "--model", FAST_MODEL, "--json"))
    text = " ".join(each["text"] for each in told["segments"]).lower()
    assert "lower back" in text
    assert "truck" in text
    words = [word for each in told["segments"] for word in each["words"]]
    assert words
    assert all(word["start_s"] <= word["end_s"] <= 21 for word in words)


def test_a_cut_recording_gives_the_words_it_holds(user: Profile, tmp_path: Path) -> None:
    sound, rate = soundfile.read(SAMPLE)
    whole = tmp_path / "whole.mp3"
    soundfile.write(whole, sound[: 30 * rate], rate)
    cut = tmp_path / "cut.mp3"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    told = json_of(run_product(user, "transcribe", cut, "--model", FAST_MODEL, "--json"))
    assert "lower back" in " ".join(each["text"] for each in told["segments"]).lower()
    cut.write_bytes(whole.read_bytes()[:40])
    assert run_product(user, "transcribe", cut, "--model", FAST_MODEL).returncode == 3


def test_bad_files_are_refused_with_words(user: Profile, tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.wav", tmp_path / "text.wav"
    apple, folder = tmp_path / "apple.m4a", tmp_path / "folder.wav"
    empty.touch()
    text.write_text("this is no sound")
    apple.write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + bytes(400))
    folder.mkdir()
    for path, word in ((empty, "no sound"), (text, "flac"), (apple, "m4a"), (folder, "folder")):
        done = run_product(user, "transcribe", path, "--model", FAST_MODEL)
        assert done.returncode == 3, (path.name, done.stderr)
        assert word in done.stderr.lower(), path.name
        assert "Traceback" not in done.stderr
    missing = run_product(user, "transcribe", tmp_path / "none.wav")
    assert missing.returncode in {3, 4}


def test_a_damaged_model_is_never_loaded(
    user: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os  # noqa: PLC0415

    models = tmp_path / "models"
    shutil.copytree(Path(os.environ["STETHOSCRIBE_MODELS"]) / FAST_MODEL, models / FAST_MODEL)
    weights = models / FAST_MODEL / "model.bin"
    weights.chmod(0o600)
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    monkeypatch.setenv("STETHOSCRIBE_MODELS", str(models))
    done = run_product(user, "transcribe", SAMPLE, "--model", FAST_MODEL)
    assert done.returncode in {4, 5}, done.stderr
    assert "model" in done.stderr.lower()
    checked = run_product(user, "models", "check", "--json")
    assert checked.returncode == 4
    assert "damaged" in checked.stdout
    weights.write_bytes(b"")
    assert run_product(user, "transcribe", SAMPLE, "--model", FAST_MODEL).returncode == 4


def test_an_account_opens_with_its_password_alone(user: Profile) -> None:
    made = run_product(user, "account", "create", "Ada Shaw", password=PASSWORD)
    assert made.returncode == 0, made.stderr
    assert "-" in made.stdout
    assert json_of(run_product(user, "visits", "--json", password=PASSWORD)) == []
    wrong = run_product(user, "visits", password=PASSWORD + "!")
    assert wrong.returncode == 3
    assert "password" in wrong.stderr.lower()
    weak = run_product(user, "account", "create", "Bob", password="short")
    assert weak.returncode == 3


def test_version_and_help_need_no_display(user: Profile) -> None:
    assert run_product(user, "--version").stdout.strip()
    helped = run_product(user, "--help", env={"DISPLAY": ""})
    assert "transcribe" in helped.stdout
    assert REPOSITORY.name not in helped.stdout
