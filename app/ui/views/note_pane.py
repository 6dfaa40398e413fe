"""The right side of a visit: the note, what is left out, and the signature's foot. Main thread."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from app.domain.visit import VisitState
from app.foundation import texts
from app.foundation.i18n import _
from app.ui import theme
from app.ui.views.note_tools import NoteTools
from app.ui.widgets.banner import LARGE
from app.ui.widgets.note_view import NoteView
from app.ui.widgets.omission_list import OmissionList
from app.ui.widgets.parts import (
    IconLabel,
    button,
    elided,
    frame,
    head_height,
    icon_button,
    label,
    set_kind,
    wrapped,
)

if TYPE_CHECKING:
    from app.ui.viewmodels.visit import VisitModel

OMISSIONS_SHARE: Final = 26
"""Height of the list of omissions in grid units: four rows."""


NARROW: Final = 76
"""Width in grid units: below it, words on the buttons leave no room to say what wrote the note."""
DIGITS: Final = 9
"""Sections that have a digit key."""


class NotePane(QFrame):
    """Places the note and says plainly what is open.

    Signals:
        sign_asked: the sign button.
        copy_asked: key and heading of a section; both empty for the whole note.
        export_asked: name of a format.
        type_asked: type the note without a recording.
    """

    sign_asked = Signal()
    copy_asked = Signal(str, str)
    export_asked = Signal(str)
    type_asked = Signal()

    def __init__(self, model: VisitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notePane")
        self.setProperty("kind", "card")
        self._model = model
        self._stops: tuple[QWidget, ...] = ()
        self.note = NoteView(model.note, model.review)
        self.omissions = OmissionList()
        self.omissions.setMaximumHeight(OMISSIONS_SHARE * theme.UNIT)
        self.tools = NoteTools(model, self.note, self)
        self._make_head()
        self._make_foot()
        self._make_empty()
        self._place()
        self._connect()
        self.refresh()

    def _make_empty(self) -> None:
        self._type = button(
            "typeNote", _("Type the note without a recording"), "yours", "", "Ctrl+T"
        )
        self._empty = QWidget()
        holder = QVBoxLayout(self._empty)
        holder.setContentsMargins(*(each * theme.UNIT for each in (2, 2, 2, 2)))
        holder.setSpacing(2 * theme.UNIT)
        self._hint = wrapped("", "muted")
        holder.addWidget(self._hint)
        holder.addWidget(self.tools.template_row)
        holder.addWidget(self._type, 0, Qt.AlignmentFlag.AlignLeft)
        holder.addStretch(1)

    def _place(self) -> None:
        lower = QVBoxLayout()
        lower.setContentsMargins(*(each * theme.UNIT for each in (1, 0, 1, 1)))
        lower.addWidget(self.omissions)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)  # the card's border and its corners stay
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.note, 1)
        column.addWidget(self._empty, 1)
        column.addLayout(lower)
        column.addWidget(self._foot)

    def _make_head(self) -> None:
        self._engine = elided("", "muted", 0.9)
        self._engine.setObjectName("draftEngine")
        self.undo = icon_button("undo", _("Undo"), "undo", "Ctrl+Z")
        self.draft_menu = QMenu(self)
        self.draft_menu.setObjectName("draftMenu")
        self.draft_menu.addAction(
            _("With the best model"), lambda: self._model.note.draft_again("")
        )
        self.draft_menu.addAction(
            _("Without a language model"), lambda: self._model.note.draft_again("extractive")
        )
        self.draft_menu.addMenu(self.tools.template_menu)
        self.draft = button("draftAgain", _("Draft again"), "note", "quiet")
        self.draft.setMenu(self.draft_menu)
        self.copy_menu = QMenu(self)
        self.copy = button("copyMenu", _("Copy"), "copy", "quiet", "Ctrl+Shift+C")
        self.copy.setMenu(self.copy_menu)
        self.export_menu = QMenu(self)
        self.export = button("exportMenu", _("Save as"), "export", "quiet", "Ctrl+S")
        self.export.setMenu(self.export_menu)
        self._place_head()
        self._words = {
            each: (each.text(), each.toolTip())
            for each in (*self._heads, self.tools.addendum, self.tools.letters)
        }
        theme.current().look_changed.connect(self._on_look)
        self._fit_head()

    def _on_look(self) -> None:
        self._fit_head()
        self.refresh()

    @property
    def _heads(self) -> tuple[QPushButton, ...]:
        return (self.tools.change, self.draft, self.copy, self.export)

    def _place_head(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT // 2)
        title = QVBoxLayout()  # two lines: the words keep the room that the title leaves below
        title.setSpacing(0)
        title.addStretch(1)
        title.addWidget(label(_("Note"), factor=1.1, strong=True))
        title.addWidget(self._engine)
        title.addStretch(1)
        row.addLayout(title, 1)
        for widget in (self.undo, *self._heads):
            row.addWidget(widget)
        self._head = frame("bar", row, (2, 0, 1, 0))
        self._head.setProperty("place", "head")

    def _fit_head(self) -> None:
        """Large text or a narrow pane leave room for icons only.

        The words are heard and are the tooltips.
        """
        self._head.setMinimumHeight(head_height())
        is_large = theme.current().scale >= LARGE
        is_narrow = 0 < self.width() < NARROW * theme.UNIT
        for each, (words, hint) in self._words.items():
            is_folded = is_large or (is_narrow and each in self._heads)
            each.setText("" if is_folded else words)
            both = f"{words} ({hint})" if hint else words
            each.setToolTip(both if is_folded else hint)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()

    def _make_foot(self) -> None:
        self._icon = IconLabel("info", "muted")
        self.open_words = label("")
        self.open_words.setObjectName("openWords")
        self.open_words.setWordWrap(True)
        self.next = button("nextOpen", _("Show"), "down", "quiet", "F8")
        self.sign = button("sign", _("Sign"), "sign", "primary", "Ctrl+Enter")
        self.take = button("copySigned", _("Copy the note"), "copy", "primary", "Ctrl+Shift+C")
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(self._icon)
        row.addWidget(self.open_words, 1)
        for each in (self.next, self.tools.addendum, self.tools.letters, self.sign, self.take):
            row.addWidget(each)
        self._foot = frame("foot", row, (2, 1, 1, 1))
        self._words[self.next] = (self.next.text(), self.next.toolTip())
        self._fit_head()

    def _connect(self) -> None:
        model = self._model
        self.undo.clicked.connect(model.note.undo)
        self.next.clicked.connect(lambda _checked: self.note.next_open())
        self.sign.clicked.connect(self.sign_asked)
        self.take.clicked.connect(lambda: self.copy_asked.emit("", ""))
        self._type.clicked.connect(self.type_asked)
        self.note.copy_asked.connect(self.copy_asked)
        self.note.painted.connect(self._order_stops)
        self.omissions.insert_asked.connect(model.note.insert)
        model.note.replaced.connect(self._fill_menus)
        model.note.drafting_changed.connect(self.refresh)
        model.note.omissions_changed.connect(self._on_omissions)
        model.review.items_changed.connect(self.refresh)
        model.visit_changed.connect(self.refresh)
        model.opened.connect(self.refresh)

    def _fill_menus(self) -> None:
        self.copy_menu.clear()
        whole = self.copy_menu.addAction(
            _("Whole note") + "\tCtrl+Shift+C", lambda: self.copy_asked.emit("", "")
        )
        whole.setObjectName("copyWhole")
        self.copy_menu.addSeparator()
        for number, section in enumerate(self._model.note.sections, start=1):
            key, heading = section.key, section.heading
            words = f"{heading}\tCtrl+{number}" if number <= DIGITS else heading
            self.copy_menu.addAction(words, partial(self.copy_asked.emit, key, heading))
        self.export_menu.clear()
        for name in self._model.handover.formats:
            ask = partial(self.export_asked.emit, name)
            made = self.export_menu.addAction(texts.format_name(name), ask)
            made.setObjectName(f"export_{name}")

    def _on_omissions(self) -> None:
        can_edit = self._model.note.can_edit
        shown = self._model.note.omissions if can_edit else ()
        self.omissions.show_omissions(shown, can_edit)
        self._order_stops()

    def _order_stops(self) -> None:
        """Have Tab go as one reads: rows come and go, and Qt puts what is new at the end."""
        stops = (self.export, *self.note.stops(), *self.omissions.stops())
        if stops != self._stops:
            self._stops = stops
            for before, after in pairwise(stops):
                QWidget.setTabOrder(before, after)

    def refresh(self) -> None:
        """Show what can be done now."""
        note, visit = self._model.note, self._model.visit
        has_note = bool(note.sections)
        state = visit.state if visit is not None else VisitState.PLANNED
        self.undo.setVisible(note.can_edit)
        self.draft.setVisible(note.can_edit and bool(self._model.transcript.segments))
        is_growing = note.is_drafting or note.is_dictated
        self.copy.setVisible(has_note and not is_growing)
        self.export.setVisible(has_note and not is_growing)
        can_type = state in {VisitState.PLANNED, VisitState.CONSENTED}
        is_running = self._model.recorder.is_running
        self.note.setVisible(has_note)
        self._empty.setVisible(not has_note)
        self._type.setVisible(can_type and not is_running)
        self._hint.setText(
            _("Press F5 to record. The note is written here, section by section.")
            if can_type and not is_running
            else _("The note is written here, section by section.")
        )
        words = self._engine_words(has_note)
        self._engine.setText(words)
        self._engine.setVisible(bool(words))
        set_kind(self._engine, "kind", "warning" if note.is_outdated else "muted")
        self._show_foot(state, has_note)
        self.tools.refresh()
        self._on_omissions()

    def _engine_words(self, has_note: bool) -> str:
        note = self._model.note
        if note.is_outdated and note.can_edit:
            return _("Transcript changed")
        if note.is_dictated:
            return _("Being dictated…")
        if note.engine == "extractive":
            if note.is_drafting:
                return _("Being written without a language model…")
            return _("Without a language model") if has_note else ""
        if note.is_drafting:
            return _("Being written by {engine}…").format(engine=note.engine)
        is_drafted = has_note and bool(note.engine)
        return _("Drafted by {engine}").format(engine=note.engine) if is_drafted else ""

    def _show_foot(self, state: VisitState, has_note: bool) -> None:
        review = self._model.review
        is_review = state is VisitState.IN_REVIEW and has_note
        self._foot.setVisible(has_note and (is_review or state is VisitState.SIGNED))
        self.sign.setVisible(is_review)
        self.take.setVisible(state is VisitState.SIGNED)
        self.next.setVisible(is_review and bool(review.words))
        if state is VisitState.SIGNED:
            icon, color, words = "supported", "supported", _("Signed.")
        elif review.is_clear:
            icon, color, words = "supported", "supported", _("Nothing is open. Ready to sign.")
        else:
            is_bad = bool(review.open_claims or review.stale or review.unfilled)
            color, icon = ("unsupported", "unsupported") if is_bad else ("muted", "eye")
            words = review.words
        self._icon.show_icon(icon, color)
        self.open_words.setAccessibleName(words)
        is_short = words == review.words and theme.current().scale >= LARGE
        self.open_words.setText(review.short_words if is_short else words)
        self.open_words.setToolTip(words if is_short else "")
        set_kind(self.open_words, "kind", "error" if color == "unsupported" and is_review else "")
