"""The window on fake services in memory. The look and the application live for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.domain.ids import ClaimId, VisitId
from app.domain.policy import Policy
from app.domain.review import Decision, Verdict
from app.foundation import paths
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from app.ui.viewmodels.recorder import RecorderState
from tests.fakes.services import Stage, fill, make_stage
from tests.fakes.visits import NOW
from tests.fakes.world import PASSWORD

REVIEW = VisitId("v-review")


class Hand:
    """A clock that is turned by hand; the window looks when it is turned."""

    def __init__(self) -> None:
        self.now = 50_000.0
        self.window: MainWindow | None = None

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        """Let time pass, and the tick come."""
        self.sleep(seconds)
        assert self.window is not None
        self.window.idle.look()

    def sleep(self, seconds: float) -> None:
        """Let time pass, and no tick come."""
        self.now += seconds


@pytest.fixture(autouse=True)
def _clipboard_is_empty() -> Iterator[None]:
    """All tests share one clipboard: what one copied is not seen by the next."""
    yield
    _empty_clipboard()


def pytest_sessionfinish() -> None:
    """Take away what the last test copied late.

    The offscreen platform lets go of it after Python has ended; a copy of ours that is still there
    then ends the run with a segmentation fault.
    """
    if QGuiApplication.instance() is not None:
        QGuiApplication.processEvents()
    _empty_clipboard()


def _empty_clipboard() -> None:
    if QGuiApplication.instance() is not None:
        for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
            QGuiApplication.clipboard().clear(mode)


@pytest.fixture
def hand() -> Hand:
    """The clock of the window: no test is locked out because the machine is slow."""
    return Hand()


@pytest.fixture
def policy() -> Policy:
    """What holds; a test with another one overrides it."""
    return Policy()


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    found = qapp.property("stethoscribeTheme")
    made = found if isinstance(found, Theme) else Theme(qapp, paths.resources())
    made.apply("light")
    return made


@pytest.fixture
def stage(look: Theme, policy: Policy) -> Iterator[Stage]:
    """Fake services; what they publish arrives by the real courier."""
    assert look is not None
    courier = Courier()
    made = make_stage(courier, policy)
    courier.event_arrived.connect(made.services.bus.dispatch)
    yield made
    courier.deleteLater()


@pytest.fixture
def preferences(look: Theme, tmp_path: Path) -> Iterator[Preferences]:
    assert look is not None
    courier = Courier()
    made = Preferences(tmp_path / "settings.toml", courier)
    yield made
    made.close()
    courier.deleteLater()


@pytest.fixture
def window(
    qtbot: QtBot, stage: Stage, preferences: Preferences, hand: Hand
) -> Iterator[MainWindow]:
    made = MainWindow(stage.services, preferences, hand)
    hand.window = made
    qtbot.addWidget(made)
    made.show()
    yield made
    made.recorder.state = RecorderState.IDLE
    for dialog in made.findChildren(QDialog):
        dialog.close()


@pytest.fixture
def unlocked(qtbot: QtBot, stage: Stage, window: MainWindow) -> MainWindow:
    """The window with an open vault and a day of visits."""
    account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    window.session.unlock(account.uid, PASSWORD)
    qtbot.waitUntil(lambda: window.library.table.rowCount() == 6)
    return window


@pytest.fixture
def opened(qtbot: QtBot, unlocked: MainWindow) -> Callable[[str], MainWindow]:
    """Return a function that opens a visit of the day and waits for its page."""

    def opening(visit: str) -> MainWindow:
        unlocked.open_visit(VisitId(visit))
        qtbot.waitUntil(lambda: unlocked.visit.visit is not None)
        qtbot.waitUntil(unlocked.visit_page.isVisible)
        return unlocked

    return opening


@pytest.fixture
def signed(qtbot: QtBot, stage: Stage, opened: Callable[[str], MainWindow]) -> MainWindow:
    """The window with a note that was reviewed and signed."""
    shelf = stage.world.shelves[REVIEW]
    assert shelf.draft is not None
    stage.world.account = next(iter(stage.world.accounts.values()))
    shelf.decisions += [Decision(ClaimId(each), Verdict.ACCEPTED, NOW) for each in ("c6", "c10")]
    shelf.seen |= {each.key for each in shelf.draft.sections}
    stage.signing.sign(REVIEW, shelf.visit.patient.id).result()
    window = opened(REVIEW)
    qtbot.waitUntil(window.visit_page.note.tools.addendum.isVisible)
    return window


def dialog_of(window: MainWindow, name: str) -> QDialog:
    """Return a dialog that is open."""
    for each in window.findChildren(QDialog):
        if each.objectName() == name and each.isVisible():
            return each
    raise LookupError(name)


def shown_group(card: QWidget, number: int) -> str:
    """Return the group of the recovery key that stands below a number."""
    group = card.findChild(QLabel, f"shownGroup{number}")
    assert isinstance(group, QLabel)
    cell = group.parentWidget()
    assert cell is not None
    above = [each for each in cell.findChildren(QLabel) if each is not group]
    assert [each.text() for each in above] == [str(number)]
    assert above[0].geometry().bottom() <= group.geometry().top()
    return group.text()
