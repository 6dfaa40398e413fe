"""One claim of a draft: its state by icon, word and color, its text, and what to do about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from app.domain.draft import Claim, Owner, Support
from app.domain.review import is_blocking
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.review import finding_words, support_words
from app.ui.widgets.auto_text_box import AutoTextLine
from app.ui.widgets.banner import LARGE
from app.ui.widgets.parts import IconLabel, button, icon_button, label, set_kind, wrapped
from app.workflow.auto_texts import AutoTexts

_LOOKS: Final = {
    Support.SUPPORTED: ("supported", "supported"),
    Support.PARTLY: ("partly", "partly"),
    Support.UNSUPPORTED: ("unsupported", "unsupported"),
    Support.CLINICIAN: ("yours", "yours"),
}


class ClaimRow(QFrame):
    """Shows a claim. Keys: Enter or F2 edits, Delete removes, A accepts, Space plays.

    Signals:
        chosen: it has the focus.
        edited: the new text.
        accept_asked, remove_asked: what the person decided.
        moved: -1 or +1: to the neighbor.
        picked: select it beside others, or no longer: Ctrl and a click, or X.
        play_asked: let it be heard what it rests on: a click, or Space.
    """

    chosen = Signal()
    edited = Signal(str)
    accept_asked = Signal()
    remove_asked = Signal()
    moved = Signal(int)
    play_asked = Signal()
    picked = Signal()

    def __init__(self, claim: Claim, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("claim")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.claim = claim
        self._is_accepted = False
        self._can_edit = False
        self._is_chosen = False
        self._is_resting = False
        self._is_picked = False
        self._is_stale = False
        self._is_unfilled = False
        self.auto_texts = AutoTexts(())
        self._editor: AutoTextLine | None = None
        self._icon = IconLabel("supported", "supported")
        self._text = wrapped("")
        self._state = label("", factor=0.88)
        self._findings = wrapped("", factor=0.9)
        self._edit = icon_button("claimEdit", _("Edit"), "yours", "F2")
        self._remove = icon_button("claimRemove", _("Remove"), "remove", "Del")
        self._accept = button("claimAccept", _("Accept"), "supported", "small", "A")
        self._mend = button("claimMend", _("Mend"), "yours", "small", "F2")
        self._drop = button("claimDrop", _("Remove"), "remove", "small", "Del")
        self._place()
        self._connect()
        self.show_claim(claim, is_accepted=False, can_edit=False)

    def _place(self) -> None:
        half = theme.UNIT // 2
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.UNIT, half, half, half)
        grid.setHorizontalSpacing(theme.UNIT)
        grid.setVerticalSpacing(half)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._icon, 0, 0, top)
        grid.addWidget(self._text, 0, 1, top)
        width = self._state.fontMetrics().horizontalAdvance(_("Unsupported")) + half
        self._state.setMinimumWidth(width)
        line = self._text.fontMetrics().lineSpacing() + 2
        self._icon.stand_beside(line)
        self._state.setMinimumHeight(line)
        grid.addWidget(self._state, 0, 3, top)
        grid.addWidget(self._make_tools(), 0, 2, top)
        grid.addWidget(self._findings, 1, 1, 1, 3)
        grid.addWidget(self._make_decide(), 2, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def _make_tools(self) -> QWidget:
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(0)
        for each in (self._edit, self._remove):
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            each.setProperty("kind", "inLine")  # as high as a line: no room for a button's margins
            tools.addWidget(each)
        keeps = self._tools.sizePolicy()
        keeps.setRetainSizeWhenHidden(theme.current().scale < LARGE)
        self._tools.setSizePolicy(keeps)
        self._tools.setFixedHeight(self._text.fontMetrics().lineSpacing() + 2)
        self._tools.hide()
        return self._tools

    def _make_decide(self) -> QWidget:
        self._decide = QWidget()
        row = QHBoxLayout(self._decide)
        row.setContentsMargins(0, 0, 0, theme.UNIT // 2)
        row.setSpacing(theme.UNIT)
        for choice in (self._accept, self._mend, self._drop):
            row.addWidget(choice)
        row.addStretch(1)
        # it asks for no width: a row that is wider than the page would be cut at its left
        self._decide.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return self._decide

    def _fit_decide(self) -> None:
        """Leave the words off two buttons where all of them have no room; both keep their icon."""
        layout = self._decide.layout()
        if layout is None or self._decide.isHidden():
            return
        for is_folded in (False, True):
            for each, key in ((self._mend, "F2"), (self._drop, "Del")):
                words = each.accessibleName()
                each.setText("" if is_folded else words)
                each.setToolTip(f"{words} ({key})" if is_folded else key)
            if layout.sizeHint().width() <= self._decide.width():
                return

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_decide()

    def _connect(self) -> None:
        self._edit.clicked.connect(self.start_editing)
        self._mend.clicked.connect(self.start_editing)
        self._remove.clicked.connect(self.remove_asked)
        self._drop.clicked.connect(self.remove_asked)
        self._accept.clicked.connect(self.accept_asked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    # -- showing

    def show_claim(self, claim: Claim, is_accepted: bool, can_edit: bool) -> None:
        """Show a claim, and whether the clinician let it stand."""
        self.claim, self._is_accepted, self._can_edit = claim, is_accepted, can_edit
        icon, color = _look(claim)
        state = support_words(claim)
        if is_accepted and is_blocking(claim):
            icon, color, state = "supported", "yours", _("Accepted")
        if self._is_stale:
            icon, color, state = "unsupported", "unsupported", _("Changed")
        elif self._is_unfilled:
            icon, color, state = "unsupported", "unsupported", _("To fill")
        self._icon.show_icon(icon, color)
        self._text.setText(claim.text)
        self._state.setText(state)
        palette = self._state.palette()
        palette.setColor(self._state.foregroundRole(), theme.current().color(color))
        self._state.setPalette(palette)
        findings = self._complaints()
        self._findings.setText(findings)
        self._findings.setVisible(bool(findings) and self._editor is None)
        self._decide.setVisible(self.is_open and can_edit and self._editor is None)
        self._accept.setVisible(not self._is_unfilled)
        self._fit_decide()
        heard = f"{state}: {claim.text}"
        self.setAccessibleName(f"{heard} {findings}" if findings else heard)
        self._dress()
        self._show_tools()  # a signed note has none

    @property
    def is_open(self) -> bool:
        """Whether it blocks signing and nobody decided yet."""
        is_undecided = is_blocking(self.claim) and not self._is_accepted
        return is_undecided or self._is_stale or self._is_unfilled

    @property
    def _can_accept(self) -> bool:
        return self.is_open or self.claim.is_changed

    def show_marks(self, is_stale: bool, is_unfilled: bool) -> None:
        """Say whether the words it rests on changed, and whether a field is left to fill."""
        if (is_stale, is_unfilled) != (self._is_stale, self._is_unfilled):
            self._is_stale, self._is_unfilled = is_stale, is_unfilled
            if self._editor is None:
                self.show_claim(self.claim, self._is_accepted, self._can_edit)

    def show_picked(self, is_picked: bool) -> None:
        """Show that it is selected beside others."""
        self._is_picked = is_picked
        self._dress()

    def _complaints(self) -> str:
        marks = []
        if self._is_stale:
            marks.append(_("The words it rests on have changed. Check it again."))
        elif self.claim.before:
            words = _("Quoted anew: what was said here was heard or corrected otherwise.")
            marks += [words, _("Before: “{text}”").format(text=self.claim.before)]
        elif self.claim.is_changed:
            marks.append(_("The words it rests on have changed since it was written."))
        if self._is_unfilled:
            marks.append(_("A field is not filled yet."))
        return " ".join([*marks, *filter(None, [finding_words(self.claim)])])

    def show_chosen(self, is_chosen: bool) -> None:
        """Show that its evidence is lit up."""
        self._is_chosen = is_chosen
        self._dress()

    def show_resting(self, is_resting: bool) -> None:
        """Show that it rests on the transcript line that was chosen."""
        self._is_resting = is_resting
        self._dress()

    def _dress(self) -> None:
        doubt = not self._is_accepted
        if self._is_picked:
            look = "picked"
        elif self._is_resting:
            look = "resting"
        elif self.is_open:
            look = "blocking"
        elif self._is_chosen:
            look = "chosen"
        elif self.claim.support is Support.UNSUPPORTED and doubt:
            look = "doubt"
        elif self.claim.support is Support.PARTLY or (self.claim.before and self._can_edit):
            look = "partly"
        else:
            look = "plain"
        set_kind(self, "claim", look)

    def _show_tools(self) -> None:
        is_small = theme.current().scale < LARGE  # else: keys and menu; the words need the room
        has_tools = is_small and self._can_edit and not self.is_open and self._editor is None
        self._tools.setVisible(has_tools and (self.underMouse() or self.hasFocus()))

    # -- editing

    @property
    def is_editing(self) -> bool:
        """Whether the text is being changed."""
        return self._editor is not None

    def start_editing(self) -> None:
        """Change the text in place."""
        if not self._can_edit or self._editor is not None:
            return
        self._editor = AutoTextLine(self.claim.text, self.auto_texts)
        self._editor.setObjectName("claimEditor")
        self._editor.setAccessibleName(_("Text of the statement"))
        self._editor.kept.connect(self._on_kept)
        self._editor.left.connect(self._stop_editing)
        grid = self.layout()
        if isinstance(grid, QGridLayout):
            self._text.hide()
            self._findings.hide()
            self._decide.hide()
            self._tools.hide()
            grid.addWidget(self._editor, 0, 1)
            self._editor.show()  # now, not when the layout comes to it: the next key is its
        if not self._editor.keys.select_first():
            self._editor.selectAll()
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_kept(self, text: str) -> None:
        is_other = text != self.claim.text
        self._stop_editing()
        if is_other:
            self.edited.emit(text)

    def _stop_editing(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            self._text.show()
            self.show_claim(self.claim, self._is_accepted, self._can_edit)
            if had_focus:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_menu(self, point: QPoint) -> None:
        if not self._can_edit:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._can_accept:
            menu.addAction(_("Accept"), self.accept_asked.emit)
        menu.addAction(_("Edit"), self.start_editing)
        menu.addAction(_("Remove"), self.remove_asked.emit)
        menu.popup(self.mapToGlobal(point))

    # -- Qt

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2}:
            self.start_editing()
        elif key == Qt.Key.Key_X and self._can_edit:
            self.picked.emit()
        elif key == Qt.Key.Key_Space:
            self.play_asked.emit()
        elif key == Qt.Key.Key_Delete and self._can_edit:
            self.remove_asked.emit()
        elif key == Qt.Key.Key_A and self._can_accept and self._can_edit:
            self.accept_asked.emit()
        else:
            super().keyPressEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.start_editing()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._can_edit:
            self.picked.emit()
            return
        self.chosen.emit()
        if event.button() is Qt.MouseButton.LeftButton:
            self.play_asked.emit()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_tools()
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.chosen.emit()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_tools()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_tools()

    @override
    def leaveEvent(self, event: object) -> None:
        self._show_tools()


def _look(claim: Claim) -> tuple[str, str]:
    if claim.owner is Owner.MACRO:
        return "macro", "yours"
    if claim.owner is Owner.LEDGER:
        return "lock", "yours"
    return _LOOKS[claim.support]
