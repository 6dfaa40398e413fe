"""The guide stands beside everything, is found by keyboard, and says what the program does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.foundation import paths
from app.ui.application import language_of
from app.ui.main_window import MainWindow
from app.ui.palettes import LOOKS
from app.ui.theme import Theme
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.guide import GuideWindow, picture_path
from app.ui.views.guide_page import chapter_html, chapter_words, keys
from app.ui.views.guide_texts import CHAPTERS, Chapter, Picture, Sign
from app.ui.views.shortcuts import ShortcutSheet
from app.ui.widgets.actions import SHORTCUTS
from tests.fakes.services import Stage
from tests.ui.conftest import dialog_of
from tests.ui.test_live_window import activate
from tests.ui.test_window import start_recording

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
MOST_BYTES = 1_500_000


@pytest.fixture
def guide(qtbot: QtBot, look: Theme) -> Iterator[GuideWindow]:
    assert look is not None
    made = GuideWindow()
    qtbot.addWidget(made)
    made.appear()
    activate(qtbot, made)  # type: ignore[arg-type]  # any window will do
    yield made
    made.close()


def titles(guide: GuideWindow) -> list[str]:
    return [guide.chapters.item(row).text() for row in range(guide.chapters.count())]


def test_a_key_opens_it_before_anybody_unlocked(qtbot: QtBot, window: MainWindow) -> None:
    window.begin()
    activate(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F1, SHIFT)
    assert window.help.guide is not None
    assert window.help.guide.isVisible()


def test_it_stays_usable_while_recording_and_when_the_window_locks(
    qtbot: QtBot, stage: Stage, unlocked: MainWindow
) -> None:
    unlocked.open_visit("v4")
    qtbot.waitUntil(unlocked.visit_page.isVisible)
    start_recording(qtbot, stage, unlocked)
    activate(qtbot, unlocked)
    QTest.keyClick(unlocked, Qt.Key.Key_F1, SHIFT)
    guide = unlocked.help.guide
    assert guide is not None
    assert not guide.isModal()
    activate(qtbot, unlocked)
    QTest.keyClick(unlocked, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: unlocked.recorder.state is RecorderState.PAUSED)
    unlocked.session.lock()
    qtbot.waitUntil(unlocked.unlock_page.isVisible)
    assert guide.isVisible()


def test_it_leaves_with_the_window(qtbot: QtBot, window: MainWindow) -> None:
    window.help.show_guide()
    guide = window.help.guide
    assert guide is not None
    with qtbot.waitSignal(guide.destroyed):
        window.close()
    assert window.help.guide is None


def test_every_way_to_it_is_there(unlocked: MainWindow) -> None:
    menu = unlocked.library_page.findChild(QMenu, "helpMenu")
    assert menu is not None
    assert [each.objectName() for each in menu.actions()] == [
        "helpGuide", "helpShortcuts", "helpCard",
    ]  # fmt: skip
    menu.actions()[0].trigger()
    assert unlocked.help.guide is not None
    unlocked.help.close()
    button = unlocked.unlock_page.findChild(QPushButton, "openGuide")
    assert button is not None
    button.click()
    assert unlocked.help.guide is not None


def test_the_search_keeps_what_holds_all_words(guide: GuideWindow) -> None:
    everything = titles(guide)
    QTest.keyClick(guide, Qt.Key.Key_F, CTRL)
    assert guide.search.hasFocus()
    QTest.keyClicks(guide.search, "RECOVERY key")
    found = titles(guide)
    assert 0 < len(found) < len(everything)
    for words in (chapter_words(each).lower() for each in shown(guide)):
        assert "recovery" in words
        assert "key" in words
    assert len(guide.text.extraSelections()) >= 2
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.text.textCursor().selectedText().lower() in {"recovery", "key"}
    QTest.keyClick(guide.search, Qt.Key.Key_Escape)
    assert guide.isVisible()
    assert titles(guide) == everything
    assert guide.text.extraSelections() == []


def shown(guide: GuideWindow) -> list[Chapter]:
    return [each for each in CHAPTERS if each.title in titles(guide)]


def test_what_is_not_there_is_said(guide: GuideWindow) -> None:
    guide.search.setText("zebra")
    assert guide.chapters.isHidden()
    assert guide.search.accessibleDescription() == "Nothing found."
    assert guide.text.toPlainText() == ""


def test_chapters_turn_by_keyboard(guide: GuideWindow) -> None:
    assert guide.chapter is CHAPTERS[0]
    QTest.keyClick(guide, Qt.Key.Key_PageDown, CTRL)
    assert guide.chapter is CHAPTERS[1]
    assert guide.text.toPlainText().startswith(CHAPTERS[1].title)
    QTest.keyClick(guide, Qt.Key.Key_PageUp, CTRL)
    QTest.keyClick(guide, Qt.Key.Key_PageUp, CTRL)
    assert guide.chapter is CHAPTERS[0]
    QTest.keyClick(guide, Qt.Key.Key_F, CTRL)
    QTest.keyClick(guide.search, Qt.Key.Key_Down)
    assert guide.chapters.hasFocus()
    QTest.keyClick(guide, Qt.Key.Key_Escape)
    assert not guide.isVisible()


def test_the_sheet_of_keys_opens_from_it(qtbot: QtBot, window: MainWindow) -> None:
    window.help.show_guide()
    guide = window.help.guide
    assert guide is not None
    activate(qtbot, guide)  # type: ignore[arg-type]  # any window will do
    QTest.keyClick(guide, Qt.Key.Key_F1)
    assert [each.isVisible() for each in guide.findChildren(ShortcutSheet)] == [True]


def test_the_sheet_of_keys_is_one_is_not_modal_and_has_one_column_when_text_is_large(
    qtbot: QtBot, window: MainWindow, look: Theme
) -> None:
    window.help.show_shortcuts()
    window.help.show_shortcuts()
    sheets = [each for each in window.findChildren(ShortcutSheet) if each.isVisible()]
    assert len(sheets) == 1
    assert not sheets[0].isModal()
    sheets[0].close()
    look.apply("light", 200)
    large = ShortcutSheet()
    qtbot.addWidget(large)
    large.show()
    look.apply("light")
    places = {
        each.text(): each.mapTo(large, each.rect().topLeft()) for each in large.findChildren(QLabel)
    }
    assert places["Transcript"].x() == places["Recording"].x()
    assert places["Transcript"].y() > places["Recording"].y()


def test_the_page_follows_the_look(guide: GuideWindow, look: Theme) -> None:
    guide.open_at("marks")
    before = guide.text.grab().toImage()
    look.apply("dark")
    after = guide.text.grab().toImage()
    look.apply("light")
    assert before.pixelColor(40, 12) != after.pixelColor(40, 12)


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda each: each.key)
def test_every_key_named_is_one_of_the_window(chapter: Chapter) -> None:
    found = chapter_html(chapter)  # fails on a name that is no action
    assert "{" not in found
    written = set(re.findall(r"\b(?:Ctrl\+|Shift\+)+\w+|\bF\d+\b", chapter_words(chapter)))
    known = set(keys().values()) | {"Ctrl+1", "Ctrl+9", "F2"}
    assert written <= known


def test_every_picture_and_sign_is_there_in_every_look(look: Theme) -> None:
    pictures = [part for each in CHAPTERS for part in each.parts if isinstance(part, Picture)]
    assert len(pictures) >= 8
    for name in LOOKS:
        look.apply(name)
        for each in pictures:
            assert not QImage(str(picture_path(each.file))).isNull(), (name, each.file)
    look.apply("light")
    for part in (part for each in CHAPTERS for part in each.parts if isinstance(part, Sign)):
        assert not look.pixmap(part.icon, part.color, 16, 1.0).isNull()


def test_the_pictures_are_small_and_all_are_shown() -> None:
    files = sorted((paths.resources() / "guide").rglob("*.png"))
    assert sum(each.stat().st_size for each in files) < MOST_BYTES
    named = {part.file for each in CHAPTERS for part in each.parts if isinstance(part, Picture)}
    assert {each.stem for each in files} == named


def test_nothing_is_loaded_but_our_own(guide: GuideWindow, tmp_path: Path) -> None:
    made = tmp_path / "other.png"
    QImage(4, 4, QImage.Format.Format_RGB32).save(str(made))
    for address in (made.as_uri(), "http://example.org/a.png", str(made)):
        assert guide.text.loadResource(2, address) is None


def test_the_quick_card_is_saved_where_the_person_wants_it(
    qtbot: QtBot, unlocked: MainWindow, tmp_path: Path
) -> None:
    unlocked.help.ask_card()
    dialog = dialog_of(unlocked, "pathDialog")
    dialog.path.setText(str(tmp_path))  # type: ignore[attr-defined]  # the dialog we opened
    dialog.go.click()  # type: ignore[attr-defined]  # the dialog we opened
    path = tmp_path / "stethoscribe-quick-card.pdf"
    qtbot.waitUntil(lambda: path.name in unlocked.status.words)
    assert path.read_bytes().startswith(b"%PDF-")


def test_actions_the_guide_names_exist() -> None:
    assert SHORTCUTS["guide"].keys == ("Shift+F1",)


def test_the_language_is_the_chosen_one_or_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("de_AT"))
    assert language_of("system") == "de"
    assert language_of("en") == "en"
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("C"))
    assert language_of("system") in {"en", "C"}
