"""The doctor, from the command line: what this computer is, and what a visit will be like on it."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console

from app.cli.face import JsonOption, console, print_json, running
from app.cli.models import model_shape
from app.foundation import texts
from app.foundation.i18n import _
from app.workflow.administration import DoctorReport


def doctor(
    context: typer.Context,
    as_json: bool = JsonOption,
    has_speed: bool = typer.Option(True, "--speed/--no-speed", help="Measure both engines."),
) -> None:
    """Say what was found: devices, GPU, models, and how fast they are here."""
    with running(context) as app:
        words = _("Looking at this computer; each engine runs for some seconds …")
        with console(is_stderr=True).status(words):
            report = app.result(app.services.administration.doctor(has_speed))
        if as_json:
            print_json(_report(report))
        else:
            _print_report(report)


def _report(report: DoctorReport) -> dict[str, Any]:
    machine = report.machine
    return {
        "version": report.version,
        "machine": {
            "cpu": machine.cpu,
            "cores": machine.cores,
            "avx2": machine.has_avx2,
            "memory_mb": machine.memory_mb,
            "free_disk_mb": machine.free_disk_mb,
            "gpus": list(machine.gpus),
        },
        "devices": [
            {"name": each.name, "label": each.label, "rate": each.rate, "default": each.is_default}
            for each in report.devices
        ],
        "models": [model_shape(each) for each in report.models],
        "speeds": [
            {
                "model": each.model,
                "role": each.role,
                "load_s": round(each.load_s, 2),
                "factor": round(each.factor, 2),
                "unit": each.unit,
            }
            for each in report.speeds
        ],
        "outlook": _outlook(report),
        "trouble": [{"where": where, "code": code} for where, code in report.trouble],
    }


def _outlook(report: DoctorReport) -> dict[str, Any] | None:
    found = report.outlook
    if found is None:
        return None
    speed = found.speed
    return {
        "tier": found.tier,
        "live": found.live,
        "second_pass": found.second,
        "visit_minutes": found.minutes,
        "busy": round(found.load, 2),
        "words_complete_after_s": round(found.wait_s, 1),
        "second_pass_s": round(found.second_wait_s, 1),
        "device": speed.device if speed is not None else None,
        "compute": speed.compute if speed is not None else None,
    }


def _print_outlook(out: Console, report: DoctorReport) -> None:
    found = report.outlook
    if found is None:
        out.print(_("Visits      no speech model is installed: record now, transcribe later"))
        return
    if found.speed is None:
        out.print(_("Visits      {model} listens").format(model=found.live))
        return
    words = _(
        "Visits      {model} listens on the {device} and keeps it {load:.0%} busy; after "
        "{minutes:.0f} minutes the last words come {wait:.0f} s after the end"
    )
    out.print(
        words.format(
            model=found.live,
            device=found.speed.device.upper(),
            load=found.load,
            minutes=found.minutes,
            wait=found.wait_s,
        ),
        soft_wrap=True,
    )
    if found.second:
        out.print(
            _("            {model} hears it again when idle, in about {wait:.0f} s").format(
                model=found.second, wait=found.second_wait_s
            )
        )


def _print_report(report: DoctorReport) -> None:
    out = console()
    machine = report.machine
    out.print(f"Stethoscribe {report.version}")
    out.print(
        _("Processor   {cpu}, {cores} cores, AVX2 {avx2}").format(
            cpu=machine.cpu, cores=machine.cores, avx2=_("yes") if machine.has_avx2 else _("no")
        )
    )
    out.print(
        _("Memory      {memory} MB; {disk} MB free on disk").format(
            memory=machine.memory_mb, disk=machine.free_disk_mb
        )
    )
    out.print(_("GPU         {gpus}").format(gpus=", ".join(machine.gpus) or _("none found")))
    labels = [each.label + (" *" if each.is_default else "") for each in report.devices]
    out.print(_("Microphones {names}").format(names=", ".join(labels) or _("none found")))
    for row in report.models:
        if row.state != "missing":
            out.print(_("Model       {id}: {state}").format(id=row.card.id, state=row.state))
    for speed in report.speeds:
        out.print(
            _("Speed       {model}: {factor:.1f} {unit}, loads in {load:.1f} s").format(
                model=speed.model, factor=speed.factor, unit=speed.unit, load=speed.load_s
            )
        )
    _print_outlook(out, report)
    for where, code in report.trouble:
        out.print(f"{where}: {texts.words_for(code, {})}", soft_wrap=True)
