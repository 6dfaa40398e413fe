"""The draft, section by section, as it grows and is reviewed. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QElapsedTimer, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from app.domain.ids import ClaimId, SegmentId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.pace import Pace
from app.ui.widgets.claim_row import ClaimRow
from app.ui.widgets.section_editor import SectionEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.ui.viewmodels.note import NoteModel, SectionView
    from app.ui.viewmodels.review import ReviewModel

LOOK_MS: Final = 500
"""How often it is looked which sections are on the screen."""

SETTLED_MS: Final = 50
"""A new line has its place and its height by then: three frames; the layout takes one or two."""

TURN_MS: Final = 8
"""Python in one turn: ARCHITECTURE.md, "Threads"."""

LOOKS_TO_SEE: Final = 2
"""A section counts as seen when its end was on the screen this many looks in a row: a second."""


class NoteView(QScrollArea):
    """Shows a `NoteModel` with the verdicts of a `ReviewModel`.

    Signals:
        evidence_asked: ids of the segments the chosen claim rests on.
        play_asked: the same ids, to be heard.
        copy_asked: key and heading of a section.
        again_asked: key of a section to write again.
        painted: all rows are there; `stops` says how Tab goes through them.
    """

    evidence_asked = Signal(object)
    play_asked = Signal(object)
    copy_asked = Signal(str, str)
    again_asked = Signal(str)
    painted = Signal()

    def __init__(self, note: NoteModel, review: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self.setAccessibleName(_("Note"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._note, self._review = note, review
        self.sections: dict[str, SectionEditor] = {}
        self._shown: tuple[object, ...] = ()  # of which visit they are, and what they are called
        self._changed: set[str] = set()
        self._looks: dict[str, int] = {}
        self._chosen: ClaimId | None = None
        self._picked: set[ClaimId] = set()
        body = QWidget()
        body.setObjectName("noteBody")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(*(each * theme.UNIT for each in (2, 2, 1, 2)))
        self._column.setSpacing(theme.UNIT)
        self._column.addStretch(1)
        self.setWidget(body)
        self._make_paces()
        note.replaced.connect(self._start_over)
        note.section_changed.connect(self._on_section)
        note.drafting_changed.connect(self._on_all)
        review.items_changed.connect(self._on_all)
        theme.current().look_changed.connect(self._on_all)
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(LOOK_MS)

    def _make_paces(self) -> None:
        self._pace = Pace(self._paint, self)
        self._next_turn = Pace(self._paint, self, 0)
        self._sight = Pace(self._show_focused, self, SETTLED_MS)

    # -- painting

    def _start_over(self) -> None:
        """Make the editors of another note; of the same one they stay, with what is typed there."""
        headings = [(view.key, view.heading) for view in self._note.sections]
        shown = (self._note.visit, *headings)
        if shown == self._shown:
            self._on_all()
            return
        self._shown = shown
        for section in self.sections.values():
            self._column.removeWidget(section)
            section.hide()
            section.deleteLater()
        self.sections.clear()
        self._looks.clear()
        self._chosen = None
        self._picked.clear()
        for number, view in enumerate(self._note.sections, start=1):
            made = SectionEditor(view, number, can_edit=self._note.can_edit)
            made.auto_texts = self._note.auto_texts
            self._connect(made, view.heading)
            self.sections[view.key] = made
            self._column.insertWidget(self._column.count() - 1, made)
        self._on_all()

    def _connect(self, section: SectionEditor, heading: str) -> None:
        key = section.key
        section.claim_chosen.connect(self._on_chosen)
        section.claim_heard.connect(self._on_heard)
        section.claim_edited.connect(lambda claim, text: self._note.edit(ClaimId(claim), text))
        section.claim_accepted.connect(self._on_accepted)
        section.claim_removed.connect(self._on_removed)
        section.claim_left.connect(self._on_left)
        section.claim_picked.connect(self._on_picked)
        section.adding_started.connect(self._sight.ask)
        section.line_added.connect(lambda text: self._note.add(key, text))
        section.copy_asked.connect(lambda: self.copy_asked.emit(key, heading))
        section.again_asked.connect(lambda: self.again_asked.emit(key))

    def _on_section(self, key: str) -> None:
        self._changed.add(key)
        self._pace.ask()

    def _on_all(self) -> None:
        self._changed.update(self.sections)
        self._pace.ask()

    def _paint(self) -> None:
        """Show sections that changed, as much as a turn has time for; the rest in the next."""
        clock = QElapsedTimer()
        clock.start()

        def is_over() -> bool:
            return clock.elapsed() >= TURN_MS

        for key in [each for each in self.sections if each in self._changed]:
            view, section = self._note.section(key), self.sections[key]
            if is_over() or (view is not None and not self._show(view, section, is_over)):
                self._next_turn.ask()
                return
            self._changed.discard(key)
        self._changed.clear()
        self.painted.emit()

    def _show(self, view: SectionView, section: SectionEditor, is_over: Callable[[], bool]) -> bool:
        """Show a section as far as the turn goes; return whether that is all of it."""
        section.auto_texts = self._note.auto_texts
        is_whole = section.show_section(view, self._review.accepted, self._note.can_edit, is_over)
        section.show_marks(self._review.stale, self._review.unfilled)
        shown = self._review.is_known and self._note.can_edit
        section.show_seen(view.key not in self._review.unseen, shown)
        return is_whole

    # -- seeing

    def look(self) -> None:
        """Note which unseen sections are on the screen now."""
        if not self.isVisible() or not self._note.can_edit or QApplication.activeModalWidget():
            return
        for key in self._review.unseen:
            section = self.sections.get(key)
            if section is None or not self._is_end_visible(section):
                self._looks[key] = 0
                continue
            self._looks[key] = self._looks.get(key, 0) + 1
            if self._looks[key] >= LOOKS_TO_SEE:
                self._looks[key] = 0
                self._review.see(key)

    def _is_end_visible(self, section: SectionEditor) -> bool:
        end = section.mapTo(self.viewport(), QPoint(0, section.height() - theme.UNIT)).y()
        return 0 <= end <= self.viewport().height()

    # -- moving

    def rows(self) -> list[ClaimRow]:
        """Return all rows in reading order."""
        found: list[ClaimRow] = []
        for view in self._note.sections:
            section = self.sections.get(view.key)
            rows = section.rows if section is not None else {}
            found += [rows[claim.id] for claim in view.claims if claim.id in rows]
        return found

    def stops(self) -> list[QWidget]:
        """Return what Tab stops at, in reading order."""
        shown = (self.sections.get(view.key) for view in self._note.sections)
        return [stop for section in shown if section is not None for stop in section.stops()]

    def _show_focused(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.ensureWidgetVisible(focused, 0, 4 * theme.UNIT)  # around the caret, not the line

    def row(self, claim: ClaimId) -> ClaimRow | None:
        """Return the row of a claim, None if it is not shown."""
        return next((each for each in self.rows() if each.claim.id == claim), None)

    def focus_row(self, row: ClaimRow) -> None:
        """Bring a row into sight and give it the focus."""
        self.ensureWidgetVisible(row, 0, 6 * theme.UNIT)
        row.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_chosen(row.claim.id)

    def next_open(self, step: int = 1) -> bool:
        """Go to the next (or previous, -1) open claim; else to an unseen section."""
        rows = self.rows()
        open_rows = [each for each in rows if each.is_open]
        if not open_rows:
            return self._next_unseen()
        at = next((place for place, each in enumerate(rows) if self._is_chosen(each)), -1)
        ahead = [each for each in open_rows if (rows.index(each) - at) * step > 0]
        self.focus_row((ahead or open_rows)[0 if step > 0 else -1])
        return True

    @property
    def chosen(self) -> ClaimId | None:
        """The claim whose evidence is shown, None if none is."""
        return self._chosen

    def picked(self) -> tuple[ClaimId, ...]:
        """Return the claims that are selected together, else the chosen one, in reading order."""
        wanted = self._picked or {each for each in (self._chosen,) if each is not None}
        return tuple(each.claim.id for each in self.rows() if each.claim.id in wanted)

    def next_field(self) -> bool:
        """Edit the next claim with a field to fill; return whether there is one."""
        rows = self.rows()
        at = next((place for place, each in enumerate(rows) if self._is_chosen(each)), -1)
        open_rows = [each for each in rows if each.claim.id in self._review.unfilled]
        ahead = [each for each in open_rows if rows.index(each) > at]
        found = next(iter(ahead or open_rows), None)
        if found is not None:
            self.focus_row(found)
            found.start_editing()
        return found is not None

    def _on_picked(self, claim: str) -> None:
        self._picked ^= {ClaimId(claim)}
        for row in self.rows():
            row.show_picked(row.claim.id in self._picked)

    def current_section(self) -> SectionEditor | None:
        """Return the section with the focus, else that of the chosen claim, or the first one."""
        focused = QApplication.focusWidget()
        for section in self.sections.values():
            if focused is not None and section.isAncestorOf(focused):
                return section
        key = self._note.section_of(self._chosen) if self._chosen is not None else ""
        return self.sections.get(key) or next(iter(self.sections.values()), None)

    def _next_unseen(self) -> bool:
        for key in self._review.unseen:
            if (section := self.sections.get(key)) is not None:
                self._read_on(section)
                return True
        return False

    def _read_on(self, section: SectionEditor) -> None:
        """Show a section; of one higher than the page its beginning, then page after page."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        start = bar.value() + section.mapTo(self.viewport(), QPoint(0, -theme.UNIT)).y()
        last = start + section.height() + 2 * theme.UNIT - room  # its end is at the bottom
        if last <= start:
            self.ensureWidgetVisible(section, 0, theme.UNIT)
        elif not start <= bar.value() <= last + room:
            bar.setValue(start)
        elif bar.value() < last:
            bar.setValue(min(last, bar.value() + room - 4 * theme.UNIT))

    def _is_chosen(self, row: ClaimRow) -> bool:
        return row.claim.id == self._chosen

    def show_resting_on(self, segment: SegmentId) -> list[ClaimId]:
        """Mark the claims that rest on a transcript line; return them."""
        claims = self._note.resting_on(segment)
        rows = self.rows()
        for row in rows:
            row.show_resting(row.claim.id in claims)
        first = next((each for each in rows if each.claim.id in claims), None)
        if first is not None:
            self.ensureWidgetVisible(first, 0, 6 * theme.UNIT)
        return claims

    def choose(self, claim: ClaimId | None) -> None:
        """Mark a claim as the one whose evidence is shown."""
        self._chosen = claim
        self._picked.clear()
        for row in self.rows():
            row.show_picked(is_picked=False)
            row.show_resting(is_resting=False)
            row.show_chosen(row.claim.id == claim)

    # -- deciding

    def _on_chosen(self, claim: str) -> None:
        self.choose(ClaimId(claim))
        found = self._note.claim(ClaimId(claim))
        if found is not None:
            self.evidence_asked.emit(found.evidence)

    def _on_heard(self, claim: str) -> None:
        found = self._note.claim(ClaimId(claim))
        if found is not None and found.evidence:
            self.play_asked.emit(found.evidence)

    def _on_accepted(self, claim: str) -> None:
        self._review.accept(ClaimId(claim))
        self._note.let_stand(ClaimId(claim))

    def _on_removed(self, claim: str) -> None:
        self._on_left(claim, 1)
        self._note.remove(ClaimId(claim))

    def _on_left(self, claim: str, step: int) -> None:
        rows = self.rows()
        at = next((place for place, each in enumerate(rows) if each.claim.id == claim), -1)
        if 0 <= at + step < len(rows):
            self.focus_row(rows[at + step])
