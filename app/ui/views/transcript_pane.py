"""The left side of a visit: what was said, and what can be done about it. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.ids import SegmentId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.patients import clock_words
from app.ui.widgets.find_line import FindLine
from app.ui.widgets.parts import button, elided, frame, head_height, icon_button, label
from app.ui.widgets.question import ask_before
from app.ui.widgets.transcript_desk import TranscriptDesk

if TYPE_CHECKING:
    from app.ui.viewmodels.visit import VisitModel


class TranscriptPane(QFrame):
    """Places the transcript and carries what a person wants to the model.

    Signals:
        segment_chosen: id of a segment.
        told: words and weight for the status line.
    """

    segment_chosen = Signal(str)
    told = Signal(str, str)

    def __init__(self, model: VisitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcriptPane")
        self.setProperty("kind", "card")
        self._model = model
        self._repair = model.repair
        self.transcript = TranscriptDesk(model.transcript)
        self.note = elided("", "muted", 0.9)
        self.note.setObjectName("transcriptNote")
        self.check = button("nextOffer", "", "partly", "quiet", "F4")
        self.swap = icon_button(
            "swapSpeakers", _("Swap clinician and patient"), "swap", "Ctrl+Shift+S"
        )
        self.finder = FindLine(self.transcript)
        self._place()
        self._connect()
        self.refresh()

    def _place(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT // 2)
        row.addWidget(label(_("Transcript"), factor=1.1, strong=True))
        row.addSpacing(theme.UNIT)
        row.addWidget(self.note, 1)
        row.addWidget(self.finder)
        row.addWidget(self.check)
        row.addWidget(self.swap)
        self._head = frame("bar", row, (2, 0, 1, 0))
        self._head.setProperty("place", "head")
        self._fit_head()
        theme.current().look_changed.connect(self._fit_head)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)  # the card's border and its corners stay
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.transcript, 1)

    def _fit_head(self) -> None:
        self._head.setMinimumHeight(head_height())

    def _connect(self) -> None:
        repair, desk = self._repair, self.transcript
        desk.segment_chosen.connect(self.segment_chosen)
        desk.correction_made.connect(repair.correct)
        desk.role_named.connect(repair.name)
        desk.swap_asked.connect(repair.swap)
        desk.strike_asked.connect(self.ask_strike)
        desk.offer_taken.connect(repair.choose)
        desk.offer_kept.connect(repair.keep)
        self.finder.left.connect(self._stop_finding)
        self.check.clicked.connect(lambda: desk.next_offer(1))
        self.swap.clicked.connect(repair.swap)
        repair.offers_changed.connect(self.refresh)
        repair.struck.connect(self._on_struck)
        self._model.transcript.segments_changed.connect(self.refresh)

    def start_finding(self) -> None:
        """Look for words in the transcript."""
        self.finder.show()
        self.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.finder.selectAll()

    def _stop_finding(self) -> None:
        self.finder.hide()
        self.transcript.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Show what can be done now."""
        can_edit = self._repair.can_edit
        self.transcript.can_edit = can_edit
        count = len(self._repair.offers)
        words = _("1 to check") if count == 1 else _("{count} to check").format(count=count)
        self.check.setText(words)
        self.check.setAccessibleName(words)
        self.check.setVisible(count > 0)
        self.swap.setVisible(can_edit and bool(self._model.transcript.segments))

    def ask_strike(self, segments: list[SegmentId]) -> None:
        """Ask before lines are erased for good."""
        model, span = self._model, self._repair.span(segments)
        if model.is_here and model.recorder.is_running:
            self.told.emit(_("Stop the recording first; then lines can be struck."), "info")
            return
        if span is None:
            self.told.emit(_("These lines have no time, so they cannot be struck."), "info")
            return
        words = _(
            "Strike what was said from {start} to {end} from the record? Sound, transcript and "
            "draft of it are erased; the note is drafted anew. Lines you wrote stay, unless they "
            "rest on it. This cannot be undone."
        )
        time = model.transcript.time
        words = words.format(
            start=clock_words(time.seconds(span.start)), end=clock_words(time.seconds(span.end))
        )
        ask_before(self, words, _("Strike it"), lambda: self._repair.strike(span))

    def _on_struck(self, count: int) -> None:
        text = _("1 line was erased.") if count == 1 else _("{count} lines were erased.")
        self.told.emit(text.format(count=count), "info")
