"""Note templates on the screen: which there are, which a visit has, and the clinician's own.

Main thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.errors import AppError, TemplateError
from app.domain.ids import TemplateId, VisitId
from app.domain.visit import Visit
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener
from app.workflow.template_form import TemplateFields, fields_of, text_with
from app.workflow.templating import template_text

if TYPE_CHECKING:
    from app.workflow.services import Services
    from app.workflow.templating import Shelf


class TemplatesModel(Listener):
    """Loads the shelf and changes it.

    Signals:
        changed: `shelf` or `chosen` is another.
        text_loaded: the text of a template file, for the editor.
        made: text and warning of a template that was made from an example note.
        refused: words for what is wrong with a text that was to be kept.
        kept: id of the template that was kept.
    """

    changed = Signal()
    text_loaded = Signal(str)
    made = Signal(str, str)
    refused = Signal(str)
    kept = Signal(str)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.shelf: Shelf | None = None
        self.visit: VisitId | None = None
        self.chosen: TemplateId | None = None

    def show(self, visit: Visit | None) -> None:
        """Look at another visit."""
        self.visit = visit.id if visit is not None else None
        self.chosen = visit.template if visit is not None else None
        if visit is not None:
            self.load()
        self.changed.emit()

    def load(self) -> None:
        """Read the shelf; `changed` follows."""
        self.ask(self._services.templating.shelf, self._on_shelf)

    def clear(self) -> None:
        """Hold nothing of anybody."""
        self.shelf, self.visit, self.chosen = None, None, None
        self.changed.emit()

    @property
    def in_effect(self) -> TemplateId | None:
        """The template of the visit, None while the shelf is not read."""
        return self.chosen or (self.shelf.usual if self.shelf is not None else None)

    def title_of(self, template: TemplateId | None) -> str:
        """Return the title of a template, empty when it is not there."""
        shelf = self.shelf
        if shelf is None:
            return ""
        both = (*shelf.notes, *shelf.letters)
        return next((each.template.title for each in both if each.template.id == template), "")

    def choose(self, template: TemplateId) -> None:
        """Give the visit another template, for its first draft."""
        if self.visit is not None:
            visit = self.visit
            self.ask(lambda: self._services.templating.choose(visit, template), self._on_chosen)

    def draft_with(self, template: TemplateId) -> None:
        """Have the note drafted with another template; what persons wrote stays."""
        if self.visit is not None:
            visit, self.chosen = self.visit, template
            self.ask(
                lambda: self._services.note_making.draft(visit, "", template), lambda _none: None
            )
            self.changed.emit()

    def prefer(self, template: TemplateId) -> None:
        """Use another template from now on where nobody chose."""
        self._services.templating.prefer(template)
        self.load()

    # -- own templates

    def load_text(self, template: TemplateId) -> None:
        """Have a template as text; `text_loaded` follows."""
        self.ask(lambda: self._services.templating.text(template), self.text_loaded.emit)

    def make(self, note: str, title: str) -> None:
        """Make a template from an example note; `made` or `refused` follows."""
        self.ask(
            lambda: self._services.templating.from_note(note, title),
            lambda made: self.made.emit(template_text(made.template), _unknown_words(made.unknown)),
            self._on_refused,
        )

    def save(self, text: str) -> None:
        """Keep a text as an own template; `kept` or `refused` follows."""
        self.ask(
            lambda: self._services.templating.save(text),
            lambda template: self._on_kept(template.id),
            self._on_refused,
        )

    def copy(self, template: TemplateId) -> None:
        """Keep an own copy of a template; `kept` follows."""
        title = _("{title}, my own").format(title=self.title_of(template))
        self.ask(
            lambda: self._services.templating.copy(template, title),
            lambda made: self._on_kept(made.id),
        )

    def remove(self, template: TemplateId) -> None:
        """Delete an own template."""
        self.ask(lambda: self._services.templating.remove(template), lambda _none: self.load())

    def fields_of(self, text: str) -> TemplateFields | None:
        """Return a template's text as the fields of a form; None when it is none."""
        try:
            return fields_of(text)
        except TemplateError:
            return None

    def text_with(self, text: str, fields: TemplateFields) -> str:
        """Return the text a form was filled from with what the form says."""
        return text_with(text, fields)

    def _on_shelf(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.changed.emit()

    def _on_chosen(self, visit: Visit) -> None:
        if visit.id == self.visit:
            self.chosen = visit.template
            self.changed.emit()

    def _on_kept(self, template: TemplateId) -> None:
        self.kept.emit(template)
        self.load()

    def _on_refused(self, error: BaseException) -> None:
        facts = error.facts if isinstance(error, AppError) else {}
        if "where" in facts:
            self.refused.emit(f"{facts['where']}: {facts['reason']}")
        else:
            self.trouble_arose.emit(error)


def _unknown_words(headings: tuple[str, ...]) -> str:
    if not headings:
        return ""
    text = _("Headings taken over as they stand; look that none names a patient: {headings}")
    return text.format(headings=", ".join(headings))
