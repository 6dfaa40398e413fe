"""Text twice as large: nothing of who it is is lost, and what is read has the most room."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.library import IDENTIFIER, PATIENT, TIME, FoldedRole
from app.ui.views.guide import GuideWindow
from app.ui.widgets.field_icons import FieldIcons
from app.ui.widgets.parts import GAP, OWN_GAP, IconButton, IconLabel, button
from app.ui.widgets.password_edit import PasswordLine
from app.ui.widgets.plain_text import LineEdit
from app.ui.widgets.template_form import TemplateForm
from tests.fakes.services import Stage


@pytest.fixture
def large(look: Theme) -> Iterator[Theme]:
    look.apply("light", 200)
    yield look
    look.apply("light")


def test_what_the_list_has_no_column_for_stands_below_the_name(
    large: Theme, unlocked: MainWindow, qtbot: QtBot
) -> None:
    assert large.scale == 2
    unlocked.resize(1280, 800)
    table, model = unlocked.library_page.table, unlocked.library.table
    row = next(each for each in range(model.rowCount()) if model.visit(each).id == "v-review")
    cell = model.index(row, PATIENT)
    qtbot.waitUntil(lambda: table.isColumnHidden(IDENTIFIER) and table.isColumnHidden(TIME))
    time = str(model.index(row, TIME).data())
    assert cell.data(FoldedRole) == f"MRN 0048213 · {time}"
    heard = cell.data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == f"Okafor, Grace, MRN 0048213, {time}"
    box = table.visualRect(cell)
    image = table.viewport().grab(box).toImage()
    assert ink_height(image) > 1.3 * table.fontMetrics().lineSpacing()  # two lines
    unlocked.resize(3_000, 800)  # room for all of it
    qtbot.waitUntil(lambda: not table.isColumnHidden(IDENTIFIER))
    assert cell.data(FoldedRole) == ""
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Okafor, Grace"


def ink_height(image: QImage) -> int:
    """Return from where to where words are painted, in pixels; the line below a row is none."""
    ground = image.pixel(1, image.height() // 2)
    rows = [
        y
        for y in range(2, image.height() - 3)
        if any(image.pixel(x, y) != ground for x in range(image.width()))
    ]
    return rows[-1] - rows[0]


@pytest.mark.parametrize("percent", [100, 200])
def test_what_belongs_in_a_section_has_more_room_than_the_list_of_them(
    qtbot: QtBot, look: Theme, percent: int
) -> None:
    look.apply("light", percent)
    form = TemplateForm()
    qtbot.addWidget(form)
    form.resize(700, 600)  # as wide as a small screen leaves it
    form.show()
    text, sections = form.instruction.width(), form.list.width()
    look.apply("light")
    assert text > sections


def test_changing_words_and_swapping_speakers_look_different(
    opened: Callable[[str], MainWindow], stage: Stage
) -> None:
    assert stage.services is not None
    page = opened("v-review").visit_page
    icons = [
        each.icon().pixmap(32, 32).toImage() for each in (page.note.tools.change, page.said.swap)
    ]
    assert icons[0] != icons[1]


def test_the_recorder_bar_cuts_no_button(
    large: Theme, opened: Callable[[str], MainWindow], qtbot: QtBot
) -> None:
    assert large.scale == 2
    bar = opened("v4").visit_page.recorder
    bar.window().resize(1280, 800)
    qtbot.waitUntil(lambda: bar.devices.width() == bar.devices.maximumWidth())  # there is room
    bar.show_armed(is_armed=True)
    bar.grab()  # laid out
    assert bar.devices.width() < bar.devices.maximumWidth()
    for each in (bar.file, bar.dictate, bar.record):
        assert each.isVisible()
        assert each.width() >= each.sizeHint().width()
    assert bar.file.text() == ""
    assert bar.file.toolTip() == "Open audio file… (Ctrl+O)"


def test_what_is_open_is_said_in_few_words_and_heard_in_full(
    large: Theme, opened: Callable[[str], MainWindow], qtbot: QtBot
) -> None:
    window = opened("v-review")
    foot = window.visit_page.note.open_words
    qtbot.waitUntil(lambda: window.visit.review.is_known)
    assert foot.text() == "2 to decide · 4 unseen"
    assert foot.accessibleName() == "2 statements to decide, 4 sections not seen yet"
    leads = window.visit_page.note.next
    assert (leads.text(), leads.toolTip(), leads.accessibleName()) == ("", "Show (F8)", "Show")
    large.apply("light")
    assert foot.text() == foot.accessibleName()


def test_the_page_of_the_guide_is_wider_than_its_list(large: Theme, qtbot: QtBot) -> None:
    assert large.scale == 2
    guide = GuideWindow()
    qtbot.addWidget(guide)
    guide.show()
    guide.resize(740, 700)  # what a small screen leaves
    qtbot.waitUntil(lambda: guide.text.width() > guide.chapters.width())


@pytest.mark.parametrize("percent", [100, 200])
def test_between_an_icon_and_its_words_is_a_gap_that_grows(
    qtbot: QtBot, look: Theme, percent: int
) -> None:
    look.apply("light", percent)
    made, bare = button("one", "Record", "record"), button("two", "", "record")
    for each in (made, bare):
        qtbot.addWidget(each)
    side, square = round(18 * percent / 100), bare.iconSize().toTuple()
    gap = made.iconSize().width() - side + OWN_GAP
    made.setText("")
    folded = made.iconSize().toTuple()
    look.apply("light")
    assert square == folded == (side, side)
    assert gap == round(GAP * percent / 100)


def test_the_heads_of_transcript_and_note_are_equally_high(
    large: Theme, signed: MainWindow, qtbot: QtBot
) -> None:
    assert large.scale == 2
    signed.resize(1280, 800)
    page = signed.visit_page
    qtbot.waitUntil(lambda: page.note.take.isVisible() and page.said._head.height() > 48)
    assert page.said._head.height() == page.note._head.height()


def test_no_statement_is_cut_at_its_left_however_long_the_words_on_buttons_are(
    large: Theme, opened: Callable[[str], MainWindow], qtbot: QtBot
) -> None:
    assert large.scale == 2
    window = opened("v-review")
    window.resize(1280, 800)
    note = window.visit_page.note.note
    qtbot.waitUntil(lambda: any(each._accept.isVisible() for each in note.rows()))
    row = next(each for each in note.rows() if each._accept.isVisible())
    row._accept.setText("Auf eigene Verantwortung stehen lassen")  # as other languages have it
    row._mend.setAccessibleName("Berichtigen und vervollständigen")
    window.resize(1270, 800)
    note.focus_row(row)
    qtbot.waitUntil(lambda: row._mend.text() == "")
    assert row._mend.toolTip() == "Berichtigen und vervollständigen (F2)"
    assert note.horizontalScrollBar().value() == 0
    assert note.horizontalScrollBar().maximum() == 0
    row._accept.setText("Accept")
    row._mend.setAccessibleName("Mend")
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: row._mend.text() == "Mend")


@pytest.fixture
def field(qtbot: QtBot, look: Theme) -> Iterator[LineEdit]:
    """A field that says what it is for and can be emptied."""
    made = LineEdit()
    qtbot.addWidget(made)
    icons = FieldIcons(made)
    icons.lead("search")
    icons.offer_clear()
    made.resize(600, made.sizeHint().height())
    made.show()
    yield made
    look.apply("light")


@pytest.mark.parametrize(("percent", "side"), [(100, 18), (200, 36)])
def test_icons_in_fields_grow_with_the_text_and_leave_it_its_room(
    qtbot: QtBot, look: Theme, field: LineEdit, percent: int, side: int
) -> None:
    look.apply("light", percent)  # while it is shown
    lead, clear = field.findChild(IconLabel), field.findChild(IconButton)
    assert isinstance(lead, IconLabel)
    assert isinstance(clear, IconButton)
    assert clear.isHidden()
    QTest.keyClicks(field, "Okafor")
    assert (lead.width(), clear.iconSize().height()) == (side, side)
    qtbot.waitUntil(lambda: clear.isVisible() and clear.geometry().right() > 580)
    assert field.cursorRect().right() < clear.geometry().left()
    field.setCursorPosition(0)
    assert lead.geometry().right() < field.cursorRect().center().x()
    clear.click()
    assert field.text() == ""
    assert clear.isHidden()


def test_the_eye_in_a_password_grows_too_and_shows_it(qtbot: QtBot, large: Theme) -> None:
    assert large.scale == 2
    password = PasswordLine()
    qtbot.addWidget(password)
    QTest.keyClicks(password, "secret")
    assert password._shown.iconSize().height() == 36
    password._shown.click()
    assert password.echoMode() is PasswordLine.EchoMode.Normal
