"""Files and folders are chosen without leaving a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme import Theme
from app.ui.views.files import PathDialog, ask_for_audio, ask_for_folder


@pytest.fixture
def parent(qtbot: QtBot, look: Theme) -> QWidget:
    assert look is not None
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def choose(qtbot: QtBot, dialog: PathDialog, path: Path) -> None:
    dialog.path.setText(str(path))
    dialog.go.click()
    qtbot.waitUntil(lambda: True)


def test_a_folder_is_typed_or_picked(qtbot: QtBot, parent: QWidget, tmp_path: Path) -> None:
    chosen: list[Path] = []
    dialog = ask_for_folder(parent, str(tmp_path), chosen.append)
    assert dialog.path.text() == str(tmp_path)
    dialog.path.setText(str(tmp_path / "none"))
    dialog.go.click()
    assert "no such folder" in dialog._error.text()
    choose(qtbot, dialog, tmp_path)
    assert chosen == [tmp_path]


def test_only_a_file_counts_as_an_audio_file(qtbot: QtBot, parent: QWidget, tmp_path: Path) -> None:
    sound = tmp_path / "talk.wav"
    sound.write_bytes(b"RIFF")
    chosen: list[Path] = []
    dialog = ask_for_audio(parent, chosen.append)
    dialog.path.setText(str(tmp_path))
    dialog.go.click()
    assert "audio file" in dialog._error.text()
    choose(qtbot, dialog, sound)
    assert chosen == [sound]


def test_no_list_of_recent_folders_is_kept(
    qtbot: QtBot, parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "Okafor, Grace"
    folder.mkdir()
    chosen: list[Path] = []
    choose(qtbot, ask_for_folder(parent, str(folder), chosen.append), folder)
    assert chosen == [folder]
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
