"""Changes in the window: asked for, looked at, taken or left; and what follows a signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.draft import Owner
from app.domain.events import DraftEdited, TranscriptEdited
from app.domain.ids import ClaimId, TemplateId, VisitId
from app.domain.vocabulary import Macro, Vocabulary
from app.ui.main_window import MainWindow
from app.ui.views.addendum import AddendumDialog
from app.ui.views.codes import CodeDialog
from app.ui.views.diff import DiffDialog
from app.ui.views.history import HistoryDialog
from app.ui.views.letters import LetterDialog
from app.ui.views.templates import ExampleDialog, TemplateDialog
from app.ui.widgets.auto_text_box import AutoTextLine
from app.ui.widgets.diff import DiffText
from app.workflow.auto_texts import AutoTexts
from app.workflow.changes import WordChange, Words
from app.workflow.drafts import with_claim
from app.workflow.rewriting import Rewording
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD
from tests.ui.conftest import REVIEW, dialog_of

Opened = Callable[[str], MainWindow]
W = TypeVar("W", bound=QWidget)
KNEE = Macro("knee", "Knee [[side:left|right]]: [[range:0 to 130]] degrees.", ".knee")


@pytest.fixture
def reviewing(qtbot: QtBot, opened: Opened) -> MainWindow:
    window = opened(REVIEW)
    qtbot.waitUntil(lambda: len(window.visit_page.note.note.rows()) == 13)
    qtbot.waitUntil(lambda: window.visit.review.is_known)
    return window


def texts(window: MainWindow, key: str) -> list[str]:
    view = window.visit.note.section(key)
    return [each.text for each in view.claims] if view is not None else []


def part(kind: type[W], owner: QWidget, name: str) -> W:
    """Return a part of a widget by its object name."""
    found = owner.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def item(menu: QMenu, name: str) -> None:
    """Choose an entry of a menu by its object name."""
    next(each for each in menu.actions() if each.objectName() == name).trigger()


def test_a_section_written_again_is_a_diff_whose_lines_are_taken_one_by_one(
    qtbot: QtBot, stage: Stage, reviewing: MainWindow
) -> None:
    stage.rewriting.written["objective"] = ("Blood pressure 148/90.", "Pulse 72.")
    tools = reviewing.visit_page.note.tools
    reviewing.visit_page.note.note.focus_row(reviewing.visit_page.note.note.rows()[6])
    tools._fill_changes()
    item(tools.change_menu, "again")
    qtbot.waitUntil(lambda: bool(reviewing.findChildren(DiffDialog)))
    dialog = dialog_of(reviewing, "diffDialog")
    assert isinstance(dialog, DiffDialog)
    assert texts(reviewing, "objective")[0] == "Blood pressure 148/92."
    gone = next(each for each in dialog.list.rows if "Heart" in each.accessibleName())
    assert gone.tick is not None
    gone.tick.setChecked(False)
    dialog.take.click()
    qtbot.waitUntil(lambda: "Pulse 72." in texts(reviewing, "objective"))
    assert texts(reviewing, "objective") == [
        "Blood pressure 148/90.",
        "Pulse 72.",
        "Heart sounds normal, no murmur. Lungs clear.",
    ]
    reviewing.visit.note.undo()
    qtbot.waitUntil(lambda: texts(reviewing, "objective")[0] == "Blood pressure 148/92.")


def test_a_dose_that_goes_and_one_that_comes_do_not_read_as_a_third(
    qtbot: QtBot, look: object
) -> None:
    assert look is not None
    kinds = WordChange
    shown = DiffText(
        (
            Words(kinds.SAME, "Metoprolol "), Words(kinds.REMOVED, "50"), Words(kinds.ADDED, "25"),
            Words(kinds.SAME, " mg"), Words(kinds.REMOVED, " daily"), Words(kinds.ADDED, " once"),
        )
    )  # fmt: skip
    qtbot.addWidget(shown)
    assert shown.toPlainText() == "Metoprolol 50 25 mg daily once"


def test_leaving_a_diff_changes_nothing(qtbot: QtBot, reviewing: MainWindow) -> None:
    before = texts(reviewing, "objective")
    reviewing.visit.changes.reword(Rewording.BULLETS, [ClaimId("c8")])
    qtbot.waitUntil(lambda: bool(reviewing.findChildren(DiffDialog)))
    dialog = dialog_of(reviewing, "diffDialog")
    assert isinstance(dialog, DiffDialog)
    ticks = [each.tick for each in dialog.list.rows if each.tick is not None]
    assert len(ticks) == 2  # one line becomes two: they go together
    ticks[0].setChecked(False)
    assert not ticks[1].isChecked()
    assert not dialog.take.isEnabled()
    dialog.leave.click()
    assert texts(reviewing, "objective") == before


def test_picked_statements_move_together(qtbot: QtBot, reviewing: MainWindow) -> None:
    note = reviewing.visit_page.note
    rows = note.note.rows()
    for row in (rows[1], rows[2]):
        QTest.mouseClick(row, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert note.note.picked() == ("c2", "c3")
    assert [each.property("claim") for each in rows[1:3]] == ["picked", "picked"]
    note.tools._fill_changes()
    move = next(each for each in note.tools.change_menu.findChildren(QMenu))
    item(move, "move_plan")
    qtbot.waitUntil(lambda: bool(reviewing.findChildren(DiffDialog)))
    dialog = dialog_of(reviewing, "diffDialog")
    assert isinstance(dialog, DiffDialog)
    dialog.take.click()
    qtbot.waitUntil(lambda: "Mild dyspnea on exertion." in texts(reviewing, "plan"))
    assert "Mild dyspnea on exertion." not in texts(reviewing, "subjective")


def test_nothing_to_change_is_said(reviewing: MainWindow, qtbot: QtBot) -> None:
    reviewing.visit.changes.reword(Rewording.FIRST_PERSON, [ClaimId("c1")])
    qtbot.waitUntil(lambda: "nothing to change" in reviewing.status.words)


def test_an_earlier_draft_is_compared_and_comes_back(qtbot: QtBot, reviewing: MainWindow) -> None:
    reviewing.visit.note.remove(ClaimId("c1"))
    qtbot.waitUntil(lambda: len(texts(reviewing, "subjective")) == 5)
    reviewing.visit_page.note.tools.show_history()
    dialog = dialog_of(reviewing, "historyDialog")
    assert isinstance(dialog, HistoryDialog)
    qtbot.waitUntil(lambda: dialog.list.count() == 2)
    assert not dialog.restore.isEnabled()
    dialog.list.setCurrentRow(1)
    qtbot.waitUntil(lambda: any("New" in each.accessibleName() for each in dialog.diff.rows))
    dialog.restore.click()
    qtbot.waitUntil(lambda: len(texts(reviewing, "subjective")) == 6)


@pytest.fixture
def line(qtbot: QtBot, stage: Stage, reviewing: MainWindow) -> AutoTextLine:
    """A new line of the plan, with an auto-text to expand."""
    stage.teaching.kept = Vocabulary(macros=(KNEE,))
    reviewing.visit.note.load_auto_texts()
    qtbot.waitUntil(lambda: bool(reviewing.visit.note.auto_texts.all))
    note = reviewing.visit_page.note.note
    note._on_all()
    qtbot.waitUntil(lambda: bool(note.sections["plan"].auto_texts.all))
    note.sections["plan"].start_adding()
    found = note.sections["plan"].findChild(AutoTextLine, "adder_plan")
    assert isinstance(found, AutoTextLine)
    return found


def test_an_auto_text_is_expanded_and_filled_by_keys(line: AutoTextLine) -> None:
    QTest.keyClicks(line, ".knee ")
    assert line.toPlainText() == KNEE.text
    assert line.textCursor().selectedText() == "[[side:left|right]]"
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert line.textCursor().selectedText() == "[[range:0 to 130]]"
    QTest.keyClick(line, Qt.Key.Key_Backtab)
    QTest.keyClick(line, Qt.Key.Key_Down)
    menu = line.findChild(QMenu, "fieldChoices")
    assert isinstance(menu, QMenu)
    assert [each.text() for each in menu.actions()] == ["left", "right"]
    menu.actions()[1].trigger()
    menu.close()
    assert line.toPlainText() == "Knee right: [[range:0 to 130]] degrees."
    assert line.textCursor().selectedText() == "[[range:0 to 130]]"


def test_a_field_is_open_until_it_is_filled(
    qtbot: QtBot, line: AutoTextLine, reviewing: MainWindow
) -> None:
    line.setPlainText("Knee: [[range:0 to 130]] degrees.")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(reviewing.visit.review.unfilled) == 1)
    assert "field to fill" in reviewing.visit.review.words
    note = reviewing.visit_page.note.note
    qtbot.waitUntil(note.next_field)
    row = note.row(reviewing.visit.review.unfilled[0])
    assert row is not None
    assert row.is_open
    editor = row.findChild(AutoTextLine, "claimEditor")
    assert isinstance(editor, AutoTextLine)
    assert editor.textCursor().selectedText() == "[[range:0 to 130]]"
    QTest.keyClicks(editor, "90")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not reviewing.visit.review.unfilled)
    assert "Knee: 90 degrees." in texts(reviewing, "plan")


def test_tab_leaves_a_line_without_shortcut_and_fields(qtbot: QtBot, look: object) -> None:
    assert look is not None
    box = QWidget()
    qtbot.addWidget(box)
    first, second = AutoTextLine("", AutoTexts.of([KNEE])), QLineEdit(box)
    first.setParent(box)
    box.setTabOrder(first, second)
    box.show()
    QTest.keyClicks(first, "the knee ")
    assert first.toPlainText() == "the knee "  # a word of letters alone is no shortcut for a blank
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert first.toPlainText() == "the knee "


def test_changed_words_mark_the_note_and_its_lines(
    qtbot: QtBot, stage: Stage, reviewing: MainWindow
) -> None:
    stage.world.shelf(REVIEW).stale.add("c7")
    stage.services.bus.dispatch(TranscriptEdited(REVIEW))
    qtbot.waitUntil(lambda: reviewing.visit.review.stale == ("c7",))
    pane = reviewing.visit_page.note
    assert "Transcript changed" in pane._engine.text()
    row = pane.note.row(ClaimId("c7"))
    assert row is not None
    qtbot.waitUntil(lambda: row.is_open)
    assert "have changed" in row._findings.text()
    pane.tools._fill_changes()
    item(pane.tools.change_menu, "checkAgain")
    assert stage.rewriting.checked == [REVIEW]


def test_a_section_whose_words_changed_says_so_and_offers_to_be_written_again(
    qtbot: QtBot, stage: Stage, reviewing: MainWindow
) -> None:
    note = reviewing.visit_page.note.note
    badges = {key: part(QWidget, each, f"changed_{key}") for key, each in note.sections.items()}
    assert not any(each.isVisible() for each in badges.values())
    draft = stage.world.shelves[REVIEW].draft
    assert draft is not None
    changed = with_claim(draft, ClaimId("c8"), lambda each: replace(each, is_changed=True))
    stage.world.shelf(REVIEW).draft = changed
    stage.services.bus.dispatch(DraftEdited(REVIEW, changed))
    qtbot.waitUntil(badges["objective"].isVisible)
    assert [key for key, each in badges.items() if each.isVisible()] == ["objective"]
    row = note.row(ClaimId("c8"))
    assert row is not None
    assert "have changed" in row._findings.text()
    stage.rewriting.written["objective"] = ("Blood pressure 148/90.", "Pulse 72.")
    part(QPushButton, note.sections["objective"], "again_objective").click()
    qtbot.waitUntil(lambda: bool(reviewing.findChildren(DiffDialog)))
    dialog_of(reviewing, "diffDialog").close()
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: not badges["objective"].isVisible())


def test_a_quotation_in_other_words_says_how_it_read_until_it_is_accepted(
    qtbot: QtBot, stage: Stage, reviewing: MainWindow
) -> None:
    draft = stage.world.shelves[REVIEW].draft
    assert draft is not None
    row = reviewing.visit_page.note.note.row(ClaimId("c8"))
    assert row is not None
    was, now = row.claim.text, "Heart sounds normal, a soft murmur."
    changed = with_claim(
        draft,
        ClaimId("c8"),
        lambda each: replace(each, text=now, is_changed=True, before=was),
    )
    stage.world.shelf(REVIEW).draft = changed
    stage.services.bus.dispatch(DraftEdited(REVIEW, changed))
    qtbot.waitUntil(lambda: row.claim.text == now)
    assert f"Before: “{was}”" in row._findings.text()
    assert row._findings.isVisible()
    assert row.property("claim") == "partly"  # it stands out
    assert was in row.accessibleName()
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: "Before" not in row._findings.text())
    assert (row.claim.text, row.property("claim")) == (now, "chosen")


def test_the_template_is_chosen_before_and_changed_after(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened("v4")
    tools = window.visit_page.note.tools
    qtbot.waitUntil(lambda: tools.template.count() == 6)
    assert tools.template_row.isVisible()
    tools.template.setCurrentIndex(tools.template.findData("h-and-p"))
    tools.template.activated.emit(tools.template.currentIndex())
    qtbot.waitUntil(lambda: stage.world.shelves[VisitId("v4")].visit.template == "h-and-p")
    window.open_visit("v-review")
    qtbot.waitUntil(lambda: not tools.template_row.isVisible())
    tools._fill_templates()
    item(tools.template_menu, "template_dap")
    assert stage.note_making.templates == [TemplateId("dap")]


def test_a_code_is_looked_up_only_when_that_is_turned_on(
    qtbot: QtBot, stage: Stage, reviewing: MainWindow
) -> None:
    tools = reviewing.visit_page.note.tools
    tools.ask_code()
    assert reviewing.findChildren(CodeDialog) == []
    assert stage.coding.asked == []
    reviewing.show_settings()
    reviewing.settings_page.code_look_up.setChecked(True)
    assert stage.coding.is_on
    reviewing._leave_settings()
    reviewing.visit_page.note.note.focus_row(reviewing.visit_page.note.note.rows()[9])
    tools.ask_code()
    dialog = dialog_of(reviewing, "codeDialog")
    assert isinstance(dialog, CodeDialog)
    assert dialog.words.text() == "Likely stable angina pectoris, low risk."
    qtbot.waitUntil(lambda: dialog.list.count() > 0)
    dialog.words.setText("unstable")
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.go.click()
    line = "Unstable angina (ICD-10-CM I20.0)"
    qtbot.waitUntil(lambda: line in texts(reviewing, "assessment"))
    (made,) = [each for each in reviewing.visit.note.claims() if each.text == line]
    assert made.owner is Owner.CLINICIAN


def test_an_addendum_needs_text_patient_and_password(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    stage.signing.needs_password = True
    signed.visit_page.note.tools.addendum.click()
    dialog = dialog_of(signed, "addendumDialog")
    assert isinstance(dialog, AddendumDialog)
    dialog.text.setPlainText("Exercise test: no ischemia.")
    assert not dialog.go.isEnabled()
    dialog.box.same.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(dialog.box.password.isVisible)
    dialog.box.password.line.setText(PASSWORD)
    dialog.go.click()
    qtbot.waitUntil(lambda: len(stage.world.shelves[REVIEW].versions) == 2)
    qtbot.waitUntil(lambda: texts(signed, "addendum_1") == ["Exercise test: no ischemia."])


def test_a_letter_is_read_changed_signed_and_copied(
    qtbot: QtBot, stage: Stage, signed: MainWindow
) -> None:
    tools = signed.visit_page.note.tools
    qtbot.waitUntil(lambda: signed.visit.templates.shelf is not None)
    tools._fill_letters()
    item(tools.letters_menu, "letter_after-visit-summary")
    dialog = dialog_of(signed, "letterDialog")
    assert isinstance(dialog, LetterDialog)
    qtbot.waitUntil(lambda: bool(dialog.boxes))
    assert "Reading level" in dialog.level.text()
    assert not dialog.copy.isVisible()
    box = dialog.findChild(QPlainTextEdit, "letter_reason_for_visit")
    assert isinstance(box, QPlainTextEdit)
    box.setPlainText("You came because your chest felt tight.")
    dialog.box.same.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(dialog.copy.isVisible)
    (letter,) = stage.letters.kept
    assert [each.text for each in letter.draft.claims] == [
        "You came because your chest felt tight."
    ]
    dialog.copy.click()
    qtbot.waitUntil(lambda: signed.clipboard.left_s > 0)


def test_own_templates_are_made_mended_and_removed_in_the_settings(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    unlocked.show_settings()
    page = unlocked.templates_page
    qtbot.waitUntil(lambda: page.table.rowCount() == 9)
    page.usual.setCurrentIndex(page.usual.findData("dap"))
    page.usual.activated.emit(page.usual.currentIndex())
    assert stage.templating.usual == "dap"
    assert unlocked._preferences.settings.note_template == "dap"
    page.example.click()
    example = dialog_of(unlocked, "exampleDialog")
    assert isinstance(example, ExampleDialog)
    example.title.setText("Mine")
    example.note.setPlainText("no headings at all")
    example.go.click()
    qtbot.waitUntil(lambda: "has no headings" in example.error.text())
    example.note.setPlainText("Subjective: pain of Jane Zebra\nPlan: rest")
    example.go.click()
    qtbot.waitUntil(lambda: bool(unlocked.findChildren(TemplateDialog)))
    dialog = dialog_of(unlocked, "templateDialog")
    assert isinstance(dialog, TemplateDialog)
    dialog.show_as_text()
    good = dialog.text.toPlainText()
    assert "Zebra" not in good
    dialog.text.setPlainText(good.replace("style = ", "stile = ", 1))
    dialog.go.click()
    qtbot.waitUntil(lambda: "section 1: style" in dialog.error.text())
    dialog.text.setPlainText(good)
    dialog.go.click()
    qtbot.waitUntil(lambda: page.table.rowCount() == 10)
    assert list(stage.templating.own) == ["made"]


def test_a_lock_closes_what_shows_a_patient(qtbot: QtBot, stage: Stage, signed: MainWindow) -> None:
    stage.teaching.kept = Vocabulary(macros=(KNEE,))
    signed.visit.note.load_auto_texts()
    qtbot.waitUntil(lambda: bool(signed.visit.note.auto_texts.all))
    signed.visit_page.note.tools.ask_letter(TemplateId("after-visit-summary"))
    dialog = dialog_of(signed, "letterDialog")
    assert isinstance(dialog, LetterDialog)
    qtbot.waitUntil(lambda: bool(dialog.boxes))
    signed.session.lock()
    qtbot.waitUntil(signed.unlock_page.isVisible)
    assert [each for each in signed.findChildren(QDialog) if each.isVisible()] == []
    assert signed.visit.note.auto_texts.all == ()
    assert signed.visit.changes.visit is None


def test_keys_that_change_a_note_say_why_a_signed_one_stays(
    qtbot: QtBot, signed: MainWindow
) -> None:
    signed.activateWindow()
    qtbot.waitUntil(signed.isActiveWindow)
    for key in (Qt.Key.Key_H, Qt.Key.Key_E):
        signed.status.clear_words()
        QTest.keyClick(signed, key, Qt.KeyboardModifier.ControlModifier)
        assert signed.status.words == "The note is signed and stays as it is. Ctrl+I adds to it."
    assert signed.findChildren(HistoryDialog) == []


def test_keys_that_change_a_note_say_that_there_is_none_yet(qtbot: QtBot, opened: Opened) -> None:
    window = opened("v4")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert window.status.words == "There is no note to change yet."
