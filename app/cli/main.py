"""The command line: `stethoscribe COMMAND`. Without a command the window opens."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from app import __version__
from app.cli import (
    codes,
    demo,
    doctor,
    drafts,
    evaluate,
    models,
    notes,
    people,
    policy,
    pressing,
    purging,
    teaching,
    templates,
    visits,
)
from app.cli.face import Maker

cli = typer.Typer(
    name="stethoscribe",
    help="Writes the clinical note while clinician and patient talk. Nothing leaves this computer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.command("demo")(demo.demo)
cli.command("transcribe")(notes.transcribe)
cli.command("draft")(notes.draft)
cli.command("visits")(visits.visits)
cli.command("show")(visits.show)
cli.command("sign")(visits.sign)
cli.command("export")(visits.export)
cli.command("history")(drafts.history)
cli.command("restore")(drafts.restore)
cli.command("addendum")(drafts.addendum)
cli.command("letter")(drafts.letter)
cli.add_typer(templates.templates_cli, name="templates")
cli.add_typer(codes.codes_cli, name="codes")
cli.command("press")(pressing.press)
cli.add_typer(models.models_cli, name="models")
cli.command("doctor")(doctor.doctor)
cli.add_typer(policy.policy_cli, name="policy")
cli.command("evaluate")(evaluate.evaluate)
cli.add_typer(people.people_cli, name="account")
cli.command("purge")(purging.purge)
cli.add_typer(teaching.words_cli, name="words")
cli.add_typer(teaching.voice_cli, name="voice")


def _version(value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@cli.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options before the command."""


def run(arguments: Sequence[str], maker: Maker) -> None:
    """Run one command and leave the process with its exit code."""
    cli(args=list(arguments), obj=maker, prog_name="stethoscribe")
