"""The drafts of a visit, and what comes after its signature, from the command line."""

from __future__ import annotations

from pathlib import Path

import typer

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
from app.cli.printing import print_note
from app.domain.draft import Draft
from app.domain.errors import NotFoundError
from app.domain.events import DraftEdited
from app.domain.ids import DraftId, PatientId, TemplateId, VisitId
from app.foundation.i18n import _
from app.workflow.history import Step

VisitArgument = typer.Argument(help="The visit's id, or how it begins.")
PatientOption = typer.Option(
    ..., "--patient", help="The patient's family name, to be sure that it is the right chart."
)


def history(
    context: typer.Context,
    visit: str = VisitArgument,
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """List every draft of a visit, newest first, with what it changed."""
    with running(context) as app:
        unlock(app, user, password_fd)
        steps = app.result(app.services.history.steps(find_visit(app, visit)))
        if as_json:
            print_json([_shape(each) for each in steps])
            return
        for each in steps:
            mark = "*" if each.is_current else " "
            changes = f"+{each.added} ~{each.changed} -{each.removed}"
            console().print(
                f"{mark} {each.draft[:SHORT_ID]}  {each.at:%Y-%m-%d %H:%M:%S}  {changes:<12} "
                f"{each.title}  {each.engine}".rstrip(),
                soft_wrap=True,
            )


def restore(
    context: typer.Context,
    visit: str = VisitArgument,
    draft: str = typer.Argument(help="Id of an earlier draft, or how it begins: `history`."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Bring an earlier draft back as a new one. Nothing is lost: every draft is kept."""
    with running(context) as app:
        unlock(app, user, password_fd)
        found = find_visit(app, visit)
        steps = app.result(app.services.history.steps(found))
        wanted = [each.draft for each in steps if each.draft.startswith(draft.lower())]
        if len(wanted) != 1:
            raise NotFoundError("draft")
        print_note(console(), _restored(app, found, wanted[0]))


def _restored(app: Running, visit: VisitId, draft: DraftId) -> Draft:
    """Bring a draft back and return it checked: its words may have changed since it was made."""
    told: list[DraftEdited] = []
    stop = app.services.bus.subscribe(DraftEdited, told.append)
    try:
        app.result(app.services.note_editing.restore(visit, draft))
        app.wait_until(lambda: bool(told) and not app.services.following.is_busy)
    finally:
        stop()
    return told[-1].draft


def addendum(
    context: typer.Context,
    visit: str = VisitArgument,
    text: str = typer.Argument(help="What is added to the signed note."),
    patient: str = PatientOption,
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """Add to a signed note, under your name: a new version; the old one stays as it is."""
    with running(context) as app:
        unlock(app, user, password_fd)
        found = app.result(app.services.visiting.open(find_visit(app, visit))).visit
        banner = banner_of(found.patient.family, found.patient.id, patient)
        version = app.result(app.services.signing.add(found.id, banner, text))
        if as_json:
            print_json({"note": version.note, "version": version.version})
            return
        console().print(app.services.signing.addendum_attestation)
        console().print(_("Signed: version {number}.").format(number=version.version))


def letter(
    context: typer.Context,
    visit: str = VisitArgument,
    template: str = typer.Argument(
        help="referral, consult-letter, after-visit-summary, or one of your own."
    ),
    patient: str = PatientOption,
    grade: int | None = typer.Option(
        None, "--grade", min=3, max=16, help="Reading level, a US school grade."
    ),
    folder: Path | None = typer.Option(
        None, "--sign-to", help="Sign it under your name and write it into this folder."
    ),
    kind: str = typer.Option("text", "--format", help="text, fhir_bundle or fhir_docref."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
) -> None:
    """Make a letter or summary from the signed note. It leaves only when you sign it."""
    with running(context) as app:
        unlock(app, user, password_fd)
        services = app.services
        found = app.result(services.visiting.open(find_visit(app, visit))).visit
        banner = banner_of(found.patient.family, found.patient.id, patient)
        made = app.result(services.letter_writing.make(found.id, TemplateId(template), grade))
        out = console()
        print_note(out, made.draft)
        _say_level(app, " ".join(each.text for each in made.draft.claims), made.wanted_grade)
        for each in made.left_out:
            out.print(_("Not in this letter: {text}").format(text=each), soft_wrap=True)
        if folder is None:
            return
        version = app.result(services.letter_writing.sign(made, banner))
        out.print(services.signing.letter_attestation, soft_wrap=True)
        path = app.result(
            services.exporting.file(found.id, banner, kind, folder, letter=version.note)
        )
        out.print(str(path), soft_wrap=True)


def banner_of(family: str, patient: PatientId, typed: str) -> PatientId:
    """Return the patient's id when the typed family name is theirs, else one nobody has."""
    return patient if family.casefold() == typed.strip().casefold() else PatientId("")


def _say_level(app: Running, text: str, wanted: int | None) -> None:
    level = app.services.letter_writing.measure(text)
    if wanted is None or level.grade is None:
        return
    words = _("\nReading level: grade {grade}, wanted {wanted}.")
    console().print(words.format(grade=level.grade, wanted=wanted))
    if level.grade > wanted and level.hard:
        hard = ", ".join(level.hard[:10])
        console().print(_("Long words: {words}").format(words=hard), soft_wrap=True)


def _shape(step: Step) -> dict[str, object]:
    return {
        "draft": step.draft,
        "at": step.at.isoformat(),
        "template": step.title,
        "engine": step.engine,
        "lines": step.lines,
        "added": step.added,
        "changed": step.changed,
        "removed": step.removed,
        "is_current": step.is_current,
    }
