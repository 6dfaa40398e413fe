"""The transcript as it grows. Text is appended, never rebuilt while people talk. Main thread.

One block per segment: role and time, a tab, the words. The last block is the tail: committed
words of the open utterance, then partial ones in gray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Word
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.pace import Pace
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.transcript import role_words
from app.ui.widgets.plain_text import ReadingBox

if TYPE_CHECKING:
    from app.ui.viewmodels.transcript import TranscriptModel

DOUBTFUL: Final = 0.5
"""Words below this probability are underlined. Chosen on Whisper base, where such words were
wrong more often than right by eye; to be measured with the repair chips (issue 5)."""

BATCH: Final = 40
"""Segments set per turn while a long transcript is opened: about 4 ms on a 2-core machine."""

_ROLE_COLORS: Final = {
    SpeakerRole.CLINICIAN: "clinician",
    SpeakerRole.PATIENT: "patient",
    SpeakerRole.OTHER: "other",
    SpeakerRole.UNKNOWN: "muted",
}


class TranscriptView(ReadingBox):
    """Shows a `TranscriptModel`.

    Signals:
        segment_chosen: id of a segment that was clicked, or Enter was pressed on.
    """

    segment_chosen = Signal(str)

    def __init__(self, model: TranscriptModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcript")
        self.setAccessibleName(_("Transcript"))
        self._model = model
        self._shown = 0
        self._has_tail = False
        self._resting: tuple[SegmentId, ...] = ()
        self._pending_scroll = False
        self._pace = Pace(self._paint_news, self)
        self.document().setDocumentMargin(2 * theme.UNIT)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setPlaceholderText(_("What is said appears here."))
        model.replaced.connect(self._start_over)
        model.segment_added.connect(lambda _place: self._pace.ask())
        model.tail_changed.connect(self._pace.ask)
        model.segment_changed.connect(self._on_changed)
        theme.current().look_changed.connect(self._start_over)

    # -- evidence

    def light_up(self, segments: tuple[SegmentId, ...], scroll: bool = True) -> None:
        """Mark the lines a claim rests on, and show the first of them."""
        self._resting = segments
        self._pending_scroll = scroll and bool(segments)
        self._mark()

    def _mark(self) -> None:
        selections = []
        places = [place for each in self._resting if (place := self._model.find(each)) >= 0]
        for place in sorted(places):
            if place < self._shown:
                selection = QTextEdit.ExtraSelection()
                cursor = QTextCursor(self.document().findBlockByNumber(place))
                cursor.movePosition(
                    QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
                )
                marked = QTextCharFormat()
                marked.setBackground(theme.current().color("evidence"))
                marked.setProperty(QTextFormat.Property.FullWidthSelection, True)
                selection.cursor = cursor
                selection.format = marked
                selections.append(selection)
        self.setExtraSelections(selections)
        if self._pending_scroll and places and min(places) < self._shown:
            self._pending_scroll = False
            self._scroll_to(self.document().findBlockByNumber(min(places)))

    def _scroll_to(self, block: QTextBlock) -> None:
        box = self.document().documentLayout().blockBoundingRect(block)
        bar = self.verticalScrollBar()
        top, bottom = bar.value(), bar.value() + self.viewport().height()
        if box.top() < top or box.bottom() > bottom:
            bar.setValue(int(box.top()) - self.viewport().height() // 4)

    # -- painting

    def _start_over(self) -> None:
        self.clear()
        self._shown = 0
        self._has_tail = False
        self._paint_news()

    def _paint_news(self) -> None:
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4 * theme.UNIT
        segments = self._model.segments
        last = min(len(segments), self._shown + BATCH)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._cut_tail(cursor)
        for place in range(self._shown, last):
            self._open_block(cursor, place)
            self._write(cursor, segments[place], place)
        self._shown = last
        self._write_tail(cursor)
        cursor.endEditBlock()
        if self._resting:
            self._mark()
        if self._shown < len(segments):
            self._pace.ask()
        if follows and not self._resting:
            bar.setValue(bar.maximum())

    def _on_changed(self, place: int) -> None:
        if place >= self._shown:
            return
        cursor = QTextCursor(self.document().findBlockByNumber(place))
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._write(cursor, self._model.segments[place], place)
        cursor.endEditBlock()

    def _open_block(self, cursor: QTextCursor, place: int) -> None:
        cursor.movePosition(QTextCursor.MoveOperation.End)
        gutter = self._gutter()
        made = QTextBlockFormat()
        made.setLeftMargin(gutter)
        made.setTextIndent(-gutter)
        made.setTabPositions([QTextOption.Tab(gutter, QTextOption.TabType.LeftTab)])
        made.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        made.setTopMargin(theme.UNIT if self._is_turn(place) else theme.UNIT / 4)
        if place == 0 or self.document().isEmpty():
            cursor.setBlockFormat(made)
        else:
            cursor.insertBlock(made)

    def _write(self, cursor: QTextCursor, segment: Segment, place: int) -> None:
        head = QTextCharFormat()
        head.setForeground(theme.current().color(_ROLE_COLORS[segment.role]))
        head.setFont(theme.current().font(1.0, strong=True))
        time = QTextCharFormat()
        time.setForeground(theme.current().color("muted"))
        time.setFont(theme.current().font(0.85))
        if self._is_turn(place):
            cursor.insertText(role_words(segment.role), head)
            if segment.end:
                cursor.insertText("  " + clock_words(segment.start_s), time)
        cursor.insertText("\t", _plain("text"))
        if segment.words:
            self._write_words(cursor, segment.words, "text")
        else:
            cursor.insertText(segment.text, _plain("text"))

    def _write_words(self, cursor: QTextCursor, words: tuple[Word, ...], color: str) -> None:
        """Write words in as few pieces as their certainty allows."""
        certain, doubtful = _plain(color), _doubtful(color)
        run: list[str] = []
        for word in words:
            if word.probability >= DOUBTFUL:
                run.append(word.text)
                continue
            if run:
                cursor.insertText(" ".join(run) + " ", certain)
                run = []
            cursor.insertText(word.text, doubtful)
            cursor.insertText(" ", certain)
        cursor.insertText(" ".join(run), certain)

    def _write_tail(self, cursor: QTextCursor) -> None:
        committed, partial = self._model.committed, self._model.partial
        if self._shown < len(self._model.segments) or not (committed or partial):
            return
        self._open_block(cursor, self._shown)
        self._has_tail = True
        cursor.insertText("…\t", _plain("muted"))
        self._write_words(cursor, tuple(committed), "text")
        if partial:
            blank = " " if committed else ""
            cursor.insertText(blank + " ".join(each.text for each in partial), _plain("muted"))

    def _cut_tail(self, cursor: QTextCursor) -> None:
        if not self._has_tail:
            return
        self._has_tail = False
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if cursor.block().blockNumber() > 0:
            cursor.deletePreviousChar()

    def _is_turn(self, place: int) -> bool:
        """Whether another role speaks here than before; the tail counts as another."""
        segments = self._model.segments
        if place == 0 or place >= len(segments):
            return True
        return segments[place].role is not segments[place - 1].role

    def _gutter(self) -> float:
        return float(self.fontMetrics().horizontalAdvance(role_words(SpeakerRole.CLINICIAN) * 2))

    # -- choosing

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._choose_at(event.position().toPoint())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose(self.textCursor().block())
        else:
            super().keyPressEvent(event)

    def _choose_at(self, point: QPoint) -> None:
        self._choose(self.cursorForPosition(point).block())

    def _choose(self, block: QTextBlock) -> None:
        place = block.blockNumber()
        if 0 <= place < self._shown:
            self.segment_chosen.emit(self._model.segments[place].id)


def _plain(color: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(theme.current().color(color))
    made.setFont(theme.current().font())
    return made


def _doubtful(color: str) -> QTextCharFormat:
    made = _plain(color)
    made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    made.setUnderlineColor(theme.current().color("partly"))
    made.setToolTip(_("Heard unclearly"))
    return made
