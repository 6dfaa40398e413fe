"""Small parts with a name, a label for screen readers and a look from the style sheet."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from app.ui import theme

ENDLESS: Final = 100_000
"""Pixels: higher than any text."""
ICON: Final = 18
"""Side of an icon in a button, in device-independent pixels."""
GAP: Final = 6
"""Between the icon of a button and its words, at the usual size of text."""
OWN_GAP: Final = 4
"""What the style leaves there by itself, at any size of text."""


class Label(QLabel):
    """Plain text in a size and weight that follow the theme. Nothing of it can be selected."""

    def __init__(self, text: str, factor: float = 1.0, strong: bool = False) -> None:
        super().__init__(text)
        self._factor, self._strong = factor, strong
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._refont()
        theme.current().look_changed.connect(self._refont)

    def _refont(self) -> None:
        self.setFont(theme.current().font(self._factor, self._strong))


class IconLabel(QLabel):
    """An icon that says nothing to screen readers: the words stand beside it."""

    _line_height = 0

    def __init__(self, icon: str, color: str = "text", size: int = ICON) -> None:
        super().__init__()
        self._icon, self._color, self._size = icon, color, size
        self._repaint()
        theme.current().look_changed.connect(self._repaint)

    def show_icon(self, icon: str, color: str) -> None:
        """Show another icon."""
        if (icon, color) != (self._icon, self._color):
            self._icon, self._color = icon, color
            self._repaint()

    def _repaint(self) -> None:
        ratio, side = self.devicePixelRatioF(), round(self._size * theme.current().scale)
        self.setFixedSize(side, max(side, self._line_height))
        self.setPixmap(theme.current().pixmap(self._icon, self._color, side, ratio))

    def stand_beside(self, height: int) -> None:
        """Stand in the middle of a line of text of this height."""
        self._line_height = height
        self._repaint()


class ElidedLabel(Label):
    """One line that gives way: it ends in dots where it has no room, and never asks for more.

    All of it is the tooltip then.
    """

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        self.setToolTip("" if words == self.text() else self.text())
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            room,
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            words,
            self.foregroundRole(),
        )
        painter.end()


class WrappedLabel(Label):
    """Text over several lines. It never gets less height than its lines need at its width.

    Layouts ask a label for that only where no other part stands between; in a card they do not.
    """

    def __init__(self, text: str, factor: float = 1.0) -> None:
        super().__init__(text, factor)
        self.setWordWrap(True)

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = self._needed() if self.text() else 0
        if height != self.minimumHeight():
            self.setMinimumHeight(height)

    def _needed(self) -> int:
        """Return the height of the lines.

        `heightForWidth` never gives less than the minimum height, so a label that was narrow once,
        or said more, would stay high.
        """
        inner = self.contentsRect()
        box = QRect(0, 0, max(0, inner.width()), ENDLESS)
        flags = int(self.alignment()) | int(Qt.TextFlag.TextWordWrap)
        lines = self.fontMetrics().boundingRect(box, flags, self.text())
        return lines.height() + self.height() - inner.height()


class AskingLabel(ElidedLabel):
    """One line that asks for the room of its words, and gives way where there is none."""

    @override
    def sizeHint(self) -> QSize:
        return QLabel.sizeHint(self)


class _Grown:
    """Icons of buttons grow with the text, and so does the gap between them and words."""

    def _grow(self) -> None:
        scale = theme.current().scale
        side = round(ICON * scale)
        assert isinstance(self, QAbstractButton)  # noqa: S101 - for the type checker
        gap = round(GAP * scale) - OWN_GAP if self.text() else 0
        self.setIconSize(QSize(side + gap, side))


class Button(QPushButton, _Grown):
    """A button with words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAutoDefault(True)  # Enter presses it outside of dialogs, too
        self._grow()
        theme.current().look_changed.connect(self._on_look)

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._grow()

    def _on_look(self) -> None:
        self._grow()


class IconButton(QToolButton, _Grown):
    """A button with an icon only. Enter presses it, as Space does."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def __init__(self) -> None:
        super().__init__()
        self._grow()
        theme.current().look_changed.connect(self._on_look)

    def _on_look(self) -> None:
        self._grow()


def label(text: str, kind: str = "", factor: float = 1.0, strong: bool = False) -> Label:
    """Return a label that shows plain text only."""
    made = Label(text, factor, strong)
    if kind:
        made.setProperty("kind", kind)
    return made


def elided(text: str, kind: str = "", factor: float = 1.0) -> Label:
    """Return a label of one line that takes the room that is left."""
    made = ElidedLabel(text, factor)
    if kind:
        made.setProperty("kind", kind)
    return made


def wrapped(text: str, kind: str = "", factor: float = 1.0) -> Label:
    """Return a label that breaks its lines."""
    made = WrappedLabel(text, factor)
    if kind:
        made.setProperty("kind", kind)
    return made


def button(name: str, text: str, icon: str = "", kind: str = "", hint: str = "") -> QPushButton:
    """Return a button. `name` is its object name, `hint` its tooltip: usually the shortcut."""
    made = Button(text)
    made.setObjectName(name)
    made.setAccessibleName(text.replace("&", ""))
    if kind:
        made.setProperty("kind", kind)
    if icon:
        color = {"primary": "on_accent", "record": "on_recording", "danger": "unsupported"}
        made.setIcon(theme.current().icon(icon, color.get(kind, "text")))
    if hint:
        made.setToolTip(hint)
    return made


def head_height() -> int:
    """Return how high the heads of cards are that stand side by side: a title and a small line."""
    lines = theme.current().metrics(1.1, strong=True), theme.current().metrics(0.9)
    return max(6 * theme.UNIT, round(sum(each.lineSpacing() for each in lines)) + theme.UNIT // 2)


def enter_presses(go: QPushButton, *others: QPushButton) -> None:
    """Have Enter press one button of a dialog, and never one that throws away what was typed.

    Qt takes the first it finds, or the next one while that is disabled.
    """
    go.setDefault(True)
    for each in others:
        each.setAutoDefault(False)


def icon_button(name: str, text: str, icon: str, hint: str = "") -> QToolButton:
    """Return a button that shows an icon only; its text is heard and is the tooltip."""
    made = IconButton()
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setToolTip(f"{text} ({hint})" if hint else text)
    made.setProperty("kind", "quiet")
    made.setIcon(theme.current().icon(icon))
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def frame(kind: str, layout: QLayout, margins: tuple[int, int, int, int]) -> QFrame:
    """Return a frame with a look and margins in units of the grid."""
    made = QFrame()
    made.setProperty("kind", kind)
    left, top, right, bottom = (each * theme.UNIT for each in margins)
    layout.setContentsMargins(left, top, right, bottom)
    made.setLayout(layout)
    return made


def scrolling(body: QWidget) -> QScrollArea:
    """Return a page that scrolls up and down when large text leaves no room for all of it."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(body)
    return scroll


def screen_area(widget: QWidget) -> QRect:
    """Return what windows may take of the screen a widget is on, in device-independent pixels.

    Not by `widget.screen()`: PySide 6.11 makes that screen a child of the widget's Python object,
    and destroys it with the second widget that is collected. Nothing can be shown afterwards.
    """
    place = widget.mapToGlobal(widget.rect().center())
    screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
    return screen.availableGeometry()


def set_kind(widget: QWidget, name: str, value: str) -> None:
    """Set a dynamic property the style sheet looks at, and have it look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
