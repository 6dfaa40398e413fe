"""Changes a person asks for and takes: another wording, a section again, an earlier draft.

Main thread.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.ids import ClaimId, DraftId, VisitId
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener
from app.workflow.rewriting import Proposal, Rewording

if TYPE_CHECKING:
    from app.workflow.changes import SectionDiff
    from app.workflow.history import Step
    from app.workflow.services import Services


class ChangesModel(Listener):
    """Asks for proposals and earlier drafts.

    Signals:
        proposed: a `Proposal` with something to take.
        waiting: whether a section is being written.
        told: words and weight for the status line.
        listed: `steps` is another.
        compared: `diffs` is another.
    """

    proposed = Signal(object)
    waiting = Signal(bool)
    told = Signal(str, str)
    listed = Signal()
    compared = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None
        self.steps: tuple[Step, ...] = ()
        self.diffs: tuple[SectionDiff, ...] = ()
        self._compared: DraftId | None = None

    def show(self, visit: VisitId | None) -> None:
        """Look at another visit."""
        if visit != self.visit:
            self.visit, self.steps, self.diffs, self._compared = visit, (), (), None
            self.waiting.emit(False)

    # -- proposals

    def again(self, section: str) -> None:
        """Have a section written again; `proposed` follows."""
        if self.visit is not None:
            visit = self.visit
            self.waiting.emit(True)
            self.ask(
                lambda: self._services.rewriting.again(visit, section),
                self._on_proposal,
                self._on_refused,
            )

    def reword(self, how: Rewording, claims: Collection[ClaimId]) -> None:
        """Have lines reworded; `proposed` follows."""
        if self.visit is not None and claims:
            visit, chosen = self.visit, tuple(claims)
            self.ask(lambda: self._services.rewriting.reword(visit, how, chosen), self._on_proposal)

    def move(self, claims: Collection[ClaimId], section: str) -> None:
        """Have lines moved; `proposed` follows."""
        if self.visit is not None and claims:
            visit, chosen = self.visit, tuple(claims)
            self.ask(
                lambda: self._services.rewriting.move(visit, chosen, section), self._on_proposal
            )

    def take(self, proposal: Proposal, numbers: Collection[int]) -> None:
        """Take some of its changes; `undo` takes them back."""
        self.ask(
            lambda: self._services.rewriting.take(proposal.visit, proposal, tuple(numbers)),
            lambda _draft: None,  # DraftEdited brings the new draft
        )

    def check_again(self) -> None:
        """Check the lines whose words changed."""
        if self.visit is not None:
            visit = self.visit
            self.ask(lambda: self._services.rewriting.check_again(visit), self._on_checked)

    def add_consent_line(self) -> None:
        """Put what the consent ledger says into the note."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.note_editing.add_consent_line(visit), lambda _draft: None
            )

    # -- earlier drafts

    def load_steps(self) -> None:
        """List the drafts; `listed` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(lambda: self._services.history.steps(visit), self._on_steps)

    def compare(self, draft: DraftId) -> None:
        """Show what an earlier draft would bring back; `compared` follows."""
        if self.visit is not None:
            visit, self._compared = self.visit, draft
            self.ask(
                lambda: self._services.history.compare(visit, draft),
                lambda diffs: self._on_compared(draft, diffs),
            )

    def restore(self, draft: DraftId) -> None:
        """Bring an earlier draft back."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.note_editing.restore(visit, draft),
                lambda _draft: self.told.emit(
                    _("The earlier draft is back. Undo with Ctrl+Z."), "info"
                ),
            )

    # -- answers

    def _on_proposal(self, proposal: Proposal) -> None:
        self.waiting.emit(False)
        if proposal.visit != self.visit:
            return
        if proposal.numbers:
            self.told.emit(_("The changes are there to look at."), "info")
            self.proposed.emit(proposal)
        else:
            self.told.emit(_("There is nothing to change."), "info")

    def _on_refused(self, error: BaseException) -> None:
        self.waiting.emit(False)
        self.trouble_arose.emit(error)

    def _on_checked(self, count: int) -> None:
        words = _("1 line was checked again.")
        if count != 1:
            words = _("{count} lines were checked again.").format(count=count)
        self.told.emit(words, "info")

    def _on_steps(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        self.listed.emit()

    def _on_compared(self, draft: DraftId, diffs: tuple[SectionDiff, ...]) -> None:
        if draft == self._compared:  # a quick person looks at the next one by now
            self.diffs = diffs
            self.compared.emit()


def step_words(step: Step) -> str:
    """Say what a draft changed, in a few words."""
    parts = []
    for count, one, many in (
        (step.added, _("1 line added"), _("{count} lines added")),
        (step.changed, _("1 changed"), _("{count} changed")),
        (step.removed, _("1 removed"), _("{count} removed")),
    ):
        if count:
            parts.append(one if count == 1 else many.format(count=count))
    return ", ".join(parts) or _("Empty note")
