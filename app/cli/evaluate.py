"""Measure note models on data with known answers: an administrator chooses by it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app import __version__
from app.cli.face import JsonOption, Running, console, print_json, running
from app.cli.printing import clock
from app.foundation import paths
from app.foundation.i18n import _
from app.workflow.evaluating import EvaluationPlan, EvaluationProgress, EvaluationResult
from app.workflow.evaluation_data import SETS
from app.workflow.evaluation_report import as_json, markdown

REPORT: Final = "report.md"
TABLE: Final = "report.json"
SOURCES: Final = ("all", "reference", "recognized")


def evaluate(
    context: typer.Context,
    model: list[str] = typer.Option(
        [], "--model", help="Id of a notes model, or `extractive`; may be given again."
    ),
    data: Path = typer.Option(Path("../shared/data"), "--data", help="Folder with the data."),
    chosen: list[str] = typer.Option(
        [], "--set", help="One of: " + ", ".join(SETS) + "; may be given again. All without it."
    ),
    limit: int = typer.Option(0, "--limit", min=0, help="Visits of each set; 0 for all."),
    sources: str = typer.Option(
        "all", "--transcripts", help="Whose transcripts: reference, recognized, or all."
    ),
    out: Path = typer.Option(Path("evaluation"), "--out", help="Folder for rows and reports."),
    is_resumed: bool = typer.Option(
        False, "--resume", help="Go on with what an earlier run left in that folder."
    ),
    wants_json: bool = JsonOption,
) -> None:
    """Measure notes on visits with known answers, beside two baselines and quoting.

    Needs no account. Rows and reports hold figures, no text. What the files look like:
    resources/docs/evaluate.md.
    """
    unknown = [each for each in chosen if each not in SETS]
    if unknown or sources not in SOURCES:
        raise typer.BadParameter(
            _("Sets: {sets}. Transcripts: {sources}.").format(
                sets=", ".join(SETS), sources=", ".join(SOURCES)
            )
        )
    plan = EvaluationPlan(data, out, tuple(model), tuple(chosen), limit, sources, is_resumed)
    with running(context) as app:
        result = _measure(app, plan)
        made_on = _made_on(app)
        report = markdown(result, made_on)
        paths.atomic_write(out / REPORT, report.encode())
        table = as_json(result, made_on)
        paths.atomic_write(out / TABLE, json.dumps(table, indent=2).encode())
        if wants_json:
            print_json(table)
        else:
            console().print(report, soft_wrap=True)


def _measure(app: Running, plan: EvaluationPlan) -> EvaluationResult:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console(is_stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(_("Reading the data …"), total=1, left="")

        def on_progress(event: EvaluationProgress) -> None:
            left = "" if event.left_s is None else _("{time} left").format(time=clock(event.left_s))
            bar.update(
                task,
                description=f"{event.system}, {event.set}",
                completed=event.done,
                total=event.total,
                left=left,
            )

        stop = app.services.bus.subscribe(EvaluationProgress, on_progress)
        try:
            return app.result(app.services.evaluating().start(plan))
        finally:
            stop()


def _made_on(app: Running) -> str:
    machine = app.services.administration.machine()
    return _("{day}, Stethoscribe {version}, {cores} cores: {cpu}").format(
        day=date.today().isoformat(),  # noqa: DTZ011 - the day on the wall of this clinic
        version=__version__,
        cores=machine.cores,
        cpu=machine.cpu,
    )
