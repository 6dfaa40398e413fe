"""A clinician changes a template without reading its file."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.drafting.templates import Template, parse_template
from app.ui.main_window import MainWindow
from app.ui.views.templates import TemplateDialog, TemplatesPage
from tests.fakes.services import Stage
from tests.ui.conftest import dialog_of


def page_of(qtbot: QtBot, window: MainWindow) -> TemplatesPage:
    window.show_settings()
    window.settings_page.tabs.setCurrentIndex(3)
    page = window.templates_page
    qtbot.waitUntil(lambda: page.table.rowCount() > 1)
    return page


def editing(qtbot: QtBot, window: MainWindow) -> TemplateDialog:
    """Copy a template and edit the copy: it is chosen once it is there."""
    page = page_of(qtbot, window)
    page.table.selectRow(0)
    assert not page.edit.isEnabled()
    page.copy.click()
    qtbot.waitUntil(page.edit.isEnabled)
    page.edit.click()
    qtbot.waitUntil(lambda: bool(window.findChildren(TemplateDialog)))
    dialog = dialog_of(window, "templateDialog")
    assert isinstance(dialog, TemplateDialog)
    return dialog


def test_a_section_is_added_written_and_moved(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    dialog = editing(qtbot, unlocked)
    form = dialog.form
    count = form.list.count()
    assert count > 1
    form.list.setCurrentRow(count - 1)
    form.add.click()
    assert not dialog.go.isEnabled()  # it has no heading yet
    QTest.keyClicks(form.heading, "Allergies")
    form.instruction.setFocus()
    QTest.keyClicks(form.instruction, "What the patient must not have.")
    QTest.keyClick(form.instruction, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is form.style_choice
    form.up.click()
    form.title.setText("Ours")
    dialog.go.click()
    qtbot.waitUntil(lambda: "Ours" in [each.title for each in own(stage)])
    made = next(each for each in own(stage) if each.title == "Ours")
    assert [each.heading for each in made.sections].index("Allergies") == count - 1
    assert made.section("allergies") is not None


def test_a_section_is_removed_and_the_file_can_still_be_read(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    dialog = editing(qtbot, unlocked)
    form = dialog.form
    first = form.list.item(0).text()
    form.remove.click()
    assert form.list.item(0).text() != first
    dialog.as_text.click()
    found = parse_template(dialog.text.toPlainText().encode())
    assert first not in [each.heading for each in found.sections]
    assert form.isHidden()


def own(stage: Stage) -> list[Template]:
    return list(stage.templating.own.values())
