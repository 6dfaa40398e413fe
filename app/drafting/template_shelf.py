"""All templates a clinician can choose from: the shipped folder and their own. Any thread.

A file that cannot be used is listed with its mistake and stops nothing else. The files are read
at each call, so what was mended in an editor counts at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.errors import NotFoundError, TemplateError
from app.domain.ids import TemplateId
from app.drafting.template_toml import template_toml
from app.drafting.templates import ID, Template, load_template, parse_template
from app.foundation.paths import atomic_write, file_errors, private_folder, sync_folder


@dataclass(frozen=True, slots=True)
class Shelved:
    """A template that can be used.

    Attributes:
        is_own: lies in the last folder, so that it may be changed and removed.
        hides: takes the place of one with the same id in a folder before.
    """

    template: Template
    path: Path
    is_own: bool
    hides: bool


@dataclass(frozen=True, slots=True)
class BrokenTemplate:
    """A file that cannot be used; `where` names file, line and key, `reason` what to do."""

    path: Path
    where: str
    reason: str


class TemplateShelf:
    """The templates of some folders.

    Args:
        folders: the shipped one first; the last is the user's own and the only one written to.
            A missing folder is an empty one.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def listed(self) -> tuple[Shelved, ...]:
        """Return the usable templates by title; of several with one id, that of the last folder."""
        found, _ = self._read()
        return tuple(sorted(found.values(), key=lambda each: each.template.title.casefold()))

    def errors(self) -> tuple[BrokenTemplate, ...]:
        """Return the files that cannot be used. A broken own file does not hide a shipped one."""
        return tuple(self._read()[1])

    def load(self, id_: TemplateId) -> Template:
        """Return one template.

        Raises:
            NotFoundError: no usable template has this id.
        """
        return self._shelved(id_).template

    def save(self, template: Template) -> Template:
        """Write an own template, whole or not at all, and return it as it is read back.

        Raises:
            TemplateError: it is not valid. Nothing was written.
            DiskFullError: no space left; an older file stands.
            FileAccessError: the folder cannot be written.
        """
        data = template_toml(template)
        read = parse_template(data)
        known = self._read()[0].get(template.id)
        folder = private_folder(self._folders[-1])
        path = known.path if known is not None and known.is_own else folder / f"{template.id}.toml"
        atomic_write(path, data)
        return read

    def copy(self, id_: TemplateId, title: str, new_id: TemplateId | None = None) -> Template:
        """Save an own copy of a template under a free id and return it.

        Args:
            id_: the one to copy.
            title: of the copy.
            new_id: made from `id_` if None.

        Raises:
            NotFoundError: there is no such template.
            TemplateError: the title is not valid, or `new_id` is taken.
        """
        template = self._shelved(id_).template
        taken = {*self._read()[0], *(each.path.stem for each in self.errors())}
        if new_id is not None and (new_id in taken or not ID.fullmatch(new_id)):
            raise TemplateError("id", "is taken or has the wrong form: choose another")
        return self.save(
            replace(template, id=new_id or free_id(id_, taken), title=title, version=1)
        )

    def remove(self, id_: TemplateId) -> None:
        """Delete an own template. A shipped one that it hid is there again.

        Raises:
            NotFoundError: no own template has this id.
        """
        shelved = self._shelved(id_)
        if not shelved.is_own:
            raise NotFoundError("template")
        with file_errors():
            shelved.path.unlink()
            sync_folder(shelved.path.parent)

    def _shelved(self, id_: TemplateId) -> Shelved:
        found = self._read()[0].get(id_)
        if found is None:
            raise NotFoundError("template")
        return found

    def _read(self) -> tuple[dict[TemplateId, Shelved], list[BrokenTemplate]]:
        found: dict[TemplateId, Shelved] = {}
        broken: list[BrokenTemplate] = []
        for folder in self._folders:
            here: set[TemplateId] = set()
            is_own = len(self._folders) > 1 and folder == self._folders[-1]
            for path in _files(folder):
                try:
                    template = _load(path, here)
                except TemplateError as error:
                    facts = error.facts
                    broken.append(BrokenTemplate(path, str(facts["where"]), str(facts["reason"])))
                    continue
                here.add(template.id)
                found[template.id] = Shelved(template, path, is_own, template.id in found)
        return found, broken


def free_id(wanted: str, taken: set[str]) -> TemplateId:
    """Return `wanted` with the first number that makes it free."""
    number = 2
    while (name := f"{wanted[:36]}-{number}") in taken:
        number += 1
    return TemplateId(name)


def _load(path: Path, taken: set[TemplateId]) -> Template:
    template = load_template(path)
    if template.id in taken:
        raise TemplateError(f"{path.name}, id", "is in another file of this folder: change it")
    return template


def _files(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(each for each in folder.glob("*.toml") if not each.name.startswith("."))
    return []
