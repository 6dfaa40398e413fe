"""Settings, the page of the clinic: what an administrator decided, to be read. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.policy import Rule, policy_rules, policy_summary
from app.ui.widgets.parts import frame, label, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.foundation.policy_file import PolicyReading


class PolicyPage(QWidget):
    """Every rule in force, its value, and who set it. Nothing can be changed."""

    def __init__(self, reading: PolicyReading) -> None:
        super().__init__()
        self.setObjectName("policyPage")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a screen reader reads it as a whole
        summary = policy_summary(reading)
        words = wrapped(summary, "error" if reading.source == "strict" else "")
        words.setObjectName("policySummary")
        rules = policy_rules(reading)
        spoken = (f"{each.title}: {each.value} ({each.source})" for each in rules)
        self.setAccessibleName(_("What your clinic decided"))
        self.setAccessibleDescription(". ".join((summary, *spoken)))
        inner = QVBoxLayout()
        inner.setSpacing(2 * theme.UNIT)
        inner.addWidget(label(_("What your clinic decided"), factor=1.1, strong=True))
        inner.addWidget(words)
        inner.addLayout(_table(rules))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(each * theme.UNIT for each in (3, 3, 3, 3)))
        column.addWidget(frame("card", inner, (3, 2, 3, 2)))
        column.addStretch(1)


def _table(rules: Iterable[Rule]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * theme.UNIT)
    grid.setVerticalSpacing(theme.UNIT + theme.UNIT // 2)
    for column, share in enumerate((5, 5, 4)):
        grid.setColumnStretch(column, share)
    top = Qt.AlignmentFlag.AlignTop
    for place, rule in enumerate(rules):
        value = wrapped(rule.value)
        value.setObjectName(f"policy_{rule.key}")
        grid.addWidget(wrapped(rule.title, "muted"), place, 0, top)
        grid.addWidget(value, place, 1, top)
        grid.addWidget(wrapped(rule.source, "accent" if rule.is_set else "muted"), place, 2, top)
    return grid
