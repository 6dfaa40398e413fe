"""What the clinic decided, from the command line: the policy in force and where it comes from."""

from __future__ import annotations

import typer

from app.cli.face import JsonOption, console, print_json
from app.foundation import texts
from app.foundation.i18n import _
from app.foundation.policy_file import PolicyReading, policy_place, read_policy, rows

policy_cli = typer.Typer(help="What the clinic decided.", no_args_is_help=True)
EXIT_REJECTED = 4


@policy_cli.callback()
def _group() -> None:
    """One command today; the group keeps its name when more come."""


@policy_cli.command("report")
def report(as_json: bool = JsonOption) -> None:
    """Print every key, its value and its source. Leaves with 4 when the file was rejected."""
    reading = read_policy()
    if as_json:
        print_json(_shape(reading))
    else:
        _print(reading)
    if reading.source == "strict":
        raise typer.Exit(EXIT_REJECTED)


def _shape(reading: PolicyReading) -> dict[str, object]:
    return {
        "file": policy_place(),
        "source": reading.source,
        "serial": reading.serial,
        "trouble": reading.trouble,
        "keys": {
            each.key: {"value": each.value, "source": each.source, "default": each.default}
            for each in rows(reading)
        },
    }


def _print(reading: PolicyReading) -> None:
    out = console()
    if reading.source == "strict":
        out.print(texts.words_for("policy_rejected", {"key": reading.trouble}), soft_wrap=True)
    words = _("There is no policy file") if reading.source == "default" else policy_place()
    out.print(f"{words}; serial {reading.serial}")
    for each in rows(reading):
        value = each.value
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        out.print(f"{each.key:<28} {shown or '-':<40} {each.source}", soft_wrap=True)
