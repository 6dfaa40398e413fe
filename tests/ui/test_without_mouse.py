"""What somebody meets who knows the program not at all and has a keyboard only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.guide import GuideWindow
from app.ui.views.patient import PatientDialog
from app.ui.views.shortcuts import ShortcutSheet
from app.ui.widgets.section_editor import SectionEditor
from tests.fakes.services import Stage
from tests.ui.conftest import dialog_of
from tests.ui.test_live_window import PLANNED, activate
from tests.ui.test_window import start_recording

SHIFT = Qt.KeyboardModifier.ShiftModifier

# -- a recording behind another window or page


def _sheet(window: MainWindow) -> QWidget:
    window.help.show_shortcuts()
    return dialog_of(window, "shortcutSheet")


def _guide(window: MainWindow) -> QWidget:
    window.help.show_guide()
    assert isinstance(window.help.guide, GuideWindow)
    return window.help.guide


def _settings(window: MainWindow) -> QWidget:
    window.show_settings()
    return window


def _list(window: MainWindow) -> QWidget:
    window.show_library()
    return window


@pytest.mark.parametrize("go", [_sheet, _guide, _settings, _list])
def test_the_keys_of_a_recording_are_heard_wherever_one_reads(
    qtbot: QtBot,
    stage: Stage,
    opened: Callable[[str], MainWindow],
    go: Callable[[MainWindow], QWidget],
) -> None:
    window = opened(PLANNED)
    start_recording(qtbot, stage, window)
    where, recorder = go(window), window.recorder
    activate(qtbot, where)  # type: ignore[arg-type]  # any window will do
    QTest.keyClick(where, Qt.Key.Key_F6, SHIFT)
    qtbot.waitUntil(lambda: recorder.state is RecorderState.OFF_RECORD)
    QTest.keyClick(where, Qt.Key.Key_F6, SHIFT)
    qtbot.waitUntil(lambda: recorder.state is RecorderState.RECORDING)
    QTest.keyClick(where, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: recorder.state is RecorderState.PAUSED)
    window.help.close()


def test_all_of_the_sheet_of_keys_can_be_read(qtbot: QtBot, unlocked: MainWindow) -> None:
    sheet = _sheet(unlocked)
    assert isinstance(sheet, ShortcutSheet)
    sheet.resize(sheet.width(), 300)
    activate(qtbot, sheet)  # type: ignore[arg-type]  # any window will do
    scroll = sheet.findChild(QScrollArea)
    assert scroll is not None
    bar = scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    QTest.keyClick(sheet, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    QTest.keyClick(sheet, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    QTest.keyClick(sheet, Qt.Key.Key_Home)
    assert bar.value() == 0


# -- finding the right patient


def test_enter_opens_what_was_searched_for_even_if_it_comes_before_it(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    activate(qtbot, unlocked)
    search = unlocked.library_page.search
    search.setFocus()
    QTest.keyClicks(search, "0072210")
    QTest.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    visit = unlocked.visit.visit
    assert visit is not None
    assert visit.patient.family == "Nguyen"


def test_down_goes_from_the_search_to_the_second_of_two(qtbot: QtBot, unlocked: MainWindow) -> None:
    activate(qtbot, unlocked)
    page, table = unlocked.library_page, unlocked.library.table
    page.search.setFocus()
    QTest.keyClicks(page.search, "a")
    qtbot.waitUntil(lambda: unlocked.library.is_found and table.rowCount() > 1)
    second = table.visit(1).id
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: unlocked.visit.visit is not None)
    assert unlocked.visit.visit is not None
    assert unlocked.visit.visit.id == second


def test_a_list_that_is_read_anew_keeps_its_chosen_visit(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    page, table = unlocked.library_page, unlocked.library.table
    page.table.selectRow(3)
    chosen = table.visit(3).id
    with qtbot.waitSignal(unlocked.library.visits_changed):
        unlocked.library.refresh()
    assert table.visit(page.table.currentIndex().row()).id == chosen


# -- reading the note


def test_tab_goes_through_the_note_as_one_reads(
    qtbot: QtBot, opened: Callable[[str], MainWindow]
) -> None:
    window = opened("v-review")
    pane = window.visit_page.note
    qtbot.waitUntil(lambda: len(pane.note.rows()) > 3)

    def wanted() -> list[QWidget]:
        return [*pane.note.stops(), *pane.omissions.stops()]

    def passed() -> list[QWidget]:
        """Go on by Tab from the head of the note to its foot."""
        chain: list[QWidget] = [pane.export]
        while chain[-1] is not pane.sign and len(chain) < 2_000:
            after = chain[-1].nextInFocusChain()
            assert after is not None
            chain.append(after)
        known = wanted()
        return [each for each in chain if each in known]

    qtbot.waitUntil(lambda: passed() == wanted())
    assert set(pane.note.rows()) < set(passed())
    assert pane.omissions.stops()


def test_f8_leads_to_the_end_of_a_section_that_is_higher_than_the_page(
    qtbot: QtBot, opened: Callable[[str], MainWindow]
) -> None:
    window = opened("v-review")
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) > 3)
    section = view.rows()[0].parentWidget()
    assert isinstance(section, SectionEditor)
    section.setMinimumHeight(3 * view.viewport().height())
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 2 * view.viewport().height())
    view.verticalScrollBar().setValue(0)
    for _press in range(8):
        view._read_on(section)
    assert view._is_end_visible(section)


def test_a_new_line_is_seen_where_it_is_typed(
    qtbot: QtBot, opened: Callable[[str], MainWindow]
) -> None:
    window = opened("v-review")
    activate(qtbot, window)
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) > 3 and not view._changed)
    last = list(view.sections.values())[-1]
    first = next(iter(view.sections.values()))
    view.focus_row(view.rows()[0])
    last._add.setFocus()
    view.verticalScrollBar().setValue(0)
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert first._adder is None
    assert last._adder is not None  # the section with the focus, not that of the chosen claim

    def is_in_sight() -> bool:
        line = last._adder
        assert line is not None
        top = line.mapTo(view.viewport(), QPoint(0, 0)).y()
        return top >= 0 and top + line.height() <= view.viewport().height()

    qtbot.waitUntil(is_in_sight)


# -- a line that is typed into the field for pasted ones


def _form(qtbot: QtBot, window: MainWindow) -> PatientDialog:
    made = PatientDialog(window)
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_was_typed_stays_when_the_pasted_line_holds_only_a_date(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    form = _form(qtbot, unlocked)
    form.family.setText("Oakes")
    form.identifier.setText("4471")
    QTest.keyClicks(form.pasted, "1961-05-17")
    found = form.fields()
    assert (found.family, found.identifier) == ("Oakes", "4471")
    assert found.birth_date == "1961-05-17"


def test_a_line_typed_key_by_key_is_read_as_a_whole(qtbot: QtBot, unlocked: MainWindow) -> None:
    form = _form(qtbot, unlocked)
    QTest.keyClicks(form.pasted, "Doe, Mary  05/17/1980  MRN 00123")
    whole = form.fields()
    assert (whole.family, whole.given, whole.sex.value) == ("Doe", "Mary", "unknown")
    assert (whole.birth_date, whole.identifier) == ("05/17/1980", "00123")
    form.pasted.clear()
    assert form.fields() == whole  # an emptied line takes nothing away
