"""A section of the note: heading, claims, the one being written, and a line to add. Main thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.draft import Claim
from app.domain.ids import ClaimId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.note import SectionView
from app.ui.widgets.auto_text_box import AutoTextLine
from app.ui.widgets.claim_row import ClaimRow
from app.ui.widgets.parts import (
    IconLabel,
    button,
    elided,
    icon_button,
    label,
    set_kind,
    wrapped,
)
from app.workflow.auto_texts import AutoTexts


class SectionEditor(QWidget):
    """Keeps one row per claim id, so that what does not change does not move.

    Signals:
        claim_chosen: id.
        claim_edited: id and text.
        claim_accepted, claim_removed: id.
        claim_heard: id: play what it rests on.
        claim_left: id and -1 or +1: the focus wants to move on.
        claim_picked: id: select it beside others, or no longer.
        adding_started: there is a line to type into, with the focus.
        line_added: text of a new line.
        copy_asked: copy this section.
        again_asked: write this section again.
    """

    claim_chosen = Signal(str)
    claim_edited = Signal(str, str)
    claim_accepted = Signal(str)
    claim_removed = Signal(str)
    claim_left = Signal(str, int)
    claim_heard = Signal(str)
    claim_picked = Signal(str)
    adding_started = Signal()
    line_added = Signal(str)
    copy_asked = Signal()
    again_asked = Signal()

    def __init__(self, view: SectionView, number: int, *, can_edit: bool = False) -> None:
        super().__init__()
        self.key = view.key
        self.setObjectName(f"section_{view.key}")
        self.rows: dict[ClaimId, ClaimRow] = {}
        self._can_edit = can_edit  # at once: a key that comes before the first painting counts
        self._adder: AutoTextLine | None = None
        self.auto_texts = AutoTexts(())
        hint = f"Ctrl+{number}" if number <= 9 else ""  # noqa: PLR2004 - the digit keys
        self._heading = label(view.heading, factor=1.1, strong=True)
        self._seen_icon = IconLabel("eye", "muted", 2 * theme.UNIT)
        self._seen = label("", "muted", 0.88)
        copy_text = _("Copy {section}").format(section=view.heading)
        add_text = _("Add a line to {section}").format(section=view.heading)
        self._copy = icon_button(f"copy_{view.key}", copy_text, "copy", hint)
        self._add = icon_button(f"add_{view.key}", add_text, "plus", "Ctrl+I")
        self._changed = self._make_changed(view)
        self._growing = wrapped("", "muted")
        self._growing.setObjectName(f"growing_{view.key}")
        self._empty = label("", "muted")
        self._empty.setObjectName(f"empty_{view.key}")
        self._place()
        self._add.setVisible(can_edit)
        self._copy.clicked.connect(self.copy_asked)
        self._add.clicked.connect(self.start_adding)

    def _make_changed(self, view: SectionView) -> QWidget:
        """Return the badge that says that the transcript changed below this section."""
        made = QWidget()
        made.setObjectName(f"changed_{view.key}")
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        again = self._again = button(f"again_{view.key}", _("Write again…"), "", "small")
        again.setAccessibleName(_("Write “{section}” again…").format(section=view.heading))
        again.clicked.connect(self.again_asked)
        row.addWidget(IconLabel("partly", "partly"))
        row.addWidget(elided(_("What was said here has changed"), "", 0.88), 1)
        row.addWidget(again)
        made.hide()
        return made

    def _place(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.UNIT)
        head.addWidget(self._heading)
        head.addWidget(self._seen_icon)
        head.addWidget(self._seen)
        head.addStretch(1)
        head.addWidget(self._add)
        head.addWidget(self._copy)
        self._claims = QVBoxLayout()
        self._claims.setSpacing(theme.UNIT // 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.UNIT)
        column.setSpacing(theme.UNIT // 2)
        column.addLayout(head)
        column.addWidget(self._changed)
        column.addLayout(self._claims)
        for quiet in (self._growing, self._empty):
            quiet.setContentsMargins(4 * theme.UNIT + 2, 2, 0, 2)
            column.addWidget(quiet)

    def show_section(
        self,
        view: SectionView,
        accepted: set[ClaimId],
        can_edit: bool,
        is_over: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Show a section: rows are kept, added, changed or taken away by id.

        `is_over` says when this turn of the main thread has lasted long enough. Returns whether
        all of it is shown; else ask again in the next turn. One new row is made at least.
        """
        self._can_edit = can_edit
        if not can_edit and self._adder is not None and not self._adder.toPlainText().strip():
            self._stop_adding()
        wanted = {claim.id for claim in view.claims}
        for gone in [each for each in self.rows if each not in wanted]:
            row = self.rows.pop(gone)
            self._claims.removeWidget(row)
            row.hide()
            row.deleteLater()
        is_whole = self._show_rows(view.claims, accepted, is_over)
        self._growing.setText(f"{view.growing}{view.mark}" if view.growing else "")
        set_kind(self._growing, "kind", "" if view.is_dictated else "muted")
        self._growing.setVisible(bool(view.growing))
        is_empty = not view.claims and not view.growing
        self._empty.setText(_("Not discussed") if view.is_finished else _("…"))
        self._empty.setVisible(is_empty and self._adder is None)
        self._add.setVisible(can_edit)
        self._copy.setVisible(view.is_finished)
        return is_whole

    def _show_rows(
        self, claims: Sequence[Claim], accepted: set[ClaimId], is_over: Callable[[], bool]
    ) -> bool:
        """Show rows until the turn is over; return whether all are shown."""
        has_made = False
        for place, claim in enumerate(claims):
            is_new = claim.id not in self.rows
            if is_new and has_made and is_over():
                return False
            has_made = has_made or is_new
            self._show_row(place, claim, claim.id in accepted)
        return True

    def _show_row(self, place: int, claim: Claim, is_accepted: bool) -> None:
        row = self.rows.get(claim.id)
        if row is None:
            row = self._make_row(claim)
            row.auto_texts = self.auto_texts
            self.rows[claim.id] = row
            self._claims.insertWidget(place, row)
        elif self._claims.indexOf(row) != place:
            self._claims.removeWidget(row)
            self._claims.insertWidget(place, row)
        if not row.is_editing:
            row.show_claim(claim, is_accepted, self._can_edit)

    def _make_row(self, claim: Claim) -> ClaimRow:
        row = ClaimRow(claim, self)
        number = str(claim.id)
        row.chosen.connect(lambda: self.claim_chosen.emit(number))
        row.play_asked.connect(lambda: self.claim_heard.emit(number))
        row.edited.connect(lambda text: self.claim_edited.emit(number, text))
        row.accept_asked.connect(lambda: self.claim_accepted.emit(number))
        row.remove_asked.connect(lambda: self.claim_removed.emit(number))
        row.picked.connect(lambda: self.claim_picked.emit(number))
        row.moved.connect(lambda step: self.claim_left.emit(number, step))
        return row

    def show_marks(self, stale: Collection[ClaimId], unfilled: Collection[ClaimId]) -> None:
        """Say which claims rest on changed words, and which have fields to fill."""
        for id_, row in self.rows.items():
            row.auto_texts = self.auto_texts
            row.show_marks(id_ in stale, id_ in unfilled)
        is_changed = any(each.claim.is_changed for each in self.rows.values())
        self._changed.setVisible(
            self._can_edit and (is_changed or not self.rows.keys().isdisjoint(stale))
        )

    def show_seen(self, is_seen: bool, is_shown: bool) -> None:
        """Say whether the clinician has had this section on the screen."""
        self._seen.setText(_("Seen") if is_seen else _("Not seen yet"))
        self._seen.setVisible(is_shown)
        self._seen_icon.setVisible(is_shown)
        self._seen_icon.show_icon("supported" if is_seen else "eye", "muted")

    def start_adding(self) -> None:
        """Open an empty line at the end."""
        if not self._can_edit or self._adder is not None:
            return
        self._adder = AutoTextLine("", self.auto_texts)
        self._adder.setObjectName(f"adder_{self.key}")
        self._adder.setAccessibleName(self._add.accessibleName())
        self._adder.setPlaceholderText(_("Type a line. Enter keeps it."))
        self._adder.kept.connect(self._on_added)
        self._adder.left.connect(self._stop_adding)
        self._empty.hide()
        self._claims.addWidget(self._adder)
        self._adder.show()  # now, not when the layout comes to it: the next key is its
        self._adder.setFocus(Qt.FocusReason.OtherFocusReason)
        self.adding_started.emit()

    def stops(self) -> list[QWidget]:
        """Return what Tab stops at, in reading order."""
        rows = sorted(self.rows.values(), key=self._claims.indexOf)
        adder = [self._adder] if self._adder is not None else []
        return [self._add, self._copy, self._again, *rows, *adder]

    def _on_added(self, text: str) -> None:
        self._stop_adding()
        if text:
            self.line_added.emit(text)

    def _stop_adding(self) -> None:
        adder, self._adder = self._adder, None
        if adder is not None:
            if adder.hasFocus():  # the keyboard stays here: Space adds another line
                self._add.setFocus(Qt.FocusReason.OtherFocusReason)
            self._claims.removeWidget(adder)
            adder.hide()
            adder.deleteLater()
            self._empty.setVisible(not self.rows and not self._growing.text())
