"""Icons in a field that grow with its text: Qt's own keep 16 pixels at any size. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from app.foundation.i18n import _
from app.ui import theme
from app.ui.widgets.banner import LARGE
from app.ui.widgets.parts import IconLabel, icon_button


class FieldIcons(QObject):
    """Holds what stands at the two ends of a field, and keeps the text off it.

    They are no Tab stops, as Qt's own are none: what they do has a key, or can be typed.
    """

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._before: list[QWidget] = []
        self._behind: list[QWidget] = []
        self._clear: QToolButton | None = None
        self._gives_way = False
        self._row = QHBoxLayout(field)
        self._row.setContentsMargins(theme.UNIT // 2, 0, theme.UNIT // 2, 0)
        self._row.setSpacing(0)
        self._row.addStretch(1)
        theme.current().look_changed.connect(self._fit)

    def lead(self, icon: str) -> None:
        """Show an icon that says what the field is for."""
        made = IconLabel(icon, "muted")
        self._before.append(made)
        self._row.insertWidget(0, made)
        self._fit()

    def offer_clear(self, *, gives_way: bool = False) -> QToolButton:
        """Show a button that empties the field, for as long as there is something in it.

        Args:
            gives_way: not where text is large: the words need the room.
        """
        self._gives_way = gives_way
        self._clear = made = self._button("fieldClear", _("Clear the field"), "close")
        made.clicked.connect(self._field.clear)
        self._field.textChanged.connect(self._fit)
        self._fit()
        return made

    def offer(self, name: str, words: str, icon: str) -> QToolButton:
        """Show a button at the end that is always there."""
        made = self._button(name, words, icon)
        self._fit()
        return made

    def _button(self, name: str, words: str, icon: str) -> QToolButton:
        made = icon_button(name, words, icon)
        made.setProperty("kind", "inLine")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setCursor(Qt.CursorShape.ArrowCursor)
        self._behind.append(made)
        self._row.addWidget(made)
        return made

    def _fit(self) -> None:
        if self._clear is not None:
            has_room = not self._gives_way or theme.current().scale < LARGE
            self._clear.setVisible(has_room and bool(self._field.text()))
        left, right = (
            sum(each.sizeHint().width() for each in side if not each.isHidden())
            for side in (self._before, self._behind)
        )
        self._field.setTextMargins(left, 0, right, 0)
