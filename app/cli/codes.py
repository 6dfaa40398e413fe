"""Look-up of ICD-10-CM codes from the command line; off until it is turned on in the settings."""

from __future__ import annotations

import typer

from app.cli.face import JsonOption, console, print_json, running
from app.foundation.i18n import _

codes_cli = typer.Typer(
    help="ICD-10-CM codes for words you give. Nothing is suggested.", no_args_is_help=True
)


@codes_cli.command("find")
def find_codes(
    context: typer.Context,
    words: list[str] = typer.Argument(help="Words, abbreviations, or how a code begins."),
    limit: int = typer.Option(12, "--limit", min=1, max=100, help="At most so many."),
    as_json: bool = JsonOption,
) -> None:
    """Find codes by words; slips of the pen are forgiven."""
    with running(context) as app:
        coding = app.services.coding
        hits = app.result(coding.find(" ".join(words), limit))
        if as_json:
            print_json(
                [
                    {
                        "code": each.entry.code,
                        "title": each.entry.title,
                        "is_billable": each.entry.is_billable,
                        "term": each.term,
                    }
                    for each in hits
                ]
            )
            return
        out = console()
        for each in hits:
            term = f"  [{each.term}]" if each.term else ""
            out.print(f"{each.entry.code:<9} {each.entry.title}{term}", soft_wrap=True)
        if not hits:
            out.print(_("Nothing is like it. Try other words."))
        out.print(_("ICD-10-CM {release}").format(release=app.result(coding.release())))
