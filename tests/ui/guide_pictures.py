"""Make the pictures of the guide from the window: `python -m tests.ui.guide_pictures`.

They show the real views on fake services with an invented visit, in every look,
and go to `resources/guide/<look>/`. Few colors and one size keep them small.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.domain.audio import SAMPLE_RATE, Stretch, StretchKind
from app.domain.events import ClaimWritten
from app.domain.ids import VisitId
from app.domain.visit import ConsentManner, Person, VisitState
from app.foundation import paths
from tests.fakes.services import fill
from tests.fakes.talk import live_talk
from tests.fakes.visits import sample_draft
from tests.fakes.world import PASSWORD
from tests.ui.studio import Studio, app_theme, unlock_day

LOOKS = ("light", "dark", "contrast")
SIZE = (1000, 640)
TALL = (1000, 820)
"""So high that a statement to be decided is on the picture."""
COLORS = 256
EXACT = 48
"""Grounds and lines keep their color to the bit."""
ALIKE = np.uint32(0xF0F0F0)
"""Colors that differ in the other bits only are one: edges of letters take up hundreds."""
FOLDER = paths.resources() / "guide"
Shot = tuple[str, QWidget, QRect]


def whole(widget: QWidget) -> QRect:
    return widget.rect()


def recording(studio: Studio) -> Iterator[Shot]:
    """A visit that is recorded, off the record, and the small recorder."""
    window, stage = studio.window, studio.stage
    unlock_day(studio)
    window.open_visit(VisitId("v4"))
    studio.settle()
    window.visit.record()
    studio.settle()
    yield "consent", studio.dialog(), whole(studio.dialog())
    studio.dialog().agree.click()  # type: ignore[attr-defined]  # the consent dialog
    studio.settle()
    stage.listening.sound_arrives()
    studio.settle()
    live_talk(stage)
    visit = VisitId("v4")
    draft = sample_draft(visit)
    stage.note_making.begin(visit)
    for claim in draft.sections[0].claims[:4]:
        studio.courier.publish(ClaimWritten(visit, "subjective", claim))
    stage.listening.tick(0.1, -20)
    studio.settle(0.6)
    window.status.clear_words()
    yield "recording", window, whole(window)
    yield from _held(studio)


def _held(studio: Studio) -> Iterator[Shot]:
    window, stage = studio.window, studio.stage
    stage.listening.off_record()
    studio.settle()
    window.status.clear_words()
    yield "off_record", window, band(window, window.visit_page.recorder)
    stage.listening.on_record()
    studio.settle()
    window.toggle_compact()
    stage.listening.tick(0.1, -18)
    studio.settle()
    yield "compact", window.compact, whole(window.compact)
    window.toggle_compact()


def band(window: QWidget, part: QWidget) -> QRect:
    """Return where a part lies in the window, with a little around it."""
    corner = part.mapTo(window, part.rect().topLeft())
    return QRect(0, corner.y(), window.width(), part.height())


def review(studio: Studio) -> Iterator[Shot]:
    """A draft to review, and the note when it is signed."""
    window, stage = studio.window, studio.stage
    window.resize(*TALL)
    account = stage.unlocking.add("Dr. Ada Miller")
    found = fill(stage)
    window.session.unlock(account.uid, PASSWORD)
    studio.settle()
    window.open_visit(found)
    note = window.visit_page.note.note
    studio.wait(lambda: len(note.rows()) > 1)  # they come turn by turn
    studio.settle(0.5)
    note.focus_row(note.rows()[1])
    studio.settle()
    yield "review", window, whole(window)
    for claim in window.visit.review.open_claims:
        window.visit.review.accept(claim)
    studio.settle()
    shelf = stage.world.shelves[found]
    assert shelf.draft is not None
    for section in shelf.draft.sections:
        window.visit.review.see(section.key)
    studio.wait(lambda: window.visit.review.is_clear)
    assert window.visit.visit is not None
    window.visit.review.sign(window.visit.visit.patient.id, PASSWORD)
    studio.wait(lambda: shelf.visit.state is VisitState.SIGNED)
    window.visit_page.copy("plan", "Plan")
    studio.settle(0.5)
    window.status.clear_words()
    yield "signed", window, whole(window)
    yield from _line_of_time(studio)


def _line_of_time(studio: Studio) -> Iterator[Shot]:
    window = studio.window
    said = window.visit.transcript.segments
    window.visit.transcript._add(
        Stretch(35 * SAMPLE_RATE, 39 * SAMPLE_RATE, StretchKind.GAP),
        Stretch(said[-4].end, said[-3].start, StretchKind.INAUDIBLE),
        Stretch(60 * SAMPLE_RATE, 60 * SAMPLE_RATE, StretchKind.BOOKMARK),
    )
    window.visit.timeline.light_up((said[3].id, said[4].id))
    studio.settle()
    yield "timeline", window, band(window, window.visit_page.timeline)


def dictation(studio: Studio) -> Iterator[Shot]:
    """A note that is dictated."""
    window, stage = studio.window, studio.stage
    unlock_day(studio)
    person = Person("Baker, Thomas", agreed=True)
    stage.visiting.grant(VisitId("v4"), "Dr. Ada Miller", ConsentManner.VERBAL, (person,))
    window.open_visit(VisitId("v4"))
    studio.settle()
    window.visit.dictate()
    studio.settle()
    stage.listening.sound_arrives()
    stage.listening.tick(9, -22)
    stage.listening.dictate("Chest pain for 3 weeks.", "Blood pressure 130/80.")
    studio.settle(0.5)
    window.status.clear_words()
    yield "dictation", window, whole(window)


def keep(shot: Shot, folder: Path) -> int:
    """Write a picture in its 256 most frequent colors; return its size in bytes."""
    name, widget, part = shot
    image = widget.grab(part).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colors, counts = np.unique(pixels, return_counts=True)
    colors = colors[np.argsort(-counts, kind="stable")]
    alike = np.unique(colors & ALIKE, return_index=True)[1]  # of colors alike, the most frequent
    places = dict.fromkeys([*range(min(EXACT, len(colors))), *sorted(alike.tolist())])
    frequent = colors[list(places)[:COLORS]]
    few = image.convertToFormat(
        QImage.Format.Format_Indexed8,
        [int(each) for each in frequent],
        Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither,
    )
    path = folder / f"{name}.png"
    if not few.save(str(path), quality=1):  # 1 of 100: pack it as small as PNG goes
        raise OSError(path.name)
    return path.stat().st_size


def main() -> int:
    """Make all pictures."""
    app_theme()
    total = 0
    for look in LOOKS:
        folder = FOLDER / look
        folder.mkdir(parents=True, exist_ok=True)
        for scene in (recording, review, dictation):
            studio = Studio(folder, look, SIZE, 100)
            for shot in scene(studio):
                studio.settle()
                total += keep(shot, folder)
            studio.close()
    print(f"{total} bytes in {FOLDER.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
