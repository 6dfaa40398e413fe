"""Accounts from the command line."""

from __future__ import annotations

import typer

from app.cli.face import JsonOption, console, print_json, read_password, running
from app.foundation.i18n import _

people_cli = typer.Typer(help="Accounts on this workstation.", no_args_is_help=True)


@people_cli.command("create")
def create(
    context: typer.Context,
    name: str = typer.Argument(help="Your name, as it stands under your notes."),
    password_fd: int | None = typer.Option(
        None, "--password-fd", help="Read the password from this open file descriptor."
    ),
) -> None:
    """Make an account with its own encrypted vault, and print its recovery key once."""
    with running(context) as app:
        prompt = _("New password, at least {minimum} characters").format(
            minimum=app.services.policy.min_password
        )
        recovery_key = app.result(
            app.services.unlocking.create(name, read_password(password_fd, prompt))
        )
        out = console()
        out.print(_("Account made. Write this recovery key down and keep it off this computer."))
        out.print(_("It opens your notes if you forget the password. It is not shown again."))
        out.print(f"\n    {recovery_key}\n")


@people_cli.command("list")
def list_accounts(context: typer.Context, as_json: bool = JsonOption) -> None:
    """List the accounts."""
    with running(context) as app:
        accounts = app.result(app.services.unlocking.accounts())
        if as_json:
            print_json([{"uid": each.uid, "name": each.name} for each in accounts])
            return
        for each in accounts:
            console().print(f"{each.name}")
