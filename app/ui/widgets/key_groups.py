"""The groups of a recovery key as they are copied onto paper. Main thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.parts import label

ROWS: Final = 2
"""Even rows: a row that wraps where it likes is misread."""


class KeyGroups(QWidget):
    """Shows each group under its number, because two of them are asked for by number."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("recoveryKey")
        self.setAccessibleName(_("Recovery key"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * theme.UNIT)
        self._grid.setVerticalSpacing(2 * theme.UNIT)

    def show_groups(self, groups: Sequence[str]) -> None:
        """Show these, and nothing of those before; none clears the page."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                for each in old.findChildren(QLabel):
                    each.clear()
                old.hide()
                old.deleteLater()
        columns = max(1, -(-len(groups) // ROWS))
        for place, group in enumerate(groups):
            self._grid.addWidget(_cell(place + 1, group), *divmod(place, columns))


def _cell(number: int, group: str) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    above, words = label(str(number), "muted", 0.85), label(group, factor=1.25)
    words.setObjectName(f"shownGroup{number}")
    words.setAccessibleName(_("Group {number}: {group}").format(number=number, group=group))
    for each in (above, words):
        column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
    return cell
