"""The look-up of codes, where the clinician turned it on. Main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.ids import ClaimId, VisitId
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.coding import IcdHit
    from app.workflow.services import Services


class CodesModel(Listener):
    """Finds codes for what a person typed; an older answer never hides a newer one.

    Signals:
        found: `hits` is another.
        released: the release of the classification.
    """

    found = Signal()
    released = Signal(str)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None
        self.hits: tuple[IcdHit, ...] = ()
        self._asked = ""

    @property
    def is_on(self) -> bool:
        """Whether codes may be looked up."""
        return self._services.coding.is_on

    def turn(self, is_on: bool) -> None:
        """Turn the look-up on or off."""
        self._services.coding.turn(is_on)

    def begin(self) -> None:
        """Forget earlier answers, and say which release this is."""
        self.hits, self._asked = (), ""
        self.ask(self._services.coding.release, self.released.emit)

    def find(self, text: str) -> None:
        """Look for codes; `found` follows."""
        self._asked = text.strip()
        if not self._asked:
            self._on_hits("", ())
            return
        asked = self._asked
        self.ask(lambda: self._services.coding.find(asked), lambda hits: self._on_hits(asked, hits))

    def write(self, hit: IcdHit, section: str, after: ClaimId | None) -> None:
        """Write a code into the note as a line of the clinician's own."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.coding.write(visit, section, hit.entry, after),
                lambda _draft: None,  # DraftEdited brings the new draft
            )

    def _on_hits(self, asked: str, hits: tuple[IcdHit, ...]) -> None:
        if asked == self._asked:
            self.hits = hits
            self.found.emit()
