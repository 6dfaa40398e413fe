"""A patient who was typed wrong is corrected in the visit, by keys alone, also while it records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.domain.visit import Identifier
from app.ui.main_window import MainWindow
from app.ui.viewmodels.patients import PatientFields
from app.ui.views.patient import PatientDialog
from tests.fakes.services import Stage
from tests.fakes.visits import PATIENT
from tests.ui.conftest import REVIEW, dialog_of

Opened = Callable[[str], MainWindow]


def ask(window: MainWindow) -> PatientDialog:
    page = window.visit_page
    page.patient.trigger()
    dialog = dialog_of(window, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    return dialog


def test_the_menu_leads_to_the_form_and_enter_keeps_it(
    qtbot: QtBot, stage: Stage, opened: Opened
) -> None:
    window = opened(REVIEW)
    page = window.visit_page
    before = stage.world.shelf(REVIEW).visit.patient
    assert page.patient in page.more.menu().actions()  # Ctrl+M opens it
    assert page.patient.isVisible()
    dialog = ask(window)
    assert dialog.family.text() == before.family
    assert not dialog.isModal()
    assert dialog.record.isHidden()
    assert dialog.terms.isHidden()
    page.patient.trigger()  # twice is once
    assert len(page.findChildren(PatientDialog)) == 1
    window.clipboard.put("text of the wrong name", "Note")
    dialog.family.setText("")
    QTest.keyClicks(dialog.family, "Lindqvist")
    QTest.keyClick(dialog.go, Qt.Key.Key_Return)
    name = f"Lindqvist, {before.given}"
    qtbot.waitUntil(lambda: page.banner._name.text() == name)
    assert stage.world.shelf(REVIEW).visit.corrections[-1].before == before
    assert window.clipboard._digest == b""
    table = window.library.table
    qtbot.waitUntil(lambda: table.visit(table.row_of(REVIEW)).patient.display == name)


def test_a_form_without_a_name_is_not_taken(opened: Opened, stage: Stage) -> None:
    window = opened(REVIEW)
    dialog = ask(window)
    dialog.family.setText(" ")
    dialog.go.click()
    assert "family" in dialog._error.text()
    assert stage.world.shelf(REVIEW).visit.corrections == ()


def test_the_form_of_one_visit_closes_when_another_is_opened(
    qtbot: QtBot, opened: Opened, stage: Stage
) -> None:
    window = opened(REVIEW)
    dialog = ask(window)
    with qtbot.waitSignal(dialog.rejected):
        window.open_visit(VisitId("v4"))
    window.visit.correct_patient(REVIEW, PatientFields("Lindqvist"))
    assert stage.world.shelf(VisitId("v4")).visit.corrections == ()


def test_a_signed_note_offers_it_no_longer(signed: MainWindow) -> None:
    assert not signed.visit_page.patient.isVisible()


def test_what_the_form_does_not_show_stays() -> None:
    numbers = (Identifier("00123", "urn:clinic"), Identifier("77", "urn:other"))
    patient = replace(PATIENT, identifiers=numbers)
    same = PatientFields.of(patient)
    assert same.corrected(patient) == patient
    other = replace(same, identifier="00132").corrected(patient)
    assert other.identifiers == (Identifier("00132"), numbers[1])
    assert other.id == patient.id


def test_a_year_of_two_digits_says_how_it_was_read_or_asks(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    unlocked.ask_patient()
    dialog = dialog_of(unlocked, "patientDialog")
    assert isinstance(dialog, PatientDialog)
    QTest.keyClicks(dialog.family, "Weber")
    QTest.keyClicks(dialog.born, "17.5.61")
    assert dialog._read.text().startswith("17 May 1961 (")
    dialog.born.clear()
    this_year = datetime.now().astimezone().year
    QTest.keyClicks(dialog.born, f"1.1.{this_year % 100:02}")  # a newborn, or a hundred years old
    asked = f"{this_year - 100} or {this_year}? Type the year with four digits."
    assert dialog._read.text() == asked
    dialog.go.click()
    assert dialog._error.text() == asked
    assert dialog.isVisible()
    dialog.born.setText(f"1.1.{this_year}")
    dialog.go.click()
    qtbot.waitUntil(lambda: unlocked.visit.visit is not None)
    born = unlocked.visit.visit.patient.birth_date if unlocked.visit.visit is not None else None
    assert born == date(this_year, 1, 1)
