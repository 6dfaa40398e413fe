"""The transcript with what a person can do to it: correct, choose, name, strike. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, SpeakerRole
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.lines import Line, Piece, pieces, role_words, speaker_words
from app.ui.widgets.chips import ChipStrip
from app.ui.widgets.line_painter import piece_words
from app.ui.widgets.plain_text import plain_data
from app.ui.widgets.transcript_view import TranscriptView
from app.ui.widgets.word_editor import WordEditor

if TYPE_CHECKING:
    from app.ui.viewmodels.transcript import TranscriptModel

NAMED = (SpeakerRole.CLINICIAN, SpeakerRole.PATIENT, SpeakerRole.OTHER)


class Pick(NamedTuple):
    """Words of a line that a person points at.

    Attributes:
        at: where the first of them begins, in characters from the start of the block.
    """

    key: str
    segment: Segment
    said: tuple[Piece, ...]
    at: int

    @property
    def text(self) -> str:
        """What is written there."""
        return " ".join(each.text for each in self.said)

    @property
    def words(self) -> tuple[WordId, ...]:
        """The words below it."""
        first, last = self.said[0].first, self.said[-1].first + self.said[-1].length
        return tuple(each.id for each in self.segment.words[first:last])


class TranscriptDesk(TranscriptView):
    """A transcript that can be mended. It asks; what is done, others decide.

    Signals:
        correction_made: segment id, word ids, text.
        role_named: a `Segment`, a `SpeakerRole`, and whether everywhere.
        swap_asked: exchange clinician and patient.
        strike_asked: ids of segments.
        offer_taken: an `Offer` and the text that was chosen.
        offer_kept: an `Offer`.
        play_asked: id of a segment to be heard.
    """

    correction_made = Signal(str, object, str)
    role_named = Signal(object, object, bool)
    swap_asked = Signal()
    strike_asked = Signal(object)
    offer_taken = Signal(object, str)
    offer_kept = Signal(object)
    play_asked = Signal(str)

    def __init__(self, model: TranscriptModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.can_edit = False
        self.strips: dict[str, ChipStrip] = {}
        self.editor: WordEditor | None = None
        self._picked: Pick | None = None
        self._stops: tuple[QWidget, ...] = ()
        self._decided: SegmentId | None = None  # whose chips were pressed by keys
        self.viewport().setMouseTracking(True)

    # -- chips

    @override
    def _height_of(self, line: Line) -> int:
        if line.offer is None:
            return 0
        return self._strip(line).height_for(self._strip_width()) + theme.UNIT

    def _strip(self, line: Line) -> ChipStrip:
        offer = line.offer
        if offer is None or line.key in self.strips:
            return self.strips[line.key]
        made = ChipStrip(offer, self.viewport())
        made.taken.connect(lambda text: self.offer_taken.emit(offer, text))
        made.kept.connect(lambda: self.offer_kept.emit(offer))
        self.strips[line.key] = made
        return made

    @override
    def _on_gone(self, line: Line) -> None:
        strip = self.strips.pop(line.key, None)
        if strip is not None:
            had_focus = any(each.hasFocus() for each in strip.chips)
            strip.hide()
            strip.deleteLater()
            if had_focus:
                self._decided = strip.offer.segment
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def _on_painted(self) -> None:
        self._place()
        self._order_stops()
        segment, self._decided = self._decided, None
        if segment is not None:
            self._go_to(segment)

    def _order_stops(self) -> None:
        """Have Tab go from the text to its chips, as one reads: Qt puts what is new at the end."""
        strips = (self.strips.get(line.key) for line in self._shown if line.offer is not None)
        stops = (self, *(chip for strip in strips if strip is not None for chip in strip.chips))
        if stops != self._stops:
            self._stops = stops
            for before, after in pairwise(stops):
                QWidget.setTabOrder(before, after)

    def _go_to(self, segment: SegmentId) -> None:
        """Put the caret where the keyboard was at work, not where the visit ended."""
        for place, line in enumerate(self._shown):
            if line.segment is not None and line.segment.id == segment:
                block = self.document().findBlockByNumber(place)
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + block.text().find("\t") + 1)
                self.setTextCursor(cursor)
                return

    def _strip_width(self) -> int:
        margin = int(self.document().documentMargin())
        return max(10 * theme.UNIT, self.viewport().width() - self._left() - margin)

    def _left(self) -> int:
        return int(self._painter.gutter + self.document().documentMargin())

    def _place(self) -> None:
        """Lay chips and editor over their lines."""
        if not self.strips and self.editor is None:
            return
        width = self._strip_width()
        for place, line in enumerate(self._shown):
            strip = self.strips.get(line.key) if line.offer is not None else None
            if strip is not None:
                box = self._box(self.document().findBlockByNumber(place))
                height = strip.height_for(width)
                strip.setGeometry(self._left(), box.top() + theme.UNIT // 2, width, height)
                strip.setVisible(box.bottom() > 0 and box.top() < self.viewport().height())
        self._place_editor()

    def _box(self, block: QTextBlock) -> QRect:
        box = self.document().documentLayout().blockBoundingRect(block).toRect()
        return box.translated(0, -self.verticalScrollBar().value())

    def next_offer(self, step: int) -> None:
        """Go to the next words that want a look, or the previous ones."""
        places = [place for place, line in enumerate(self._shown) if line.offer is not None]
        if not places:
            return
        focused = [
            at
            for at, place in enumerate(places)
            if any(each.hasFocus() for each in self._strip(self._shown[place]).chips)
        ]
        at = (focused[0] + step) % len(places) if focused else (0 if step > 0 else -1)
        self.scroll_to(self.document().findBlockByNumber(places[at]))
        self._place()
        strip = self._strip(self._shown[places[at]])
        strip.show()
        strip.chips[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- correcting

    @property
    def is_correcting(self) -> bool:
        """Whether a word is being typed over."""
        return self.editor is not None

    def start_correcting(self, cursor: QTextCursor | None = None) -> None:
        """Open a small line over the word at the caret, or over what is selected."""
        pick = self.pick(cursor or self.textCursor())
        if pick is None or not self.can_edit or not pick.words:
            return
        self.stop_correcting()
        self._picked = pick
        self.editor = WordEditor(pick.text, self.viewport())
        self.editor.kept.connect(self._on_kept)
        self.editor.left.connect(self.stop_correcting)
        self.editor.textChanged.connect(lambda _text: self._place_editor())
        self._place_editor()
        self.editor.show()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop_correcting(self) -> None:
        """Leave the small line."""
        editor, self.editor, self._picked = self.editor, None, None
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_kept(self, text: str) -> None:
        pick = self._picked
        self.stop_correcting()
        if pick is not None:
            self.correction_made.emit(pick.segment.id, pick.words, text)

    def _place_editor(self) -> None:
        if self.editor is None or self._picked is None:
            return
        key = self._picked.key
        place = next((at for at, line in enumerate(self._shown) if line.key == key), -1)
        if place < 0:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.document().findBlockByNumber(place).position() + self._picked.at)
        box = self.cursorRect(cursor)
        height = self.editor.sizeHint().height()
        left = max(0, box.left() - theme.UNIT * 3 // 4)
        room = self.viewport().width() - left - theme.UNIT
        width = min(max(self.editor.wanted_width(), 12 * theme.UNIT), max(room, 12 * theme.UNIT))
        left = min(left, max(0, self.viewport().width() - width))
        self.editor.setGeometry(left, box.center().y() - height // 2, width, height)

    def pick(self, cursor: QTextCursor) -> Pick | None:
        """Return the words a cursor points at; None where there are none."""
        block = self.document().findBlock(cursor.selectionStart())
        line = self.line_of(block)
        if line is None or line.segment is None:
            return None
        start = block.text().find("\t") + 1
        first = cursor.selectionStart() - block.position()
        last = min(cursor.selectionEnd() - block.position(), block.length() - 1)
        found: list[Piece] = []
        at = begin = start
        for piece in pieces(line.segment, line.revisions):
            end = at + len(piece.text)
            is_met = (first < end and last > at) if first < last else at <= first <= end
            if is_met and not (found and first >= last):
                begin = begin if found else at
                found.append(piece)
            at = end + 1
        if not found:  # the caret stands on the name
            found = list(pieces(line.segment, line.revisions)[:1])
        return Pick(line.key, line.segment, tuple(found), begin)

    # -- who spoke, what must go

    def chosen_segments(self) -> list[SegmentId]:
        """Return the segments of the selected lines, or of the line with the caret."""
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart()).blockNumber()
        last = self.document().findBlock(cursor.selectionEnd()).blockNumber()
        lines = self._shown[first : last + 1]
        return [each.segment.id for each in lines if each.segment is not None]

    def ask_role(self, point: QPoint | None = None) -> None:
        """Ask who speaks on the line with the caret."""
        line = self.line_of(self.textCursor().block())
        if line is None or line.segment is None or not self.can_edit:
            return
        menu = self._menu("roleMenu")
        self._add_roles(menu, line.segment)
        menu.popup(self.viewport().mapToGlobal(point or self.cursorRect().bottomLeft()))

    def ask_menu(self, point: QPoint | None = None) -> None:
        """Offer all that can be done at the caret."""
        menu = self._menu("transcriptMenu")
        self._fill_menu(menu)
        menu.popup(self.viewport().mapToGlobal(point or self.cursorRect().bottomLeft()))

    def _menu(self, name: str) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName(name)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _add_roles(self, menu: QMenu, segment: Segment) -> None:
        for role in NAMED:
            words = _("{speaker} is: {role}") if segment.speaker else _("This line: {role}")
            text = words.format(speaker=_voice_words(segment), role=role_words(role))
            self._add_role(menu, text, segment, role, bool(segment.speaker))
        if segment.speaker:
            menu.addSeparator()
            for role in NAMED:
                text = _("Only this line: {role}").format(role=role_words(role))
                self._add_role(menu, text, segment, role, everywhere=False)
        menu.addSeparator()
        menu.addAction(_("Swap clinician and patient everywhere"), self.swap_asked.emit)

    def _add_role(
        self, menu: QMenu, text: str, segment: Segment, role: SpeakerRole, everywhere: bool
    ) -> None:
        made = menu.addAction(text, lambda: self.role_named.emit(segment, role, everywhere))
        made.setObjectName(f"role_{role.value}{'_all' if everywhere else ''}")

    def _fill_menu(self, menu: QMenu) -> None:
        pick = self.pick(self.textCursor())
        if pick is not None and pick.words and self.can_edit:
            for note in filter(None, (piece_words(each) for each in pick.said)):
                menu.addAction(note).setEnabled(False)
            text = _("Correct “{text}”…").format(text=_short(pick.text))
            menu.addAction(text + "\tF2", self.start_correcting).setObjectName("correct")
        if pick is not None and self.can_edit:
            menu.addAction(_("Who speaks?") + "\tR", self.ask_role).setObjectName("whoSpeaks")
            strike = _("Strike this from the record…") + "\tDel"
            menu.addAction(strike, self._ask_strike).setObjectName("strike")
            menu.addSeparator()
        if pick is not None:
            play = menu.addAction(_("Play this line") + "\tSpace", self._ask_play)
            play.setObjectName("playLine")
        copy = menu.addAction(_("Copy") + "\tCtrl+C", self.copy)
        copy.setEnabled(self.textCursor().hasSelection())

    def _ask_play(self) -> None:
        line = self.line_of(self.textCursor().block())
        if line is not None and line.segment is not None:
            self.play_asked.emit(line.segment.id)

    def _ask_strike(self) -> None:
        segments = self.chosen_segments()
        if segments and self.can_edit:
            self.strike_asked.emit(segments)

    # -- Qt

    def _is_name(self, point: QPoint) -> bool:
        """Whether a point lies on the name of a speaker."""
        cursor = self.cursorForPosition(point)
        line = self.line_of(cursor.block())
        is_left = point.x() < self._left() - theme.UNIT
        inside = self._box(cursor.block()).contains(self._left(), point.y())
        return is_left and inside and line is not None and line.is_turn

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        on_name = self.can_edit and self._is_name(event.position().toPoint())
        shape = Qt.CursorShape.PointingHandCursor if on_name else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        is_left = event.button() is Qt.MouseButton.LeftButton
        super().mouseReleaseEvent(event)
        if is_left and not self.textCursor().hasSelection() and self._is_name(point):
            self.ask_role(point)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self.can_edit and not self._is_name(point):
            self.start_correcting(self.cursorForPosition(point))
        else:
            super().mouseDoubleClickEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }
        actions: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_F2: self.start_correcting,
            Qt.Key.Key_R: self.ask_role,
            Qt.Key.Key_Space: self._ask_play,
            Qt.Key.Key_Delete: self._ask_strike,
        }
        action = actions.get(Qt.Key(event.key())) if plain else None
        if action is not None:
            action()
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.ask_menu()
            return
        if not self.textCursor().hasSelection():
            self.setTextCursor(self.cursorForPosition(point))
        self.ask_menu(point)

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        """Leave out the empty lines that chips stand on."""
        return plain_data(self.textCursor().selectedText().replace("\u2029\u2029", "\u2029"))

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for place, line in enumerate(self._shown):
            if line.offer is not None:
                cursor = QTextCursor(self.document().findBlockByNumber(place))
                cursor.setBlockFormat(self._painter.block(False, self._height_of(line)))
        self._place()


def _voice_words(segment: Segment) -> str:
    """Return how a voice is called: `Speaker A`, also when it has a name by now."""
    name = f"{role_words(SpeakerRole.UNKNOWN)} {segment.speaker}"
    now = speaker_words(segment)
    return name if segment.role is SpeakerRole.UNKNOWN else f"{name} ({now})"


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"  # noqa: PLR2004 - width of a menu
