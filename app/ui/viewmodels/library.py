"""The list of visits, new visits, and recordings that were interrupted. Main thread."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from typing_extensions import override

from app.domain.events import PatientCorrected, VisitAdvanced
from app.domain.ids import VisitId
from app.domain.store_ports import VisitSummary
from app.domain.visit import Visit, VisitState
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener
from app.ui.viewmodels.pace import Pace
from app.ui.viewmodels.patients import PatientFields, born_words, identifier_words
from app.ui.viewmodels.vocabulary import terms_in

if TYPE_CHECKING:
    from app.workflow.recovery import Recoverable
    from app.workflow.services import Services

STATE, PATIENT, BORN, IDENTIFIER, TIME = range(5)
TYPING_MS: Final = 150
"""Wait after the last key before searching; chosen by feel, ask the window's owner."""

StateRole: Final = int(Qt.ItemDataRole.UserRole)
"""A row's `VisitState`, in every column."""
FoldedRole: Final = StateRole + 1
"""What the columns say that have no room, in the column of the patient; empty when all have it."""

_Index = QModelIndex | QPersistentModelIndex


def state_words(state: VisitState) -> str:
    """Return the state of a visit for people."""
    words = {
        VisitState.PLANNED: _("Planned"),
        VisitState.CONSENTED: _("Ready to record"),
        VisitState.RECORDING: _("Recording"),
        VisitState.PAUSED: _("Paused"),
        VisitState.FINISHING: _("Finishing"),
        VisitState.DRAFTING: _("Drafting"),
        VisitState.IN_REVIEW: _("To review"),
        VisitState.SIGNED: _("Signed"),
        VisitState.DISCARDED: _("Discarded"),
    }
    return words[state]


def time_words(at: datetime, now: datetime | None = None) -> str:
    """Return `Today 14:05`, or `2026-11-20 14:05`."""
    local = at.astimezone()
    today = (now or datetime.now().astimezone()).date()
    if local.date() == today:
        return _("Today {time}").format(time=f"{local:%H:%M}")
    return f"{local:%Y-%m-%d %H:%M}"


class VisitTable(QAbstractTableModel):
    """Visits as rows; newest first, as the vault gives them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[VisitSummary] = []
        self._folded: tuple[int, ...] = ()

    def fold(self, columns: tuple[int, ...]) -> None:
        """Say below the patient what these columns say: the page leaves them out."""
        if columns != self._folded:
            self._folded = columns
            if self._rows:
                last = self.index(len(self._rows) - 1, PATIENT)
                self.dataChanged.emit(self.index(0, PATIENT), last)

    def replace(self, rows: tuple[VisitSummary, ...]) -> None:
        """Show other visits."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def visit(self, row: int) -> Visit:
        """Return the visit of a row."""
        return self._rows[row].visit

    def row_of(self, visit: VisitId) -> int:
        """Return the row of a visit, -1 if it is not shown."""
        rows = (row for row, each in enumerate(self._rows) if each.visit.id == visit)
        return next(rows, -1)

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else TIME + 1

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (_("State"), _("Patient"), _("Born"), _("Identifier"), _("Time"))[section]

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        visit = self._rows[index.row()].visit
        if role == StateRole:
            return visit.state
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == STATE:
            return f"{state_words(visit.state)}, {visit.patient.display}"
        if index.column() == PATIENT and role == FoldedRole:
            return " · ".join(self._folded_words(visit))
        if index.column() == PATIENT and role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([visit.patient.display, *self._folded_words(visit)])
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._words(visit, index.column())
        return None

    def _folded_words(self, visit: Visit) -> list[str]:
        return [words for each in self._folded if (words := self._words(visit, each))]

    def _words(self, visit: Visit, column: int) -> str:
        if column == STATE:
            return state_words(visit.state)
        if column == PATIENT:
            return visit.patient.display
        if column == BORN:
            return born_words(visit.patient)
        if column == IDENTIFIER:
            return identifier_words(visit.patient) if visit.patient.identifiers else ""
        return time_words(visit.started_at or visit.created_at)


class LibraryModel(Listener):
    """Lists, finds, plans and takes up.

    Signals:
        visits_changed: `table` holds other rows.
        planned: a new `Visit`.
        interrupted_found: `interrupted` holds recordings to take up.
        taken_up: the `Visit` whose recording is finished now.
    """

    visits_changed = Signal()
    planned = Signal(object)
    interrupted_found = Signal()
    taken_up = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.table = VisitTable(self)
        self.query = ""
        self.found = ""  # what the rows were searched for
        self.interrupted: tuple[Recoverable, ...] = ()
        self._search_pace = Pace(self.refresh, self, TYPING_MS)
        self._event_pace = Pace(self.refresh, self)
        self._asked = 0
        self.hear(VisitAdvanced, lambda _event: self._event_pace.ask())
        self.hear(PatientCorrected, lambda _event: self._event_pace.ask())

    def clear(self) -> None:
        """Hold no patient any more: the vault is locked."""
        self._asked += 1
        self._search_pace.stop()
        self._event_pace.stop()
        self.query = self.found = ""
        self.interrupted = ()
        self.table.replace(())
        self.visits_changed.emit()
        self.interrupted_found.emit()

    def search(self, query: str) -> None:
        """Look for names and identifiers, soon after the last key."""
        self.query = query.strip()
        self._search_pace.ask_again()

    def refresh(self) -> None:
        """Read the list again."""
        if self._services.unlocking.account is None:
            return
        self._asked += 1
        number, query = self._asked, self.query
        self.ask(
            lambda: self._services.visiting.visits(query),
            lambda rows: self._on_visits(number, query, rows),
        )

    @property
    def is_found(self) -> bool:
        """Whether the rows are those of what is searched for now, and not of a key before."""
        return self.found == self.query

    def look_for_interrupted(self) -> None:
        """See whether a recording was cut off by a crash."""
        self.ask(self._services.recovery.interrupted, self._on_interrupted)

    def plan(self, fields: PatientFields) -> None:
        """Make a visit.

        Raises:
            ValueError: see `PatientFields.patient`.
        """
        patient, terms = fields.patient(), terms_in(fields.terms)
        self.ask(
            lambda: self._services.visiting.plan(patient),
            lambda visit: self._on_planned(visit, terms),
        )

    def take_up(self, item: Recoverable) -> None:
        """Finish an interrupted recording; transcribing and drafting follow."""
        self.interrupted = tuple(each for each in self.interrupted if each is not item)
        self.interrupted_found.emit()
        self.ask(lambda: self._services.recovery.take_up(item.recording), self._on_taken_up)

    def _on_visits(self, number: int, query: str, rows: tuple[VisitSummary, ...]) -> None:
        if number != self._asked:
            return  # a later search is under way, or the vault was locked
        self.found = query
        self.table.replace(
            tuple(row for row in rows if row.visit.state is not VisitState.DISCARDED)
        )
        self.visits_changed.emit()

    def _on_planned(self, visit: Visit, terms: tuple[str, ...]) -> None:
        self.refresh()
        if terms:
            self.ask(lambda: self._services.visiting.set_terms(visit.id, terms), self.planned.emit)
        else:
            self.planned.emit(visit)

    def _on_interrupted(self, found: tuple[Recoverable, ...]) -> None:
        running = self._services.listening.current
        self.interrupted = tuple(each for each in found if each.visit.id != running)
        self.interrupted_found.emit()

    def _on_taken_up(self, visit: Visit) -> None:
        self.refresh()
        self.taken_up.emit(visit)
