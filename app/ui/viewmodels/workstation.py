"""What is on this workstation, for the settings page: models and the doctor's report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.ids import ModelId
from app.foundation import texts
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from pathlib import Path

    from app.workflow.administration import DoctorReport, ModelRow
    from app.workflow.services import Services


def model_state_words(row: ModelRow) -> str:
    """Return whether a model is here."""
    words = {
        "installed": _("Installed"),
        "missing": _("Not on this computer"),
        "damaged": _("Damaged, not used"),
    }
    return words.get(row.state, row.state)


def report_lines(report: DoctorReport) -> list[tuple[str, str]]:
    """Return the doctor's report as names and values."""
    machine = report.machine
    lines = [
        (_("Version"), report.version),
        (_("Processor"), _("{cpu}, {cores} cores").format(cpu=machine.cpu, cores=machine.cores)),
        (_("Memory"), _("{gb:.1f} GB").format(gb=machine.memory_mb / 1024)),
        (_("Free disk"), _("{gb:.1f} GB").format(gb=machine.free_disk_mb / 1024)),
        (_("Graphics"), ", ".join(machine.gpus) or _("none that models can use")),
        (
            _("Microphones"),
            ", ".join(each.label for each in report.devices) or _("none found"),
        ),
    ]
    if not machine.has_avx2:
        lines.append((_("Note"), _("This processor lacks AVX2; models cannot run.")))
    lines += [(name, texts.words_for(code)) for name, code in report.trouble]
    return lines


class WorkstationModel(Listener):
    """Asks what is installed and found.

    Signals:
        models_loaded: `models` is known.
        report_made: `report` is known.
        card_saved: the quick card is where the person wanted it.
    """

    models_loaded = Signal()
    report_made = Signal()
    card_saved = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.models: tuple[ModelRow, ...] = ()
        self.report: DoctorReport | None = None

    def load(self) -> None:
        """List the models."""
        self.ask(self._services.administration.models, self._on_models)

    def examine(self) -> None:
        """Look at the machine, without measuring speed."""
        self.ask(lambda: self._services.administration.doctor(has_speed=False), self._on_report)

    def save_card(self, pdf: bytes, path: Path) -> None:
        """Write the quick card; `card_saved` follows."""
        self.ask(
            lambda: self._services.administration.save_card(pdf, path),
            lambda _none: self.card_saved.emit(),
        )

    def choose(self, role: str, model: str) -> None:
        """Use a model from the next visit on."""
        self._services.administration.choose(role, ModelId(model))

    def in_effect(self, role: str) -> str:
        """Return the model somebody chose for a role; empty = the best there is."""
        return self._services.administration.chosen(role) or ""

    def _on_models(self, rows: tuple[ModelRow, ...]) -> None:
        self.models = rows
        self.models_loaded.emit()

    def _on_report(self, report: DoctorReport) -> None:
        self.report = report
        self.report_made.emit()
