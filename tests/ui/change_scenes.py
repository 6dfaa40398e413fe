"""Scenes of `screenshots.py`: changes, earlier drafts, templates, and what follows a signature."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.ids import ClaimId, TemplateId, VisitId
from app.domain.review import Decision, Verdict
from app.ui.views.templates import TemplateDialog
from tests.fakes.visits import NOW
from tests.ui.studio import VOCABULARY, Studio, unlock_day


def changing(studio: Studio) -> Iterator[str]:
    """Diffs, earlier drafts, templates, auto-texts, codes."""
    stage, window = studio.stage, studio.window
    stage.teaching.kept = VOCABULARY
    stage.coding.is_on = True
    review = unlock_day(studio)
    window.open_visit(review)
    studio.settle(0.5)
    model, pane = window.visit, window.visit_page.note
    model.note.edit(
        ClaimId("c11"), "The clinician orders an exercise stress test. Lipid panel, too."
    )
    model.note.add("plan", "Knee [[side:left|right]]: stable, no effusion.")
    stage.world.shelf(review).stale.add("c7")
    model.note.note_outdated(is_outdated=True)
    model.review.refresh()
    studio.settle(0.5)
    pane.note.next_field()
    yield "50-field"
    studio.wait(lambda: len(pane.note.rows()) > 8)  # they come turn by turn
    pane.note.rows()[6].setFocus()
    studio.settle()
    yield "51-stale"
    pane.tools._fill_changes()
    pane.tools.change_menu.popup(window.mapToGlobal(window.rect().center()))
    studio.settle()
    studio.shoot("52-change-menu", pane.tools.change_menu)
    pane.tools.change_menu.close()
    yield from _dialogs(studio)
    window.open_visit(VisitId("v4"))
    studio.settle()
    yield "56-template"
    yield from _templates(studio)


def _dialogs(studio: Studio) -> Iterator[str]:
    stage, window = studio.stage, studio.window
    model, pane = window.visit, window.visit_page.note
    stage.rewriting.written["subjective"] = (
        "65-year-old woman with exertional chest tightness for three weeks.",
        "Takes metoprolol 25 mg twice daily.",
        "Mild dyspnea on exertion.",
    )
    model.changes.again("subjective")
    yield "53-diff"
    studio.dialog().close()
    pane.tools.show_history()
    studio.settle()
    studio.dialog().list.setCurrentRow(1)  # type: ignore[attr-defined]  # the history dialog
    yield "54-history"
    studio.dialog().close()
    pane.note.focus_row(pane.note.rows()[8])
    pane.tools.ask_code()
    studio.settle()
    studio.dialog().words.setText("angina")  # type: ignore[attr-defined]  # the code dialog
    studio.settle(0.4)
    yield "55-codes"
    studio.dialog().close()


def _templates(studio: Studio) -> Iterator[str]:
    window = studio.window
    studio.stage.templating.copy(TemplateId("soap"), "Progress note, my own")
    window.show_settings()
    window.settings_page.tabs.setCurrentIndex(3)
    studio.settle()
    table = window.templates_page.table
    table.selectRow(6)
    yield "57-templates"
    window.templates_page.edit.click()
    studio.settle()
    dialog = studio.dialog()
    assert isinstance(dialog, TemplateDialog)
    yield "58-template-form"
    dialog.show_as_text()
    dialog.text.setPlainText(dialog.text.toPlainText().replace("bullets", "dots", 1))
    dialog.go.click()
    yield "58-template-text"
    dialog.close()
    window.templates_page.example.click()
    yield "59-example"
    studio.dialog().close()


def after(studio: Studio) -> Iterator[str]:
    """What comes after the signature."""
    stage, window = studio.stage, studio.window
    review = unlock_day(studio)
    shelf = stage.world.shelf(review)
    shelf.decisions += [Decision(ClaimId(each), Verdict.ACCEPTED, NOW) for each in ("c6", "c10")]
    assert shelf.draft is not None
    shelf.seen |= {each.key for each in shelf.draft.sections}
    stage.signing.sign(review, shelf.visit.patient.id)
    window.open_visit(review)
    studio.settle(0.5)
    yield "60-signed"
    window.visit_page.note.tools.ask_addendum()
    studio.settle()
    dialog = studio.dialog()
    dialog.text.setPlainText("Exercise test of 24 November: no ischemia.")  # type: ignore[attr-defined]
    stage.signing.needs_password = True
    dialog.box.same.setChecked(True)  # type: ignore[attr-defined]  # the addendum dialog
    dialog.go.click()  # type: ignore[attr-defined]  # the addendum dialog
    yield "61-addendum"
    dialog.close()
    window.visit_page.note.tools.ask_letter(TemplateId("after-visit-summary"))
    studio.settle()
    yield "62-letter"
