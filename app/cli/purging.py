"""`purge`: what an administrator deletes for good when the program leaves a computer."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

import typer

from app.cli.face import console
from app.foundation import machine_data, paths
from app.foundation.i18n import _

EXIT_LEFT = 4


def purge(
    is_machine: bool = typer.Option(
        False, "--machine", help="Models and packs for everybody. Needs an administrator."
    ),
    is_sure: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Delete what lies here for every user, not notes or recordings. Leaves with 4 if any stays."""
    out = console()
    if not is_machine:
        words = _(
            "Say --machine. Your own notes and recordings are in {folder}; "
            "only you can delete them."
        )
        console(is_stderr=True).print(words.format(folder=paths.root()), soft_wrap=True)
        raise typer.Exit(2)
    try:
        places = machine_data.places()
    except (OSError, tomllib.TOMLDecodeError):
        console(is_stderr=True).print(_("The model catalogue of this program is damaged."))
        raise typer.Exit(EXIT_LEFT) from None
    for each in (*places.whole, *places.models):
        out.print(str(each), soft_wrap=True)
    if not is_sure:
        typer.confirm(_("Delete the models and packs in these folders?"), abort=True, err=True)
    left = machine_data.purge(places)
    for each in left:
        words = _("Still there: {path}").format(path=each)
        console(is_stderr=True).print(words, soft_wrap=True)
    if left:
        raise typer.Exit(EXIT_LEFT)
    out.print(_("Deleted. Notes and recordings in people's own folders were kept."), soft_wrap=True)


def run_alone(arguments: Sequence[str]) -> None:
    """Run `purge` without the rest of the command line, and leave with its exit code."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command("purge")(purge)
    alone(args=list(arguments[1:]), prog_name="stethoscribe purge")
