"""Settings survive a crash, a bad file and a newer version."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import FileAccessError
from app.foundation.config import (
    SCHEMA_VERSION,
    Settings,
    parse_settings,
    read_settings,
    save_settings,
)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    reading = read_settings(tmp_path / "settings.toml")
    assert reading.settings == Settings()
    assert reading.trouble == ""


def test_what_is_saved_is_read_again_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    wanted = Settings(look="dark", clinic_name='Praxis "Süd"\\', text_size=150)
    save_settings(path, wanted)
    assert read_settings(path).settings == wanted
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["settings.toml"]


@given(name=st.text(max_size=200))
def test_any_name_survives(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("config") / "settings.toml"
    wanted = Settings(clinic_name=name)
    save_settings(path, wanted)
    assert read_settings(path).settings == wanted


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("schema_version = 1\nlook = 'pink'\n", "look"),
        ("schema_version = 1\ntext_size = '100'\n", "text_size"),
        ("schema_version = 1\ntext_size = 7\n", "text_size"),
        ("schema_version = 1\nspeling = 1\n", "speling"),
        ("look = 'dark'\n", "schema_version"),
        ("schema_version = true\n", "schema_version"),
        ("schema_version = 99\n", "too_new"),
        ("schema_version = ", "not_toml"),
        ("x" * 300_000, "not_toml"),
    ],
)
def test_a_file_of_no_use_is_put_aside_and_the_defaults_hold(
    tmp_path: Path, text: str, trouble: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    assert read_settings(path) == type(read_settings(path))(Settings(), trouble)
    assert path.read_text() == text
    save_settings(path, Settings(look="light"))
    assert read_settings(path).settings.look == "light"
    assert (tmp_path / "settings.toml.kept").read_text() == text


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings(look="dark"))
    with pytest.raises(FileAccessError):
        save_settings(tmp_path / "missing" / "settings.toml", Settings())
    assert read_settings(path).settings.look == "dark"


def test_an_old_file_is_migrated_step_by_step() -> None:
    steps = {
        1: lambda raw: {**raw, "colour": raw["color"]},
        2: lambda raw: {"look": raw["colour"]},
    }
    reading = parse_settings({"schema_version": 1, "color": "dark"}, steps, target=3)
    assert reading.settings == Settings(look="dark")


@pytest.mark.parametrize("raw", [{"schema_version": 1}, {"schema_version": 2}])
def test_a_failed_migration_goes_back(raw: dict[str, object]) -> None:
    def fail(old: dict[str, object]) -> dict[str, object]:
        return {"look": old["color"]}

    reading = parse_settings(raw, {1: fail}, target=3)
    assert reading.trouble == "migration"
    assert reading.settings == Settings()
    assert SCHEMA_VERSION == 1


def test_every_setting_has_a_short_and_a_long_text() -> None:
    fields = {name: f for name, f in Settings.model_fields.items() if name != "schema_version"}
    assert all(field.title and field.description for field in fields.values())
