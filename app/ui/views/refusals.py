"""Says below a password why it did not open, and how long to wait. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.foundation import texts
from app.foundation.i18n import _

if TYPE_CHECKING:
    from app.ui.viewmodels.session import SessionModel
    from app.ui.widgets.password_edit import PasswordEdit


class Refusals(QObject):
    """Watches the answers of a session for one place where a password is typed.

    Signals:
        changed: whether the password can be tried now may be another answer.
    """

    changed = Signal()

    def __init__(
        self, session: SessionModel, place: QWidget, password: PasswordEdit, said: QLabel
    ) -> None:
        """Args: `place` is where it is typed: what is refused elsewhere is not said here."""
        super().__init__(place)
        self._place, self._password, self._said = place, password, said
        session.refused.connect(self._on_refused)
        session.busy_changed.connect(self._on_busy)
        session.wait_changed.connect(self._on_wait)

    def _on_refused(self, error: BaseException) -> None:
        if self._place.isVisible():
            self._said.setText(texts.words(error))
            self._password.line.selectAll()
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_busy(self, _is_busy: bool) -> None:
        self.changed.emit()

    def _on_wait(self, seconds: int) -> None:
        text = _("Too many wrong passwords. Try again in {wait}.")
        self._said.setText(text.format(wait=texts.span(seconds)) if seconds else "")
        self.changed.emit()
