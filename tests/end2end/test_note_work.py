"""The window on the real services and a real vault: from a draft of another template to a letter.

What was said is put into the vault as speech would put it; everything behind it is the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.domain.draft import Claim, Owner
from app.domain.events import DraftFinished, TranscriptEdited
from app.domain.ids import PatientId, SegmentId, TemplateId, VisitId, new_id
from app.domain.note import NoteVersion
from app.domain.transcript import Segment, SpeakerRole
from app.domain.visit import Patient
from app.domain.vocabulary import Macro, Vocabulary
from app.foundation import paths
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.preferences import Preferences
from app.ui.views.addendum import AddendumDialog
from app.ui.views.letters import LetterDialog
from app.workflow.services import Services
from tests.conftest import Profile
from tests.ui.conftest import dialog_of

PASSWORD = "a long and quiet afternoon"
KNEE = Macro("knee", "Knee [[left|right]]: no effusion, ligaments stable.", ".knee")
TALK = (
    (SpeakerRole.CLINICIAN, "Good morning, what brings you in today?"),
    (SpeakerRole.PATIENT, "My left knee has been hurting for two weeks, mostly at night."),
    (SpeakerRole.PATIENT, "I take ibuprofen 400 milligrams twice a day for the pain."),
    (SpeakerRole.PATIENT, "I am allergic to penicillin, I get a rash."),
    (SpeakerRole.CLINICIAN, "On examination your left knee is swollen and tender."),
    (SpeakerRole.CLINICIAN, "I think this is osteoarthritis of the left knee."),
    (SpeakerRole.CLINICIAN, "I would like an x-ray of the left knee, come back in two weeks."),
)


@pytest.fixture
def services(qapp: QApplication, user: Profile) -> Iterator[Services]:
    assert qapp is not None
    assert user is not None
    courier = Courier()
    made = bootstrap.build_window(courier)
    courier.event_arrived.connect(made.bus.dispatch)
    yield made
    made.close()
    courier.deleteLater()


@pytest.fixture
def window(
    qtbot: QtBot, services: Services, tmp_path: Path, qapp: QApplication
) -> Iterator[MainWindow]:
    found = qapp.property("stethoscribeTheme")
    look = found if isinstance(found, Theme) else Theme(qapp, paths.resources())
    look.apply("light")
    preferences = Preferences(tmp_path / "settings.toml", services.post)
    made = MainWindow(services, preferences)
    qtbot.addWidget(made)
    made.show()
    services.unlocking.create("Ada Shaw", PASSWORD).result(60)
    yield made
    for dialog in made.findChildren(QDialog):
        dialog.close()
    preferences.close()


@pytest.fixture
def visit(qtbot: QtBot, services: Services, window: MainWindow) -> VisitId:
    """A visit whose words are there, drafted as a history and physical by quoting."""
    assert window is not None
    patient = Patient(PatientId(new_id()), "Quist", "Ida")
    made = services.visiting.plan(patient, template=TemplateId("h-and-p")).result(60)
    services.visiting.type_note(made.id).result(60)
    segments = [
        Segment(SegmentId(f"s{number:04d}"), text, role, 1.0, number * 16_000, number * 16_000 + 1)
        for number, (role, text) in enumerate(TALK, 1)
    ]
    taught = Vocabulary(macros=(KNEE,))
    services.teaching.save_vocabulary(taught).result(60)
    session = services.note_editing._sessions.current()
    session.ask(lambda vault: vault.put_segments(made.id, segments)).result(60)
    over: list[DraftFinished] = []
    services.bus.subscribe(DraftFinished, over.append)
    services.note_making.draft(made.id, "extractive")
    qtbot.waitUntil(lambda: bool(over), timeout=60_000)
    return made.id


def claims_of(window: MainWindow, key: str) -> list[Claim]:
    view = window.visit.note.section(key)
    return view.claims if view is not None else []


def wait(qtbot: QtBot, is_over: Callable[[], bool]) -> None:
    qtbot.waitUntil(is_over, timeout=60_000)


def correct_the_dose(qtbot: QtBot, services: Services, window: MainWindow, visit: VisitId) -> None:
    """A person corrects the dose that was heard: what was quoted of it is quoted anew."""
    heard = services.visiting.open(visit).result(60).transcript.segments[2]
    fresh = replace(heard, text=heard.text.replace("400", "600"))
    session = services.note_editing._sessions.current()
    session.ask(lambda vault: vault.put_segments(visit, [fresh])).result(60)
    services.bus.dispatch(TranscriptEdited(visit, segments=(fresh,)))
    wait(qtbot, lambda: any("600" in each.text for each in window.visit.note.claims()))
    wait(qtbot, lambda: "Transcript changed" in window.visit_page.note._engine.text())
    assert not any("400" in each.text for each in window.visit.note.claims())
    changed = [each for each in window.visit.note.claims() if each.is_changed]
    assert all("600" in each.text for each in changed)
    wait(qtbot, lambda: window.visit.review.unseen != ())
    assert window.visit.review.open_claims == ()


def sign(qtbot: QtBot, window: MainWindow) -> None:
    review = window.visit.review
    for key in review.unseen:
        review.see(key)
    wait(qtbot, lambda: review.is_clear)
    assert window.visit.visit is not None
    review.sign(window.visit.visit.patient.id)
    wait(qtbot, window.visit_page.note.tools.addendum.isVisible)


def add(qtbot: QtBot, window: MainWindow) -> None:
    window.visit_page.note.tools.addendum.click()
    dialog = dialog_of(window, "addendumDialog")
    assert isinstance(dialog, AddendumDialog)
    dialog.text.setPlainText("X-ray: narrowed joint space.")
    dialog.box.same.setChecked(True)
    dialog.go.click()
    wait(qtbot, lambda: bool(claims_of(window, "addendum_1")))


def write_letter(qtbot: QtBot, window: MainWindow) -> NoteVersion:
    made: list[NoteVersion] = []
    window.visit.after.letter_signed.connect(made.append)
    window.visit_page.note.tools.ask_letter(TemplateId("after-visit-summary"))
    dialog = dialog_of(window, "letterDialog")
    assert isinstance(dialog, LetterDialog)
    wait(qtbot, lambda: bool(dialog.boxes))
    dialog.box.same.setChecked(True)
    dialog.go.click()
    wait(qtbot, lambda: bool(made))
    return made[0]


def test_a_note_is_changed_signed_added_to_and_told_to_the_patient(
    qtbot: QtBot, services: Services, window: MainWindow, visit: VisitId, tmp_path: Path
) -> None:
    window.open_visit(visit)
    note = window.visit_page.note.note
    wait(qtbot, lambda: window.visit.review.is_known and bool(note.rows()))
    assert any("penicillin" in each.text for each in claims_of(window, "allergies"))
    correct_the_dose(qtbot, services, window, visit)
    note.sections["exam"].line_added.emit("Knee left: no effusion, ligaments stable.")
    wait(qtbot, lambda: Owner.MACRO in {each.owner for each in claims_of(window, "exam")})
    sign(qtbot, window)
    add(qtbot, window)
    letter = write_letter(qtbot, window)
    versions = services.visiting.open(visit).result(60).versions
    first = versions[0].draft
    assert (first.title, first.note_type) == ("History and physical", "34117-2")
    assert [each.is_addendum for each in versions] == [False, True]
    folder = paths.private_folder(tmp_path / "out")
    banner = versions[0].patient
    path = services.exporting.file(visit, banner, "text", folder, letter=letter.note).result(60)
    text = path.read_text("utf-8")
    assert "600" in text
    assert "400" not in text
    assert "YOUR MEDICINES" in text
