"""The window's templates: the shipped ones, and own ones in memory."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from app.domain.errors import NotFoundError
from app.domain.ids import TemplateId, VisitId
from app.domain.visit import Visit
from app.drafting.template_making import MadeTemplate, template_from_note
from app.drafting.template_shelf import BrokenTemplate, Shelved
from app.drafting.template_toml import template_toml
from app.drafting.templates import Source, Template, load_templates, parse_template
from app.foundation import paths
from app.workflow.templating import STANDARD, Shelf
from tests.fakes.world import World, given

SHIPPED = load_templates(paths.resources() / "templates")


class FakeTemplating:
    def __init__(self, world: World) -> None:
        self.world = world
        self.usual = STANDARD
        self.own: dict[TemplateId, Template] = {}
        self.broken: list[BrokenTemplate] = []

    def prefer(self, template: TemplateId) -> None:
        self.usual = template or STANDARD

    def all(self) -> dict[TemplateId, Template]:
        return {each.id: each for each in SHIPPED} | self.own

    def shelf(self) -> Future[Shelf]:
        found = sorted(self.all().values(), key=lambda each: each.title.casefold())
        shelved = tuple(
            Shelved(each, Path(f"{each.id}.toml"), each.id in self.own, hides=False)
            for each in found
        )
        return given(
            lambda: Shelf(
                tuple(each for each in shelved if each.template.source is Source.VISIT),
                tuple(each for each in shelved if each.template.source is Source.SIGNED_NOTE),
                tuple(self.broken),
                self.usual,
            )
        )

    def load(self, template: TemplateId | None) -> Template:
        return self.all()[template or self.usual]

    def choose(self, visit: VisitId, template: TemplateId) -> Future[Visit]:
        def work() -> Visit:
            shelf = self.world.shelf(visit)
            shelf.visit = shelf.visit.with_template(template)
            return shelf.visit

        return given(work)

    def text(self, template: TemplateId) -> Future[str]:
        return given(lambda: template_toml(self.all()[template]).decode())

    def save(self, text: str, *, is_new: bool = False) -> Future[Template]:
        del is_new

        def work() -> Template:
            template = parse_template(text.encode())
            self.own[template.id] = template
            return template

        return given(work)

    def copy(self, template: TemplateId, title: str) -> Future[Template]:
        text = template_toml(self.all()[template]).decode()
        text = text.replace(f'"{template}"', f'"{template}-2"', 1)
        return self.save(text.replace(self.all()[template].title, title, 1))

    def remove(self, template: TemplateId) -> Future[None]:
        def work() -> None:
            if template not in self.own:
                raise NotFoundError("template")
            del self.own[template]

        return given(work)

    def from_note(self, note: str, title: str) -> Future[MadeTemplate]:
        return given(lambda: template_from_note(note, TemplateId("made"), title, SHIPPED))
