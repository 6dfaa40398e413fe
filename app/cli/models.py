"""Models and packs of models, from the command line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import typer

from app.cli.face import JsonOption, console, print_json, running
from app.domain.ids import ModelId
from app.domain.ports import PackOffer
from app.foundation import texts
from app.foundation.i18n import _
from app.workflow.administration import ModelRow

models_cli = typer.Typer(help="Models on this workstation.", no_args_is_help=True)
EXIT_DAMAGED = 4


@models_cli.command("list")
def list_models(context: typer.Context, as_json: bool = JsonOption) -> None:
    """List the catalogue and what of it is installed."""
    with running(context) as app:
        rows = app.result(app.services.administration.models())
        _print_rows(rows, as_json=as_json)


@models_cli.command("check")
def check(context: typer.Context, as_json: bool = JsonOption) -> None:
    """Hash every installed model file. Leaves with 4 when one is damaged."""
    with running(context) as app:
        with console(is_stderr=True).status(_("Hashing every model file …")):
            rows = app.result(app.services.administration.models(is_thorough=True))
        found = tuple(each for each in rows if each.state != "missing")
        _print_rows(found, as_json=as_json)
        if any(each.state == "damaged" for each in found):
            raise typer.Exit(EXIT_DAMAGED)


@models_cli.command("verify")
def verify(
    context: typer.Context,
    pack: Path | None = typer.Argument(None, help="A pack; without it: what is installed."),
    as_json: bool = JsonOption,
) -> None:
    """Hash every file of a pack, or of every installed model. Installs nothing."""
    if pack is None:
        check(context, as_json=as_json)
        return
    with running(context) as app:
        with console(is_stderr=True).status(_("Hashing every file of the pack …")):
            offers = app.result(app.services.administration.verify_pack(str(pack)))
        _print_offers(offers, as_json=as_json)


@models_cli.command("import")
def import_pack(
    context: typer.Context,
    pack: Path = typer.Argument(help="Folder or .zip file, as you got it."),
    is_shared: bool = typer.Option(False, "--shared", help="For every user of this computer."),
    is_sure: bool = typer.Option(False, "--yes", help="Do not ask."),
    as_json: bool = JsonOption,
) -> None:
    """Install a signed pack: all of it, or nothing. Told before: what it needs."""
    with running(context) as app:
        administration = app.services.administration
        offers = app.result(administration.look_at_pack(str(pack), is_shared=is_shared))
        if not as_json:
            _print_offers(offers, as_json=False)
        if not (is_sure or as_json):
            typer.confirm(_("Install?"), abort=True, err=True)
        with console(is_stderr=True).status(_("Copying and checking …")):
            done = app.result(administration.import_pack(str(pack), is_shared=is_shared))
        if as_json:
            _print_offers(done, as_json=True)
        else:
            console().print(_("Installed in {folder}").format(folder=done[0].folder))


@models_cli.command("remove")
def remove(
    context: typer.Context,
    model: str = typer.Argument(help="Id, as `models list` shows it."),
    is_sure: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Delete an installed model from this computer."""
    with running(context) as app:
        if not is_sure:
            typer.confirm(_("Delete {model}?").format(model=model), abort=True, err=True)
        app.result(app.services.administration.remove_model(ModelId(model)))


def _print_offers(offers: tuple[PackOffer, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([dataclasses.asdict(each) for each in offers])
        return
    out = console()
    for each in offers:
        out.print(
            _("{id}: {name}, {license}. Disk {size} MB, memory {memory} MB.").format(
                id=each.id,
                name=each.name,
                license=each.license,
                size=round(each.size / 1e6),
                memory=each.memory_mb,
            ),
            soft_wrap=True,
        )
        if each.is_here:
            out.print(_("    replaces what is installed in {folder}").format(folder=each.folder))


def _print_rows(rows: tuple[ModelRow, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([model_shape(each) for each in rows])
        return
    out = console()
    for each in rows:
        card = each.card
        out.print(
            f"{each.state:<9}  {card.role:<6}  {card.id:<28} {card.memory_mb:>6} MB  "
            f"{card.license:<12}  {card.name}",
            soft_wrap=True,
        )
        if each.reason:
            words = texts.words_for("model_damaged", {"model": card.id, "reason": each.reason})
            out.print(f"    {words}", soft_wrap=True)


def model_shape(row: ModelRow) -> dict[str, Any]:
    """Return a catalogue entry as JSON shows it."""
    card = row.card
    return {
        "id": card.id,
        "role": card.role,
        "name": card.name,
        "state": row.state,
        "reason": row.reason,
        "license": card.license,
        "source": card.source,
        "memory_mb": card.memory_mb,
        "context": card.context,
        "sha256": card.sha256,
    }
