"""The transcript as it grows. Only lines that differ are written, a few per turn. Main thread.

One block per line of the model; the last block is the tail: committed words of the open
utterance, then partial ones in gray. Mending is added in `transcript_desk.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.domain.ids import SegmentId
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.lines import Line
from app.ui.viewmodels.pace import Pace
from app.ui.widgets.line_painter import LinePainter
from app.ui.widgets.plain_text import ReadingBox

if TYPE_CHECKING:
    from app.ui.viewmodels.transcript import TranscriptModel

BATCH: Final = 40
"""Lines written per turn while a long transcript is opened: about 4 ms on a 2-core machine."""

BATCH_PAUSE_MS: Final = 5
"""Between two batches the window answers keys and paints."""

_MOVE = QTextCursor.MoveOperation
_KEEP = QTextCursor.MoveMode.KeepAnchor


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
        self._painter = LinePainter()
        self._shown: list[Line] = []
        self._done: list[Line] | None = None
        self._has_tail = False
        self._resting: tuple[SegmentId, ...] = ()
        self._pending_scroll = False
        self._pace = Pace(self._paint_news, self)
        self._next_batch = Pace(self._paint_news, self, BATCH_PAUSE_MS)
        self.document().setDocumentMargin(2 * theme.UNIT)
        self.setTabStopDistance(theme.UNIT)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._show_hint(is_empty=True)
        model.replaced.connect(self._on_replaced)
        model.lines_changed.connect(self._pace.ask)
        model.tail_changed.connect(self._pace.ask)
        theme.current().look_changed.connect(self._on_look)

    # -- evidence

    def light_up(self, segments: tuple[SegmentId, ...], scroll: bool = True) -> None:
        """Mark the lines a claim rests on, and show the first of them."""
        self._resting = segments
        self._pending_scroll = scroll and bool(segments)
        self._mark()

    def _mark(self) -> None:
        wanted = {f"said:{each}" for each in self._resting}
        places = [place for place, line in enumerate(self._shown) if line.key in wanted]
        self.setExtraSelections([self._lit(place) for place in places])
        if self._pending_scroll and places:
            self._pending_scroll = False
            self.scroll_to(self.document().findBlockByNumber(places[0]))

    def _lit(self, place: int) -> QTextEdit.ExtraSelection:
        cursor = QTextCursor(self.document().findBlockByNumber(place))
        cursor.movePosition(_MOVE.EndOfBlock, _KEEP)
        marked = QTextCharFormat()
        marked.setBackground(theme.current().color("evidence"))
        marked.setProperty(QTextFormat.Property.FullWidthSelection, True)
        selection = QTextEdit.ExtraSelection()
        selection.cursor = cursor
        selection.format = marked
        return selection

    def scroll_to(self, block: QTextBlock) -> None:
        """Show a line, unless it is in sight."""
        box = self.document().documentLayout().blockBoundingRect(block)
        bar = self.verticalScrollBar()
        top, bottom = bar.value(), bar.value() + self.viewport().height()
        if box.top() < top or box.bottom() > bottom:
            bar.setValue(int(box.top()) - self.viewport().height() // 4)

    # -- painting

    def _on_look(self) -> None:
        self._painter.forget()
        self._painter.fit(self.viewport().width())
        self._start_over()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._painter.fit(self.viewport().width()):
            self._start_over()

    def _on_replaced(self) -> None:
        """Show nothing of another visit any more; this one's lines come in the next turns.

        The page may not have its size yet, and lines would be broken twice.
        """
        self._wipe()
        self._show_hint(is_empty=not self._model.segments)
        self._next_batch.ask()

    def _start_over(self) -> None:
        self._wipe()
        self._paint_news()

    def _wipe(self) -> None:
        for line in self._shown:
            self._on_gone(line)
        self.clear()
        self._shown = []
        self._done = None
        self._has_tail = False

    def _show_hint(self, is_empty: bool) -> None:
        """Say what comes here, but not for the moment in which a transcript is being opened."""
        self.setPlaceholderText(_("What is said appears here.") if is_empty else "")

    def _paint_news(self) -> None:
        bar = self.verticalScrollBar()
        is_low = bar.value() >= bar.maximum() - 4 * theme.UNIT
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._cut_tail(cursor)
        is_same = self._done is self._model.lines
        is_whole = self._catch_up(cursor)
        if is_whole:
            self._show_hint(is_empty=True)
            self._write_tail(cursor)
        cursor.endEditBlock()
        if self._resting:
            self._mark()
        if not is_whole:
            self._next_batch.ask()
        if is_low and self._model.is_live and not self._resting:
            bar.setValue(bar.maximum())
        if not is_same:
            self._on_painted()

    def _catch_up(self, cursor: QTextCursor) -> bool:
        """Make the page like the model, at most `BATCH` lines of it; return whether it is."""
        wanted = self._model.lines
        if wanted is self._done:
            return True
        keys = {line.key for line in wanted}
        place = left = 0
        while place < len(wanted) and left < BATCH:
            if place >= len(self._shown) or self._shown[place] != wanted[place]:
                place -= self._mend_line(cursor, place, wanted[place], keys)
                left += 1
            place += 1
        if place < len(wanted):
            return False
        while len(self._shown) > len(wanted):
            self._remove(cursor, len(self._shown) - 1)
        self._done = wanted
        return True

    def _mend_line(self, cursor: QTextCursor, place: int, line: Line, keys: set[str]) -> int:
        """Rewrite, remove or insert one line; return 1 if the place must be looked at again."""
        old = self._shown[place] if place < len(self._shown) else None
        if old is not None and old.key == line.key:
            self._rewrite(cursor, place, line)
        elif old is not None and old.key not in keys:
            self._remove(cursor, place)
            return 1
        else:
            self._insert(cursor, place, line)
        return 0

    def _insert(self, cursor: QTextCursor, place: int, line: Line) -> None:
        form = self._painter.block(line.is_turn, self._height_of(line))
        first = self.document().firstBlock()
        if not self._shown:  # one empty block is always there
            cursor.setPosition(0)
            cursor.setBlockFormat(form)
        elif place == 0:
            cursor.setPosition(0)
            cursor.insertBlock(first.blockFormat())
            cursor.setPosition(0)
            cursor.setBlockFormat(form)
        else:
            before = self.document().findBlockByNumber(place - 1)
            cursor.setPosition(before.position() + before.length() - 1)
            cursor.insertBlock(form)
        self._painter.write(cursor, line)
        self._shown.insert(place, line)

    def _rewrite(self, cursor: QTextCursor, place: int, line: Line) -> None:
        block = self.document().findBlockByNumber(place)
        cursor.setPosition(block.position())
        cursor.movePosition(_MOVE.EndOfBlock, _KEEP)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._painter.block(line.is_turn, self._height_of(line)))
        self._painter.write(cursor, line)
        self._shown[place] = line

    def _remove(self, cursor: QTextCursor, place: int) -> None:
        block = self.document().findBlockByNumber(place)
        after = block.next()
        cursor.setPosition(block.position())
        if place > 0:
            cursor.setPosition(block.position() - 1)
            cursor.setPosition(block.position() + block.length() - 1, _KEEP)
            cursor.removeSelectedText()
            self._form_again(cursor, place - 1)
        elif after.isValid():
            form = after.blockFormat()
            cursor.setPosition(after.position(), _KEEP)
            cursor.removeSelectedText()
            cursor.setBlockFormat(form)
        else:
            cursor.movePosition(_MOVE.EndOfBlock, _KEEP)
            cursor.removeSelectedText()
        self._on_gone(self._shown.pop(place))

    def _write_tail(self, cursor: QTextCursor) -> None:
        committed, partial = self._model.committed, self._model.partial
        if not (committed or partial):
            return
        form = self._painter.block(is_turn=True)
        cursor.movePosition(_MOVE.End)
        if self._shown:
            cursor.insertBlock(form)
        else:
            cursor.setBlockFormat(form)
        self._has_tail = True
        self._painter.write_mark(cursor)
        self._painter.write_words(cursor, tuple(committed), "text")
        if partial:
            if committed:
                cursor.insertText(" ")
            self._painter.write_words(cursor, partial, "muted")

    def _cut_tail(self, cursor: QTextCursor) -> None:
        if not self._has_tail:
            return
        self._has_tail = False
        cursor.movePosition(_MOVE.End)
        cursor.movePosition(_MOVE.StartOfBlock, _KEEP)
        cursor.removeSelectedText()
        if cursor.block().blockNumber() > 0:
            cursor.deletePreviousChar()
            self._form_again(cursor, len(self._shown) - 1)

    def _form_again(self, cursor: QTextCursor, place: int) -> None:
        """Give a line its form again after what stood behind it went.

        An empty block, as that of buttons is, takes the form of the block that is joined to it.
        """
        line = self._shown[place]
        cursor.setBlockFormat(self._painter.block(line.is_turn, self._height_of(line)))

    # -- for those who add to it

    def _height_of(self, line: Line) -> int:
        """Return the fixed height of a line, 0 when its text decides."""
        del line
        return 0

    def _on_gone(self, line: Line) -> None:
        """A line left the page."""

    def _on_painted(self) -> None:
        """The page is another."""

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
        line = self.line_of(block)
        if line is not None and line.segment is not None:
            self.segment_chosen.emit(line.segment.id)

    def line_of(self, block: QTextBlock) -> Line | None:
        """Return the line a block shows; None for the open utterance."""
        place = block.blockNumber()
        return self._shown[place] if 0 <= place < len(self._shown) else None
