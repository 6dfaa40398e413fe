"""The quick card is one page, in the colors of paper, with the keys that hold."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QPageSize
from pytestqt.qtbot import QtBot

from app.ui.palettes import LIGHT
from app.ui.theme import Theme
from app.ui.views import quick_card
from app.ui.views.quick_card import CARD_KEYS, STATEMENT_KEYS, CardPress, card_html, lay_out_card
from app.ui.widgets.actions import SHORTCUTS, SPOKEN


def pressed(qtbot: QtBot, size: QPageSize.PageSizeId) -> bytes:
    press = CardPress(lay_out_card(QPageSize(size)))
    with qtbot.waitSignal(press.made, timeout=20_000) as made:
        press.start()
    assert made.args is not None
    return bytes(made.args[0])


@pytest.mark.parametrize("size", [QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter])
def test_it_is_one_page(qtbot: QtBot, look: Theme, size: QPageSize.PageSizeId) -> None:
    assert look is not None
    pdf = pressed(qtbot, size)
    assert re.findall(rb"/Type\s*/Pages\b.*?/Count (\d+)", pdf, re.DOTALL) == [b"1"]


def test_a_longer_text_gets_smaller_letters_and_still_one_page(
    qtbot: QtBot, look: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look is not None
    longer = card_html() + "<p>" + "More words than there are. " * 90 + "</p>"
    monkeypatch.setattr(quick_card, "card_html", lambda: longer)
    assert b"/Count 1\n" in pressed(qtbot, QPageSize.PageSizeId.A4)


def test_a_text_without_end_is_refused(
    qtbot: QtBot, look: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look is not None
    monkeypatch.setattr(quick_card, "card_html", lambda: "<p>No end. " * 5_000)
    assert pressed(qtbot, QPageSize.PageSizeId.A4) == b""


def test_it_names_the_keys_and_what_they_do(look: Theme) -> None:
    assert look is not None
    found = card_html()
    for name in CARD_KEYS:
        assert SHORTCUTS[name].words in found
        assert SHORTCUTS[name].keys[0].replace("Return", "Enter") in found
    assert {each.keys[0] for each in SPOKEN if each.group == "Note"} >= set(STATEMENT_KEYS)
    assert "{" not in found


def test_icons_are_drawn_for_white_paper_in_the_dark_look_too(look: Theme) -> None:
    look.apply("dark")
    image = look.paper_pixmap("supported", "supported", 32, 1.0).toImage()
    look.apply("light")
    inks = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inks == {LIGHT.supported}
