"""The note leaves: copies and files, always for the patient in the banner. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.ids import PatientId, VisitId
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services


class HandoverModel(Listener):
    """Copies and exports.

    Signals:
        text_made: text for the clipboard, and what it is for people ("Plan").
        exported: the path of a new file.
    """

    text_made = Signal(str, str)
    exported = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats of files that policy allows."""
        return tuple(self._services.exporting.formats)

    @property
    def layouts(self) -> tuple[tuple[str, str], ...]:
        """Ids and names of target systems; the first, with an empty id, is plain text."""
        return ("", _("Plain text")), *self._services.exporting.layouts

    def choose_layout(self, layout: str) -> None:
        """Lay copies out for a target system from now on."""
        self._services.exporting.choose_layout(layout)

    @property
    def clear_s(self) -> int:
        """Seconds until a copied text is taken off the clipboard."""
        return self._services.policy.clipboard_clear_s

    def copy(self, banner: PatientId, section: str, name: str) -> None:
        """Have a section, or the whole note (empty), as text; `text_made` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.exporting.text(visit, banner, section),
                lambda text: self._on_text(visit, text, name),
            )

    def export(self, banner: PatientId, kind: str, folder: Path) -> None:
        """Write a file; `exported` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.exporting.file(visit, banner, kind, folder),
                self.exported.emit,
            )

    def _on_text(self, visit: VisitId, text: str, name: str) -> None:
        if visit == self.visit:  # never the last patient's text
            self.text_made.emit(text, name)
