"""The doctor, from the command line: what this computer is, and what a visit will be like on it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from app.cli.face import JsonOption, Running, console, print_json, running
from app.cli.models import model_shape
from app.foundation import doctor_words, texts
from app.foundation.i18n import _
from app.workflow.administration import DoctorReport


def doctor(
    context: typer.Context,
    as_json: bool = JsonOption,
    has_speed: bool = typer.Option(True, "--speed/--no-speed", help="Measure both engines."),
    bundle: Path | None = typer.Option(
        None, "--bundle", help="Show a report for support, without names, and save it there."
    ),
    is_sure: bool = typer.Option(False, "--yes", help="Save the bundle without asking."),
) -> None:
    """Say what was found: devices, GPU, models, how fast they are here, and what to mend."""
    with running(context) as app:
        words = _("Looking at this computer; each engine runs for some seconds …")
        with console(is_stderr=True).status(words):
            report = app.result(app.services.administration.doctor(has_speed))
        if bundle is not None:
            _save(app, report, bundle, is_sure=is_sure)
        elif as_json:
            print_json(_report(report))
        else:
            _print_report(report)


def _save(app: Running, report: DoctorReport, path: Path, *, is_sure: bool) -> None:
    """Show the whole bundle, then save it if it may be."""
    administration = app.services.administration
    text = app.result(administration.support_text(report))
    typer.echo(text)
    if not is_sure:
        typer.confirm(_("Save exactly this to {path}?").format(path=path), abort=True, err=True)
    app.result(administration.save_support(text, path))


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
                "device": each.device or None,
                "work_per_second": round(each.whole, 4) or None,
                "read_per_s": round(each.read, 1) or None,
                "gpu_trouble": each.trouble or None,
            }
            for each in report.speeds
        ],
        "outlook": _outlook(report),
        "note": dataclasses.asdict(report.note) if report.note is not None else None,
        "memory": _memory(report),
        "microphone": dataclasses.asdict(report.room) if report.room is not None else None,
        "checks": [dataclasses.asdict(each) for each in report.checks],
        "trouble": [{"where": where, "code": code} for where, code in report.trouble],
    }


def _memory(report: DoctorReport) -> dict[str, Any] | None:
    if report.memory is None:
        return None
    return {**dataclasses.asdict(report.memory), "need_mb": report.memory.need_mb}


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
        if speed.trouble:
            out.print(_("            graphics card: ") + doctor_words.gpu_words(speed.trouble))
    _print_outlook(out, report)
    _print_note(out, report)
    _print_surroundings(out, report)
    for where, code in report.trouble:
        out.print(f"{where}: {texts.words_for(code, {})}", soft_wrap=True)


def _print_note(out: Console, report: DoctorReport) -> None:
    note, memory = report.note, report.memory
    if note is not None and note.model:
        words = _("Notes       {model} reads {read:.0f} and writes {written:.0f} tokens/s: ")
        words += _("a note about {wait:.0f} s after the end")
        out.print(
            words.format(
                model=note.model,
                read=note.read_per_s,
                written=note.written_per_s,
                wait=note.wait_s,
            ),
            soft_wrap=True,
        )
    elif note is not None:
        out.print(_("Notes       quoted from the transcript: at once"))
    if memory is not None:
        words = _("Together    speech and notes need {need} of {have} MB: ")
        out.print(
            words.format(need=memory.need_mb, have=memory.have_mb)
            + doctor_words.memory_words(memory.state),
            soft_wrap=True,
        )


def _print_surroundings(out: Console, report: DoctorReport) -> None:
    if (room := report.room) is not None:
        words = _("Listened    first sound after {first} ms, {level:.0f} dBFS, {lost} lost; ")
        out.print(
            words.format(first=room.first_ms, level=room.level_dbfs, lost=room.lost)
            + doctor_words.tone_words(room.tone),
            soft_wrap=True,
        )
    for each in report.checks:
        name = doctor_words.check_name(each.name)
        sign = {"warning": "! ", "fault": "✗ "}.get(each.state, "")
        found = doctor_words.check_words(each.name, each.detail, each.value)
        out.print(f"{name:<11} {sign}{found}", soft_wrap=True)
