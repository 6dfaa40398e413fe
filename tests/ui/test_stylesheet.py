"""What the style sheet promises on real widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.palettes import LOOKS, contrast
from app.ui.theme import Theme
from app.ui.widgets.parts import ICON, icon_button, wrapped
from tests.fakes.services import Stage
from tests.ui.test_accessibility import review


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit, QTextEdit])
def test_a_hint_in_an_empty_field_can_be_read(
    qtbot: QtBot, look: Theme, name: str, kind: type[QLineEdit | QPlainTextEdit | QTextEdit]
) -> None:
    look.apply(name)
    field = kind()
    qtbot.addWidget(field)
    field.ensurePolished()
    color = field.palette().placeholderText().color()
    look.apply("light")
    assert color.alpha() == 255
    assert contrast(color.name(), LOOKS[name].surface) >= 4.5


def test_the_icons_of_a_chosen_statement_have_room(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    review(qtbot, stage, unlocked)
    row = unlocked.visit_page.note.note.rows()[1]
    unlocked.visit_page.note.note.focus_row(row)
    qtbot.waitUntil(row._edit.isVisible)
    assert ink_height(row._edit.grab().toImage()) >= ICON // 2
    row.show_claim(row.claim, is_accepted=False, can_edit=False)
    assert not row._edit.isVisible()


@pytest.mark.parametrize("room", [QSize(20, 0), QSize(0, 20), QSize(0, 0)])
def test_a_button_without_room_for_its_icon_is_painted_in_silence(
    qtbot: QtBot, look: Theme, room: QSize
) -> None:
    assert look is not None
    made = icon_button("copyOne", "Copy", "copy")
    qtbot.addWidget(made)
    assert made.icon().pixmap(made.iconSize(), 1.0).size() == made.iconSize()
    assert made.icon().pixmap(room, 1.0).isNull()  # as Qt asks where the button has no height yet
    made.resize(room)
    made.grab()


def ink_height(image: QImage) -> int:
    """Return over how many pixels in height something is drawn on the ground."""
    ground = image.pixel(1, image.height() // 2)
    rows = [
        y
        for y in range(2, image.height() - 2)
        if any(image.pixel(x, y) != ground for x in range(2, image.width() - 2))
    ]
    return len(rows)


def test_a_text_that_breaks_gives_room_back_when_it_needs_less(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    text = wrapped("Many words that need several lines where there is little room for them.")
    qtbot.addWidget(text)
    text.resize(120, 400)
    text.show()
    narrow = text.minimumHeight()
    assert narrow >= 3 * text.fontMetrics().lineSpacing()
    text.resize(2_000, 400)
    assert 0 < text.minimumHeight() <= text.fontMetrics().lineSpacing() + 2
    text.resize(120, 400)
    assert text.minimumHeight() == narrow
    text.setText("")
    assert text.minimumHeight() == 0
