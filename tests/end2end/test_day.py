"""A day by keyboard alone: three visits back to back through the real window and real engines.

The first loses its microphone and gets it back; the second begins while the first is drafted and
is locked in its middle; in the third the patient declines and the note is typed. Three notes are
signed. Every step is a key on whatever has the focus.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.domain.events import GapNoted
from app.domain.ids import ModelId, VisitId
from app.domain.visit import VisitState
from app.ui.main_window import MainWindow
from app.ui.viewmodels.recorder import RecorderState
from app.workflow.services import Services
from tests.end2end.product import FAST_MODEL, SAMPLE
from tests.end2end.test_window import (
    PASSWORD,
    SPEECH_MS,
    dialog,
    make_account,
    services,
    state_of,
    window,
)
from tests.fakes.pulse import Pulse, pulse

__all__ = ["pulse", "services", "window"]

KEY = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
PLAIN = Qt.KeyboardModifier.NoModifier
CLIP_S = 9


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The first seconds of the sample visit."""
    sound, rate = soundfile.read(SAMPLE, stop=int(CLIP_S * soundfile.info(SAMPLE).samplerate))
    path = tmp_path / "clip.wav"
    soundfile.write(path, sound, rate)
    return path


def _focus_in(top: QWidget) -> QWidget | None:
    """Return what has the focus in a window, None while nothing has."""
    found = QApplication.focusWidget()
    return found if found is not None and found.window() is top else None


class Hands:
    """Ten fingers on a keyboard: what they press goes to whatever has the focus."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window

    def focused(self) -> QWidget:
        """Return what has the focus: of the dialog when one is open."""
        top = next(
            (each for each in self.window.findChildren(QDialog) if each.isVisible()), self.window
        )
        top.activateWindow()
        self.qtbot.waitUntil(top.isActiveWindow)
        self.qtbot.waitUntil(lambda: _focus_in(top) is not None)
        found = _focus_in(top)
        assert found is not None
        return found

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key."""
        QTest.keyClick(self.focused(), key, modifier)

    def type(self, text: str) -> None:
        """Type a text."""
        QTest.keyClicks(self.focused(), text)

    def wait(self, is_true: Callable[[], bool], timeout_ms: int = 20_000) -> None:
        """Wait for what the screen says."""
        self.qtbot.waitUntil(is_true, timeout=timeout_ms)

    def new_visit(self, family: str) -> VisitId:
        """Ctrl+N, the name, Enter."""
        self.press(KEY.Key_N, CTRL)
        dialog(self.qtbot, self.window, "patientDialog")
        self.type(family)
        self.press(KEY.Key_Return)
        model = self.window.visit
        self.wait(lambda: model.visit is not None and model.visit.patient.family == family)
        self.wait(self.window.visit_page.isVisible)
        assert model.visit is not None
        return model.visit.id

    def record(self) -> None:
        """F5, and Enter on the consent that everyone gave."""
        self.press(KEY.Key_F5)
        dialog(self.qtbot, self.window, "consentDialog")
        self.press(KEY.Key_Return)
        self.wait(lambda: self.window.recorder.state is RecorderState.RECORDING)

    def may_add(self) -> bool:
        """Whether the page shows that lines can be added."""
        section = self.window.visit_page.note.note.current_section()
        return section is not None and section._add.isVisible()

    def said(self) -> str:
        """What the transcript says."""
        return self.window.visit_page.transcript.toPlainText()

    def hear(self, word: str) -> None:
        """Wait for a word of the clip."""
        self.wait(lambda: word in self.said().lower(), SPEECH_MS)

    def open(self, visit: VisitId) -> None:
        """From the list: go to the row with the arrows, Enter."""
        self.wait(self.window.library_page.isVisible)
        table = self.window.library.table
        self.wait(lambda: table.row_of(visit) >= 0)
        view = self.window.library_page.table
        while view.currentIndex().row() != table.row_of(visit):
            down = view.currentIndex().row() < table.row_of(visit)
            self.press(KEY.Key_Down if down else KEY.Key_Up)
        self.press(KEY.Key_Return)
        model = self.window.visit
        self.wait(lambda: model.visit is not None and model.visit.id == visit)
        self.wait(self.window.visit_page.isVisible)

    def sign(self) -> None:
        """Remove what blocks, let every section be seen, tick, sign."""
        window, review = self.window, self.window.visit.review
        self.wait(lambda: state_of(window) is VisitState.IN_REVIEW, 60_000)
        self.wait(lambda: window.visit.note.can_edit and review.is_known)
        while not review.is_clear:
            with self.qtbot.waitSignal(review.items_changed, timeout=20_000):
                self.press(KEY.Key_F8)
                if review.open_claims:
                    self.press(KEY.Key_Delete)
        self.press(KEY.Key_Return, CTRL)
        dialog(self.qtbot, window, "signDialog")
        self.press(KEY.Key_Space)
        self.press(KEY.Key_Return)
        self.wait(lambda: state_of(window) is VisitState.SIGNED)
        self.wait(lambda: not any(each.isVisible() for each in window.findChildren(QDialog)))


