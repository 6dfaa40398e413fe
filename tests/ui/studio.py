"""One window on fake services, to take pictures of. See `screenshots.py`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.domain.ids import VisitId
from app.domain.vocabulary import Macro, Replacement, Vocabulary
from app.foundation import paths
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from tests.fakes.services import Stage, fill, make_stage
from tests.fakes.world import PASSWORD

VOCABULARY = Vocabulary(
    ("Eliquis", "Dr. Lindqvist", "Marienhof clinic"),
    (Replacement("and why heart", "NYHA"), Replacement("b i d", "twice daily")),
    (Macro("normal lungs", "Lungs clear to auscultation bilaterally, no wheezes or crackles."),),
)


class Studio:
    """One window on fake services, and the pictures of it."""

    def __init__(self, folder: Path, look: str, size: tuple[int, int], percent: int) -> None:
        self.folder = folder
        self.name = f"{look}-{size[0]}" + (f"-{percent}" if percent != 100 else "")
        self.look, self.percent, self.size = look, percent, size
        self.courier = Courier()
        self.stage: Stage = make_stage(self.courier)
        self.courier.event_arrived.connect(self.stage.services.bus.dispatch)
        self.preferences = Preferences(folder / "no-such-settings.toml", self.courier)
        app_theme().apply(look, percent)
        self.window = MainWindow(self.stage.services, self.preferences)
        self.window.resize(*size)
        self.window.show()

    def settle(self, seconds: float = 0.25) -> None:
        """Let timers and deliveries run."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            QApplication.processEvents()

    def wait(self, is_true: Callable[[], bool]) -> None:
        """Let the window work until something is true, 20 s at most."""
        until = time.monotonic() + 20
        while not is_true() and time.monotonic() < until:
            self.settle(0.05)

    def shoot(self, screen: str, target: QWidget | None = None) -> None:
        """Save a picture."""
        self.settle()
        picture = (target or self.window).grab()
        picture.save(str(self.folder / f"{screen}-{self.name}.png"))

    def dialog(self) -> QDialog:
        """Return the dialog that is open."""

        def open_ones() -> list[QDialog]:
            return [each for each in self.window.findChildren(QDialog) if each.isVisible()]

        self.wait(lambda: bool(open_ones()))
        return open_ones()[0]

    def close(self) -> None:
        """End."""
        for each in self.window.findChildren(QDialog):
            each.close()
        self.window.recorder.state = type(self.window.recorder.state).IDLE
        self.window.close()
        self.window.deleteLater()
        self.preferences.close()
        self.settle(0.05)


def app_theme() -> Theme:
    """Return the theme, made once."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    found = app.property("stethoscribeTheme")
    return found if isinstance(found, Theme) else Theme(app, paths.resources())


def unlock_day(studio: Studio) -> VisitId:
    account = studio.stage.unlocking.add("Dr. Ada Miller")
    review = fill(studio.stage)
    studio.window.session.unlock(account.uid, PASSWORD)
    studio.settle()
    return review
