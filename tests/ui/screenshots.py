"""Make pictures of every screen from the fake services: `python -m tests.ui.screenshots FOLDER`.

Each screen in light and dark (or the looks given with --looks) at 1280x800 and 1920x1080. The
pictures are for looking at; they are not committed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QDialog, QMenu

from app.domain.audio import RoomVoice, VoiceFinding
from app.domain.events import ClaimGrown, ClaimWritten, PartialHeard, WordsCommitted
from app.domain.ids import RecordingId, VisitId
from app.domain.transcript import Difference, SpeakerRole
from app.domain.visit import ConsentManner, Person, VisitState
from app.foundation import paths
from app.foundation.i18n import use_language
from app.ui.viewmodels.vocabulary import EntryKind
from app.ui.views.files import ask_for_folder
from app.ui.views.vocabulary import VocabularyPage
from app.workflow.recovery import Recoverable
from tests.fakes.services import fill
from tests.fakes.talk import live_talk
from tests.fakes.visits import TALK, sample_draft
from tests.fakes.world import PASSWORD, RECOVERY_KEY
from tests.ui.change_scenes import after, changing
from tests.ui.studio import VOCABULARY, Studio, app_theme, unlock_day

CLINICIAN = SpeakerRole.CLINICIAN
SIZES = ((1280, 800), (1920, 1080))


def first_run(studio: Studio) -> Iterator[str]:
    window = studio.window
    window.begin()
    studio.settle()
    card = window.unlock_page.creation
    card.name.setText("Dr. Ada Miller")
    card.password.line.setText("four words")
    yield "01-first-run"
    card.password.line.setText(PASSWORD)
    card.again.line.setText(PASSWORD)
    card.go.click()
    studio.settle()
    groups = RECOVERY_KEY.split("-")
    window.unlock_page.key.fields[0].setText(groups[1])
    yield "02-recovery-key"


def first_steps(studio: Studio) -> Iterator[str]:
    """Microphone, room check and its result, models; the guide."""
    window, stage = studio.window, studio.stage
    unlock_day(studio)
    window.show_first_steps()
    yield "70-first-steps"
    window.start_page.go.click()
    window.start_page.check.go.click()
    stage.administration.speak(12.0)
    yield "71-room-check"
    stage.administration.answer.set_result(RoomVoice(480_000, -31.0, 9.0, VoiceFinding.FAR))
    yield "72-room-check-far"
    window.start_page.go.click()
    yield "73-models"
    window.help.show_guide()
    assert window.help.guide is not None
    window.help.guide.open_at("review")
    studio.settle()
    studio.shoot("74-guide", window.help.guide)
    window.help.guide.open_at("trouble")
    studio.settle()
    studio.shoot("75-guide-trouble", window.help.guide)
    window.help.close()
    window.show_library()
    window.show_settings()
    yield "76-settings"
    window.settings_page.tabs.setCurrentIndex(4)
    yield "77-clinic"


def unlock(studio: Studio) -> Iterator[str]:
    account = studio.stage.unlocking.add("Dr. Ada Miller")
    window = studio.window
    window.begin()
    studio.settle()
    window.unlock_page.unlock.password.line.setText("wrong")
    window.unlock_page.unlock.go.click()
    yield "03-unlock"
    review = fill(studio.stage)
    found = studio.stage.world.shelves[VisitId("v4")].visit
    studio.stage.world.interrupted.append(
        Recoverable(RecordingId("r"), found, 192.0, is_living=False)
    )
    window.session.unlock(account.uid, PASSWORD)
    yield "04-library"
    yield from _visits(studio, review)


def _visits(studio: Studio, review: VisitId) -> Iterator[str]:
    window = studio.window
    window.ask_patient()
    studio.settle()
    dialog = studio.dialog()
    dialog.pasted.setText("Okafor, Grace  F  03/09/1961  MRN 0048213")  # type: ignore[attr-defined]  # the dialog we opened
    yield "05-new-visit"
    dialog.close()
    window.open_visit(VisitId("v3"))
    yield "06-before-recording"
    window.visit.visit = replace(window.visit.visit, consent=None)  # type: ignore[type-var]  # there is one
    window.visit.record()
    yield "07-consent"
    studio.dialog().close()
    window.open_visit(review)
    note = window.visit_page.note.note
    studio.wait(lambda: len(note.rows()) > 1)  # they come turn by turn
    studio.settle(0.5)
    note.focus_row(note.rows()[1])
    yield "08-review"
    window.visit_page.note.note.next_open()
    window.visit_page.transcript.segment_chosen.emit("7")
    yield "09-line-chosen"


def recording(studio: Studio) -> Iterator[str]:
    account = studio.stage.unlocking.add("Dr. Ada Miller")
    window, listening = studio.window, studio.stage.listening
    fill(studio.stage)
    window.session.unlock(account.uid, PASSWORD)
    studio.settle()
    window.open_visit(VisitId("v4"))
    studio.settle()
    window.visit.record()
    studio.settle()
    studio.dialog().agree.click()  # type: ignore[attr-defined]  # the consent dialog
    studio.settle()
    listening.sound_arrives()
    studio.settle()
    for role, text in TALK[:9]:
        listening.tick(8)
        doubtful = ("hydroxyzine",) if "hydroxyzine" in text else ()
        listening.hear(text, role, doubtful)
    studio.courier.publish(WordsCommitted(listening.words("She also takes a")))
    studio.courier.publish(PartialHeard(listening.words("baby aspirin in")))
    listening.tick(0.1, -20)
    listening.lag(4.2)
    visit = VisitId("v4")
    draft = sample_draft(visit)
    studio.stage.note_making.begin(visit)
    for claim in draft.sections[0].claims[:3]:
        studio.courier.publish(ClaimWritten(visit, "subjective", claim))
    studio.courier.publish(ClaimGrown(visit, "subjective", "No edema or"))
    yield "10-recording"
    window.show_library()
    yield "11-library-while-recording"
    yield from _covered(studio)


def _covered(studio: Studio) -> Iterator[str]:
    studio.window.idle.cover_due.emit()
    yield "78-covered"
    studio.window.cover.lift()


def _found_and_small(studio: Studio) -> Iterator[str]:
    window = studio.window
    window.visit_page.said.start_finding()
    window.visit_page.said.finder.setText("blood")
    yield "27-find"
    window.visit_page.said._stop_finding()
    window.toggle_compact()
    studio.settle()
    studio.shoot("28-compact", window.compact)
    window.toggle_compact()


def live(studio: Studio) -> Iterator[str]:
    """What live speech brings: gaps, speakers, doubtful words, off the record."""
    stage, window = studio.stage, studio.window
    unlock_day(studio)
    window.open_visit(VisitId("v4"))
    studio.settle()
    window.visit.record()
    studio.settle()
    studio.dialog().agree.click()  # type: ignore[attr-defined]  # the consent dialog
    studio.settle()
    stage.listening.sound_arrives()
    studio.settle()
    live_talk(stage)
    stage.listening.lag(6.2)
    stage.listening.tick(0.1, -20)
    studio.settle(3.5)
    yield "20-live"
    yield from _found_and_small(studio)
    stage.listening.off_record()
    stage.listening.lag(0.4)
    yield "21-off-the-record"
    yield from _mending(studio)
    stage.listening.on_record()
    stage.listening.pause()
    yield "26-paused"


def _mending(studio: Studio) -> Iterator[str]:
    desk = studio.window.visit_page.transcript
    studio.window.activateWindow()
    studio.settle()
    desk.next_offer(1)
    yield "22-chip-focused"
    cursor = desk.textCursor()
    cursor.setPosition(desk.toPlainText().index("hydroxyzine") + 3)
    desk.setTextCursor(cursor)
    desk.start_correcting()
    yield "23-correcting"
    desk.stop_correcting()
    for name, ask in (("24-role-menu", desk.ask_role), ("25-line-menu", desk.ask_menu)):
        ask()
        studio.settle()
        menu = next(each for each in desk.findChildren(QMenu) if each.isVisible())
        studio.shoot(name, menu)
        menu.close()


def afterwards(studio: Studio) -> Iterator[str]:
    """Second pass, striking, armed microphone, words of a visit, voice and vocabulary."""
    stage, window = studio.stage, studio.window
    review = unlock_day(studio)
    stage.teaching.kept = VOCABULARY
    consent = Person("Kowalska, Ewa", agreed=True)
    stage.visiting.grant(VisitId("v4"), "Dr. Ada Miller", ConsentManner.VERBAL, (consent,))
    window.open_visit(VisitId("v4"))
    studio.settle()
    stage.listening.tick(1, -24)
    yield "30-armed"
    window.open_visit(review)
    studio.settle()
    segment = stage.world.shelf(review).segments[8]
    words = segment.words
    stage.second_pass.find(
        review,
        Difference(segment.id, words[1].start, words[2].end, "twenty five", "fifty"),
    )
    yield "31-second-pass"
    window.visit_page.transcript.strike_asked.emit([segment.id])
    yield "32-strike"
    studio.dialog().close()
    window.visit_page._ask_terms()
    yield "33-words"
    studio.dialog().close()
    window._ask_voice()
    yield "34-voice-of-visit"
    studio.dialog().close()
    yield from _taught(studio)


def dictation(studio: Studio) -> Iterator[str]:
    """A note that is dictated."""
    stage, window = studio.stage, studio.window
    unlock_day(studio)
    person = Person("Baker, Thomas", agreed=True)
    stage.visiting.grant(VisitId("v4"), "Dr. Ada Miller", ConsentManner.VERBAL, (person,))
    window.open_visit(VisitId("v4"))
    studio.settle()
    window.visit.dictate()
    studio.settle()
    stage.listening.sound_arrives()
    stage.listening.tick(9)
    stage.listening.hear("chest pain for three weeks period go to objective", CLINICIAN)
    stage.listening.hear("blood pressure one thirty over eighty period", CLINICIAN)
    stage.listening.dictate("Chest pain for 3 weeks.", "Blood pressure 130/80.")
    yield "40-dictation"


def _taught(studio: Studio) -> Iterator[str]:
    window = studio.window
    window.show_settings()
    window.settings_page.tabs.setCurrentIndex(1)
    yield "35-vocabulary"
    page = window.settings_page.findChild(VocabularyPage)
    assert isinstance(page, VocabularyPage)
    page.lists[EntryKind.MACROS].edit_asked.emit(0)
    yield "36-macro"
    studio.dialog().close()
    window.settings_page.tabs.setCurrentIndex(2)
    yield "37-voice"
    window.voice.learn(VisitId("v-review"))
    yield "38-voice-kept"


def signing(studio: Studio) -> Iterator[str]:
    account = studio.stage.unlocking.add("Dr. Ada Miller")
    window = studio.window
    review = fill(studio.stage)
    shelf = studio.stage.world.shelves[review]
    window.session.unlock(account.uid, PASSWORD)
    studio.settle()
    window.open_visit(review)
    studio.wait(lambda: len(window.visit_page.note.note.rows()) > 1)
    for claim in window.visit.review.open_claims:
        window.visit.review.accept(claim)
    studio.settle()
    assert shelf.draft is not None
    for section in shelf.draft.sections:
        window.visit.review.see(section.key)
    studio.settle()
    studio.stage.signing.needs_password = True
    studio.wait(lambda: window.visit.review.is_clear)
    window.visit_page._ask_signature()
    studio.settle()
    dialog = studio.dialog()
    dialog.same.setChecked(True)  # type: ignore[attr-defined]  # the sign dialog
    dialog.go.click()  # type: ignore[attr-defined]  # the sign dialog
    yield "12-sign"
    dialog.password.line.setText(PASSWORD)  # type: ignore[attr-defined]  # the sign dialog
    dialog.go.click()  # type: ignore[attr-defined]  # the sign dialog
    studio.settle()
    assert shelf.visit.state is VisitState.SIGNED
    yield from _afterwards(studio)


def _afterwards(studio: Studio) -> Iterator[str]:
    window = studio.window
    window.visit_page.copy("plan", "Plan")
    yield "13-signed"
    window.show_settings()
    studio.settle()
    window.workstation.examine()
    yield "14-settings"
    window._leave_settings()
    dialog = ask_for_folder(window, str(Path.home()), print)
    yield "16-folder"
    dialog.close()
    window.help.show_shortcuts()
    yield "15-shortcuts"


SCENES: tuple[Callable[[Studio], Iterator[str]], ...] = (
    first_run,
    first_steps,
    unlock,
    recording,
    live,
    afterwards,
    dictation,
    signing,
    changing,
    after,
)


def main() -> int:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--looks", nargs="+", default=["light", "dark", "contrast"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[each[0] for each in SIZES])
    parser.add_argument("--scenes", nargs="+", default=[each.__name__ for each in SCENES])
    parser.add_argument("--percent", type=int, default=100)
    parser.add_argument("--language", default="en")
    chosen = parser.parse_args()
    use_language(chosen.language, paths.translations())
    chosen.folder.mkdir(parents=True, exist_ok=True)
    app_theme()
    for look in chosen.looks:
        for size in SIZES:
            if size[0] not in chosen.sizes:
                continue
            for scene in [each for each in SCENES if each.__name__ in chosen.scenes]:
                studio = Studio(chosen.folder, look, size, chosen.percent)
                for screen in scene(studio):
                    studio.settle()
                    open_dialogs = [
                        each for each in studio.window.findChildren(QDialog) if each.isVisible()
                    ]
                    target = open_dialogs[0] if open_dialogs else None
                    studio.shoot(screen, target)
                studio.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
