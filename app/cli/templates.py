"""Note templates from the command line."""

from __future__ import annotations

from pathlib import Path

import typer

from app.cli.face import (
    JsonOption,
    PasswordOption,
    Running,
    UserOption,
    console,
    print_json,
    running,
    unlock,
)
from app.domain.errors import FileAccessError
from app.domain.ids import TemplateId
from app.foundation.i18n import _
from app.workflow.templating import Shelf, template_text

templates_cli = typer.Typer(
    help="Note templates: shipped ones, and your own.", no_args_is_help=True
)
MineOption = typer.Option(False, "--mine", help="Your own ones, too: asks for your password.")
LARGEST_NOTE = 1 << 20


@templates_cli.command("list")
def list_templates(
    context: typer.Context,
    has_mine: bool = MineOption,
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """List the templates, and files that cannot be used with what to mend."""
    with running(context) as app:
        if has_mine or user or password_fd is not None:
            unlock(app, user, password_fd)
        shelf = app.result(app.services.templating.shelf())
        if as_json:
            print_json(_shape(shelf))
            return
        out = console()
        for each in (*shelf.notes, *shelf.letters):
            mark = "*" if each.template.id == shelf.usual else " "
            own = _("own") if each.is_own else ""
            out.print(f"{mark} {each.template.id:<22} {each.template.title:<28} {own}".rstrip())
        for broken in shelf.broken:
            out.print(f"✗ {broken.where}: {broken.reason}", soft_wrap=True)


@templates_cli.command("show")
def show_template(
    context: typer.Context,
    template: str = typer.Argument(help="The template's id."),
    has_mine: bool = MineOption,
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Print a template as the text of its file."""
    with running(context) as app:
        if has_mine or user or password_fd is not None:
            unlock(app, user, password_fd)
        text = app.result(app.services.templating.text(TemplateId(template)))
        typer.echo(text, nl=False)


@templates_cli.command("check")
def check_templates(
    context: typer.Context,
    files: list[Path] = typer.Argument(help="Template files (TOML)."),
) -> None:
    """Read template files; say what is wrong and where. Leaves with 3 at the first mistake."""
    with running(context) as app:
        for each in files:
            found = app.result(app.services.templating.read(each))
            console().print(f"✓ {each}: {found.title} ({found.id})", soft_wrap=True)


@templates_cli.command("make")
def make_template(
    context: typer.Context,
    example: Path = typer.Argument(help="A note (text or Markdown) whose shape is wanted."),
    title: str = typer.Option(..., "--title", help="Title of the new template."),
    is_kept: bool = typer.Option(False, "--keep", help="Keep it as your own, not only print it."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Make a template from an example note. Nothing of its patient is taken over."""
    with running(context) as app:
        if is_kept:
            unlock(app, user, password_fd)
        templating = app.services.templating
        made = app.result(templating.from_note(_read(example), title))
        text = template_text(made.template)
        told = console(is_stderr=True)
        if made.unknown:
            words = _("Taken over as they stand, look that none names a patient: {headings}")
            told.print(words.format(headings=", ".join(made.unknown)), soft_wrap=True)
        if made.left_out:
            told.print(_("{count} headings were too many.").format(count=made.left_out))
        if is_kept:
            kept = app.result(templating.save(text, is_new=True))
            told.print(_("Kept as {id}.").format(id=kept.id))
        typer.echo(text, nl=False)


@templates_cli.command("add")
def add_template(
    context: typer.Context,
    file: Path = typer.Argument(help="A template file (TOML)."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Keep a template file as your own; it takes the place of your own one with the same id."""
    with running(context) as app:
        unlock(app, user, password_fd)
        app.result(app.services.templating.read(file))  # names file and line of a mistake
        kept = app.result(app.services.templating.save(_read(file)))
        console().print(_("Kept as {id}.").format(id=kept.id))


@templates_cli.command("remove")
def remove_template(
    context: typer.Context,
    template: str = typer.Argument(help="The id of one of your own templates."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Delete one of your own templates."""
    with running(context) as app:
        unlock(app, user, password_fd)
        app.result(app.services.templating.remove(TemplateId(template)))


def chosen(app: Running, template: str) -> TemplateId | None:
    """Return the template of that id, None for the usual one.

    Raises:
        NotFoundError: there is none.
    """
    if not template:
        return None
    app.result(app.services.templating.text(TemplateId(template)))
    return TemplateId(template)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_NOTE).decode("utf-8", "replace")
    except OSError:
        raise FileAccessError from None


def _shape(shelf: Shelf) -> dict[str, object]:
    return {
        "usual": shelf.usual,
        "templates": [
            {
                "id": each.template.id,
                "title": each.template.title,
                "description": each.template.description,
                "note_type": each.template.note_type,
                "source": each.template.source.value,
                "is_own": each.is_own,
                "sections": [one.heading for one in each.template.sections],
            }
            for each in (*shelf.notes, *shelf.letters)
        ],
        "broken": [{"where": each.where, "reason": each.reason} for each in shelf.broken],
    }
