"""Today: the visits, a search, a new visit, and recordings that were interrupted. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.domain.ids import VisitId
from app.domain.visit import VisitState
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.library import (
    BORN,
    IDENTIFIER,
    PATIENT,
    STATE,
    TIME,
    FoldedRole,
    LibraryModel,
    StateRole,
    VisitTable,
    state_words,
)
from app.ui.viewmodels.patients import clock_words
from app.ui.widgets.actions import make_action
from app.ui.widgets.field_icons import FieldIcons
from app.ui.widgets.parts import IconLabel, button, frame, icon_button, label, wrapped
from app.ui.widgets.plain_text import LineEdit

if TYPE_CHECKING:
    from app.workflow.recovery import Recoverable

_STATE_LOOKS: Final = {
    VisitState.PLANNED: ("clock", "muted"),
    VisitState.CONSENTED: ("microphone", "accent"),
    VisitState.RECORDING: ("record", "recording"),
    VisitState.PAUSED: ("pause", "partly"),
    VisitState.FINISHING: ("note", "muted"),
    VisitState.DRAFTING: ("note", "accent"),
    VisitState.IN_REVIEW: ("yours", "accent"),
    VisitState.SIGNED: ("supported", "supported"),
    VisitState.DISCARDED: ("remove", "muted"),
}

SMALL: Final = 0.88
"""Size of the line below a name, as a factor of the base size."""

_Index = QModelIndex | QPersistentModelIndex


class LibraryPage(QWidget):
    """The first page after unlocking.

    Signals:
        visit_asked: id of a visit to open.
        new_asked, settings_asked, lock_asked, help_asked, guide_asked, card_asked: what the
            person wants; `help` is the sheet of shortcuts, `card` the one to print.
    """

    visit_asked = Signal(str)
    new_asked = Signal()
    settings_asked = Signal()
    lock_asked = Signal()
    help_asked = Signal()
    guide_asked = Signal()
    card_asked = Signal()

    def __init__(self, model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("libraryPage")
        self._model = model
        self._opens_found = False  # Enter came before what was searched for
        self._found = ""
        self._chosen: VisitId | None = None
        self.search = LineEdit()
        self.search.setObjectName("search")
        self.search.setAccessibleName(_("Search visits"))
        self.search.setPlaceholderText(_("Search name or identifier (Ctrl+F)"))
        icons = FieldIcons(self.search)
        icons.lead("search")
        icons.offer_clear()
        self.new = button("newVisit", _("New visit"), "plus", "primary", "Ctrl+N")
        self.table = VisitList()
        self.table.setModel(model.table)
        self.table.dress()
        self._empty = wrapped("", "muted", 1.1)
        self._empty.setObjectName("libraryEmpty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.offers = QVBoxLayout()
        self.offers.setSpacing(theme.UNIT)
        self._place()
        self._card.hide()
        self._empty.hide()
        self._connect()

    def _place(self) -> None:
        inner = QVBoxLayout()
        inner.addWidget(self.table)
        self._card = frame("card", inner, (0, 0, 0, 0))
        inner.setContentsMargins(1, 1, 1, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(self.search, 1)
        row.addWidget(self.new)
        body = QVBoxLayout()
        body.setContentsMargins(*(each * theme.UNIT for each in (3, 2, 3, 2)))
        body.setSpacing(2 * theme.UNIT)
        body.addLayout(row)
        body.addLayout(self.offers)
        body.addWidget(self._card, 1)
        body.addWidget(self._empty, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addLayout(body, 1)

    def _make_head(self) -> QWidget:
        head = QHBoxLayout()
        head.setSpacing(theme.UNIT)
        head.addWidget(IconLabel("app", "accent", 4 * theme.UNIT))
        head.addWidget(label(_("Visits"), factor=1.35, strong=True))
        self._who = label("", "muted")
        self._who.setObjectName("whoIsHere")
        head.addSpacing(theme.UNIT)
        head.addWidget(self._who)
        head.addStretch(1)
        self.help = icon_button("openHelp", _("Help"), "help", "F1")
        self.help.setMenu(self._make_help())
        self.help.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.settings = icon_button("openSettings", _("Settings"), "settings", "Ctrl+,")
        self.lock = icon_button("lock", _("Lock"), "lock", "Ctrl+L")
        for widget in (self.help, self.settings, self.lock):
            head.addWidget(widget)
        return frame("bar", head, (3, 1, 2, 1))

    def _make_help(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("helpMenu")
        for name, words, asked in (
            ("helpGuide", _("Guide") + "\tShift+F1", self.guide_asked),
            ("helpShortcuts", _("Shortcuts") + "\tF1", self.help_asked),
            ("helpCard", _("Quick card to print…"), self.card_asked),
        ):
            menu.addAction(words, asked.emit).setObjectName(name)
        return menu

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._open_found)
        self.search.installEventFilter(self)
        self.new.clicked.connect(self.new_asked)
        self.settings.clicked.connect(self.settings_asked)
        self.lock.clicked.connect(self.lock_asked)
        self.table.opened.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(
            lambda now, _before: self._on_chosen(now)
        )
        self._model.visits_changed.connect(self._on_visits)
        self._model.interrupted_found.connect(self._on_interrupted)
        make_action(self, "find", self.focus_search)
        make_action(self, "take_up", self._take_up_first)

    def _on_search(self, query: str) -> None:
        self._opens_found = False
        self._model.search(query)

    def show_account(self, name: str) -> None:
        """Say whose visits these are."""
        self._who.setText(name)

    def focus_search(self) -> None:
        """Put the caret into the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def choose(self, visit: VisitId) -> None:
        """Light up a visit, now or when it has come into the list."""
        self._chosen = visit
        if (row := self._model.table.row_of(visit)) >= 0:
            self.table.selectRow(row)

    def clear(self) -> None:
        """Show nothing of anybody."""
        self.search.clear()
        self._who.setText("")
        self._chosen = None

    def _on_visits(self) -> None:
        count = self._model.table.rowCount()
        self._card.setVisible(count > 0)
        self._empty.setVisible(count == 0)
        if count == 0:
            nothing = _("No visit yet. Press Ctrl+N to start one.")
            self._empty.setText(_("Nothing found.") if self._model.query else nothing)
        elif not self.table.currentIndex().isValid():
            self._choose_again()
        if self._opens_found and self._model.is_found:
            self._open_found()
        if self.isVisible() and not self.search.hasFocus() and count:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_again(self) -> None:
        """Light up the visit that was lit up when the list is read anew; of a search, the first."""
        is_same = self._model.found == self._found
        self._found = self._model.found
        chosen = self._chosen
        row = self._model.table.row_of(chosen) if is_same and chosen is not None else 0
        self.table.selectRow(max(0, row))

    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid():  # while the list is read anew there is none
            self._chosen = self._model.table.visit(index.row()).id

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search, Down and Up go on in the list: two patients may have one name."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}
            and self._model.table.rowCount()
        ):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.table.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _open_found(self) -> None:
        """Open the row that is lit up, but none of an earlier search: Enter may be faster."""
        self._opens_found = bool(self.search.text()) and not self._model.is_found
        if self.search.text() and self._model.is_found and self._model.table.rowCount():
            self._open(max(0, self.table.currentIndex().row()))

    def _open(self, row: int) -> None:
        self.visit_asked.emit(self._model.table.visit(row).id)

    def _on_interrupted(self) -> None:
        while (item := self.offers.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for found in self._model.interrupted:
            self.offers.addWidget(self._offer(found))

    def _offer(self, found: Recoverable) -> QWidget:
        if found.is_living:
            text = _("A recording of {patient} goes on without its window: {time} so far.")
        else:
            text = _("A recording of {patient} was interrupted after {time}.")
        words = text.format(patient=found.visit.patient.display, time=clock_words(found.seconds))
        take = button("takeUp", _("Take it up"), "restore", "primary", "Ctrl+T")
        take.setAccessibleName(f"{take.text()}. {words}")
        take.clicked.connect(lambda: self._model.take_up(found))
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        row.addWidget(IconLabel("restore", "accent", 3 * theme.UNIT))
        row.addWidget(wrapped(words), 1)
        row.addWidget(take)
        made = frame("offer", row, (2, 1, 1, 1))
        made.setObjectName("interrupted")
        return made

    def _take_up_first(self) -> None:
        if self._model.interrupted:
            self._model.take_up(self._model.interrupted[0])


class VisitList(QTableView):
    """The visits as calm rows. Enter or a double click opens one.

    Signals:
        opened: a row.
    """

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("visits")
        self.setAccessibleName(_("Visits"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(6 * theme.UNIT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme.current().look_changed.connect(self.dress)
        self.setItemDelegate(CellDelegate(self))
        self.setItemDelegateForColumn(STATE, StateDelegate(self))
        self.setItemDelegateForColumn(PATIENT, PatientDelegate(self))
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def dress(self) -> None:
        """Set the columns, once there is a model."""
        if self.model() is None:
            return
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setAccessibleName(_("Columns"))
        self.verticalHeader().setDefaultSectionSize(theme.current().span(6))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(PATIENT, QHeaderView.ResizeMode.Stretch)
        width = self.fontMetrics().horizontalAdvance
        for column, sample in (
            (STATE, state_words(VisitState.CONSENTED) + "MMM"),
            (BORN, "28 September 1980 (46 y)"),
            (IDENTIFIER, "MRN 0012345678"),
            (TIME, "2026-11-20 14:05"),
        ):
            self.setColumnWidth(column, width(sample) + 4 * theme.UNIT)
        self._make_room()

    def _make_room(self) -> None:
        """Leave columns out before a name gets less room than a name needs.

        What they say stands below the name.
        """
        optional = (IDENTIFIER, TIME)
        for column in optional:
            self.setColumnHidden(column, False)
        header, needed = self.horizontalHeader(), self.fontMetrics().horizontalAdvance("M" * 14)
        fixed = {each: header.sectionSize(each) for each in range(header.count())}
        fixed.pop(PATIENT, None)
        folded: tuple[int, ...] = ()
        for column in optional:
            if self.viewport().width() - sum(fixed.values()) >= needed:
                break
            self.setColumnHidden(column, True)
            fixed.pop(column, None)
            folded = (*folded, column)
        model = self.model()
        if isinstance(model, VisitTable):
            model.fold(folded)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.model() is not None:
            self._make_room()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class CellDelegate(QStyledItemDelegate):
    """Paints a cell by hand: a style sheet takes several times as long for each."""

    def __init__(self, owner: QTableView) -> None:
        super().__init__(owner)
        self._list = owner

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, box = theme.current(), option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            ground = "accent_soft" if self._list.hasFocus() else "sunken"
            painter.fillRect(box, look.color(ground))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), look.color("line"))
        self.paint_words(painter, box.adjusted(theme.UNIT + theme.UNIT // 2, 0, 0, 0), index)

    def paint_words(self, painter: QPainter, box: QRect, index: _Index) -> None:
        """Write what the cell says, cut at its end when there is no room."""
        painter.setPen(theme.current().color("text"))
        text = str(index.data() or "")
        shown = self._list.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, box.width() - theme.UNIT
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(16 * theme.UNIT, 6 * theme.UNIT)


class PatientDelegate(CellDelegate):
    """Writes what columns say that have no room below the name, smaller."""

    @override
    def paint_words(self, painter: QPainter, box: QRect, index: _Index) -> None:
        folded = str(index.data(FoldedRole) or "")
        if not folded:
            super().paint_words(painter, box, index)
            return
        look = theme.current()
        above, below = self._list.fontMetrics().lineSpacing(), look.metrics(SMALL)
        height = above + round(below.lineSpacing())
        upper = QRect(box.left(), box.top() + (box.height() - height) // 2, box.width(), above)
        super().paint_words(painter, upper, index)
        room = box.width() - theme.UNIT
        shown = below.elidedText(folded, Qt.TextElideMode.ElideRight, room)
        painter.save()
        painter.setFont(look.font(SMALL))
        painter.setPen(look.color("muted"))
        lower = QRect(box.left(), upper.bottom() + 1, room, height - above)
        painter.drawText(lower, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()


class StateDelegate(CellDelegate):
    """Paints the state of a visit as icon and word."""

    @override
    def paint_words(self, painter: QPainter, box: QRect, index: _Index) -> None:
        state = VisitState(index.data(StateRole))
        icon, color = _STATE_LOOKS[state]
        look, side = theme.current(), theme.current().span(2)
        ratio = self._list.devicePixelRatioF()
        top = box.top() + (box.height() - side) // 2
        painter.drawPixmap(box.left(), top, look.pixmap(icon, color, side, ratio))
        painter.setPen(look.color("text"))
        words = box.adjusted(side + look.span(1), 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), state_words(state))
