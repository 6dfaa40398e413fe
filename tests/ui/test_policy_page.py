"""The rules of the clinic are shown whole, in words, with who set them; nothing can be changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.foundation.policy_file import STRICT, PolicyReading, read_policy, rows
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.policy import policy_rules, policy_summary
from app.ui.views.policy import PolicyPage


def reading_of(folder: Path, **keys: object) -> PolicyReading:
    path = folder / "policy.json"
    path.write_text(json.dumps(keys), encoding="utf-8")
    path.chmod(0o600)
    return read_policy(path, owner_uid=os.getuid())


def shown(page: PolicyPage, key: str) -> str:
    found = page.findChild(QLabel, f"policy_{key}")
    assert found is not None
    return found.text()


def test_what_the_clinic_set_stands_first_with_its_value(
    qtbot: QtBot, look: Theme, tmp_path: Path
) -> None:
    assert look is not None
    reading = reading_of(
        tmp_path,
        serial=7,
        **{"export.unsigned": "block", "clipboard.clear_seconds": 30, "export.formats": ["text"]},
    )
    page = PolicyPage(reading)
    qtbot.addWidget(page)
    assert shown(page, "export.unsigned") == "not allowed"
    assert shown(page, "clipboard.clear_seconds") == "30 seconds"
    assert shown(page, "export.formats") == "Text file"
    assert shown(page, "recorder.alone_minutes") == "15 minutes"
    assert shown(page, "lock.idle_minutes") == "10 minutes"
    assert shown(page, "lock.absolute_hours") == "12 hours"
    assert "covered" in shown(page, "lock.while_recording")
    first = policy_rules(reading)[:3]
    assert {each.key for each in first} == {
        "export.unsigned", "clipboard.clear_seconds", "export.formats",
    }  # fmt: skip
    assert all(each.source == "Set by your clinic" for each in first)
    assert "policy number 7" in policy_summary(reading)
    assert "30 seconds" in page.accessibleDescription()
    assert page.findChildren(QAbstractButton) == []
    assert page.findChildren(QComboBox) + page.findChildren(QLineEdit) == []


def test_a_file_with_a_fault_says_so_and_shows_the_strict_rules(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, **{"identity.min_password": 3})
    assert reading.policy == STRICT
    rules = policy_rules(reading)
    assert all(each.is_set for each in rules)
    assert "identity.min_password" in policy_summary(reading)


@pytest.mark.parametrize("source", ["default", "strict"])
def test_every_key_has_words(source: str) -> None:
    found = PolicyReading(STRICT, source, "x")  # type: ignore[arg-type]  # both are allowed
    rules = policy_rules(found)
    assert {each.key for each in rules} == {each.key for each in rows(found)}
    assert all(each.title != each.key for each in rules)
    assert all(each.value and "(" not in each.value for each in rules)


def test_the_settings_show_the_policy_in_force(unlocked: MainWindow) -> None:
    page = unlocked.settings_page.findChild(PolicyPage)
    assert page is not None
    assert shown(page, "identity.min_password") == "15 characters"
    tabs = unlocked.settings_page.tabs
    assert tabs.tabText(tabs.count() - 1) == "Clinic"
