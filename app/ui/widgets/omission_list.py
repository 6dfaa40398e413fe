"""What was said and is not in the note, worst first, each with an Insert. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.domain.draft import Omission
from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import IconLabel, button, label, wrapped


class OmissionList(QFrame):
    """Lists omissions.

    Signals:
        insert_asked: an `Omission`.
        segment_asked: id of the segment where it was said.
    """

    insert_asked = Signal(object)
    segment_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("omissions")
        self.setProperty("kind", "card")
        self._shown: tuple[tuple[Omission, ...], bool] | None = None
        self._title = label("", strong=True)
        self._title.setObjectName("omissionsTitle")
        body = QWidget()
        self._rows = QVBoxLayout(body)
        self._rows.setContentsMargins(0, 0, theme.UNIT, 0)
        self._rows.setSpacing(0)
        self._rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(each * theme.UNIT for each in (2, 1, 1, 1)))
        column.setSpacing(theme.UNIT // 2)
        column.addWidget(self._title)
        column.addWidget(scroll, 1)
        self.hide()

    def show_omissions(self, omissions: tuple[Omission, ...], can_edit: bool) -> None:
        """Show these; hide when there are none. The same ones again cost nothing."""
        if (omissions, can_edit) == self._shown:
            return
        self._shown = (omissions, can_edit)
        while self._rows.count() > 1:
            item = self._rows.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        ranked = sorted(omissions, key=lambda each: -each.harm)
        for place, each in enumerate(ranked):
            self._rows.insertWidget(place, self._row(each, can_edit))
        title = _("Said, but not in the note: {count}")
        self._title.setText(title.format(count=len(ranked)))
        self.setVisible(bool(ranked))

    def stops(self) -> list[QWidget]:
        """Return what Tab stops at, from above."""
        rows = (self._rows.itemAt(place) for place in range(self._rows.count()))
        widgets = (row.widget() for row in rows if row is not None)
        found = (each.findChild(QPushButton) for each in widgets if each is not None)
        return [each for each in found if each is not None]

    def _row(self, omission: Omission, can_edit: bool) -> QWidget:
        row = _Row(omission)
        row.pressed.connect(lambda: self.segment_asked.emit(omission.segment))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(theme.UNIT)
        kind = label(_kind_words(omission.kind), "muted", 0.88)
        width = kind.fontMetrics().horizontalAdvance
        kind.setFixedWidth(max(map(width, _all_kinds().values())) + theme.UNIT)
        layout.addWidget(IconLabel("insert", "muted", 2 * theme.UNIT))
        layout.addWidget(kind)
        layout.addWidget(wrapped(omission.text), 1)
        insert = button("omissionInsert", _("Insert"), kind="small")
        insert.setAccessibleName(_("Insert: {text}").format(text=omission.text))
        insert.setEnabled(can_edit)
        insert.clicked.connect(lambda: self.insert_asked.emit(omission))
        insert.clicked.connect(lambda: self.segment_asked.emit(omission.segment))
        layout.addWidget(insert)
        return row


class _Row(QWidget):
    """A row that can be pressed.

    Signals:
        pressed: show where it was said.
    """

    pressed = Signal()

    def __init__(self, omission: Omission) -> None:
        super().__init__()
        self.setObjectName("omission")
        self.setAccessibleName(f"{_kind_words(omission.kind)}: {omission.text}")

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()


def _kind_words(kind: str) -> str:
    return _all_kinds().get(kind, _("Other"))


def _all_kinds() -> dict[str, str]:
    return {
        "drug": _("Drug"),
        "allergy": _("Allergy"),
        "vital": _("Vital sign"),
        "symptom": _("Symptom"),
        "duration": _("Duration"),
        "order": _("Order"),
        "follow_up": _("Follow-up"),
        "instruction": _("Instruction"),
    }
