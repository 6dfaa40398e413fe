"""The window with real services: a visit from the microphone to the signed, exported note.

The microphone is a PortAudio device that PulseAudio feeds with a real recording.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.domain.events import DraftFinished
from app.domain.visit import VisitState
from app.foundation import paths
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from app.ui.viewmodels.recorder import RecorderState
from app.ui.views.consent import ConsentDialog
from app.ui.views.patient import PatientDialog
from app.ui.views.review import SignDialog
from app.workflow.services import Services
from tests.canary import find_canary, plant
from tests.conftest import Profile
from tests.end2end.product import SAMPLE, child_of
from tests.fakes.pulse import Pulse, pulse  # noqa: F401 - a fixture

PASSWORD = "a long and quiet afternoon"
SPEECH_MS = 90_000


@pytest.fixture
def services(qapp: QApplication, pulse: Pulse, user: Profile) -> Iterator[Services]:  # noqa: F811
    """The whole product, as the window gets it."""
    assert qapp is not None
    assert pulse.pid
    assert user.home.is_dir()
    courier = Courier()
    made = bootstrap.build_window(courier)
    courier.event_arrived.connect(made.bus.dispatch)
    yield made
    made.close()
    courier.deleteLater()


@pytest.fixture
def window(
    qtbot: QtBot, services: Services, user: Profile, qapp: QApplication
) -> Iterator[MainWindow]:
    """The window on these services."""
    look = qapp.property("stethoscribeTheme")
    theme = look if isinstance(look, Theme) else Theme(qapp, paths.resources())
    theme.apply("light")
    preferences = Preferences(user.config / "settings.toml", services.post)
    made = MainWindow(services, preferences)
    qtbot.addWidget(made)
    made.show()
    made.begin()
    yield made
    made.recorder.state = RecorderState.IDLE
    for dialog in made.findChildren(QDialog):
        dialog.close()
    preferences.close()


def dialog(qtbot: QtBot, window: MainWindow, name: str) -> QDialog:
    """Wait for an open dialog."""
    found: list[QDialog] = []

    def is_open() -> bool:
        found[:] = [each for each in window.findChildren(QDialog, name) if each.isVisible()]
        return bool(found)

    qtbot.waitUntil(is_open, timeout=10_000)
    return found[0]


def make_account(qtbot: QtBot, window: MainWindow) -> None:
    """The first run: name, password, recovery key typed back."""
    page = window.unlock_page
    qtbot.waitUntil(page.creation.isVisible, timeout=10_000)
    QTest.keyClicks(page.creation.name, "Ada Shaw")
    QTest.keyClicks(page.creation.password.line, PASSWORD)
    QTest.keyClicks(page.creation.again.line, PASSWORD)
    page.creation.go.click()
    qtbot.waitUntil(page.key.isVisible, timeout=20_000)
    for field, number in zip(page.key.fields, page.key._asked, strict=True):
        QTest.keyClicks(field, page.key._groups[number])
    page.key.go.click()
    qtbot.waitUntil(window.start_page.isVisible, timeout=10_000)
    window.start_page.skip.click()
    qtbot.waitUntil(window.library_page.isVisible, timeout=10_000)


def plan_visit(qtbot: QtBot, window: MainWindow, family: str) -> None:
    """Type a patient; the visit opens."""
    window.ask_patient()
    asked = dialog(qtbot, window, "patientDialog")
    assert isinstance(asked, PatientDialog)
    asked.pasted.setText("Quist, Ida  F  02/03/1961  MRN 0077")
    asked.family.setText(family)
    asked.go.click()
    qtbot.waitUntil(window.visit_page.isVisible, timeout=10_000)


def agree(qtbot: QtBot, window: MainWindow) -> None:
    """Ask for consent and record."""
    window.visit_page.recorder.record.click()
    asked = dialog(qtbot, window, "consentDialog")
    assert isinstance(asked, ConsentDialog)
    asked.agree.click()


def state_of(window: MainWindow) -> VisitState | None:
    """Return the state of the open visit."""
    return window.visit.visit.state if window.visit.visit is not None else None


def listen(
    qtbot: QtBot,
    window: MainWindow,
    services: Services,
    pulse: Pulse,  # noqa: F811
) -> None:
    """Record the sample, see its words come although speech is killed, stop, wait for the draft."""
    page = window.visit_page
    drafts: list[DraftFinished] = []
    services.bus.subscribe(DraftFinished, drafts.append)
    with pulse.playing(SAMPLE):
        qtbot.waitUntil(lambda: "back" in page.transcript.toPlainText(), timeout=SPEECH_MS)
        os.kill(child_of(os.getpid(), "speech"), signal.SIGKILL)
        assert window.recorder.state is RecorderState.RECORDING
        qtbot.waitUntil(lambda: "yesterday" in page.transcript.toPlainText(), timeout=SPEECH_MS)
    window.recorder.finish()
    qtbot.waitUntil(lambda: bool(drafts), timeout=200_000)
    qtbot.waitUntil(lambda: state_of(window) is VisitState.IN_REVIEW, timeout=10_000)
    qtbot.waitUntil(lambda: window.visit.note.can_edit, timeout=10_000)
    assert any(section.claims for section in window.visit.note.sections)


def review_and_sign(qtbot: QtBot, window: MainWindow, services: Services) -> None:
    """Remove what may not be signed unseen, look at every section, sign.

    What is open is asked from the service: the window may not have its answer yet.
    """
    visit = window.visit.visit
    assert visit is not None
    asked_items = services.reviewing.open_items(visit.id)
    qtbot.waitUntil(asked_items.done, timeout=10_000)
    items = asked_items.result()
    for claim in items.claims:
        window.visit.note.remove(claim.id)
    review = window.visit.review
    left = {claim.id for claim in items.claims}
    qtbot.waitUntil(lambda: not left & {each.id for each in window.visit.note.claims()})
    seen = [services.reviewing.see(visit.id, section) for section in items.unseen]
    qtbot.waitUntil(lambda: all(each.done() for each in seen), timeout=10_000)
    review.refresh()
    qtbot.waitUntil(lambda: review.is_clear, timeout=10_000)
    window.visit_page.note.sign.click()
    asked = dialog(qtbot, window, "signDialog")
    assert isinstance(asked, SignDialog)
    asked.same.setChecked(True)
    asked.go.click()
    qtbot.waitUntil(lambda: state_of(window) is VisitState.SIGNED, timeout=20_000)


def export(qtbot: QtBot, window: MainWindow, services: Services, out: Path) -> None:
    """Write the note in every format."""
    visit = window.visit.visit
    assert visit is not None
    written = [
        services.exporting.file(visit.id, visit.patient.id, kind, out)
        for kind in ("text", "fhir_bundle", "fhir_docref")
    ]
    qtbot.waitUntil(lambda: all(each.done() for each in written), timeout=20_000)
    files = [each.result() for each in written]
    bundle = json.loads(next(each for each in files if "bundle" in each.name).read_text("utf-8"))
    assert bundle["entry"][0]["resource"]["status"] == "final"
    assert "SUBJECTIVE" in next(each for each in files if each.suffix == ".txt").read_text("utf-8")


def test_a_visit_is_recorded_transcribed_drafted_signed_and_exported(
    qtbot: QtBot,
    window: MainWindow,
    services: Services,
    pulse: Pulse,  # noqa: F811
    user: Profile,
) -> None:
    name = plant()
    make_account(qtbot, window)
    plan_visit(qtbot, window, name)
    agree(qtbot, window)
    qtbot.waitUntil(lambda: window.recorder.state is RecorderState.RECORDING, timeout=20_000)
    listen(qtbot, window, services, pulse)
    assert find_canary([user.home], name) == []
    review_and_sign(qtbot, window, services)
    out = paths.private_folder(user.home / "exports")
    export(qtbot, window, services, out)
    hits = find_canary([user.home], name)
    assert hits
    assert all(out in each.parents for each in hits)
    assert name not in window.windowTitle()


def test_a_second_start_finds_the_account(
    qtbot: QtBot, window: MainWindow, services: Services
) -> None:
    make_account(qtbot, window)
    accounts = services.unlocking.accounts()
    qtbot.waitUntil(accounts.done, timeout=10_000)
    assert [each.name for each in accounts.result()] == ["Ada Shaw"]
