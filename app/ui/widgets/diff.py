"""What changes in a line, word by word: struck out, underlined, with a sign for each. Main thread.

Never by color alone: what goes is struck out, what comes is underlined, and each line says in a
word what happens to it.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.review import finding_words, support_words
from app.ui.widgets.choice import Tick
from app.ui.widgets.parts import label, wrapped
from app.ui.widgets.plain_text import ReadingBox
from app.workflow.changes import ChangeKind, ClaimChange, WordChange, Words

_COLORS: Final = {
    WordChange.SAME: "text",
    WordChange.REMOVED: "unsupported",
    WordChange.ADDED: "supported",
}


class DiffText(ReadingBox):
    """Words that stay, go and come; as high as its text."""

    def __init__(self, words: tuple[Words, ...]) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("diffText")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QTextEdit { background: transparent; border: 0; padding: 0; }")
        self.document().setDocumentMargin(1)
        self._words = words
        self._paint()
        theme.current().look_changed.connect(self._paint)

    def _paint(self) -> None:
        self.clear()
        cursor = self.textCursor()
        before: Words | None = None
        for each in self._words:
            form = QTextCharFormat()
            if before is not None and _are_glued(before, each):
                cursor.insertText(" ", form)
            before = each
            form.setForeground(theme.current().color(_COLORS[each.change]))
            form.setFontStrikeOut(each.change is WordChange.REMOVED)
            form.setFontUnderline(each.change is WordChange.ADDED)
            cursor.insertText(each.text, form)
        self._fit()

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        self.setFixedHeight(int(self.document().size().height()) + 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _are_glued(before: Words, after: Words) -> bool:
    """Whether a dose that goes and one that comes would read as a third: 50 and 25 as 5025."""
    is_swap = {before.change, after.change} == {WordChange.REMOVED, WordChange.ADDED}
    return is_swap and not (before.text[-1:].isspace() or after.text[:1].isspace())


class ChangeRow(QFrame):
    """One line of a diff, with a tick to take it where there is a choice."""

    def __init__(self, change: ClaimChange, place: str, *, has_tick: bool) -> None:
        super().__init__()
        self.setObjectName("changeRow")
        self.setProperty("claim", "plain")
        self.change = change
        self.tick: Tick | None = None
        grid = QGridLayout(self)
        half = theme.UNIT // 2
        grid.setContentsMargins(theme.UNIT, half, theme.UNIT, half)
        grid.setHorizontalSpacing(theme.UNIT)
        grid.setVerticalSpacing(half)
        top = Qt.AlignmentFlag.AlignTop
        what = change_words(change, place)
        text = _plain(change)
        if change.is_open and has_tick:
            self.tick = Tick("takeChange", "")
            self.tick.setChecked(True)
            self.tick.setAccessibleName(f"{what}: {text}")
            grid.addWidget(self.tick, 0, 0, top)
        grid.addWidget(DiffText(_words(change)), 0, 1)
        state = label(what, "muted", 0.88)
        width = state.fontMetrics().horizontalAdvance
        state.setMinimumWidth(max(12 * theme.UNIT, width(_("Other evidence"))))
        grid.addWidget(state, 0, 2, top)
        if (found := _warning(change)) is not None:
            grid.addWidget(found, 1, 1, 1, 2)
        grid.setColumnMinimumWidth(0, 3 * theme.UNIT)
        grid.setColumnStretch(1, 1)
        self.setAccessibleName(f"{what}: {text}")


def change_words(change: ClaimChange, place: str = "") -> str:
    """Say what happens to a line. `place`: heading at the other end of a move."""
    if change.moved:
        text = _("Goes to {section}") if change.old is not None else _("Comes from {section}")
        return text.format(section=place)
    if change.kind is ChangeKind.CHANGED and change.old and change.new:
        if change.old.text == change.new.text:
            return _("Other evidence")
        return _("Changed")
    return {
        ChangeKind.SAME: _("Stays"),
        ChangeKind.CHANGED: _("Changed"),
        ChangeKind.ADDED: _("New"),
        ChangeKind.REMOVED: _("Goes"),
        ChangeKind.KEPT: _("Yours, stays"),
    }[change.kind]


def _words(change: ClaimChange) -> tuple[Words, ...]:
    if change.words:
        return change.words
    kinds = {ChangeKind.ADDED: WordChange.ADDED, ChangeKind.REMOVED: WordChange.REMOVED}
    return (Words(kinds.get(change.kind, WordChange.SAME), _plain(change)),)


def _plain(change: ClaimChange) -> str:
    if change.kind in {ChangeKind.REMOVED, ChangeKind.KEPT} and change.old is not None:
        return change.old.text
    claim = change.new or change.old
    return claim.text if claim is not None else ""


def _warning(change: ClaimChange) -> QWidget | None:
    """Return what the checks say about a line that would come."""
    if change.new is None or not change.is_open or change.moved:
        return None
    findings = finding_words(change.new)
    if not findings:
        return None
    return wrapped(f"{support_words(change.new)}: {findings}", "error", 0.9)
