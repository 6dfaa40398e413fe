"""Visits from the command line: list, show, sign, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from app.cli.drafts import banner_of
from app.cli.face import (
    SHORT_ID,
    JsonOption,
    PasswordOption,
    Running,
    UserOption,
    console,
    find_visit,
    print_json,
    running,
    unlock,
)
from app.cli.printing import print_note, print_transcript
from app.domain.errors import NotFoundError
from app.domain.store_ports import VisitSummary
from app.foundation.i18n import _
from app.workflow.shapes import note_shape, transcript_shape
from app.workflow.visiting import VisitRecord


def visits(
    context: typer.Context,
    query: str = typer.Argument("", help="Part of a name or an identifier."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """List your visits, newest first."""
    with running(context) as app:
        unlock(app, user, password_fd)
        rows = app.result(app.services.visiting.visits(query))
        if as_json:
            print_json([_row(each) for each in rows])
            return
        out = console()
        for each in rows:
            visit = each.visit
            out.print(
                f"{visit.id[:SHORT_ID]}  {visit.created_at:%Y-%m-%d %H:%M}  "
                f"{visit.state.value:<10}  {visit.patient.display}",
                soft_wrap=True,
            )
        if not rows:
            out.print(_("No visits."))


def show(
    context: typer.Context,
    visit: str = typer.Argument(help="The visit's id, or how it begins."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """Show a visit: transcript, note, what is open."""
    with running(context) as app:
        unlock(app, user, password_fd)
        record = app.result(app.services.visiting.open(find_visit(app, visit)))
        if as_json:
            print_json(_record(record))
            return
        out = console()
        out.print(f"{record.visit.patient.display}  ({record.visit.state.value})")
        print_transcript(out, record.transcript)
        if record.draft is not None:
            print_note(out, record.draft)


def sign(
    context: typer.Context,
    visit: str = typer.Argument(help="The visit's id, or how it begins."),
    patient: str = typer.Option(
        ..., "--patient", help="The patient's family name, to be sure that it is the right chart."
    ),
    accept: list[str] = typer.Option(
        [], "--accept", help="Id of a claim that may stand although it is unsupported."
    ),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """Show the note, then sign it under your name."""
    with running(context) as app:
        services = app.services
        unlock(app, user, password_fd)
        record = app.result(services.visiting.open(find_visit(app, visit)))
        if record.draft is None:
            raise NotFoundError("draft")
        out = console(is_stderr=as_json)
        print_note(out, record.draft, has_ids=True)
        chosen = record.visit.patient
        banner = banner_of(chosen.family, chosen.id, patient)
        for claim in record.draft.claims:
            if claim.id in accept or claim.id[:SHORT_ID] in accept:
                app.result(services.reviewing.accept(record.visit.id, claim.id))
        for section in record.draft.sections:  # they stand on the screen above
            app.result(services.reviewing.see(record.visit.id, section.key))
        version = app.result(services.signing.sign(record.visit.id, banner))
        if as_json:
            print_json({"note": version.note, "version": version.version})
        else:
            out.print(services.signing.attestation)
            out.print(_("Signed: version {number}.").format(number=version.version))


def export(
    context: typer.Context,
    visit: str = typer.Argument(help="The visit's id, or how it begins."),
    patient: str = typer.Option(
        ..., "--patient", help="The patient's family name, to be sure that it is the right chart."
    ),
    folder: Path = typer.Option(Path(), "--to", help="Folder to write into."),
    formats: list[str] = typer.Option(
        ["text", "fhir_bundle"], "--format", help="text, fhir_bundle or fhir_docref."
    ),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """Write the note as files. An unsigned note is marked as a draft."""
    with running(context) as app:
        unlock(app, user, password_fd)
        record = app.result(app.services.visiting.open(find_visit(app, visit)))
        chosen = record.visit.patient
        banner = banner_of(chosen.family, chosen.id, patient)
        files = [
            app.result(app.services.exporting.file(record.visit.id, banner, name, folder))
            for name in formats
        ]
        _say_paths(app, files, as_json=as_json)


def _say_paths(app: Running, paths: list[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({"exports": [str(path.resolve()) for path in paths]})
        return
    for path in paths:
        console().print(str(path), soft_wrap=True)
    if not app.services.exporting.formats:
        console(is_stderr=True).print(_("Policy allows no file formats."))


def _row(row: VisitSummary) -> dict[str, Any]:
    visit = row.visit
    return {
        "id": visit.id,
        "state": visit.state.value,
        "patient": visit.patient.display,
        "created_at": visit.created_at.isoformat(),
        "has_draft": row.has_draft,
        "versions": row.versions,
    }


def _record(record: VisitRecord) -> dict[str, Any]:
    return {
        "id": record.visit.id,
        "state": record.visit.state.value,
        "patient": record.visit.patient.display,
        "transcript": transcript_shape(record.transcript),
        "note": note_shape(record.draft) if record.draft is not None else None,
        "versions": [
            {"version": each.version, "signed_at": each.attestation.at.isoformat()}
            for each in record.versions
        ],
    }
