"""Note templates: the shipped ones, the clinician's own beside them, and which one a visit has.

Own templates are plain files in the clinician's folder, because colleagues exchange them and an
administrator reads them; they hold no patient. Main thread, but for `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import NotFoundError, TemplateError, VisitStateError
from app.domain.events import TroubleArose
from app.domain.ids import TemplateId, UserId, VisitId
from app.domain.store_ports import VaultPort
from app.domain.visit import Visit, VisitState
from app.drafting.template_making import MadeTemplate, template_from_note
from app.drafting.template_shelf import BrokenTemplate, Shelved, TemplateShelf, free_id
from app.drafting.template_toml import template_toml
from app.drafting.templates import Source, Template, load_template, parse_template
from app.workflow.room import Room

STANDARD: Final = TemplateId("soap")
"""What a note is made with when nobody chose."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All templates as they are now.

    Attributes:
        notes: for visits, by title.
        letters: made from a signed note, by title.
        broken: files that cannot be used, with what to mend.
        usual: the template of visits for which nobody chose another.
    """

    notes: tuple[Shelved, ...]
    letters: tuple[Shelved, ...]
    broken: tuple[BrokenTemplate, ...]
    usual: TemplateId


class Templating:
    """Lists, makes and keeps templates, and chooses one for a visit.

    Args:
        shipped: the folder of the product.
        own: the folder of a clinician; it need not exist yet.
        usual: id of the template that is used when nobody chose; empty for the standard one.
    """

    def __init__(
        self, room: Room, shipped: Path, own: Callable[[UserId], Path], usual: str = ""
    ) -> None:
        self._post = room.post
        self._pool = room.pool
        self._sessions = room.sessions
        self._shipped = shipped
        self._own = own
        self._usual = TemplateId(usual or STANDARD)

    @property
    def usual(self) -> TemplateId:
        """The template of visits for which nobody chose another."""
        return self._usual

    def prefer(self, template: TemplateId) -> None:
        """Use another template from now on when nobody chose; empty for the standard one."""
        self._usual = template or STANDARD

    def shelf(self) -> Future[Shelf]:
        """Return all templates."""
        shelf = self._shelf()

        def job() -> Shelf:
            found = shelf.listed()
            return Shelf(
                tuple(each for each in found if each.template.source is Source.VISIT),
                tuple(each for each in found if each.template.source is Source.SIGNED_NOTE),
                shelf.errors(),
                self._usual,
            )

        return self._pool.submit(job)

    def load(self, template: TemplateId | None) -> Template:
        """Return the template of a visit, the usual one for None. Blocks for some small files.

        One that cannot be used any more gives way to the usual, then to the standard one, and
        the screen says so: a visit never goes without a draft for that.
        """
        shelf = self._shelf()
        for wanted in (template, self._usual):
            try:
                if wanted is not None:
                    return _for_visits(shelf.load(wanted))
            except NotFoundError:
                self._post.publish(TroubleArose("template_missing"))
        return shelf.load(STANDARD)

    def letter(self, template: TemplateId) -> Template:
        """Return the template of a letter. Blocks for some small files.

        Raises:
            NotFoundError: there is none of that id.
        """
        found = self._shelf().load(template)
        if found.source is not Source.SIGNED_NOTE:
            raise NotFoundError("template")
        return found

    def read(self, path: Path) -> Future[Template]:
        """Return the template of any file.

        The future raises TemplateError: what is wrong, with file, line and key.
        """
        return self._pool.submit(load_template, path)

    def choose(self, visit: VisitId, template: TemplateId) -> Future[Visit]:
        """Choose the template of a visit: for its next draft.

        The future raises NotFoundError: no such template; VisitStateError: the note is signed.
        """
        shelf = self._shelf()

        def job(vault: VaultPort) -> Visit:
            chosen = _for_visits(shelf.load(template))
            found = vault.visit(visit)
            if found.state in {VisitState.SIGNED, VisitState.DISCARDED}:
                raise VisitStateError(found.state.value, VisitState.DRAFTING.value)
            changed = found.with_template(chosen.id)
            vault.save_visit(changed)
            return changed

        return self._sessions.current().ask(job)

    # -- the clinician's own

    def text(self, template: TemplateId) -> Future[str]:
        """Return a template as the text of its file, for an editor.

        The future raises NotFoundError.
        """
        shelf = self._shelf()
        return self._pool.submit(lambda: template_text(shelf.load(template)))

    def save(self, text: str, *, is_new: bool = False) -> Future[Template]:
        """Keep the text of a template file as an own template.

        Args:
            text: TOML.
            is_new: refuse an id that is taken.

        The future raises TemplateError: what is wrong and where; DiskFullError, FileAccessError.
        Nothing is written then.
        """
        shelf = self._own_shelf()

        def job() -> Template:
            template = parse_template(text.encode("utf-8", "replace"))
            if is_new and template.id in _taken(shelf):
                raise TemplateError("id", "is taken: choose another")
            return shelf.save(template)

        return self._pool.submit(job)

    def copy(self, template: TemplateId, title: str) -> Future[Template]:
        """Keep an own copy of a template under a free id.

        The future raises NotFoundError, TemplateError, DiskFullError, FileAccessError.
        """
        shelf = self._own_shelf()
        return self._pool.submit(lambda: shelf.copy(template, title))

    def remove(self, template: TemplateId) -> Future[None]:
        """Delete an own template; visits that have it are drafted with the usual one.

        The future raises NotFoundError: it is not one of the clinician's own.
        """
        shelf = self._own_shelf()
        return self._pool.submit(lambda: shelf.remove(template))

    def from_note(self, note: str, title: str) -> Future[MadeTemplate]:
        """Make a template with the shape of an example note. Nothing is kept of the note.

        It is not saved: a person looks through it first.

        The future raises TemplateError: no headings were found.
        """
        shelf = self._shelf()

        def job() -> MadeTemplate:
            known = [each.template for each in shelf.listed()]
            return template_from_note(note, _id_for(title, _taken(shelf)), title, known)

        return self._pool.submit(job)

    def _shelf(self) -> TemplateShelf:
        if not self._sessions.is_open:
            return TemplateShelf((self._shipped,))
        return self._own_shelf()

    def _own_shelf(self) -> TemplateShelf:
        uid = self._sessions.current().account.uid
        return TemplateShelf((self._shipped, self._own(uid)))


def template_text(template: Template) -> str:
    """Return a template as the text of its file."""
    return template_toml(template).decode()


def _for_visits(template: Template) -> Template:
    if template.source is not Source.VISIT:
        raise NotFoundError("template")
    return template


def _taken(shelf: TemplateShelf) -> set[str]:
    stems = {each.path.stem for each in shelf.errors()}
    return {each.template.id for each in shelf.listed()} | stems


def _id_for(title: str, taken: set[str]) -> TemplateId:
    """Return a free id made of the words of a title."""
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in title.lower())
    made = TemplateId("-".join(kept.split())[:36].strip("-") or "template")
    return free_id(made, taken) if made in taken else made
