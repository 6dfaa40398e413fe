"""Fast hands: keys that come while the window still reads or paints."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.ui.main_window import MainWindow
from app.ui.views.consent import ConsentDialog
from tests.ui.conftest import dialog_of

Opened = Callable[[str], MainWindow]
PLANNED = VisitId("v4")


def test_what_is_being_typed_stays_when_the_visit_is_read_again(
    qtbot: QtBot, opened: Opened
) -> None:
    window = opened("v-review")
    view = window.visit_page.note.note
    qtbot.waitUntil(lambda: len(view.rows()) == 13)
    section = view.sections["plan"]
    qtbot.waitUntil(lambda: section._can_edit)
    section.start_adding()
    adder = section._adder
    assert adder is not None
    QTest.keyClicks(adder, "Rest for ")
    window.visit.note.replaced.emit()  # as when a draft of the same sections begins
    assert section._adder is adder
    QTest.keyClicks(adder, "a week.")
    QTest.keyClick(adder, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(view.rows()) == 14)
    assert view.sections["plan"] is section
    assert "Rest for a week." in [each.claim.text for each in view.rows()]


def test_consent_is_asked_for_once(qtbot: QtBot, opened: Opened) -> None:
    window = opened(PLANNED)
    window.visit.record()
    dialog = dialog_of(window, "consentDialog")
    window.visit.record()
    assert window.findChildren(ConsentDialog) == [dialog]
    dialog.reject()
    window.visit.record()
    qtbot.waitUntil(lambda: dialog_of(window, "consentDialog") is not dialog)
