"""What a long visit takes is done in small turns; nothing of another is seen meanwhile."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.audio import Span
from app.domain.draft import Claim
from app.domain.ids import SegmentId, VisitId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.ui.application import keep_for_good
from app.ui.main_window import MainWindow
from app.ui.theme import Theme
from app.ui.viewmodels.note import SectionView
from app.ui.viewmodels.timeline import BRIDGE
from app.ui.widgets.omission_list import OmissionList
from app.ui.widgets.section_editor import SectionEditor
from tests.fakes.visits import sample_draft

Opened = Callable[[str], MainWindow]
OTHER = VisitId("other")


def claims() -> list[Claim]:
    return list(sample_draft(OTHER).sections[0].claims)


def test_a_long_section_comes_row_by_row_when_turns_are_short(qtbot: QtBot, look: Theme) -> None:
    assert look is not None
    view = SectionView("subjective", "Subjective", claims())
    section = SectionEditor(view, 1)
    qtbot.addWidget(section)
    turns = 1
    while not section.show_section(view, set(), can_edit=True, is_over=lambda: True):
        assert len(section.rows) == turns
        turns += 1
    assert list(section.rows) == [each.id for each in view.claims]
    assert turns == len(view.claims)
    section.show_section(view, set(), can_edit=True, is_over=lambda: True)  # nothing to make
    assert len(section.rows) == len(view.claims)


def test_of_the_last_visit_nothing_stands_there_while_another_is_opened(
    qtbot: QtBot, opened: Opened
) -> None:
    window = opened("v-review")
    desk, model = window.visit_page.transcript, window.visit.transcript
    qtbot.waitUntil(lambda: "Okafor" in desk.toPlainText())
    said = Segment(SegmentId("s1"), "Other words.", SpeakerRole.PATIENT, start=0, end=16_000)
    model.show(OTHER, Transcript((said,)))
    assert desk.toPlainText() == ""
    assert desk.placeholderText() == ""  # words are on their way
    qtbot.waitUntil(lambda: "Other words." in desk.toPlainText())
    model.show(VisitId("empty"), Transcript())
    qtbot.waitUntil(lambda: desk.toPlainText() == "")
    assert desk.placeholderText() == "What is said appears here."


def test_where_words_are_follows_the_transcript(opened: Opened) -> None:
    window = opened("v-review")
    model, timeline = window.visit.transcript, window.visit.timeline

    def covered() -> list[Span]:
        return list(timeline.covered)

    far = 32_000 + BRIDGE
    said = [
        Segment(
            SegmentId(f"s{start}"), "Words.", SpeakerRole.PATIENT, start=start, end=start + 16_000
        )
        for start in (16_000, 0, far)  # not in order
    ]
    model.show(OTHER, Transcript(tuple(said[:2])))
    assert covered() == [Span(0, 32_000)]
    model.show(OTHER, Transcript(tuple(said)))
    assert covered() == [Span(0, 32_000), Span(far, far + 16_000)]
    model.show(None, Transcript())
    assert covered() == []


def test_what_was_left_out_is_listed_anew_only_when_it_is_another(
    qtbot: QtBot, look: Theme
) -> None:
    assert look is not None
    shown = OmissionList()
    qtbot.addWidget(shown)
    left = sample_draft(OTHER).omissions
    assert len(left) > 1

    def rows() -> list[QWidget]:
        return [each for each in shown.findChildren(QWidget, "omission") if not each.isHidden()]

    shown.show_omissions(left, can_edit=True)
    first = rows()
    shown.show_omissions(left, can_edit=True)
    assert rows() == first
    shown.show_omissions(left[:1], can_edit=True)
    qtbot.waitUntil(lambda: len(rows()) == 1)
    assert rows() != first[:1]


def test_the_page_of_a_visit_is_ready_before_it_is_first_shown(
    qtbot: QtBot, unlocked: MainWindow
) -> None:
    page = unlocked.visit_page
    parts = page.findChildren(QWidget)
    polished = Qt.WidgetAttribute.WA_WState_Polished
    qtbot.waitUntil(lambda: all(each.testAttribute(polished) for each in parts))
    assert not page.isVisible()


def test_what_stands_for_good_is_not_searched_for_garbage_and_the_rest_is() -> None:
    class Knot:
        """Holds itself: only the search for garbage finds it."""

        def __init__(self) -> None:
            self.itself = self

    gc.collect()
    keep_for_good()
    try:
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
        gone = weakref.ref(Knot())
        gc.collect()
        assert gone() is None
    finally:
        gc.unfreeze()