class Day:
    """Three visits, told one by one."""

    def __init__(self, hands: Hands, services: Services, pulse: Pulse, clip: Path) -> None:
        self.hands, self.window, self.pulse, self.clip = hands, hands.window, pulse, clip
        self.gaps: list[GapNoted] = []
        services.bus.subscribe(GapNoted, self.gaps.append)

    def first(self) -> VisitId:
        """The microphone is unplugged and plugged in again; the note is drafted behind the next."""
        hands, visit = self.hands, self.hands.new_visit("Alpha")
        hands.record()
        with self.pulse.playing(self.clip):
            hands.hear("back")
        self.pulse.unload()
        hands.wait(lambda: "microphone" in self.window.status.words.lower(), 30_000)
        self.pulse.load()
        hands.wait(lambda: bool(self.gaps), 40_000)
        assert self.window.recorder.state is RecorderState.RECORDING
        hands.press(KEY.Key_F7)
        hands.wait(lambda: not self.window.recorder.is_running)
        return visit

    def second(self) -> VisitId:
        """Locked in its middle, while it is recorded."""
        hands, page = self.hands, self.window.visit_page
        visit = hands.new_visit("Beta")
        hands.record()
        with self.pulse.playing(self.clip):
            hands.hear("back")
            hands.press(KEY.Key_L, CTRL)
            hands.wait(self.window.unlock_page.unlock.isVisible)
            assert "back" not in hands.said()
            hands.type(PASSWORD)
            hands.press(KEY.Key_Return)
            hands.wait(page.isVisible, 30_000)
        hands.hear("back")
        hands.wait(lambda: self.window.recorder.state is RecorderState.RECORDING)
        hands.press(KEY.Key_F7)
        hands.wait(lambda: self.window.recorder.state is not RecorderState.RECORDING)
        hands.sign()
        return visit

    def third(self) -> VisitId:
        """The patient declines; the note is typed."""
        hands, note = self.hands, self.window.visit.note
        visit = hands.new_visit("Gamma")
        hands.press(KEY.Key_F5)
        dialog(hands.qtbot, self.window, "consentDialog")
        hands.press(KEY.Key_D, ALT)
        hands.wait(lambda: state_of(self.window) is VisitState.IN_REVIEW)
        hands.wait(lambda: note.can_edit)
        hands.wait(hands.may_add)
        hands.press(KEY.Key_I, CTRL)
        hands.type("Here for a certificate of health.")
        hands.press(KEY.Key_Return)
        hands.wait(lambda: bool(note.claims()))
        hands.sign()
        return visit

    def states(self) -> dict[VisitId, VisitState]:
        """What the list says."""
        table = self.window.library.table
        found = (table.visit(row) for row in range(table.rowCount()))
        return {each.id: each.state for each in found}


def test_three_visits_back_to_back_end_in_three_signed_notes(
    qtbot: QtBot,
    window: MainWindow,
    services: Services,
    pulse: Pulse,
    clip: Path,
) -> None:
    services.administration.choose("speech", ModelId(FAST_MODEL))
    make_account(qtbot, window)
    hands = Hands(qtbot, window)
    day = Day(hands, services, pulse, clip)
    visits = []
    for visit in (day.first, day.second, day.third):
        visits.append(visit())
        hands.press(KEY.Key_Escape)
    hands.open(visits[0])
    assert "missing" in hands.said()
    hands.sign()
    hands.press(KEY.Key_Escape)
    hands.wait(lambda: day.states() == dict.fromkeys(visits, VisitState.SIGNED))
